"""Rows of a wide table: a pair of columns per month, quarter or year, or per fee item (domain 5.2, 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.rules.cells import text_of
from billing.rules.columns import Column, Header
from billing.rules.periods import Period
from billing.rules.rows.billrow import DEFAULT_ITEM, BillRow, Item, amount_in, owed_in, settled
from billing.rules.rows.controls import MONEY_FIELDS, Sums
from billing.rules.rows.reasons import error, warning
from billing.rules.rows.table import Body
from offices.rules.money import ZERO, NotMoney, format_yuan, parse_money

WideBills = dict[tuple[Period | None, str], dict[str, Column]]  # period (None: that of the row) and fee item


class Terms(NamedTuple):
    """What a row says of all its bills: their period where the columns name none, and when they are due."""

    period: Period | None
    due_on: date | None


def bills_of(header: Header) -> WideBills:
    """The columns of each bill on a row, by field, in file order; empty for a long table."""
    found: WideBills = {}
    for column in header.wide:
        found.setdefault((column.period, column.item), {})[column.field] = column
    return found


def read_wide(row: BillRow, body: Body, header: Header, wide: WideBills, terms: Terms) -> None:
    """One bill per group of columns with an amount; a blank or zero amount is no bill.

    Without a day of payment a bill is due on the last day of its period. 往年欠费 becomes one bill of the year before.
    """
    named = text_of(body.at(header.by_field.get("fee_item")))[:40]
    for (of_columns, item), columns in wide.items():
        amounts = {name: amount_in(row, body, column) for name, column in columns.items()}
        when = of_columns or terms.period
        owed = owed_in(amounts) or amounts.get("arrears")
        if not owed or when is None:
            continue
        received = amounts.get("received") or ZERO
        if owed < 0 or received < 0:
            row.reasons.append(
                error(next(iter(columns.values())), "amount_negative", f"{when.label} 的金额为负数，请核对。")
            )
            continue
        remark = text_of(body.at(header.by_field.get("remark")))[:200]
        bill = Item(item or named or DEFAULT_ITEM, when, terms.due_on or when.end, owed, received, ZERO, remark)
        row.items.append(settled(row, bill, amounts, columns))
    _prior_years(row, body, header, named or DEFAULT_ITEM)
    for bill in row.items:
        row.stated.add(Sums(1, bill.receivable, bill.received, bill.reduction, bill.open))
    _check_line(row, body, header)
    if row.items and terms.due_on is None:
        row.reasons.append(warning(None, "due_assumed", "文件没有缴费截止日，按每个账期的最后一天计。"))


def _prior_years(row: BillRow, body: Body, header: Header, fee_item: str) -> None:
    column = header.by_field.get("prior_arrears")
    prior = amount_in(row, body, column)
    years = [column.period.start.year for column in header.wide if column.period]
    years += [item.period.start.year for item in row.items]
    if not prior or prior < 0 or not years:
        return
    year = min(years) - 1
    period = Period(date(year, 1, 1), date(year, 12, 31))
    row.items.append(Item(fee_item, period, period.end, prior, ZERO, ZERO, "往年欠费"))
    row.reasons.append(warning(column, "prior_period_assumed", f"往年欠费没有账期，记为 {year} 年全年。"))


_TOTALS = (("receivable", "应收合计"), ("received", "已收合计"), ("arrears", "欠费合计"))


def _check_line(row: BillRow, body: Body, header: Header) -> None:
    """A warning where the row's own total is not the sum of its bills: exports drop decimals (domain 5.2, 15)."""
    for name, words in _TOTALS:
        column = header.by_field.get(name)
        stated = amount_in(row, body, column)
        ours: Decimal = getattr(row.stated, name)
        if stated is None or row.refused or stated == ours or (column and stated in _other_sums(row)):
            continue
        text = f"{words}写作 {format_yuan(stated)}，逐项相加为 {format_yuan(ours)}。按逐项金额导入。"
        row.reasons.append(warning(column, "line_sum_differs", text))


def _other_sums(row: BillRow) -> tuple[Decimal, ...]:
    """合计 may mean what was charged or what is owed: either agrees."""
    prior = sum((item.receivable for item in row.items if item.note == "往年欠费"), ZERO)
    return row.stated.receivable, row.stated.arrears, row.stated.receivable - prior


def sums_of(body: Body, header: Header) -> Iterator[tuple[str, Decimal]]:
    """What a total row of a wide table sums to, by field, over its groups of columns; unreadable fields are left out."""
    for name in MONEY_FIELDS:
        columns = [column for column in header.wide if column.field == name]
        if name == "receivable" and "prior_arrears" in header.by_field:
            columns = [*columns, header.by_field["prior_arrears"]] if columns else []
        try:
            amounts = [parse_money(body.at(column)) for column in columns]
        except NotMoney:
            continue
        if any(amount is not None for amount in amounts):
            yield name, sum((amount for amount in amounts if amount is not None), ZERO)
