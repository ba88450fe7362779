"""Rows of a bill export: long (a row per bill) or wide (a pair of columns per month)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing.rules.cells import Cell, is_blank, text_of
from billing.rules.columns import Column, Header
from billing.rules.dates import NotADate, read_date
from billing.rules.people import read_names
from billing.rules.periods import Period, inclusive, read_period
from billing.rules.rooms import RoomKey
from billing.rules.rows.controls import MONEY_FIELDS, Control, Sums
from billing.rules.rows.reasons import Reason, error, refuses, warning
from billing.rules.rows.table import Body, Merge, body_of, room_of
from offices.rules.money import ZERO, NotMoney, format_yuan, parse_money

DEFAULT_ITEM = "物业费"
_REDUCTION = re.compile("空置|减免|优惠|折|免收|减半|未入住")
_PAID = frozenset({"是", "已缴", "已交", "已收", "已回款", "已缴费", "y", "yes", "true"})


@dataclass(frozen=True, slots=True)
class Item:
    """One bill as the file states it. `reduction` is a recognised difference;
    open = receivable − reduction − received.
    """

    fee_item: str
    period: Period
    due_on: date
    receivable: Decimal
    received: Decimal
    reduction: Decimal
    note: str = ""

    @property
    def open(self) -> Decimal:
        """What is still unpaid."""
        return self.receivable - self.reduction - self.received

    def as_dict(self) -> dict[str, str]:
        """For storing with the row; money and dates as text."""
        return {
            "item": self.fee_item,
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "due": self.due_on.isoformat(),
            "receivable": str(self.receivable),
            "received": str(self.received),
            "reduction": str(self.reduction),
            "note": self.note,
        }


@dataclass(slots=True)
class BillRow:
    """One row of the file with its bills. A row with any error has none that count."""

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    room: RoomKey | None = None
    community: str = ""
    names: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    control: Control | None = None
    stated: Sums = field(default_factory=Sums)  # what the row says, readable or not, for the control totals

    @property
    def refused(self) -> bool:
        """Whether the row may not be taken."""
        return refuses(self.reasons)

    def parsed(self) -> dict[str, Any]:
        """For storing with the row."""
        return {"owner": "、".join(self.names), "items": [item.as_dict() for item in self.items]}


def read_bills(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()) -> Iterator[BillRow]:
    """Every row under the header. Rows of the same room, item and period twice are told by the caller,
    who sees all sheets.
    """
    for body in body_of(rows, header, merges):
        if body.sort == "data":
            yield _read_row(body, header)
        else:
            yield BillRow(body.row_no, body.sort, body.cells, control=_control(body, header))


def _read_row(body: Body, header: Header) -> BillRow:
    columns = header.by_field
    row = BillRow(body.row_no, "data", body.cells)
    row.room, reasons = room_of(body, header)
    row.reasons += reasons
    row.community = text_of(body.at(columns.get("community")))
    row.names = read_names(body.at(columns.get("owner")))
    if header.wide:
        _read_wide(row, body, header)
    else:
        _read_long(row, body, header)
    if not row.items and not row.refused:
        row.sort = "empty"
    return row


def _money(row: BillRow, body: Body, column: Column | None) -> Decimal | None:
    """The amount in a column; what cannot be read becomes an error of the row."""
    if column is None:
        return None
    try:
        return parse_money(body.at(column))
    except NotMoney as unreadable:
        words = f"“{str(unreadable)[:20]}”不是金额。请改成数字后重新导入这一行。"
        row.reasons.append(error(column, "amount_unreadable", words))
        return None


def _read_long(row: BillRow, body: Body, header: Header) -> None:
    columns = header.by_field
    amounts = {name: _money(row, body, columns.get(name)) for name in MONEY_FIELDS}
    for name, amount in amounts.items():
        setattr(row.stated, name, amount or ZERO)
    row.stated.count = 1
    receivable, arrears = amounts["receivable"], amounts["arrears"]
    if receivable is None and not row.refused:
        receivable = arrears
    money_column = columns.get("receivable") or columns.get("arrears")
    if receivable is None:
        if not row.refused:
            row.reasons.append(error(money_column, "amount_missing", "金额为空。空白不等于 0，请填写金额。"))
    elif receivable < 0:
        row.reasons.append(
            error(money_column, "amount_negative", "金额为负数。红冲请在原账单上做减免，不要作为账单导入。")
        )
    received = amounts["received"]
    if received is None and text_of(body.at(columns.get("collected"))).lower() in _PAID:
        received = receivable
    if received is not None and received < 0:
        row.reasons.append(error(columns.get("received"), "received_negative", "已收为负数。退款请在缴费记录里冲正。"))
    period = _period(row, body, columns)
    due_on = _date(row, body, columns.get("due_on"))
    if row.refused or not receivable or period is None:
        return
    if due_on is None:
        due_on = period.end
        row.reasons.append(
            warning(columns.get("due_on"), "due_assumed", f"文件没有缴费截止日，按账期最后一天 {due_on:%Y-%m-%d} 计。")
        )
    elif due_on < period.start:
        row.reasons.append(warning(columns.get("due_on"), "due_early", "缴费截止日早于账期开始，请核对。"))
    fee_item = text_of(body.at(columns.get("fee_item")))[:40] or DEFAULT_ITEM
    stated = Item(
        fee_item, period, due_on, receivable, received or ZERO, ZERO, text_of(body.at(columns.get("remark")))[:200]
    )
    row.items.append(_with_reduction(row, stated, amounts["waived"], arrears, header))


def _with_reduction(row: BillRow, item: Item, waived: Decimal | None, arrears: Decimal | None, header: Header) -> Item:
    """Receivable − received − arrears is a reduction when the remark or a column says so,
    else a doubt (decisions 8).
    """
    columns = header.by_field
    gap = (
        item.receivable - item.received - arrears
        if arrears is not None and "receivable" in columns
        else (waived or ZERO)
    )
    if item.received > item.receivable:
        words = f"已收 {format_yuan(item.received)} 多于应收 {format_yuan(item.receivable)}，多出部分记为预存。"
        row.reasons.append(warning(columns.get("received"), "paid_more", words))
        return item
    if gap == 0:
        return item
    recognised = bool(waived and waived == gap) or bool(_REDUCTION.search(item.note))
    if gap > 0 and recognised and gap <= item.receivable:
        note = item.note or "文件中的减免"
        return Item(item.fee_item, item.period, item.due_on, item.receivable, item.received, gap, note)
    words = f"应收 − 已收 − 欠费 相差 {format_yuan(gap)}，备注没有说明原因。按应收减已收计欠费。"
    row.reasons.append(warning(columns.get("arrears"), "difference_unexplained", words))
    return item


def _period(row: BillRow, body: Body, columns: dict[str, Column]) -> Period | None:
    first, last, one = columns.get("period_start"), columns.get("period_end"), columns.get("period")
    if first is None or is_blank(body.at(first)):
        return _one_period(row, body, one or first)
    try:
        begins = read_period(body.at(first)) if _is_month(body.at(first)) else None
        start = begins.start if begins else read_date(body.at(first))
    except NotADate:
        _unreadable(row, first, body)
        return None
    if last is None or is_blank(body.at(last)):
        if begins:
            return begins
        row.reasons.append(error(last or first, "period_missing", "账期没有结束日期，请填写。"))
        return None
    try:
        ends = read_period(body.at(last)) if _is_month(body.at(last)) else None
        end = ends.end if ends else read_date(body.at(last))
    except NotADate:
        _unreadable(row, last, body)
        return None
    if start is None or end is None or end < start:
        row.reasons.append(error(last, "period_backwards", "账期的结束日期早于开始日期，请核对。"))
        return None
    return inclusive(start, end)


def _is_month(cell: Cell) -> bool:
    return not isinstance(cell, date) and bool(re.fullmatch(r"(19|20)\d{2}\s*[年./\-]?\s*\d{1,2}\s*月?", text_of(cell)))


def _one_period(row: BillRow, body: Body, column: Column | None) -> Period | None:
    try:
        period = read_period(body.at(column))
    except NotADate:
        _unreadable(row, column, body)
        return None
    if period is None:
        row.reasons.append(
            error(column, "period_missing", "账期为空，请填写，例如 2024年1月 或 2024-01-01至2024-03-31。")
        )
    return period


def _unreadable(row: BillRow, column: Column | None, body: Body) -> None:
    text = text_of(body.at(column))[:20]
    row.reasons.append(error(column, "period_unreadable", f"看不懂账期“{text}”，请写成 2024年1月 或 2024-01-01。"))


def _date(row: BillRow, body: Body, column: Column | None) -> date | None:
    try:
        return read_date(body.at(column))
    except NotADate:
        text = text_of(body.at(column))[:20]
        row.reasons.append(error(column, "due_unreadable", f"看不懂日期“{text}”，请写成 2024-04-15。"))
        return None


def _read_wide(row: BillRow, body: Body, header: Header) -> None:
    """A pair of columns per month; a blank or zero amount is no bill. 往年欠费 becomes one bill of the year before."""
    by_period: dict[Period, dict[str, Decimal | None]] = {}
    for column in header.wide:
        assert column.period is not None
        by_period.setdefault(column.period, {})[column.field] = _money(row, body, column)
    fee_item = text_of(body.at(header.by_field.get("fee_item")))[:40] or DEFAULT_ITEM
    for period, amounts in by_period.items():
        owed = amounts.get("receivable") or amounts.get("arrears")
        if owed is None or owed == 0:
            continue
        received = amounts.get("received") or ZERO
        if owed < 0 or received < 0:
            row.reasons.append(error(None, "amount_negative", f"{period.label} 的金额为负数，请核对。"))
        if received > owed:
            row.reasons.append(warning(None, "paid_more", f"{period.label} 已收多于应收，多出部分记为预存。"))
        row.items.append(Item(fee_item, period, period.end, owed, received, ZERO))
    _prior_years(row, body, header, fee_item, by_period)
    for item in row.items:
        row.stated.add(Sums(1, item.receivable, item.received, ZERO, item.open))
    stated = _money(row, body, header.by_field.get("arrears"))
    if stated is not None and not row.refused and stated != row.stated.arrears:
        words = f"欠费合计写作 {format_yuan(stated)}，逐月相加为 {format_yuan(row.stated.arrears)}。按逐月金额导入。"
        row.reasons.append(warning(header.by_field.get("arrears"), "line_sum_differs", words))
    if row.items and "due_on" not in header.by_field:
        row.reasons.append(warning(None, "due_assumed", "文件没有缴费截止日，按每个账期的最后一天计。"))


def _prior_years(row: BillRow, body: Body, header: Header, fee_item: str, by_period: dict[Period, Any]) -> None:
    column = header.by_field.get("prior_arrears")
    prior = _money(row, body, column)
    if not prior or prior < 0 or not by_period:
        return
    year = min(by_period).start.year - 1
    period = Period(date(year, 1, 1), date(year, 12, 31))
    row.items.append(Item(fee_item, period, period.end, prior, ZERO, ZERO, "往年欠费"))
    row.reasons.append(warning(column, "prior_period_assumed", f"往年欠费没有账期，记为 {year} 年全年。"))


def _control(body: Body, header: Header) -> Control | None:
    if body.sort not in ("subtotal", "total"):
        return None
    amounts: dict[str, Decimal] = {}
    for name in MONEY_FIELDS:
        try:
            amount = parse_money(body.at(header.by_field.get(name)))
        except NotMoney:
            amount = None
        if amount is not None:
            amounts[name] = amount
    label = next((text_of(cell) for cell in body.cells if not is_blank(cell)), "")
    return Control(body.row_no, label[:40], body.sort == "total", amounts)
