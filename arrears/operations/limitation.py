"""Writing down acts that interrupt limitation. Later stages call this; they never write the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from arrears.models import LimitationEvent
from offices.models import User


@transaction.atomic
def interrupt_limitation(
    *,
    bill_ids: Iterable[int],
    kind: str,
    strength: str,
    on: date,
    source: str,
    by: User | None,
    at: datetime,
    note: str = "",
    demanded_until: date | None = None,
) -> int:
    """An act of `kind` and `strength` on `on` for exactly these bills (a letter: those printed on it, S44; 民法典 195).

    `source` names the proof (`service:17`); the same source again changes nothing. `demanded_until`: the last day to pay that
    an effective formal demand set; late charge may begin after it. Returns how many bills were concerned.
    """
    events = [
        LimitationEvent(
            bill_id=bill_id,
            on=on,
            kind=kind,
            strength=strength,
            demanded_until=demanded_until,
            source=source,
            note=note[:200],
            recorded_by=by,
            recorded_at=at,
        )
        for bill_id in bill_ids
    ]
    LimitationEvent.objects.bulk_create(events, ignore_conflicts=True)
    return len(events)


@transaction.atomic
def withdraw_interruptions(*, sources: Iterable[str], on: date) -> int:
    """The letter behind these proofs is taken back from `on`: the safe clock runs as if it had never been served.

    That money was asked for stays arguable (民法典 195), so the act is kept as medium evidence; it set no period to pay any
    more. Days before `on` keep what stood on them. Returns how many bills were concerned.
    """
    return LimitationEvent.objects.filter(source__in=list(sources), withdrawn_on__isnull=True).update(withdrawn_on=on)
