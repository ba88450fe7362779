"""Days late: one function counts them for age and for late charge alike (decisions 10; invariants 10, 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """Days that do not count: from `starts_on` up to, but without, `ends_before`; None = not ended yet."""

    starts_on: date
    ends_before: date | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` is held."""
        return self.starts_on <= day and (self.ends_before is None or day < self.ends_before)


def days_overdue(due_on: date, on: date, holds: Iterable[Hold] = ()) -> int:
    """Days in (due_on, on] that lie in no hold; 0 when the due date has not passed.

    The due day itself is not late and today counts (domain 4.1), so a bill due yesterday is one day
    overdue. Overlapping, nested and touching holds are counted once (invariant 11).
    """
    first, end = due_on + ONE_DAY, on + ONE_DAY
    if first >= end:
        return 0
    held, reached = 0, first
    for start, stop in sorted((max(h.starts_on, first), min(h.ends_before or end, end)) for h in holds):
        start = max(start, reached)
        if stop > start:
            held += (stop - start).days
            reached = stop
    return (end - first).days - held
