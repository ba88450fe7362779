"""Lines of a bank statement: money in, with a key that makes the second import of a line harmless (domain 5.3)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing.rules.cells import Cell, text_of
from billing.rules.columns import Column, Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.rows.controls import Control
from billing.rules.rows.reasons import Reason, error, refuses
from billing.rules.rows.table import Body, body_of
from offices.rules.money import NotMoney, parse_money

_OUT = ("借", "支", "出", "debit", "dr")
_FILLER = frozenset({"往来款", "转账", "网银转账", "跨行转账", "汇款"})


@dataclass(slots=True)
class BankRow:
    """One line of the statement. `amount` is positive: outgoing lines have sort `outgoing`."""

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    on: date | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None
    payer: str = ""
    payer_account: str = ""
    memo: str = ""
    line_key: str = ""
    reasons: list[Reason] = field(default_factory=list)
    control: Control | None = None

    @property
    def room(self) -> None:
        """A transfer names no room of its own; matching finds it."""
        return None

    @property
    def community(self) -> str:
        """The statement is the office's."""
        return ""

    @property
    def names(self) -> tuple[str, ...]:
        """The payer need not be an owner."""
        return ()

    @property
    def refused(self) -> bool:
        """Whether the line may not be taken."""
        return refuses(self.reasons)

    def parsed(self) -> dict[str, Any]:
        """For storing with the row; money as text."""
        return {
            "on": self.on.isoformat() if self.on else None,
            "amount": None if self.amount is None else str(self.amount),
            "balance": None if self.balance is None else str(self.balance),
            "payer": self.payer,
            "payer_account": self.payer_account,
            "memo": self.memo,
            "key": self.line_key,
        }


def read_bank(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()) -> Iterator[BankRow]:
    """Every line under the header."""
    seen: Counter[str] = Counter()
    for body in body_of(rows, header, merges):
        if body.sort == "data":
            yield _read_line(body, header, seen)
        else:
            yield BankRow(body.row_no, body.sort, body.cells, control=_control(body, header))


def _read_line(body: Body, header: Header, seen: Counter[str]) -> BankRow:
    columns = header.by_field
    row = BankRow(body.row_no, "data", body.cells)
    try:
        row.on = read_date(body.at(columns["on"]))
    except NotADate:
        row.on = None
    if row.on is None:
        row.reasons.append(
            error(columns["on"], "date_unreadable", f"看不懂日期“{text_of(body.at(columns['on']))[:20]}”，请核对。")
        )
    income, is_out = _movement(row, body, header)
    row.balance = _amount(row, body, columns.get("balance"))
    row.payer = text_of(body.at(columns.get("payer")))[:100]
    row.payer_account = text_of(body.at(columns.get("payer_account")))[:60]
    row.memo = _memo(body, columns)
    if is_out:
        row.sort, row.amount = "outgoing", income
        return row
    if income is None or income <= 0:
        if not row.refused:
            row.reasons.append(
                error(columns.get("income") or columns.get("amount"), "amount_missing", "没有金额，请核对。")
            )
        return row
    row.amount = income
    row.line_key = _key(row, text_of(body.at(columns.get("serial"))), text_of(body.at(columns.get("time"))), seen)
    return row


def _amount(row: BankRow, body: Body, column: Column | None) -> Decimal | None:
    if column is None:
        return None
    try:
        return parse_money(body.at(column))
    except NotMoney as unreadable:
        row.reasons.append(error(column, "amount_unreadable", f"“{str(unreadable)[:20]}”不是金额，请核对。"))
        return None


def _movement(row: BankRow, body: Body, header: Header) -> tuple[Decimal | None, bool]:
    """The amount, and whether it left the account: two columns, a sign, or a 借/贷 column."""
    columns = header.by_field
    if "income" in columns:
        income, expense = _amount(row, body, columns["income"]), _amount(row, body, columns.get("expense"))
        if not income and expense:
            return abs(expense), True
        return income, bool(income is not None and income < 0)
    amount = _amount(row, body, columns.get("amount"))
    direction = text_of(body.at(columns.get("direction"))).lower()
    is_out = bool(amount is not None and amount < 0) or any(word in direction for word in _OUT)
    return (None if amount is None else abs(amount)), is_out


def _memo(body: Body, columns: dict[str, Column]) -> str:
    words = [text_of(body.at(columns.get(name))) for name in ("memo", "summary")]
    return (
        " ".join(dict.fromkeys(word for word in words if word and word not in _FILLER))[:300]
        or (words[0] or words[1])[:300]
    )


def _key(row: BankRow, serial: str, time: str, seen: Counter[str]) -> str:
    """The bank's serial number, or date, time, amount, balance and account; equal lines are counted.

    A line exported again in a longer statement has the same key, because its balance is the same.
    """
    parts = (serial, str(row.on), str(row.amount)) if serial else (
        str(row.on), time, str(row.amount), str(row.balance), row.payer, row.payer_account, row.memo
    )  # fmt: skip
    base = "\x1f".join(parts)
    seen[base] += 1
    return hashlib.sha256(f"{base}\x1f{seen[base]}".encode()).hexdigest()


def _control(body: Body, header: Header) -> Control | None:
    column = header.by_field.get("income") or header.by_field.get("amount")
    try:
        amount = parse_money(body.at(column)) if body.sort in ("subtotal", "total") else None
    except NotMoney:
        amount = None
    return Control(body.row_no, "合计", True, {"received": amount}) if amount is not None else None
