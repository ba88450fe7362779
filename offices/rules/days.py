"""Working days, Monday to Friday. Pure: no Django, no database, no clock. Public holidays are not known here."""

from __future__ import annotations

from datetime import date, timedelta

A_DAY = timedelta(days=1)
SATURDAY = 5


def working_days_after(day: date, count: int) -> date:
    """The last of `count` working days that follow `day`; `day` itself when count is 0 or less."""
    while count > 0:
        day += A_DAY
        if day.weekday() < SATURDAY:
            count -= 1
    return day
