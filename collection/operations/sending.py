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
class _Run:
    """One run of the sender: its office, its report, and the business instant, which goes on while it lasts.

    Guards hold at the moment of sending (decisions 24).
    """

    office: Office
    at: datetime
    started: float
    lease_seconds: float
    report: SendReport

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
    with office_scope(office_id):
        run = _Run(current_office(), at, time.monotonic(), lease_seconds, SendReport())
        reap_leases(at=run.now())
    _resolve_unknown(office_id, at, settle_seconds)
    tried = 0
    while tried < limit and (claimed := _send_some(run, min(BATCH, limit - tried))):
        tried += claimed
    return run.report


def _send_some(run: _Run, limit: int) -> int:
    """Claim up to `limit` messages, read what holds for all of them, and send them one by one. Returns how many."""
    lease = uuid.uuid4()
    with office_scope(run.office):
        claimed = claim(at=run.now(), lease=lease, limit=limit, lease_seconds=run.lease_seconds)
        if not claimed:
            return 0
        load = sendoff_load(claimed, run.now())
    for place, message_id in enumerate(claimed):
        if not load.is_fresh():  # the provider is slow: much may have happened
            with office_scope(run.office):
                load = sendoff_load(claimed[place:], run.now())
        _send_one(run, message_id, lease, load)
    return len(claimed)


def _send_one(run: _Run, message_id: int, lease: uuid.UUID, load: Load) -> None:
    renewed, report = time.monotonic(), run.report
    with office_scope(run.office):
        prepared = prepare(message_id=message_id, lease=lease, load=load, at=run.now(), lease_seconds=run.lease_seconds)
    if prepared is None:
        report.withdrawn += 1
        return
    channel, outgoing = prepared
    if time.monotonic() - renewed > run.lease_seconds / 2:  # frozen in between: the lease may be gone, do not call
        report.later += 1
        return
    receipt = CHANNELS[channel].send(outgoing)
    with office_scope(run.office):
        settle(message_id=message_id, lease=lease, receipt=receipt, at=run.now(), steps=load.steps)
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
