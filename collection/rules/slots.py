"""The day a ring of the sweep has to run, and the days that were missed. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

WINDOW = timedelta(minutes=20)
"""How far apart the rings of the sweep are; two rings inside one window are one."""


def day_to_run(last: date | None, at: datetime, *, begins: int) -> date | None:
    """The one day a ring at `at` (in the office's zone) has to run next; None before the day has begun and nothing is missed.

    Missed days come first, one by one, the oldest first; an office that never ran begins today. `begins`: hour of the day.
    """
    today = at.date()
    if last is not None and last + timedelta(days=1) < today:
        return last + timedelta(days=1)
    return today if at.hour >= begins else None
