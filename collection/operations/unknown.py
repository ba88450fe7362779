"""Messages of which nobody knows whether they left: never simply sent again (reliability C2.2, decisions 25).

The provider is asked where it can be; otherwise a person decides.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from collection.channels import Outcome, Receipt
from collection.models import Message
from collection.operations import fencing
from collection.operations.cases import mark_effective
from collection.operations.outbox import apply_receipt
from collection.operations.reminders import to_a_person
from collection.queries.facts import business_day
from offices.models import User
from offices.operations import Refusal
from offices.scoping import current_office_id


class ClockTimestamp(models.Func):
    """The database's clock at this very moment, not at the beginning of the transaction."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


SETTLE_SECONDS = 600  # between two denials of the provider before a message may be sent again


class MessageRefused(Refusal):
    """The message is not waiting for this decision."""

    code = "message_refused"


@transaction.atomic
def reap_leases(*, at: datetime) -> int:
    """Rows whose sender died or froze, on the database's clock: it is stopped first, then its rows are looked at.

    What no guard had let go yet cannot have left and waits again; all else may have left and is unknown now, unless the
    provider drops a second one with the same key.
    """
    overdue = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=Message.State.SENDING, lease_until__lt=ClockTimestamp()
    )
    rows = list(overdue.select_related("action"))
    for worker in {row.worker for row in rows if row.worker}:
        fencing.stop(worker)
    for row in rows:
        row.lease, row.lease_until = None, None
        if row.cleared_at is None:
            row.state, row.attempt = Message.State.PENDING, row.attempt - 1
            row.save()
        else:
            row.last_error = _("发送进程中断，结果不明")
            apply_receipt(row, Receipt(Outcome.UNKNOWN), at)
    return len(rows)


@transaction.atomic
def resolve(*, message_id: int, answer: Receipt | None, at: datetime, settle_seconds: float = SETTLE_SECONDS) -> None:
    """An unknown message meets the provider's record of it.

    Denied twice with `settle_seconds` of the database's clock in between, it goes back into the queue:
    never two automatic sends unless the provider twice denied having the first.
    """
    message = Message.objects.select_for_update().filter(pk=message_id, state=Message.State.UNKNOWN).first()
    if message is None:
        return
    if answer is None:
        _denied(message_id, settle_seconds)
    elif answer.outcome in {Outcome.ACCEPTED, Outcome.REFUSED}:
        message.last_error = answer.error[:200]
        apply_receipt(message, answer, at)


def _denied(message_id: int, settle_seconds: float) -> None:
    """First denial: remember when. A later one: back into the queue, and the count starts anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE collection_message m SET
              state = CASE WHEN r.ripe THEN 'pending' ELSE state END,
              denials = CASE WHEN r.ripe THEN 0 ELSE 1 END,
              asked_at = CASE WHEN r.ripe THEN NULL ELSE coalesce(asked_at, clock_timestamp()) END
            FROM (
              SELECT id, denials > 0 AND asked_at <= clock_timestamp() - make_interval(secs => %(wait)s) AS ripe
              FROM collection_message WHERE office_id = %(office)s AND id = %(id)s
            ) r
            WHERE m.office_id = %(office)s AND m.id = r.id AND m.state = 'unknown'
            """,
            {"wait": settle_seconds, "office": current_office_id(), "id": message_id},
        )


@transaction.atomic
def decide_unknown(*, message: Message, has_left: bool, by: User, at: datetime) -> None:
    """A person settles what nobody can be asked about: it left, or it did not and a call takes its place."""
    row = Message.objects.select_for_update().filter(pk=message.pk, state=Message.State.UNKNOWN).first()
    if row is None:
        raise MessageRefused(_("这条消息的结果已经明确，请刷新页面。"))
    row.state = Message.State.SENT if has_left else Message.State.FAILED
    row.sent_at = at if has_left else None
    row.last_error = _("由 %(person)s 确认") % {"person": by}
    row.save()
    if row.action is None:
        return
    if has_left:
        mark_effective(action=row.action, on=business_day(at), at=at, by=by)
    else:
        to_a_person(row.action, _("消息未送出，请电话提醒。"))
