"""Days overdue, holds as half-open intervals of days, and ageing buckets (decisions 9, 10; invariants 9–12, 41)."""

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


@dataclass(frozen=True, slots=True)
class Bucket:
    """One band of the ageing table, in calendar days after the due date, both ends inclusive."""

    code: str
    label: str
    first: int
    last: int | None


NOT_DUE = Bucket("not_due", "未到期", 0, 0)
BUCKETS: tuple[Bucket, ...] = (
    Bucket("d30", "1—30 天", 1, 30),
    Bucket("d90", "31—90 天", 31, 90),
    Bucket("d180", "91—180 天", 91, 180),
    Bucket("d365", "181—365 天", 181, 365),
    Bucket("y2", "1—2 年", 366, 730),
    Bucket("y3", "2—3 年", 731, 1095),
    Bucket("over", "3 年以上", 1096, None),
)
BY_CODE = {bucket.code: bucket for bucket in (NOT_DUE, *BUCKETS)}


def bucket_of(due_on: date, on: date) -> Bucket:
    """The one band in which a debt of `due_on` stands on `on`, by calendar days (holds do not matter here)."""
    late = (on - due_on).days
    if late <= 0:
        return NOT_DUE
    return next(bucket for bucket in BUCKETS if bucket.last is None or late <= bucket.last)
