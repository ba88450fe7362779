"""Ageing buckets (decisions 9; invariant 41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
