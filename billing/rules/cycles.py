"""计费周期 (S1): when a cycle closes, by when finance has to have its bills signed off, and which cycle comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DONE, LATE_DONE, RUNNING, WAITING, OVERDUE = "done", "late_done", "running", "waiting", "overdue"
AT_MOST = 24
"""So many missing cycles are counted back at most: an item that is no longer billed is not told for ever."""


@dataclass(frozen=True, slots=True)
class Billed:
    """The bills of one cycle as they stand: amount in yuan; `signed_on` is the day of the last sign-off, None while some wait."""

    bills: int
    amount: Decimal
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of one fee item. It closes on `ends_on`; finance has until `deadline` (inclusive)."""

    starts_on: date
    ends_on: date
    deadline: date
    billed: Billed | None
    state: str
    days_late: int


def is_whole(starts_on: date, ends_on: date) -> bool:
    """Whether a period is of whole months; others are shares of a handover and no cycle of their own."""
    return starts_on.day == 1 and (ends_on + timedelta(days=1)).day == 1


def next_period(starts_on: date, ends_on: date) -> tuple[date, date]:
    """The period of as many months that follows a period of whole months."""
    first = ends_on + timedelta(days=1)
    months = (first.year - starts_on.year) * 12 + first.month - starts_on.month
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first, date(year, month + 1, 1) - timedelta(days=1)


def cycle(starts_on: date, ends_on: date, billed: Billed | None, *, on: date, deadline_days: int) -> Cycle:
    """The cycle as of `on`. Signed off in time or early: done; not signed off by the deadline: overdue, day by day."""
    deadline = ends_on + timedelta(days=deadline_days)
    signed_on = billed.signed_on if billed else None
    if signed_on is not None:
        late = max((signed_on - deadline).days, 0)
        return Cycle(starts_on, ends_on, deadline, billed, LATE_DONE if late else DONE, late)
    late = max((on - deadline).days, 0)
    state = OVERDUE if late else WAITING if on > ends_on else RUNNING
    return Cycle(starts_on, ends_on, deadline, billed, state, late)


def cycles_of(
    known: Iterable[tuple[date, date, Billed]], *, on: date, deadline_days: int, years_back: int = 2
) -> list[Cycle]:
    """The cycles of one fee item, newest first: those billed, then those that should follow up to the running one.

    Cycles that closed more than `years_back` years ago are left out.
    """
    whole = sorted((start, end, billed) for start, end, billed in known if is_whole(start, end))
    found = [cycle(start, end, billed, on=on, deadline_days=deadline_days) for start, end, billed in whole]
    if whole:
        start, end, _billed = max(whole, key=lambda each: each[1])
        for _turn in range(AT_MOST):
            start, end = next_period(start, end)
            if start > on:
                break
            found.append(cycle(start, end, None, on=on, deadline_days=deadline_days))
    since = on - timedelta(days=366 * years_back)
    return sorted((each for each in found if each.ends_on >= since), key=lambda each: each.ends_on, reverse=True)
