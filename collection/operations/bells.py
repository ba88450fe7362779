"""The sweep's bell: two beats, a late one, none for days, or a flushed Redis do no harm (reliability C2.5)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from collection.models import Sweep
from collection.operations.days import DayReport, plan_day
from collection.operations.sweeps import lock_sweep
from collection.rules.guards import PLATFORM_FROM
from collection.rules.slots import WINDOW, day_to_run
from offices.operations.bells import claim_slot
from offices.rules.slots import slot_of
from offices.scoping import current_office, office_scope

SWEEP = "sweep"


def ring_sweep(*, office_id: int, at: datetime) -> list[DayReport]:
    """Run what the office has not run by `at`: each missed day in its own transaction, the oldest first, then today.

    Opens its own office scopes. Rings of one window of today are one; a day whose run was taken back is left to people.
    """
    done: list[DayReport] = []
    while True:
        with office_scope(office_id):
            report = _next_day(at.astimezone(ZoneInfo(current_office().time_zone)))
        if report is None:
            return done
        done.append(report)


def _next_day(at: datetime) -> DayReport | None:
    lock_sweep()
    last = Sweep.objects.order_by("-on", "-id").first()
    on = day_to_run(last.on if last else None, at, begins=PLATFORM_FROM.hour)
    if on is None or (last is not None and last.on == on and last.state == Sweep.State.UNDONE):
        return None
    if not claim_slot(bell=SWEEP, slot=slot_of(at, every=WINDOW) if on == at.date() else _beginning(on, at)):
        return None
    return plan_day(on=on, at=at)


def _beginning(on: date, at: datetime) -> datetime:
    return datetime.combine(on, time(PLATFORM_FROM.hour), tzinfo=at.tzinfo)
