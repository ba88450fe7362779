"""The clock at the door: only views, tasks and commands read it, and hand it on as `on` or `at`."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from offices.scoping.context import current_office


def office_now() -> datetime:
    """The present instant in the zone of the open office."""
    return timezone.now().astimezone(ZoneInfo(current_office().time_zone))


def office_today() -> date:
    """The business date: today in the zone of the open office."""
    return office_now().date()
