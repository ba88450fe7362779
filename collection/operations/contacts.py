"""Writing down a contact with an owner, and what follows from it (S36, S51, S52, R1–R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, ContactPoint, Occupant, SpecialCase
from billing.operations.contact_points import mark_contact_point
from billing.operations.special_cases import open_special_case
from collection.models import Action, Case, Contact
from collection.operations.cases import mark_effective
from collection.operations.promises import make_promise, still_owed
from collection.operations.visits import visit_fault
from collection.queries.facts import business_day
from collection.rules import outcomes
from collection.rules import steps as rules
from offices.models import User
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.queries import working_calendar

LONGEST_PAUSE = timedelta(days=14)  # nobody parks a household silently (S89)


class ContactRefused(Refusal):
    """What was entered is not a complete record of a contact. `details["field"]` names the field."""

    code = "contact_refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said, as it was entered. `outcome` is a code of `collection.rules.outcomes`."""

    channel: str
    outcome: str
    owner_words: str = ""
    explanation: str = ""
    note: str = ""
    next_on: date | None = None
    promised_on: date | None = None
    promise_amount: Decimal | None = None
    reference: str = ""
    phone_tail: str = ""
    spoke_with: Occupant | None = None
    idempotency_key: str = ""


@transaction.atomic
def record_contact(*, account: Account, by: User, at: datetime, action: Action | None = None, **said: Any) -> Contact:
    """Record one contact or attempt; a conversation makes the open call or visit take effect (decisions 3).

    `said`: the fields of `Entry`. A promise is written down with it, a payment said to be on its way opens a
    timed hold (S6), a wrong number is struck out. The same `idempotency_key` again returns the first record.
    """
    entry = Entry(**said)
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if entry.idempotency_key:
        before = Contact.objects.filter(idempotency_key=entry.idempotency_key).first()
        if before is not None:
            return before
    on = business_day(at)
    outcome = _checked(entry, on)
    _check_hours(account, entry, at)
    _check_person(account, entry, outcome)
    case = Case.objects.select_for_update().filter(account=account, state=Case.State.OPEN).first()
    action = action or _open_action(case)
    contact = Contact.objects.create(
        account=account,
        case=case,
        action=action if action is not None and action.account_id == account.pk else None,
        channel=entry.channel,
        spoke_with=entry.spoke_with,
        outcome=outcome.code,
        reached=outcome.is_conversation,
        at=at,
        by=by,
        phone_tail=entry.phone_tail[-4:],
        owner_words=entry.owner_words.strip(),
        explanation=entry.explanation.strip(),
        note="\n".join(filter(None, [entry.note.strip(), entry.reference.strip()])),
        next_on=entry.next_on or _try_again_on(outcome, on),
        idempotency_key=entry.idempotency_key,
    )
    _follow_up(contact, entry, outcome, on=on, at=at, by=by)
    if contact.action is not None:
        _advance(contact, contact.action, outcome, on=on, at=at, by=by)
    return contact


def _checked(entry: Entry, on: date) -> outcomes.Outcome:
    outcome = outcomes.BY_CODE.get(entry.outcome)
    if outcome is None:
        raise ContactRefused(_("请选择一个沟通结果。"), field="outcome")
    if entry.channel not in Contact.Channel.values:
        raise ContactRefused(_("请选择沟通方式。"), field="channel")
    given = {
        "promised_on": entry.promised_on,
        "promised_amount": entry.promise_amount,
        "reference": entry.reference.strip() or entry.note.strip(),
        "owner_words": entry.owner_words.strip() or entry.note.strip(),
        "explanation": entry.explanation.strip() or entry.note.strip(),
    }
    for field in outcomes.missing(outcome, given):
        label = outcomes.FIELD_LABELS[field]
        raise ContactRefused(
            _("「%(outcome)s」需填写：%(label)s。") % {"outcome": outcome.label, "label": label}, field=field
        )
    if entry.next_on is not None and not on < entry.next_on <= on + LONGEST_PAUSE:
        raise ContactRefused(
            _("下次联系须在 %(last)s 之前；需要更久请登记承诺、分期或暂缓。") % {"last": on + LONGEST_PAUSE},
            field="next_on",
        )
    return outcome


def _check_hours(account: Account, entry: Entry, at: datetime) -> None:
    fault = entry.channel == Contact.Channel.VISIT and visit_fault(account_id=account.pk, at=at, reason=entry.note)
    if fault:
        raise ContactRefused(fault[1], code=fault[0], field="note")


def _check_person(account: Account, entry: Entry, outcome: outcomes.Outcome) -> None:
    """Of the debt nothing is said to anybody but an owner and whom an owner lets be told (S11, 个人信息保护法 25)."""
    if entry.spoke_with is None:
        return
    person = Occupant.objects.filter(pk=entry.spoke_with.pk, account=account).first()
    if person is None:
        raise ContactRefused(_("对方不是本户登记的人，请重新选择。"), field="spoke_with")
    if outcome.is_conversation and not person.may_be_told:
        raise ContactRefused(
            _("业主没有授权与%(person)s谈欠费：只请对方转告业主回电，结果选“%(outcome)s”。")
            % {"person": person.described, "outcome": _(outcomes.BY_CODE[outcomes.NO_ANSWER].label)},
            code="not_authorised",
            field="spoke_with",
        )


def _try_again_on(outcome: outcomes.Outcome, on: date) -> date | None:
    """A working day after the days that the outcome waits; None when nobody has to come back to it."""
    return working_calendar().next_working(on + timedelta(days=outcome.retry_days)) if outcome.retry_days else None


def _open_action(case: Case | None) -> Action | None:
    """The contact that the case is waiting for: a call, a visit, or a reminder nobody could send."""
    if case is None:
        return None
    planned = Action.objects.filter(case=case, state=Action.State.PLANNED, kind__in=rules.CONTACTS, by_hand=True)
    return planned.order_by("position").first()


def _follow_up(contact: Contact, entry: Entry, outcome: outcomes.Outcome, *, on: date, at: datetime, by: User) -> None:
    """What the outcome sets going besides the step itself."""
    if outcome.code == outcomes.PROMISED:
        assert entry.promised_on is not None
        assert entry.promise_amount is not None
        make_promise(
            contact=contact,
            promised_on=entry.promised_on,
            amount=entry.promise_amount,
            on=on,
            open_amount=still_owed(contact.account_id, on),
        )
    elif outcome.code == outcomes.PAID:
        open_special_case(
            account=contact.account,
            kind=SpecialCase.Kind.PENDING_TRANSFER,
            starts_on=on,
            note=_("业主称已付款：%(reference)s") % {"reference": (entry.reference or entry.note).strip()[:200]},
            blocks_reminder=True,
            by=by,
            at=at,
        )
    elif outcome.code == outcomes.WRONG_NUMBER and contact.phone_tail:
        point = ContactPoint.objects.filter(owner_id=contact.account.owner_id, tail=contact.phone_tail).first()
        if point is not None:
            mark_contact_point(point=point, state=ContactPoint.State.DEAD, by=by, at=at)
    elif outcome.is_conversation and contact.phone_tail and contact.channel == Contact.Channel.CALL:
        points = ContactPoint.objects.filter(owner_id=contact.account.owner_id, tail=contact.phone_tail)
        point = points.exclude(state=ContactPoint.State.OTHERS).first()
        if point is not None:
            mark_contact_point(point=point, state=ContactPoint.State.GOOD, by=by, at=at)


def _advance(contact: Contact, action: Action, outcome: outcomes.Outcome, *, on: date, at: datetime, by: User) -> None:
    """A conversation makes the step effective; so does any attempt at a reminder that could not be sent."""
    is_enough = outcome.is_conversation or action.kind == rules.REMINDER
    if is_enough and action.kind in rules.CONTACTS:
        mark_effective(action=action, on=on, at=at, by=by)
    elif contact.next_on is not None:
        Action.objects.filter(pk=action.pk, state=Action.State.PLANNED).update(due_on=contact.next_on)


@transaction.atomic
def reveal_contact_point(*, point: ContactPoint, by: User, at: datetime) -> None:
    """Somebody looks at a whole number: written down with who, when and whose (R11).

    Raises `ContactRefused` for a number that turned out to be of somebody who may not be told.
    """
    if ContactPoint.objects.get(pk=point.pk).state == ContactPoint.State.OTHERS:
        raise ContactRefused(_("这是他人的号码，业主没有授权与其谈欠费，请联系业主本人。"), code="not_authorised")
    note_security_event(
        kind="phone_revealed",
        subject=str(point.owner),
        by=by,
        at=at,
        details={"contact_point": point.pk, "tail": point.tail},
    )
