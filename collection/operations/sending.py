"""Sending: the one loop that calls the outside world, with no transaction open while it does (reliability C2.2)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from collection.channels import CHANNELS, Outcome
from collection.models import Message
from collection.operations.outbox import LEASE_SECONDS, claim, prepare, settle
from collection.operations.unknown import SETTLE_SECONDS, reap_leases, resolve
from collection.queries.sendoff import Load, sendoff_load
from offices.models import Office
from offices.scoping import current_office, office_scope

BATCH = 10


class OpenTransaction(RuntimeError):
    """A provider was about to be called while a database transaction was open."""


@dataclass(slots=True)
class SendReport:
    """What one run of the sender did."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    later: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class _Clock:
    """The business instant, going on while a run lasts: guards hold at the moment of sending (decisions 24)."""

    at: datetime
    started: float

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.started)


def send_due_messages(
    *,
    office_id: int,
    at: datetime,
    limit: int = 500,
    settle_seconds: float = SETTLE_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> SendReport:
    """Send what is due at the business instant `at`. Call with no office scope and no transaction open.

    Safe with any number of senders at once: a row is claimed by exactly one of them. `lease_seconds`: how long a sender
    may be silent before another takes its rows over; `settle_seconds`: between two denials of a provider (both on the
    database's clock).
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise OpenTransaction("send_due_messages must not run inside a transaction; call it outside office_scope().")
    report, tried, clock = SendReport(), 0, _Clock(at, time.monotonic())
    with office_scope(office_id):
        office = current_office()
        reap_leases(at=clock.now())
    _resolve_unknown(office_id, at, settle_seconds)
    while tried < limit:
        lease = uuid.uuid4()
        with office_scope(office):
            claimed = claim(at=clock.now(), lease=lease, limit=min(BATCH, limit - tried), lease_seconds=lease_seconds)
            load = sendoff_load(claimed, clock.now()) if claimed else None
        if load is None:
            return report
        tried += len(claimed)
        for place, message_id in enumerate(claimed):
            if not load.is_fresh():  # the provider is slow: much may have happened
                with office_scope(office):
                    load = sendoff_load(claimed[place:], clock.now())
            _send_one(office, message_id, lease, load, clock, report, lease_seconds)
    return report


def _send_one(
    office: Office,
    message_id: int,
    lease: uuid.UUID,
    load: Load,
    clock: _Clock,
    report: SendReport,
    lease_seconds: float,
) -> None:
    renewed = time.monotonic()
    with office_scope(office):
        prepared = prepare(message_id=message_id, lease=lease, load=load, at=clock.now(), lease_seconds=lease_seconds)
    if prepared is None:
        report.withdrawn += 1
        return
    channel, outgoing = prepared
    if time.monotonic() - renewed > lease_seconds / 2:  # frozen in between: the lease may be gone, do not call
        report.later += 1
        return
    receipt = CHANNELS[channel].send(outgoing)
    with office_scope(office):
        settle(message_id=message_id, lease=lease, receipt=receipt, at=clock.now(), steps=load.steps)
    field = {Outcome.ACCEPTED: "sent", Outcome.REFUSED: "failed", Outcome.UNKNOWN: "unknown", Outcome.LATER: "later"}
    setattr(report, field[receipt.outcome], getattr(report, field[receipt.outcome]) + 1)


def _resolve_unknown(office_id: int, at: datetime, settle_seconds: float) -> None:
    """Ask the provider about every unknown message that it can be asked about."""
    askable = [name for name, channel in CHANNELS.items() if channel.can_be_asked]
    with office_scope(office_id):
        rows = list(
            Message.objects.filter(state=Message.State.UNKNOWN, channel__in=askable)
            .order_by("id")
            .values_list("pk", "channel")[:100]
        )
    for message_id, channel in rows:
        answer = CHANNELS[channel].ask(f"{office_id}-{message_id}")
        with office_scope(office_id):
            resolve(message_id=message_id, answer=answer, at=at, settle_seconds=settle_seconds)
