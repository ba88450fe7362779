"""Which bill a payment settles (民法典 560), and which part of it (561; domain 4.3, decisions 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

from offices.rules.money import ZERO, split_by_weight, total

Mode = Literal["property", "statutory"]
_CLAIMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "statutory": (("cost", "late", "principal"),),  # bill by bill: 费用 → 违约金 → 本金
    "property": (("cost", "principal"), ("late",)),  # all principal before any late charge
}


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of one debt, in yuan."""

    cost: Decimal = ZERO
    late: Decimal = ZERO
    principal: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All parts together."""
        return self.cost + self.late + self.principal


@dataclass(frozen=True, slots=True)
class Debt:
    """An open bill: `open` is its principal; `burden` is what a day of lateness costs per yuan, 0 while no late
    charge is agreed; `late` and `cost` are what is posted beside the principal.
    """

    bill_id: int
    due_on: date
    open: Decimal
    burden: Decimal = Decimal(0)
    late: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Split:
    """What each bill receives, in the order of settlement, in parts; and what is left over as credit (预存)."""

    parts: tuple[tuple[int, Components], ...]
    credit: Decimal

    @property
    def shares(self) -> tuple[tuple[int, Decimal], ...]:
        """What each bill receives in all."""
        return tuple((bill_id, part.total) for bill_id, part in self.parts)


def allocate(
    amount: Decimal, debts: Iterable[Debt], *, on: date, designated: Sequence[int] = (), mode: Mode = "property"
) -> Split:
    """Spread a payment over bills: the payer's designation, then due before not due, then heavier burden, then
    earlier due, then in proportion; the last of a proportional group takes the remainder (golden A1–A3).

    `mode` is the office's policy for the parts (A4): in `property` all principal, in this order, precedes all late
    charge; in `statutory` each bill is settled whole. Bills not yet due are paid last; what exceeds all of them
    is credit, never a negative bill (A5).
    """
    if amount < 0:
        raise ValueError("A payment is positive; a reversal undoes allocations.")
    wanted = {bill_id: rank for rank, bill_id in enumerate(designated)}

    def order(debt: Debt) -> tuple[int, bool, Decimal, date]:
        return wanted.get(debt.bill_id, len(wanted)), debt.due_on > on, -debt.burden, debt.due_on

    payable = sorted((debt for debt in debts if _components(debt).total > 0), key=lambda d: (*order(d), d.bill_id))
    paid: dict[int, dict[str, Decimal]] = {}
    left = amount
    for names in _CLAIMS[mode]:
        for _, together in groupby(payable, key=order):
            left = _share(left, list(together), names, paid)
    return Split(tuple((bill_id, Components(**parts)) for bill_id, parts in paid.items()), left)


def _share(left: Decimal, group: list[Debt], names: tuple[str, ...], paid: dict[int, dict[str, Decimal]]) -> Decimal:
    """Give the group its claims, or in proportion what is left; returns what remains."""
    owed = [_components(debt) for debt in group]
    claims = [total([getattr(each, name) for name in names]) for each in owed]
    whole = total(claims)
    if left <= 0 or whole <= 0:
        return left
    amounts = claims if left >= whole else split_by_weight(left, claims)
    for debt, parts, amount in zip(group, owed, amounts, strict=True):
        rest = amount
        for name in names:
            part = min(rest, getattr(parts, name))
            if part > 0:
                paid.setdefault(debt.bill_id, {})[name] = part
                rest -= part
    return left - min(left, whole)


def _components(debt: Debt) -> Components:
    return Components(debt.cost, debt.late, debt.open)


def settle(amount: Decimal, debt: Components, *, mode: Mode = "property") -> Components:
    """What an amount pays of each part of one debt (golden A4): statutory 费用 → 违约金 → 本金; property
    费用 → 本金 → 违约金.
    """
    one = Debt(0, date.min, debt.principal, late=debt.late, cost=debt.cost)
    split = allocate(amount, [one], on=date.min, mode=mode)
    return split.parts[0][1] if split.parts else Components()
