"""The arrears list on paper and as a workbook: one row per account, then one row per bill. Cells are never formulas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import xlsxwriter

from arrears.queries import ArrearsList, ArrearsRow, RollForward, total_of
from arrears.queries.roll_forward import DEFINITION
from arrears.rules.ageing import BY_CODE
from arrears.rules.position import BLOCKERS, BillPosition
from arrears.rules.tier import LABELS
from offices.letterhead import VERSION, letter_pdf, merge_pdfs
from offices.operations.progress import tell
from offices.rules.money import format_yuan

VOLUME = 500  # households in one volume on paper
SHEET_ROWS = 1_000_000  # a sheet ends at 1,048,576 rows
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

ACCOUNT_COLUMNS = (
    ("小区", 16), ("房号", 14), ("业主", 12), ("入住状态", 10), ("欠费期数", 9), ("最早到期日", 12), ("逾期天数（不含暂停）", 12),
    ("账龄", 12), ("级别", 8), ("级别依据", 40), ("欠费合计（元）", 14), ("特殊情况（元）", 14), ("争议金额（元）", 14),
    ("分期中（元）", 14), ("预存款（元）", 14), ("可催缴（元）", 14), ("暂缓原因", 30),
)  # fmt: skip
BILL_COLUMNS = (
    ("小区", 16), ("房号", 14), ("业主", 12), ("账期起", 12), ("账期止", 12), ("缴费截止日", 12), ("应收（元）", 12), ("减免（元）", 12),
    ("已缴（元）", 12), ("欠费（元）", 12), ("争议金额（元）", 14), ("分期中（元）", 12), ("可催缴（元）", 12), ("逾期天数（不含暂停）", 12), ("账龄", 12),
)  # fmt: skip


def arrears_workbook(found: ArrearsList, *, office: str) -> IO[bytes]:
    """An .xlsx file of every row of `found`, positioned at its beginning."""
    out = SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - handed to the answer, which closes it
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        looks = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#E8EEF5", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
            ),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
        }
        _accounts(book.add_worksheet("欠费清单"), looks, found, office)
        tell(1, 2)
        _bills(book, looks, found, office)
    out.seek(0)
    return out


def arrears_pdf(found: ArrearsList, *, office: str, printed: str) -> bytes:
    """The same list for the meeting table: A4 across, one row per account with its bills, totals over all rows (S2).

    `printed` says who printed it and when; it stands on every page, since the paper names people. A list of more than
    `VOLUME` households comes in volumes, each on sheets of its own and with its own page numbers.
    """
    volumes = [found.shown[first : first + VOLUME] for first in range(0, max(len(found.shown), 1), VOLUME)]
    drawn = []
    for number, shown in enumerate(volumes, 1):
        drawn.append(_volume(found, shown, office, printed, (number, len(volumes))))
        tell(number, len(volumes))
    return drawn[0] if len(drawn) == 1 else merge_pdfs(drawn)


def _volume(
    found: ArrearsList, shown: Sequence[ArrearsRow], office: str, printed: str, volume: tuple[int, int]
) -> bytes:
    rows = [
        {
            "room": each.room,
            "community": each.community,
            "owner": each.owner,
            "tier": LABELS[each.position.tier],
            "bills": [(line.period_start, line.period_end, format_yuan(line.arrears)) for line in each.lines],
            "days": each.position.days_overdue,
            "arrears": format_yuan(each.position.arrears),
            "pursuable": format_yuan(each.position.pursuable),
            "holds": "；".join(BLOCKERS[code] for code in each.position.blockers),
        }
        for each in shown
    ]
    totals = found.totals
    letter = {
        "volume": f"第 {volume[0]} 册，共 {volume[1]} 册" if volume[1] > 1 else "",
        "is_last": volume[0] == volume[1],
        "title": "欠费业主清单",
        "office": office,
        "on": found.on,
        "printed": printed,
        "rows": rows,
        "is_several": len({row["community"] for row in rows}) > 1,
        "accounts": totals.accounts,
        "arrears": format_yuan(totals.arrears),
        "pursuable": format_yuan(totals.pursuable),
        "special": format_yuan(totals.special),
        "contested": format_yuan(totals.contested),
        "under_plan": format_yuan(totals.under_plan),
    }
    return letter_pdf("arrears_list", VERSION, letter, page_cap=len(rows) + 1)


def roll_forward_workbook(
    rows: Sequence[RollForward], *, first: date, last: date, label: str, office: str
) -> IO[bytes]:
    """An .xlsx file of the roll-forward with its totals and its definition, positioned at its beginning."""
    out = SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - handed to the answer, which closes it
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        looks = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
        }
        sheet = book.add_worksheet("欠费变动表")
        names = ("期初（元）", "应收（元）", "减免（元）", "实收（元）", "预存冲抵（元）", "期末（元）")
        columns = ((label, 20), *((name, 16) for name in names))
        _head(sheet, looks, f"{office} 欠费变动表（{first:%Y-%m-%d} 至 {last:%Y-%m-%d}）", columns)
        for number, row in enumerate((*rows, total_of(list(rows))), 2):
            sheet.write_string(number, 0, "合计" if number == len(rows) + 2 else row.key or "未分配")
            amounts = (row.opening, row.billed, row.reduced, row.received, row.offset, row.closing)
            for column, amount in enumerate(amounts, 1):
                sheet.write_number(number, column, amount, looks["money"])
        sheet.write_string(len(rows) + 4, 0, str(DEFINITION))
    out.seek(0)
    return out


def _accounts(sheet: Any, looks: dict[str, Any], found: ArrearsList, office: str) -> None:
    _head(sheet, looks, f"{office} 欠费清单（截至 {found.on:%Y-%m-%d}）", ACCOUNT_COLUMNS)
    row = 2
    for each in found.shown:
        p = each.position
        texts = (each.community, each.room, each.owner, each.residence)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
        sheet.write_number(row, 4, p.periods_owed)
        sheet.write_datetime(row, 5, p.oldest_due_on, looks["day"])
        sheet.write_number(row, 6, p.days_overdue)
        sheet.write_string(row, 7, each.bucket_label)
        sheet.write_string(row, 8, LABELS[p.tier])
        sheet.write_string(row, 9, p.tier_reason)
        for column, amount in enumerate((p.arrears, p.special, p.contested, p.under_plan, p.credit, p.pursuable), 10):
            sheet.write_number(row, column, amount, looks["money"])
        sheet.write_string(row, 16, "；".join(BLOCKERS[code] for code in p.blockers))
        row += 1
    totals = found.totals
    sheet.write_string(row, 0, "合计", looks["head"])
    sheet.write_string(row, 1, f"{totals.accounts} 户", looks["head"])
    for column, amount in enumerate(
        (totals.arrears, totals.special, totals.contested, totals.under_plan, totals.credit, totals.pursuable), 10
    ):
        sheet.write_number(row, column, amount, looks["money"])


def _bills(book: xlsxwriter.Workbook, looks: dict[str, Any], found: ArrearsList, office: str) -> None:
    """One row per bill, on as many sheets as they need: what goes beyond the end of a sheet would be lost without a word."""
    lines = [(each, line) for each in found.shown for line in each.lines]
    for number, first in enumerate(range(0, max(len(lines), 1), SHEET_ROWS), 1):
        sheet = book.add_worksheet("账单明细" if number == 1 else f"账单明细 {number}")
        _head(sheet, looks, f"{office} 欠费账单明细（截至 {found.on:%Y-%m-%d}）", BILL_COLUMNS)
        for row, (each, line) in enumerate(lines[first : first + SHEET_ROWS], 2):
            _bill(sheet, looks, row, each, line)


def _bill(sheet: Any, looks: dict[str, Any], row: int, each: ArrearsRow, line: BillPosition) -> None:
    for column, text in enumerate((each.community, each.room, each.owner)):
        sheet.write_string(row, column, text)
    for column, day in enumerate((line.period_start, line.period_end, line.due_on), 3):
        sheet.write_datetime(row, column, day, looks["day"])
    amounts = (line.billed, line.reduced, line.paid, line.arrears, line.contested, line.under_plan, line.pursuable)
    for column, amount in enumerate(amounts, 6):
        sheet.write_number(row, column, amount, looks["money"])
    sheet.write_number(row, 13, line.days_overdue)
    sheet.write_string(row, 14, BY_CODE[line.bucket].label)


def _head(sheet: Any, looks: dict[str, Any], title: str, columns: tuple[tuple[str, int], ...]) -> None:
    sheet.write_string(0, 0, title, looks["title"])
    for column, (text, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, text, looks["head"])
    sheet.freeze_panes(2, 3)
