"""The slots of the timetable: two rings inside one slot are one. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

DAY = timedelta(days=1)


def slot_of(at: datetime, *, every: timedelta) -> datetime:
    """The beginning of the slot in which `at` lies; slots are counted from midnight in `at`'s own zone."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // every * every
