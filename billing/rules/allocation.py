"""Which bill a payment settles (民法典 560), and which part of it (561; domain 4.3, decisions 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

from offices.rules.money import ZERO, split_by_weight

Mode = Literal["property", "statutory"]


@dataclass(frozen=True, slots=True)
class Debt:
    """An open bill. `burden` is what a day of lateness costs per yuan; 0 while no late charge is agreed."""

    bill_id: int
    due_on: date
    open: Decimal
    burden: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Split:
    """What each bill receives, in the order of settlement, and what is left over as credit (预存)."""

    shares: tuple[tuple[int, Decimal], ...]
    credit: Decimal


def allocate(amount: Decimal, debts: Iterable[Debt], *, on: date, designated: Sequence[int] = ()) -> Split:
    """Spread a payment over bills: the payer's designation, then due before not due, then heavier burden, then
    earlier due, then in proportion; the last of a proportional group takes the remainder (golden A1–A3).

    Bills not yet due are paid last; what exceeds all of them is credit, never a negative bill (A5).
    """
    if amount < 0:
        raise ValueError("A payment is positive; a reversal undoes allocations.")
    left = amount
    shares: list[tuple[int, Decimal]] = []
    wanted = {bill_id: rank for rank, bill_id in enumerate(designated)}

    def order(debt: Debt) -> tuple[int, bool, Decimal, date]:
        return wanted.get(debt.bill_id, len(wanted)), debt.due_on > on, -debt.burden, debt.due_on

    payable = sorted((debt for debt in debts if debt.open > 0), key=lambda d: (*order(d), d.bill_id))
    for _, together in groupby(payable, key=order):
        group = list(together)
        owed = sum((debt.open for debt in group), ZERO)
        if left <= 0:
            break
        parts = [d.open for d in group] if left >= owed else split_by_weight(left, [d.open for d in group])
        shares += [(debt.bill_id, part) for debt, part in zip(group, parts, strict=True) if part > 0]
        left -= min(left, owed)
    return Split(tuple(shares), left)


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of one debt, in yuan."""

    cost: Decimal
    late: Decimal
    principal: Decimal


def settle(amount: Decimal, debt: Components, *, mode: Mode = "property") -> Components:
    """What an amount pays of each part (golden A4): statutory 费用 → 违约金 → 本金; property 费用 → 本金 → 违约金."""
    names = ("cost", "late", "principal") if mode == "statutory" else ("cost", "principal", "late")
    left, paid = amount, dict.fromkeys(names, ZERO)
    for name in names:
        paid[name] = min(left, getattr(debt, name))
        left -= paid[name]
    return Components(**paid)
