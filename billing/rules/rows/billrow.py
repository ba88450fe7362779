"""A row of a bill file and the bills on it, and how a stated difference becomes a reduction or a doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.rules.cells import Cell, as_json, json_text, remembered
from billing.rules.columns import Column
from billing.rules.periods import Period
from billing.rules.rooms import RoomKey
from billing.rules.rows.controls import Control, Sums
from billing.rules.rows.reasons import Reason, error, refuses, warning
from billing.rules.rows.table import Body
from offices.rules.money import ZERO, NotMoney, format_yuan, parse_money

DEFAULT_ITEM = "物业费"
_REDUCTION = re.compile("空置|减免|优惠|折|免收|减半|未入住")


class Item(NamedTuple):
    """One bill as the file states it, in yuan. `reduction` is a recognised difference;
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

    def document(self) -> str:
        """As JSON, for storing with the row; money and dates as text. Put together by hand: a file has 100,000 of them."""
        named = _named(self.fee_item, self.period.start, self.period.end, self.due_on)
        money = f'"receivable": "{self.receivable}", "received": "{self.received}", "reduction": "{self.reduction}"'
        return f'{{{named}, {money}, "note": {json_text(self.note)}}}'


@remembered
def _named(fee_item: str, start: date, end: date, due_on: date) -> str:
    return f'"item": {as_json(fee_item)}, "start": "{start}", "end": "{end}", "due": "{due_on}"'


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
    reversal: Item | None = None  # a negative row: what it takes back, in negative yuan

    @property
    def refused(self) -> bool:
        """Whether the row may not be taken."""
        return refuses(self.reasons)

    def document(self) -> str:
        """Its bills, for storing with the row: nothing where it has exactly one, which is stored in columns of its own."""
        if len(self.items) == 1:
            return "{}"
        return f'{{"items": [{", ".join([item.document() for item in self.items])}]}}'


def amount_in(row: BillRow, body: Body, column: Column | None) -> Decimal | None:
    """The amount in a column, in yuan; what cannot be read becomes an error of the row."""
    if column is None:
        return None
    try:
        return parse_money(body.at(column))
    except NotMoney as unreadable:
        words = f"“{str(unreadable)[:20]}”不是金额。请改成数字后重新导入这一行。"
        row.reasons.append(error(column, "amount_unreadable", words))
        return None


def owed_in(amounts: dict[str, Decimal | None]) -> Decimal | None:
    """What was charged, in yuan: the receivable, or where the file gives none, arrears + received + waived."""
    receivable, arrears = amounts.get("receivable"), amounts.get("arrears")
    if receivable is not None or arrears is None:
        return receivable
    return arrears + (amounts.get("received") or ZERO) + (amounts.get("waived") or ZERO)


def settled(row: BillRow, item: Item, amounts: dict[str, Decimal | None], columns: dict[str, Column]) -> Item:
    """The bill with what the file's other columns say: prepaid money counts as received, a difference that the
    remark or a column explains is a reduction; any other is a warning (decisions 8).

    `columns` are those the amounts stand in, for the words.
    """
    waived, arrears, prepaid = amounts.get("waived"), amounts.get("arrears"), amounts.get("prepaid")
    if item.received > item.receivable:
        words = f"已收 {format_yuan(item.received)} 多于应收 {format_yuan(item.receivable)}，多出部分记为预存。"
        row.reasons.append(warning(columns.get("received"), "paid_more", words))
        return item
    both = arrears is not None and amounts.get("receivable") is not None
    gap = item.receivable - item.received - arrears if both and arrears is not None else (waived or ZERO)
    if gap == 0:
        return item
    if gap == prepaid and gap > 0:
        return item._replace(received=item.received + gap)
    if 0 < gap <= item.receivable and (waived == gap or _REDUCTION.search(item.note)):
        return item._replace(reduction=gap, note=item.note or "文件中的减免")
    words = f"应收 − 已收 − 欠费 相差 {format_yuan(gap)}，备注没有说明原因。按应收减已收计欠费。"
    row.reasons.append(warning(columns.get("arrears"), "difference_unexplained", words))
    return item


def link_reversals(rows: list[BillRow]) -> None:
    """A negative row (红冲, 减免) that names the room, item and period of one bill above or below becomes a reduction
    of that bill; one that fits no single bill stays refused (domain 5.2, 16).
    """
    if not any(row.reversal for row in rows):
        return
    bills: dict[tuple[object, ...], list[tuple[BillRow, int]]] = {}
    for row in rows:
        for at, item in enumerate(row.items):
            bills.setdefault((row.community, row.room, item.fee_item, item.period), []).append((row, at))
    for row in rows:
        taken = row.reversal
        if taken is None or [reason.code for reason in row.reasons if reason.level == "error"] != ["amount_negative"]:
            continue
        found = bills.get((row.community, row.room, taken.fee_item, taken.period), [])
        if len(found) == 1 and found[0][0].items[found[0][1]].open + taken.receivable >= 0:
            bill, at = found[0]
            _take_back(bill, at, row, taken)


def _take_back(bill: BillRow, at: int, row: BillRow, taken: Item) -> None:
    item = bill.items[at]
    note = f"第{row.row_no}行红冲" + (f"：{taken.note}" if taken.note else "")
    bill.items[at] = item._replace(
        reduction=item.reduction - taken.receivable, note=f"{item.note} {note}".strip()[:200]
    )
    row.sort, row.reasons = "reversal", []
    row.stated = Sums(0, taken.receivable, ZERO, taken.receivable, ZERO)
