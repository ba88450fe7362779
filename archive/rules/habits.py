"""How soon a household pays once it has been reminded (S12). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median_high

WITHIN = 60
"""Days; a payment later than this after a reminder is not put down to it."""


@dataclass(frozen=True, slots=True)
class AfterReminder:
    """`paid`: payments that followed a reminder; `usual_days`: the middle number of days between the two, None for none."""

    paid: int
    usual_days: int | None


def days_to_pay(reminders: Iterable[date], payments: Iterable[date]) -> AfterReminder:
    """Each payment is put down to the last reminder on or before its day, if that was at most `WITHIN` days ago."""
    reminders = sorted(reminders)
    found = []
    for paid_on in payments:
        last = max((day for day in reminders if day <= paid_on), default=None)
        if last is not None and (paid_on - last).days <= WITHIN:
            found.append((paid_on - last).days)
    return AfterReminder(len(found), median_high(found) if found else None)
