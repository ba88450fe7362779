"""Receipts of accepted messages: taken from the providers' calls, or asked for; a bounced one takes its step back (decisions 3).

A message's fate only goes forward (`rules.receipts`), so receipts may come twice, late and in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from collection.channels import CHANNELS, Delivery, Fate, Sent
from collection.models import Action, Case, Contact, Message, Notice
from collection.operations.addresses import address_is_gone, address_works
from collection.operations.cases import mark_effective, void_open_work
from collection.operations.notices import close_notice
from collection.operations.reminders import next_way
from collection.queries.facts import business_day
from collection.queries.notices import UNSERVED
from collection.rules.receipts import goes_forward, next_question
from offices.models import Office
from offices.scoping import office_scope

BOUNCED_WORDS = "上一步的信息未送达，本步撤回"
SETTLED_ELSEWHERE = "前一条信息已送达，不再重复"
_KEY = re.compile(r"(\d{1,12})-(\d{1,15})")
_LEFT = (Message.State.PENDING, Message.State.UNKNOWN)
_LEFT_AFTER_ALL = (*_LEFT, Message.State.FAILED, Message.State.VOID)
_LEAVING = (Message.State.PENDING, Message.State.SENDING, Message.State.UNKNOWN)


def take_receipts(*, channel: str, deliveries: Iterable[Delivery], at: datetime) -> int:
    """Receipts as a provider pushes them, of any office; those of messages we do not know are passed over.

    Call with no office scope open. The office stands in our key; where a provider returns only its own number, the offices
    are looked through for it. Returns how many told something new.
    """
    count = 0
    for told in deliveries:
        for office_id, message_id in _places(told):
            with office_scope(office_id):
                known = Message.objects.filter(channel=channel)
                found = known.filter(pk=message_id) if message_id else known.filter(provider_ref=told.ref)
                pk = found.values_list("pk", flat=True).first()
                if pk is not None:
                    count += record_receipt(message_id=pk, told=told, at=at)
                    break
    return count


def _places(told: Delivery) -> Iterator[tuple[int, int]]:
    """Offices and message ids (0: look for the provider's number) that a receipt may belong to."""
    offices = Office.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    key = _KEY.fullmatch(told.key)
    if key is not None:
        yield from ((office_id, int(key[2])) for office_id in offices.filter(pk=int(key[1])))
    elif told.ref:
        yield from ((office_id, 0) for office_id in offices)


@transaction.atomic
def record_receipt(*, message_id: int, told: Delivery, at: datetime) -> bool:
    """What became of one message. True when that was news.

    One that was never handed over cannot have a receipt. While it is being sent the receipt is only kept: whoever sends it
    settles it with that.
    """
    Account.objects.select_for_update(of=("self",)).filter(
        messages=message_id
    ).first()  # first, as with whoever takes messages back
    known = Message.objects.select_for_update(of=("self",)).select_related("contact_point")
    message = known.filter(pk=message_id).first()
    if message is None or message.first_call_at is None:
        return False
    if told.fate is Fate.ASK:
        if not message.fate and message.state == Message.State.SENT:
            Message.objects.filter(pk=message.pk).update(ask_fate_at=at)
        return False
    if not goes_forward(message.fate, told.fate.value):
        return False
    message.fate, message.fate_at, message.ask_fate_at = told.fate.value, at, None
    message.last_error = told.error[:200]
    message.provider_ref = message.provider_ref or told.ref[:100]
    is_delivered = told.fate is Fate.DELIVERED
    if message.state in (_LEFT_AFTER_ALL if is_delivered else _LEFT):
        message.state, message.sent_at = Message.State.SENT, message.sent_at or at
    message.save()
    if is_delivered:
        address_works(message, at=at)
    elif told.is_gone:
        address_is_gone(message, at=at)
    if message.state == Message.State.SENT and message.action_id is not None:
        _arrived(message, at) if is_delivered else _bounced(message, at)
    return True


def _arrived(message: Message, at: datetime) -> None:
    """The step took effect, if it had not; what was to go out instead stays here."""
    action = Action.objects.get(pk=message.action_id)
    mark_effective(action=action, on=business_day(at), at=at)
    Message.objects.filter(action=action, state=Message.State.PENDING).update(
        state=Message.State.VOID, void_reason=SETTLED_ELSEWHERE
    )


def _bounced(message: Message, at: datetime) -> None:
    """Not effective (invariant 36): back to the step, over its next channel or as a call; unless something else carries it."""
    others = Message.objects.filter(action=message.action_id).exclude(pk=message.pk)
    carried = others.filter(state=Message.State.SENT).exclude(fate=Message.Fate.BOUNCED) | others.filter(
        state__in=_LEAVING
    )
    if carried.exists():
        return
    action = Action.objects.select_for_update(of=("self",)).get(pk=message.action_id)
    if action.state == Action.State.EFFECTIVE and not _step_back(action, at):
        return
    if Action.objects.filter(pk=action.pk, state=Action.State.PLANNED).exists():
        next_way(message, on=business_day(at), at=at)


def _step_back(action: Action, at: datetime) -> bool:
    """Undo that a reminder took effect, and what was planned on top of it. False when the case has gone beyond.

    Nothing falls back behind a step that took effect since, that a person spoke for, or whose letter is on its way (8).
    """
    on = business_day(at)
    case = Case.objects.select_for_update().get(pk=action.case_id)
    planned = Action.objects.filter(case=case, state=Action.State.PLANNED)
    is_beyond = (
        case.state != Case.State.OPEN
        or case.reached != action.position
        or bool(action.void_reason)
        or Contact.objects.filter(action=action, corrects=None).exists()
        or Notice.objects.filter(action__in=planned, state=Notice.State.IN_TRANSIT).exists()
        or Message.objects.filter(action__in=planned, state__in=_LEAVING).exclude(state=Message.State.PENDING).exists()
    )
    if is_beyond:
        return False
    for notice in Notice.objects.select_for_update(of=("self",)).filter(case=case, state__in=UNSERVED):
        close_notice(notice, Notice.State.VOID, BOUNCED_WORDS, at=at, with_action=True)
    void_open_work([case], reason=BOUNCED_WORDS)
    Action.objects.filter(pk=action.pk).update(
        state=Action.State.PLANNED, effective_on=None, done_by=None, done_at=None, due_on=on
    )
    before = Action.objects.filter(case=case, state=Action.State.EFFECTIVE, position__lt=action.position)
    last = before.order_by("-position").first()
    case.reached, case.reached_on = (last.position, last.effective_on) if last else (0, None)
    case.next_action_on = on + timedelta(days=1)
    case._history_date, case._change_reason = at, _("信息未送达，退回上一步")
    case.save(update_fields=["reached", "reached_on", "next_action_on"])
    return True


def ask_for_receipts(*, office_id: int, at: datetime, limit: int = 200) -> int:
    """Ask the providers about accepted messages whose receipt has not come. Call with no office scope and no transaction open.

    Asked ten minutes after the message left, then at doubled ages for three days. Returns how many told something new.
    """
    with office_scope(office_id):
        due = list(
            Message.objects.filter(ask_fate_at__lte=at, state=Message.State.SENT, fate="")
            .order_by("ask_fate_at", "pk")
            .only("channel", "provider_ref", "recipient", "first_call_at")[:limit]
        )
    count = 0
    for message in due:
        called = message.first_call_at or at
        sent = Sent(f"{office_id}-{message.pk}", message.provider_ref, message.recipient, called)
        told = CHANNELS[message.channel].fate(sent)
        with office_scope(office_id):
            if told is not None:
                count += record_receipt(message_id=message.pk, told=told, at=at)
            else:
                _ask_again(message.pk, at)
    return count


@transaction.atomic
def _ask_again(message_id: int, at: datetime) -> None:
    message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
    if message.fate or message.sent_at is None:
        return
    message.ask_fate_at = next_question(message.sent_at, at)
    message.save(update_fields=["ask_fate_at"])
