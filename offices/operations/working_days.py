"""The office's own calendar: a day set or taken out, and the State Council's notice of a year taken in."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from offices.models import User, WorkingDay
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.rules.holidays import NoticeUnreadable, read_notice


class CalendarRefused(Refusal):
    """The day or the notice cannot be entered as it is."""

    code = "calendar_refused"


@transaction.atomic
def set_working_day(
    *, day: date, is_working: bool, name: str, source: str, by: User | None, at: datetime
) -> WorkingDay:
    """Say of one day that it is off or at work; it takes precedence over the State Council's notice."""
    if not name.strip() or not source.strip():
        raise CalendarRefused(_("请写明这一天的名称和依据，以后才说得清楚。"), code="source_missing")
    row, _created = WorkingDay.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": name.strip()[:40], "source": source.strip()[:60]}
    )
    note_security_event(
        kind="calendar_changed", subject=f"{day} {row.name}", by=by, at=at, details={"is_working": is_working}
    )
    return row


@transaction.atomic
def remove_working_days(*, first: date, last: date, by: User | None, at: datetime) -> int:
    """Take the office's own entries from `first` to `last` out again: the notice, or else the weekday, speaks."""
    rows = list(WorkingDay.objects.filter(day__range=(first, last)))
    if not rows:
        raise CalendarRefused(_("%s 没有本办公室自己的记录。") % first, code="calendar_day_missing")
    for row in rows:
        row.delete()
    note_security_event(
        kind="calendar_changed", subject=f"{first} {rows[0].name}", by=by, at=at, details={"removed": len(rows)}
    )
    return len(rows)


@transaction.atomic
def take_holiday_notice(*, year: int, text: str, source: str, by: User | None, at: datetime) -> int:
    """Enter every day of a year's notice, read from its own words; returns how many. All or nothing."""
    if not source.strip():
        raise CalendarRefused(_("请写明通知的字号。"), code="source_missing")
    try:
        days = read_notice(text, year)
    except NoticeUnreadable as error:
        raise CalendarRefused(str(error), code="notice_unreadable") from error
    for day in days:
        WorkingDay.objects.update_or_create(
            day=day.day,
            defaults={"is_working": day.is_working, "name": day.name[:40], "source": source.strip()[:60]},
        )
    note_security_event(kind="calendar_changed", subject=source.strip(), by=by, at=at, details={"year": year})
    return len(days)
