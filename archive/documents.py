"""The 催缴台账 as a workbook: households, every contact, every overdue bill. Text cells are never formulas."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import xlsxwriter
from django.utils import timezone

from archive.queries.ledger import Entry, Ledger, LedgerRow
from arrears.rules.ageing import BY_CODE
from arrears.rules.position import BLOCKERS, BillPosition
from arrears.rules.tier import LABELS

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

# (heading, width) in the order of S93–S97 and R1–R3.
HOUSEHOLDS = (
    ("序号", 6), ("小区", 14), ("房号", 12), ("业主", 10), ("业主类别", 9), ("入住状态", 9), ("联系电话", 15), ("欠费期数", 9),
    ("最早到期日", 12), ("应收（元）", 12), ("已减免（元）", 12), ("已缴（元）", 12), ("欠费（元）", 12), ("争议（元）", 12),
    ("特殊情况（元）", 12), ("分期中（元）", 12), ("可催缴（元）", 12), ("逾期天数（不含暂停）", 11), ("账龄", 11), ("级别", 8), ("级别依据", 30), ("催缴阶段", 12),
    ("催缴次数", 9), ("最近一次时间", 17), ("方式", 10), ("沟通内容", 40), ("业主反馈", 30), ("处理结果", 14), ("经办人", 10),
    ("承诺缴费日", 12), ("承诺金额（元）", 12), ("下次跟进", 12), ("下一步", 14), ("负责人", 10), ("暂缓原因", 28),
)  # fmt: skip
CONTACTS = (
    ("小区", 14), ("房号", 12), ("业主", 10), ("第几次", 8), ("时间", 17), ("方式", 10), ("沟通内容", 60), ("业主反馈", 40),
    ("处理结果", 14), ("经办人", 10),
)  # fmt: skip
BILLS = (
    ("小区", 14), ("房号", 12), ("业主", 10), ("账期起", 12), ("账期止", 12), ("缴费截止日", 12), ("应收（元）", 12), ("减免（元）", 12),
    ("已缴（元）", 12), ("欠费（元）", 12), ("争议（元）", 12), ("分期中（元）", 12), ("可催缴（元）", 12), ("逾期天数（不含暂停）", 11), ("账龄", 11),
)  # fmt: skip


class _Sheet:
    """Writes rows downwards, one kind of cell per value."""

    def __init__(
        self, book: Any, name: str, title: str, columns: Sequence[tuple[str, int]], looks: dict[str, Any]
    ) -> None:
        self.sheet, self.looks, self.row = book.add_worksheet(name), looks, 2
        self.sheet.write_string(0, 0, title, looks["title"])
        for column, (text, width) in enumerate(columns):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(1, column, text, looks["head"])
        self.sheet.freeze_panes(2, 4)

    def add(self, values: Sequence[Any]) -> None:
        """The next row: text, ("money", amount), ("day", date), ("time", instant), a count, or nothing."""
        for column, value in enumerate(values):
            if isinstance(value, tuple):
                look, value = value
                if value is None:
                    continue
                if look == "money":
                    self.sheet.write_number(self.row, column, value, self.looks[look])
                else:
                    self.sheet.write_datetime(self.row, column, value, self.looks[look])
            elif isinstance(value, int):
                self.sheet.write_number(self.row, column, value)
            elif value:
                self.sheet.write_string(self.row, column, value[:32767], self.looks["text"])
        self.row += 1


def ledger_workbook(
    found: Ledger,
    entries: dict[int, list[Entry]],
    lines: Sequence[BillPosition],
    *,
    office: str,
    phones: dict[int, str],
) -> IO[bytes]:
    """An .xlsx file of the ledger, positioned at its beginning. `phones`: account id → number as it may be shown."""
    out = SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - handed to the answer, which closes it
    with xlsxwriter.Workbook(out, {**OPTIONS, "remove_timezone": True}) as book:
        looks = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#E8EEF5", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
            ),
            "text": book.add_format({"valign": "top"}),
            "money": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
        }
        as_of = f"（截至 {found.on:%Y-%m-%d}）"
        sheet = _Sheet(book, "台账", f"{office} 物业费催缴台账{as_of}", HOUSEHOLDS, looks)
        for number, row in enumerate(found.rows, 1):
            sheet.add(_household(number, row, phones.get(row.account_id, "")))
        _total(sheet, found)
        by_account = {row.account_id: row for row in found.rows}
        sheet = _Sheet(book, "催缴记录", f"{office} 各次催缴记录{as_of}", CONTACTS, looks)
        for row in found.rows:
            for entry in entries.get(row.account_id, []):
                sheet.add(_entry(row, entry))
        sheet = _Sheet(book, "欠费明细", f"{office} 欠费账单明细{as_of}", BILLS, looks)
        for line in sorted(lines, key=lambda line: (by_account[line.account_id].room_order, line.due_on)):
            sheet.add(_bill(by_account[line.account_id], line))
    out.seek(0)
    return out


def _household(number: int, row: LedgerRow, phone: str) -> list[Any]:
    p, last = row.position, row.last
    return [
        number, row.community, row.room, row.owner, row.owner_kind, row.residence, phone, p.periods_owed,
        ("day", p.oldest_due_on), ("money", p.billed), ("money", p.reduced), ("money", p.paid), ("money", p.arrears),
        ("money", p.contested), ("money", p.special), ("money", p.under_plan), ("money", p.pursuable), p.days_overdue, row.bucket_label,
        LABELS.get(p.tier, ""), p.tier_reason, row.stage_label, row.entries,
        ("time", _local(last)), last.method if last else "", last.content if last else "", last.response if last else "",
        last.result if last else "", last.operator if last else "", ("day", row.promised_on), ("money", row.promised_amount),
        ("day", row.next_on), row.next_step, row.assignee, "；".join(BLOCKERS[code] for code in p.blockers),
    ]  # fmt: skip


def _entry(row: LedgerRow, entry: Entry) -> list[Any]:
    return [
        row.community, row.room, row.owner, entry.number, ("time", _local(entry)), entry.method, entry.content, entry.response,
        entry.result, entry.operator,
    ]  # fmt: skip


def _bill(row: LedgerRow, line: BillPosition) -> list[Any]:
    return [
        row.community, row.room, row.owner, ("day", line.period_start), ("day", line.period_end), ("day", line.due_on),
        ("money", line.billed), ("money", line.reduced), ("money", line.paid), ("money", line.arrears),
        ("money", line.contested), ("money", line.under_plan), ("money", line.pursuable), line.days_overdue, BY_CODE[line.bucket].label,
    ]  # fmt: skip


def _total(sheet: _Sheet, found: Ledger) -> None:
    totals = found.totals
    sheet.add(
        [
            "合计",
            f"{totals.households} 户",
            *[""] * 7,
            ("money", totals.billed),
            ("money", totals.reduced),
            ("money", totals.paid),
            ("money", totals.arrears),
            *[""] * 3,
            ("money", totals.pursuable),
        ]
    )


def _local(entry: Entry | None) -> Any:
    """Excel knows no zones: the office's own clock is written."""
    return timezone.localtime(entry.at) if entry else None
