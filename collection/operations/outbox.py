"""The outbox: claim a message, ask once more whether it may leave, settle what became of it (reliability C2).

The row is the queue. A row is claimed with a lease on the database's clock; only the holder of the lease may
call the provider, and only it may settle (fencing). `operations.sending` puts the call in between.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from arrears.queries import position
from billing.models import Account
from collection.channels import CHANNELS, Outcome, Outgoing, Receipt
from collection.models import Action, Case, Message, Promise
from collection.operations.cases import mark_effective
from collection.operations.reminders import next_way, opens_at, to_a_person
from collection.queries.facts import business_day, contact_days
from collection.rules.guards import cap_lifts_on
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id

LEASE_SECONDS = 60
RETRIES = 8
RETRY_SECONDS = 300  # doubled at every attempt: the last one comes about ten hours after the first

UNCLEAR_EMAIL = "邮件是否送出无法确认，请电话提醒。"


@transaction.atomic
def claim(*, at: datetime, lease: uuid.UUID, limit: int) -> list[int]:
    """Take up to `limit` due rows; rows another sender is taking are passed over, not waited for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
              SELECT office_id, id FROM collection_message
              WHERE office_id = %(office)s AND state = 'pending' AND not_before <= %(at)s
              ORDER BY not_before, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            )
            UPDATE collection_message m SET state = 'sending', attempt = m.attempt + 1, lease = %(lease)s,
              lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
            FROM due WHERE m.office_id = %(office)s AND m.office_id = due.office_id AND m.id = due.id
            RETURNING m.id
            """,
            {
                "office": current_office_id(),
                "at": at,
                "limit": limit,
                "lease": lease.hex,
                "seconds": LEASE_SECONDS,
            },
        )
        return sorted(row[0] for row in cursor.fetchall())


@transaction.atomic
def prepare(*, message_id: int, lease: uuid.UUID, at: datetime) -> tuple[str, Outgoing] | None:
    """Renew the lease and ask once more, under the account's lock, whether the message may still leave.

    None: it may not (lease lost, paid, on hold, promised, quiet hours, cap); the row says why.
    """
    message = Message.objects.filter(pk=message_id).select_related("action__step").first()
    if message is None or not _renew(message_id, lease):
        return None
    Account.objects.select_for_update(of=("self",)).get(pk=message.account_id)
    on = business_day(at)
    reason = _gone(message, on)
    if reason:
        _withdraw(message, reason)
        return None
    opening = opens_at(at)
    if opening > at:
        _defer(message, opening)
        return None
    lifts = cap_lifts_on(
        contact_days([message.account_id], on).get(message.account_id, ()), on, office_settings().max_contacts_per_week
    )
    if lifts is not None:
        _defer(message, opens_at(opening + (lifts - on)))
        return None
    office, settings = current_office(), office_settings()
    sender = settings.email_from or f"{office.slug}@shoujiaotai.example"
    return message.channel, Outgoing(
        key=f"{office.pk}-{message.pk}",
        office_id=office.pk,
        sign=office.short_name,
        sender=sender,
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
    )


def _renew(message_id: int, lease: uuid.UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE collection_message SET lease_until = clock_timestamp() + make_interval(secs => %s) "
            "WHERE office_id = %s AND id = %s AND lease = %s AND state = 'sending' AND lease_until > clock_timestamp()",
            [LEASE_SECONDS, current_office_id(), message_id, lease.hex],
        )
        return bool(cursor.rowcount)


def _gone(message: Message, on: date) -> str:
    """Why the message must not leave any more; empty when it may."""
    if message.action.state != Action.State.PLANNED:
        return _("该步骤已取消")
    now = position(message.account_id, on)
    if now.arrears <= office_settings().tolerance:
        return _("已缴清")
    if now.remindable != message.amount:
        return _("可提示金额已变为 %(amount)s 元") % {"amount": now.remindable}
    if Promise.objects.filter(account_id=message.account_id, state=Promise.State.OPEN).exists():
        return _("业主已承诺缴费")
    return ""


def _withdraw(message: Message, reason: str) -> None:
    """Take the message and its action back; the case is looked at again, so a still-due reminder is written anew."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.VOID, void_reason=reason[:100], lease=None)
    Action.objects.filter(pk=message.action_id, state=Action.State.PLANNED).update(
        state=Action.State.VOID, void_reason=reason[:100]
    )
    Case.objects.filter(pk=message.case_id, state=Case.State.OPEN).update(next_action_on=message.action.planned_on)


def _defer(message: Message, until: datetime) -> None:
    """Not now, but first thing when it is allowed again (invariant 35)."""
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.PENDING, not_before=until, lease=None, lease_until=None, attempt=message.attempt - 1
    )


@transaction.atomic
def settle(*, message_id: int, lease: uuid.UUID, receipt: Receipt, at: datetime) -> bool:
    """Write down what the provider said, if the lease is still ours. False: somebody else has taken over."""
    message = (
        Message.objects.select_for_update().filter(pk=message_id, lease=lease, state=Message.State.SENDING).first()
    )
    if message is None:
        return False
    message.last_error, message.lease, message.lease_until = receipt.error[:200], None, None
    apply_receipt(message, receipt, at)
    return True


def apply_receipt(message: Message, receipt: Receipt, at: datetime) -> None:
    """The one place where an answer becomes a state."""
    on = business_day(at)
    if receipt.outcome is Outcome.ACCEPTED:
        message.state, message.provider_ref, message.sent_at = Message.State.SENT, receipt.ref[:100], at
    elif receipt.outcome is Outcome.REFUSED or (receipt.outcome is Outcome.LATER and message.attempt >= RETRIES):
        message.state = Message.State.FAILED
    elif receipt.outcome is Outcome.LATER:
        message.state, message.not_before = (
            Message.State.PENDING,
            at + timedelta(seconds=RETRY_SECONDS * 2 ** (message.attempt - 1)),
        )
    else:
        message.state = Message.State.UNKNOWN
    message.save()
    if message.state == Message.State.SENT:
        mark_effective(action=message.action, on=on, at=at)
    elif message.state == Message.State.FAILED:
        next_way(message, on=on, at=at)
    elif message.state == Message.State.UNKNOWN and not CHANNELS[message.channel].can_be_asked:
        to_a_person(message.action, UNCLEAR_EMAIL)
