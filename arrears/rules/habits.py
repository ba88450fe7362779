"""过往缴费习惯 (S12): how punctually, when in the year and by which way an account pays, from its payments alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median_low
from typing import TypeVar

T = TypeVar("T")
LEAST = 2
"""A month or a way of paying is usual from so many payments on."""


@dataclass(frozen=True, slots=True)
class PaidBill:
    """A bill with what settled it: (day, amount in yuan), reductions included; `is_known` is False if a file said it was paid."""

    due_on: date
    amount: Decimal
    entries: tuple[tuple[date, Decimal], ...]
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class PaymentHabits:
    """What the payments say. Days count from the due date, negative when early; None where there is nothing to say it from."""

    bills: int = 0
    on_time: int = 0
    usual_days: int | None = None
    usual_month: int | None = None
    usual_channel: str = ""

    @property
    def on_time_rate(self) -> Decimal | None:
        """Share of the settled bills that were settled by their due date, in percent with one place; None without any."""
        return (Decimal(100 * self.on_time) / self.bills).quantize(Decimal("0.1")) if self.bills else None


def settled_on(bill: PaidBill) -> date | None:
    """The day from which nothing was left of the bill, None while something is: money that bounced settles nothing."""
    left, day = bill.amount, None
    for on, amount in sorted(bill.entries):
        left -= amount
        day = None if left > 0 else day or on
    return day


def habits_of(bills: Iterable[PaidBill], payments: Iterable[tuple[date, str]]) -> PaymentHabits:
    """The habits from an account's bills and its living payments (value date, kind), as they stood on one day."""
    days = [(on - bill.due_on).days for bill in bills if bill.is_known and (on := settled_on(bill)) is not None]
    paid = list(payments)
    return PaymentHabits(
        bills=len(days),
        on_time=sum(1 for late in days if late <= 0),
        usual_days=median_low(days) if days else None,
        usual_month=_usual(day.month for day, _kind in paid),
        usual_channel=_usual(kind for _day, kind in paid) or "",
    )


def _usual(values: Iterable[T]) -> T | None:
    found = Counter(values).most_common(1)
    return found[0][0] if found and found[0][1] >= LEAST else None
