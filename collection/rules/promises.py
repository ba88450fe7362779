"""承诺缴费: how long it holds back contact, and whether it was kept (R2, invariant 13). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

KEPT, BROKEN = "kept", "broken"
LONGEST = timedelta(days=62)  # a promise further away is a request for deferral, and that needs approval


@dataclass(frozen=True, slots=True)
class Promise:
    """What the owner said: `amount` yuan by `promised_on`, said on `made_on`."""

    made_on: date
    promised_on: date
    amount: Decimal
    grace_days: int = 1

    @property
    def last_day(self) -> date:
        """The last day whose payments count, and the last day of silence."""
        return self.promised_on + timedelta(days=self.grace_days)


def received(promise: Promise, payments: Iterable[tuple[date, Decimal]]) -> Decimal:
    """Net money (value date, yuan; reversals negative) in [made_on, last_day]."""
    return sum((amount for day, amount in payments if promise.made_on <= day <= promise.last_day), Decimal("0.00"))


def verdict(promise: Promise, payments: Iterable[tuple[date, Decimal]], *, on: date) -> str | None:
    """KEPT once the promised amount has come in; BROKEN when its last day has passed without it; else None.

    One cent less does not keep it. Money that came before the promise was made does not count.
    """
    if received(promise, payments) >= promise.amount:
        return KEPT
    return BROKEN if on > promise.last_day else None
