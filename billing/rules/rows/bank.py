"""Lines of a bank statement: money in, with a key that makes the second import of a line harmless (domain 5.3)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.rules.cells import Cell, as_json, text_of
from billing.rules.columns import Column, Header, Merge
from billing.rules.dates import NotADate, read_date
from billing.rules.rows.controls import Control
from billing.rules.rows.reasons import Reason, error, refuses
from billing.rules.rows.table import Body, body_of
from offices.rules.money import NotMoney, parse_money

_OUT = re.compile("借|支|出|转出|付|debit|dr|d$")
_NEUTRAL = re.compile("不计|中性|/|-")
_VOID = re.compile("退款|退还|关闭|失败|撤销|未成功")
_FILLER = frozenset({"往来款", "转账", "网银转账", "跨行转账", "汇款"})
_MEMO = ("memo", "purpose", "summary")


@dataclass(slots=True)
class BankRow:
    """One line of the statement. `amount` is positive, in yuan: outgoing lines have sort `outgoing`, refunded, failed
    and neutral ones of a payment app `void`.
    """

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

    def document(self) -> str:
        """What the row means, for storing with it; money as text."""
        return as_json(
            {
                "on": self.on.isoformat() if self.on else None,
                "amount": None if self.amount is None else str(self.amount),
                "balance": None if self.balance is None else str(self.balance),
                "payer": self.payer,
                "payer_account": self.payer_account,
                "memo": self.memo,
                "key": self.line_key,
            }
        )


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
    day = columns.get("on") or columns["time"]  # payment apps give the instant only
    try:
        row.on = read_date(body.at(day))
    except NotADate:
        row.on = None
    amount, direction = _movement(row, body, header)
    if row.on is None and amount is None and not row.refused:
        row.sort = "footer"
        return row
    if row.on is None:
        text = text_of(body.at(day))[:20]
        row.reasons.append(error(day, "date_unreadable", f"看不懂日期“{text}”，请核对。"))
    row.balance = _amount(row, body, columns.get("balance"))
    payer = text_of(body.at(columns.get("payer")))[:100]
    row.payer = "" if payer in ("0", "-", "/") else payer
    account = text_of(body.at(columns.get("payer_account")))[:60]
    row.payer_account = "" if account in ("0", "-", "/") else account
    row.memo = _memo(body, columns)
    if direction != "data":
        row.sort, row.amount = direction, amount
        return row
    if amount is None or amount <= 0:
        if not row.refused:
            money = columns.get("income") or columns.get("amount")
            row.reasons.append(error(money, "amount_missing", "没有金额，请核对。"))
        return row
    row.amount = amount
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


def _movement(row: BankRow, body: Body, header: Header) -> tuple[Decimal | None, str]:
    """The amount, and `data`, `outgoing` or `void`: from two columns, a sign, or a 借/贷 or 收/支 column.

    借 is money out and 贷 money in, as a bank's own books have it.
    """
    columns = header.by_field
    if _VOID.search(text_of(body.at(columns.get("status")))):
        return _amount(row, body, columns.get("amount") or columns.get("income")), "void"
    if "income" in columns:
        income, expense = _amount(row, body, columns["income"]), _amount(row, body, columns.get("expense"))
        if not income and expense:
            return abs(expense), "outgoing"
        return income, "outgoing" if income is not None and income < 0 else "data"
    amount = _amount(row, body, columns.get("amount"))
    direction = text_of(body.at(columns.get("direction"))).lower()
    size = None if amount is None else abs(amount)
    if direction and _NEUTRAL.match(direction):
        return size, "void"
    return size, "outgoing" if (amount is not None and amount < 0) or _OUT.match(direction) else "data"


def _memo(body: Body, columns: dict[str, Column]) -> str:
    """附言, 用途 and 摘要 in one line, without words that say nothing: the room may stand in any of them."""
    words = [text_of(body.at(columns.get(name))) for name in _MEMO]
    told = " ".join(dict.fromkeys(word for word in words if word and word not in _FILLER))
    return (told or next(filter(None, words), ""))[:300]


def _key(row: BankRow, serial: str, time: str, seen: Counter[str]) -> str:
    """The bank's serial number; else date, time, amount and balance; without a balance also payer and memo.
    Equal lines are counted.

    A line exported again in a longer statement has the same key, because its balance is the same.
    """
    number = re.sub(r"\W", "", serial).upper()
    if len(number) >= 4 and number.strip("0"):
        parts: tuple[object, ...] = ("no", number, row.on, row.amount)
    else:
        clock = re.sub(r"\D", "", time)
        rest = (row.payer, row.payer_account, row.memo) if row.balance is None else (row.balance,)
        parts = ("at", row.on, clock, row.amount, *rest)
    base = "\x1f".join(map(str, parts))
    seen[base] += 1
    return hashlib.sha256(f"{base}\x1f{seen[base]}".encode()).hexdigest()


def _control(body: Body, header: Header) -> Control | None:
    column = header.by_field.get("income") or header.by_field.get("amount")
    try:
        amount = parse_money(body.at(column)) if body.sort in ("subtotal", "total") else None
    except NotMoney:
        amount = None
    return Control(body.row_no, "合计", True, {"received": amount}) if amount is not None else None
