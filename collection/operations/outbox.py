"""The outbox: claim a message, ask once more whether it may leave, settle what became of it (reliability C2).

The row is the queue. A row is claimed with a lease on the database's clock; only the holder of the lease may
call the provider, and only it may settle (fencing). `operations.sending` puts the call in between.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from collection.channels import CHANNELS, Outcome, Outgoing, Receipt
from collection.models import Action, Case, Message
from collection.operations.addresses import address_is_gone
from collection.operations.cases import Ladders, mark_effective
from collection.operations.fencing import myself
from collection.operations.reminders import next_way, to_a_person
from collection.queries.facts import business_day
from collection.queries.sendoff import Load, sendoff_facts
from collection.rules.channels import CHANNELS as TRAITS
from collection.rules.receipts import next_question
from collection.rules.sendoff import Verdict, Way, may_leave
from offices.scoping import current_office, current_office_id

LEASE_SECONDS = 60
RETRIES = 8
RETRY_SECONDS = 300  # doubled at every attempt: the last one comes about ten hours after the first
REPEAT_SECONDS = 30  # before an unclear message is handed over again where a second one is dropped
MARGIN_SECONDS = 60  # of a provider's dedupe window that are not relied upon

SETTLED = ("state", "provider_ref", "sent_at", "not_before", "last_error", "lease", "lease_until", "ask_fate_at")

UNCLEAR = _("%(channel)s是否送出无法确认，请电话提醒。")


@transaction.atomic(savepoint=False)
def claim(*, at: datetime, lease: uuid.UUID, limit: int, lease_seconds: float = LEASE_SECONDS) -> list[int]:
    """Take up to `limit` due rows, oldest first, so that what had to wait goes before what is new.

    Rows another sender is taking are passed over, not waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
              SELECT office_id, id FROM collection_message
              WHERE office_id = %(office)s AND state = 'pending' AND not_before <= %(at)s
              ORDER BY queued_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
            )
            UPDATE collection_message m SET state = 'sending', attempt = m.attempt + 1, lease = %(lease)s,
              worker = %(worker)s, cleared_at = NULL,
              lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
            FROM due WHERE m.office_id = %(office)s AND m.office_id = due.office_id AND m.id = due.id
            RETURNING m.id
            """,
            {
                "office": current_office_id(),
                "at": at,
                "limit": limit,
                "lease": lease.hex,
                "worker": myself(),
                "seconds": lease_seconds,
            },
        )
        return sorted(row[0] for row in cursor.fetchall())


@transaction.atomic(savepoint=False)
def prepare(
    *, message_id: int, lease: uuid.UUID, load: Load, at: datetime, lease_seconds: float = LEASE_SECONDS
) -> tuple[str, Outgoing] | None:
    """Ask every guard, under the locks of account and owner, whether the message may leave now, and renew the lease.

    None: it may not, or the lease is lost; the row says why, or until when it waits. `at` is the moment of sending.
    """
    change_seq, message = _locked(message_id, lease), load.queued.get(message_id)
    if change_seq is None or message is None:
        return None
    verdict = may_leave(sendoff_facts(message, load, change_seq, at))
    if verdict.way is not Way.GO:
        _hold_back(Message.objects.select_related("action__step", "promise").get(pk=message_id), verdict, at)
        return None
    _cleared(message_id, lease, load, at, lease_seconds)
    office = current_office()
    return message.channel, Outgoing(
        key=f"{office.pk}-{message.id}",
        office_id=office.pk,
        sign=office.short_name,
        sender=load.settings.email_from or f"{office.slug}@shoujiaotai.example",
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
        place=message.place,
        amount=f"{message.amount:.2f}",
        kind=message.kind,
    )


def _locked(message_id: int, lease: uuid.UUID) -> int | None:
    """Lock the account and owner of a message that is still ours, and then itself: the cap is the owner's, over all accounts.

    The account comes first, as with whoever takes messages back. Returns the account's change sequence; None when the lease is
    lost. Facts are read by statements after this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.change_seq FROM collection_message m
            JOIN billing_account a ON a.office_id = %(office)s AND a.id = m.account_id
            JOIN billing_owner o ON o.office_id = %(office)s AND o.id = a.owner_id
            WHERE m.office_id = %(office)s AND m.id = %(message)s AND m.lease = %(lease)s AND m.state = 'sending'
              AND m.lease_until > clock_timestamp()
            FOR UPDATE OF a FOR NO KEY UPDATE OF o FOR NO KEY UPDATE OF m
            """,
            {"office": current_office_id(), "message": message_id, "lease": lease.hex},
        )
        found = cursor.fetchone()
        return None if found is None else int(found[0])


def _cleared(message_id: int, lease: uuid.UUID, load: Load, at: datetime, lease_seconds: float) -> None:
    """From here on the message counts as a contact, and as one that may have left.

    Its lease begins anew, and so does that of what was claimed with it and has half of its own behind it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE collection_message SET lease_until = clock_timestamp() + make_interval(secs => %(seconds)s),
              cleared_at = CASE WHEN id = %(message)s THEN %(at)s ELSE cleared_at END,
              first_call_at = CASE WHEN id = %(message)s THEN coalesce(first_call_at, clock_timestamp()) ELSE first_call_at END
            WHERE office_id = %(office)s AND id = ANY(%(claimed)s) AND lease = %(lease)s AND state = 'sending'
              AND (id = %(message)s OR lease_until < clock_timestamp() + make_interval(secs => %(seconds)s / 2))
              AND lease_until > clock_timestamp()
            """,
            {
                "office": current_office_id(),
                "message": message_id,
                "claimed": list(load.queued),
                "lease": lease.hex,
                "at": at,
                "seconds": lease_seconds,
            },
        )


def _hold_back(message: Message, verdict: Verdict, at: datetime) -> None:
    if verdict.way is Way.WAIT:
        assert verdict.until is not None
        _defer(message, verdict.until, verdict.words)
    elif verdict.way is Way.OTHER:
        message.last_error = verdict.words[:200]
        message.state, message.void_reason, message.lease = Message.State.VOID, verdict.words[:100], None
        message.save(update_fields=["state", "void_reason", "lease", "last_error"])
        if message.action is not None:
            next_way(message, on=business_day(at), at=at)
    else:
        _withdraw(message, verdict.words)


def _withdraw(message: Message, reason: str) -> None:
    """Take the message and its action back; the case is looked at again, so a still-due reminder is written anew."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.VOID, void_reason=reason[:100], lease=None)
    if message.action is None:
        return  # a promise or an instalment is not taken back with the word about it
    Action.objects.filter(pk=message.action_id, state=Action.State.PLANNED).update(
        state=Action.State.VOID, void_reason=reason[:100]
    )
    Case.objects.filter(pk=message.case_id, state=Case.State.OPEN).update(next_action_on=message.action.planned_on)


def _defer(message: Message, until: datetime, why: str) -> None:
    """Not now, but first thing when it is allowed again (invariant 35)."""
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.PENDING,
        not_before=until,
        lease=None,
        lease_until=None,
        attempt=message.attempt - 1,
        last_error=why[:200],
    )


@transaction.atomic(savepoint=False)
def settle(*, message_id: int, lease: uuid.UUID, receipt: Receipt, at: datetime, steps: Ladders | None = None) -> bool:
    """Write down what the provider said, if the lease is still ours. False: somebody else has taken over."""
    ours = Message.objects.select_for_update(of=("self",)).select_related("action")
    message = ours.filter(pk=message_id, lease=lease, state=Message.State.SENDING).first()
    if message is None:
        return False
    message.last_error, message.lease, message.lease_until = receipt.error[:200], None, None
    apply_receipt(message, receipt, at, steps)
    return True


def apply_receipt(message: Message, receipt: Receipt, at: datetime, steps: Ladders | None = None) -> None:
    """The one place where an answer becomes a state. A receipt that came before the answer says that it was accepted.

    `steps` as in `mark_effective`.
    """
    on = business_day(at)
    if message.fate:
        receipt = Receipt(Outcome.ACCEPTED, ref=receipt.ref or message.provider_ref)
    if receipt.outcome is Outcome.ACCEPTED:
        message.state, message.provider_ref, message.sent_at = Message.State.SENT, receipt.ref[:100], at
        can_report = CHANNELS[message.channel].can_report
        message.ask_fate_at = next_question(at, at) if can_report and not message.fate else None
    elif receipt.outcome is Outcome.REFUSED or (receipt.outcome is Outcome.LATER and message.attempt >= RETRIES):
        message.state = Message.State.FAILED
    elif receipt.outcome is Outcome.LATER:
        message.state, message.not_before = (
            Message.State.PENDING,
            at + timedelta(seconds=RETRY_SECONDS * 2 ** (message.attempt - 1)),
        )
    elif _may_repeat(message):
        message.state, message.not_before = Message.State.PENDING, at + timedelta(seconds=REPEAT_SECONDS)
    else:
        message.state = Message.State.UNKNOWN
    message.save(update_fields=SETTLED)
    if receipt.outcome is Outcome.REFUSED and receipt.is_gone:
        address_is_gone(message, at=at)
    if message.action is None:
        return  # nothing follows from a word the day before; what did not arrive is on the list of the day
    has_arrived = message.state == Message.State.SENT and message.fate != Message.Fate.BOUNCED
    if has_arrived:
        mark_effective(action=message.action, on=on, at=at, steps=steps)
    elif message.state in (Message.State.SENT, Message.State.FAILED):
        next_way(message, on=on, at=at)
    elif message.state == Message.State.UNKNOWN and not CHANNELS[message.channel].can_be_asked:
        to_a_person(message.action, UNCLEAR % {"channel": message.get_channel_display()})


def _may_repeat(message: Message) -> bool:
    """Whether the provider still drops a second message with the same key, with a minute to spare."""
    window = TRAITS[message.channel].dedupe_seconds
    if not window or message.attempt >= RETRIES or message.first_call_at is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() < %s + make_interval(secs => %s)",
            [message.first_call_at, window - MARGIN_SECONDS],
        )
        return bool(cursor.fetchone()[0])
