"""Rows of a bill export: long (a row per bill) or wide (columns per month or fee item, see `wide`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.rules.cells import Cell, is_blank, remembered, text_of
from billing.rules.columns import Column, Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.people import read_names
from billing.rules.periods import Period, inclusive, read_period
from billing.rules.rooms import RoomKey
from billing.rules.rows.billrow import DEFAULT_ITEM, BillRow, Item, amount_in, link_reversals, owed_in, settled
from billing.rules.rows.controls import MONEY_FIELDS, Control, Sums
from billing.rules.rows.reasons import Reason, error, refuses, warning
from billing.rules.rows.table import Body, body_of, once, room_of
from billing.rules.rows.wide import Terms, bills_of, read_wide, sums_of
from offices.rules.money import ZERO, NotMoney, parse_money

_PAID = frozenset(
    [
        "是",
        "已缴",
        "已交",
        "已收",
        "已付",
        "已回款",
        "已缴费",
        "已交费",
        "已缴清",
        "已结清",
        "结清",
        "已结",
        "缴清",
        "y",
        "yes",
        "true",
    ]
)


_AMOUNTS = (*MONEY_FIELDS, "prepaid")
_HOUSEHOLD = ("community", "building", "unit", "number", "room", "owner", "debtor")
_CHARGE = ("period_start", "period_end", "period", "due_on", "fee_item")


def read_bills(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()) -> Iterator[BillRow]:
    """Every row under the header. Rows of the same room, item and period twice are told by the caller,
    who sees all sheets.
    """
    read_row = _Reading(header).read_row
    found = [
        read_row(body)
        if body.sort == "data"
        else BillRow(body.row_no, body.sort, body.cells, control=_control(body, header))
        for body in body_of(rows, header, merges)
    ]
    link_reversals(found)
    if "due_on" not in header.by_field:
        _say_once(found, "due_assumed")
    return iter(found)


def _say_once(rows: Sequence[BillRow], code: str) -> None:
    """What is true of the whole table stands at the first row it concerns: a warning on every row hides the others."""
    concerned = [row for row in rows if any(reason.code == code for reason in row.reasons)]
    for row in concerned[1:]:
        row.reasons = [reason for reason in row.reasons if reason.code != code]


class _Household(NamedTuple):
    """Whose bill it is."""

    room: RoomKey | None
    community: str
    names: tuple[str, ...]
    reasons: tuple[Reason, ...]
    is_refused: bool


class _Charge(NamedTuple):
    """What is charged, for which period, and when it is due."""

    fee_item: str
    period: Period | None
    due_on: date | None
    reasons: tuple[Reason, ...]
    is_refused: bool


class _Reading:
    """Reads the rows of one table. Household and charge are each worked out once per distinct cells (`once`)."""

    def __init__(self, header: Header) -> None:
        self._header, self._columns = header, header.by_field
        self._wide = bills_of(header)
        self._household = once(self._read_household, header, _HOUSEHOLD)
        self._charge = once(self._read_charge, header, _CHARGE)
        self._remark = header.by_field.get("remark")
        self._amounts = [(name, header.by_field[name].index) for name in _AMOUNTS if name in header.by_field]

    def read_row(self, body: Body) -> BillRow:
        """One row of data."""
        whose = self._household(body)
        row = BillRow(body.row_no, "data", body.cells, whose.room, whose.community, whose.names)
        row.reasons += whose.reasons
        if self._wide:
            needs_period = any(of_columns is None for of_columns, _item in self._wide)
            period = _period(row, body, self._header) if needs_period else None
            terms = Terms(period, _date(row, body, self._columns.get("due_on")))
            read_wide(row, body, self._header, self._wide, terms)
        else:
            self._read_long(row, body, whose.is_refused)
        if not row.items and not row.refused:
            row.sort = "empty"
        return row

    def _read_household(self, body: Body) -> _Household:
        columns = self._columns
        room, reasons = room_of(body, self._header)
        if "debtor" in columns and text_of(body.at(columns["debtor"])).startswith(("开发商", "建设单位")):
            words = "文件写明欠费主体是开发商：请核对房屋是否已交付，交付前由开发商承担。"
            reasons = [*reasons, warning(columns.get("debtor"), "debtor_is_developer", words)]
        community, names = text_of(body.at(columns.get("community"))), read_names(body.at(columns.get("owner")))
        return _Household(room, community, names, tuple(reasons), refuses(reasons))

    def _read_charge(self, body: Body) -> _Charge:
        row = BillRow(0, "data", ())
        period = _period(row, body, self._header)
        due_on = _date(row, body, self._columns.get("due_on"))
        fee_item = text_of(body.at(self._columns.get("fee_item")))[:40] or DEFAULT_ITEM
        return _Charge(fee_item, period, due_on, tuple(row.reasons), row.refused)

    def _read_long(self, row: BillRow, body: Body, is_refused: bool) -> None:
        columns, full = self._columns, body.full
        try:
            amounts = {name: parse_money(full[at]) for name, at in self._amounts}
        except NotMoney:
            amounts = {name: amount_in(row, body, columns[name]) for name, _at in self._amounts}
        stated = amounts.get
        row.stated = Sums(
            1,
            stated("receivable") or ZERO,
            stated("received") or ZERO,
            stated("waived") or ZERO,
            stated("arrears") or ZERO,
        )
        is_refused = is_refused or row.refused
        receivable = amounts.get("receivable") if is_refused else owed_in(amounts)
        received = amounts.get("received")
        if received is None and "collected" in columns and text_of(body.at(columns["collected"])).lower() in _PAID:
            received = receivable
        if not receivable or receivable < 0 or (received is not None and received < 0):
            is_refused |= _refuse_amounts(row, columns, receivable, received, is_refused)
        charge = self._charge(body)
        row.reasons += charge.reasons
        period, due_on = charge.period, charge.due_on
        if not receivable or period is None:
            return
        note = text_of(cell)[:200] if (cell := body.at(self._remark)) else ""
        item = Item(charge.fee_item, period, due_on or period.end, receivable, received or ZERO, ZERO, note)
        if receivable < 0:
            row.reversal = item
        if is_refused or charge.is_refused:
            return
        if due_on is None or due_on < period.start:
            _doubt_due(row, columns.get("due_on"), item, due_on)
        row.items.append(settled(row, item, amounts, columns))


def _refuse_amounts(
    row: BillRow, columns: dict[str, Column], receivable: Decimal | None, received: Decimal | None, is_refused: bool
) -> bool:
    """Say what is missing or negative; returns whether that refuses the row. Zero is neither."""
    before, money = len(row.reasons), columns.get("receivable") or columns.get("arrears")
    if receivable is None and not is_refused:
        row.reasons.append(error(money, "amount_missing", "金额为空。空白不等于 0，请填写金额。"))
    elif receivable is not None and receivable < 0:
        words = "金额为负数，没有找到唯一对应的账单。红冲请写明同一房屋、项目和账期，或在原账单上做减免。"
        row.reasons.append(error(money, "amount_negative", words))
    if received is not None and received < 0 and not (receivable and receivable < 0):
        row.reasons.append(error(columns.get("received"), "received_negative", "已收为负数。退款请在缴费记录里冲正。"))
    return len(row.reasons) > before


def _doubt_due(row: BillRow, column: Column | None, item: Item, due_on: date | None) -> None:
    """A day of payment that is not written, or lies before the period."""
    if due_on is not None:
        row.reasons.append(warning(column, "due_early", "缴费截止日早于账期开始，请核对。"))
        return
    words = (
        "文件没有缴费截止日，按每个账期的最后一天计。"
        if column is None
        else f"没有写缴费截止日，按账期最后一天 {item.due_on:%Y-%m-%d} 计。"
    )
    row.reasons.append(warning(column, "due_assumed", words))


def _period(row: BillRow, body: Body, header: Header) -> Period | None:
    columns = header.by_field
    first, last, one = columns.get("period_start"), columns.get("period_end"), columns.get("period")
    if first is None and one is None and header.period is not None:
        words = f"表里没有账期列，按标题、工作表名或文件名记为 {header.period.label}，请核对。"
        row.reasons.append(warning(None, "period_of_title", words))
        return header.period
    if first is None or is_blank(begun := body.at(first)):
        return _one_period(row, body, one or first, header.year)
    try:
        begins = read_period(begun) if _is_month(begun) else None
        start = begins.start if begins else read_date(begun)
    except NotADate:
        _unreadable(row, first, body)
        return None
    if last is None or is_blank(ended := body.at(last)):
        if begins:
            return begins
        row.reasons.append(error(last or first, "period_missing", "账期没有结束日期，请填写。"))
        return None
    try:
        ends = read_period(ended) if _is_month(ended) else None
        end = ends.end if ends else read_date(ended)
    except NotADate:
        _unreadable(row, last, body)
        return None
    if start is None or end is None or end < start:
        row.reasons.append(error(last, "period_backwards", "账期的结束日期早于开始日期，请核对。"))
        return None
    return inclusive(start, end)


@remembered
def _is_month(cell: Cell) -> bool:
    return not isinstance(cell, date) and bool(re.fullmatch(r"(19|20)\d{2}\s*[年./\-]?\s*\d{1,2}\s*月?", text_of(cell)))


def _one_period(row: BillRow, body: Body, column: Column | None, year: int | None) -> Period | None:
    try:
        period = read_period(body.at(column), year)
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
    amounts |= dict(sums_of(body, header))
    label = next((text_of(cell) for cell in body.cells if not is_blank(cell)), "")
    return Control(body.row_no, label[:40], body.sort == "total", amounts)
