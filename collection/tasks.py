"""Doorbells: each looks at what stands in the rows and does it. A lost or doubled ring loses and doubles nothing."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from collection.operations.bells import ring_sweep
from collection.operations.changes import consume_changes
from collection.operations.receipts import ask_for_receipts
from collection.operations.rendering import render_due_notices
from collection.operations.sending import send_due_messages
from offices.operations.bells import claim_slot
from offices.rules.slots import slot_of
from offices.scoping import OfficeTask, office_now, office_scope

MINUTE = timedelta(minutes=1)


@shared_task
def sweep(*, office_id: int) -> None:
    """The days of one office that have not been run, then today's once it has begun; opens its own scopes, one per day."""
    ring_sweep(office_id=office_id, at=timezone.now())


@shared_task(base=OfficeTask, typing=False)
def consume() -> None:
    """Payments and holds of the last minute take back what they should."""
    consume_changes(on=office_now().date(), at=office_now())


@shared_task(base=OfficeTask, typing=False)
def render() -> None:
    """Draw approved notices, a few at a time."""
    render_due_notices(at=office_now(), limit=20)


@shared_task
def send(*, office_id: int) -> None:
    """Send what is due; opens its own short scopes, since no transaction may be open during a call."""
    send_due_messages(office_id=office_id, at=timezone.now(), limit=200)


@shared_task
def ask(*, office_id: int) -> None:
    """Ask providers for receipts that did not come, once a minute; opens its own short scopes, as sending does."""
    with office_scope(office_id):
        is_ours = claim_slot(bell="ask", slot=slot_of(office_now(), every=MINUTE))
    if is_ours:
        ask_for_receipts(office_id=office_id, at=timezone.now())
