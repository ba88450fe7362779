"""One household for the person who is about to speak with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arrears.queries import bill_lines, position
from arrears.rules.ageing import BUCKETS
from arrears.rules.position import BillPosition, Position
from billing.models import Account, ContactPoint, Occupant, Payment
from billing.queries import special_cases_of
from collection.models import Action, Case, Contact, Message, Notice, Promise, Service
from collection.queries.facts import contact_days, office_day
from collection.queries.freshness import stale_communities
from collection.queries.hours import contact_hours, preferences, visit_objection
from collection.queries.reminders import UNUSABLE, bearers, letterhead
from collection.queries.scripts import Spoken, talk_for
from collection.queries.wording import month_day
from collection.queries.work.day import flags_of
from collection.queries.work.parts import STAGES, Event, Household, PhoneLine
from collection.rules import channels, outcomes, places, reasons, scripts
from collection.rules import steps as s
from collection.rules.guards import call_refusal, cap_lifts_on
from offices.queries import office_settings
from offices.scoping import current_office

EVENTS = 8
VISITS = frozenset({s.FOLLOW_UP, s.FORMAL, s.FINAL})  # steps that bring somebody to the door
STATE_WORDS = {
    ContactPoint.State.UNVERIFIED: gettext_lazy("未核实"),
    ContactPoint.State.GOOD: gettext_lazy("有效"),
    ContactPoint.State.DEAD: gettext_lazy("号码已失效"),
    ContactPoint.State.REFUSED: gettext_lazy("不接受来电"),
    ContactPoint.State.OTHERS: gettext_lazy("他人号码，未获授权"),
}


def household(account_id: int, *, on: date, at: datetime) -> Household:
    """Raises `Account.DoesNotExist` for an id that is not this office's."""
    account = Account.objects.select_related("room__community", "owner").get(pk=account_id)
    case = Case.objects.filter(account=account).order_by("-cycle").first()
    action = (
        Action.objects.filter(account=account, state=Action.State.PLANNED)
        .select_related("step")
        .order_by("position")
        .first()
    )
    notice = Notice.objects.filter(account=account, state=Notice.State.RENDERED).order_by("-id").first()
    promise = Promise.objects.filter(account=account, state=Promise.State.OPEN).first()
    where, lines = position(account_id, on), bill_lines([account_id], on)
    late = [line for line in lines if line.arrears > 0]
    contacts = Contact.objects.filter(account=account)
    last = contacts.order_by("-at").first()
    talk = _talk(account, where, action, on)
    refusal = _held(account, where, action, on) or _may_not_call(account_id, on, at, promise)
    return Household(
        account_id=account.pk,
        case_id=case.pk if case else None,
        action_id=action.pk if action else None,
        notice_id=notice.pk if notice else None,
        notice_number=notice.number if notice else "",
        room=str(account.room),
        community=account.room.community.name,
        area=account.room.area,
        usage=account.room.get_residence_display(),
        owner=account.owner.name,
        phones=_phones(account),
        occupants=tuple(Occupant.objects.filter(account=account, left_on=None)),
        tags=flags_of(where, promise),
        pursuable=where.pursuable,
        arrears=where.arrears,
        open_amount=where.open_amount,
        contested=where.contested,
        held=where.special,
        period_from=min((line.period_start for line in late), default=None),
        period_to=max((line.period_end for line in late), default=None),
        periods_owed=where.periods_owed,
        monthly_fee=lines[-1].billed if lines else None,
        contacts=contacts.count(),
        last_contact_at=last.at if last else None,
        buckets=_buckets(late),
        tier=where.tier,
        tier_reason=where.tier_reason,
        stage=STAGES.get(action.kind, "") if action else "",
        why=action.why if action else "",
        script=talk.words if talk else "",
        script_origin=talk.origin if talk else "",
        reason=_(reasons.LABELS[talk.reason]) if talk else "",
        reminder=scripts.AVOID,
        ask_back=_ask_back(account, on),
        may_call=not refusal,
        may_not_call=refusal,
        may_not_visit=visit_objection(account_id, at) if action is not None and action.kind in VISITS else "",
        default_promise=where.pursuable or where.arrears,
        events=_events(account, case),
        specials=tuple(line for line in special_cases_of(account, on) if line.is_active or line.is_unpaid),
    )


def _phones(account: Account) -> tuple[PhoneLine, ...]:
    points = ContactPoint.objects.filter(owner_id=account.owner_id, kind=ContactPoint.Kind.PHONE).order_by("rank", "id")
    return tuple(
        PhoneLine(
            contact_point_id=point.pk,
            masked=f"{point.value[:3]} **** {point.value[-4:]}" if len(point.value) >= 8 else "****",
            tail=point.tail,
            label=str(STATE_WORDS[ContactPoint.State(point.state)]),
            usable=point.state not in UNUSABLE,
        )
        for point in points
    )


def _ask_back(account: Account, on: date) -> str:
    bearer = letterhead()(account.room.community.name, str(account.room), None, on)
    return scripts.ask_back(bearer, account.owner.name)


def _held(account: Account, where: Position, action: Action | None, on: date) -> str:
    """A special case, or money data that is too old: then nobody rings about more than a reminder."""
    is_reminder = action is not None and action.kind == s.REMINDER
    if "special_case_reminder" in where.blockers or ("special_case" in where.blockers and not is_reminder):
        return _("特殊情况正在核实，核实清楚前不催缴。")
    stale = {each.community_id for each in stale_communities(on)}
    if account.room.community_id in stale and not is_reminder:
        return _("账单或流水已过新鲜期，先导入并核对到账，再联系业主。")
    return ""


def _may_not_call(account_id: int, on: date, at: datetime, promise: Promise | None) -> str:
    """Why nobody should ring now; empty when one may."""
    settings = office_settings()
    if promise is not None and on < promise.promised_on - timedelta(days=1):
        return _("业主承诺 %s 前缴纳，到期前不打扰。") % month_day(promise.promised_on)
    wish = preferences([account_id]).get(account_id)
    since, until = office_day(on)
    today = list(
        Contact.objects.filter(
            account_id=account_id, channel=Contact.Channel.CALL, at__gte=since, at__lt=until
        ).values_list("reached", flat=True)
    )
    return call_refusal(
        at.astimezone(ZoneInfo(current_office().time_zone)),
        hours=contact_hours(channels.CALL, wish),
        is_unwanted=wish is not None and channels.CALL in wish.refused,
        attempts_today=today.count(False),
        conversations_today=today.count(True),
        cap_lifts=cap_lifts_on(contact_days([account_id], on).get(account_id, ()), on, settings.max_contacts_per_week),
    )


def _talk(account: Account, where: Position, action: Action | None, on: date) -> Spoken | None:
    if where.remindable <= 0 and where.pursuable <= 0:
        return None
    bearer = bearers([account.pk], on, for_reminder=where.pursuable <= 0)[account.pk]
    is_visit = action is not None and action.kind in VISITS
    return talk_for(account, tier=where.tier, channel=places.VISIT if is_visit else places.CALL, bearer=bearer)


def _buckets(late: Sequence[BillPosition]) -> tuple[dict[str, Any], ...]:
    total = sum((line.arrears for line in late), Decimal("0.00"))
    found = []
    for bucket in BUCKETS:
        amount = sum((line.arrears for line in late if line.bucket == bucket.code), Decimal("0.00"))
        if amount > 0:
            found.append({"label": bucket.label, "amount": amount, "share": round(100 * amount / total, 1)})
    return tuple(found)


def _events(account: Account, case: Case | None) -> tuple[Event, ...]:
    """The latest few of everything, newest first."""
    zone = ZoneInfo(current_office().time_zone)
    found = [*_contacts(account), *_messages(account), *_payments(account), *_promises(account), *_letters(account)]
    if case is not None:
        found.append(Event(case.opened_on, "tier", _("进入催缴流程"), text=case.entry_reason))

    def when(event: Event) -> datetime:
        return event.at if isinstance(event.at, datetime) else datetime.combine(event.at, time(12), tzinfo=zone)

    return tuple(sorted(found, key=when, reverse=True)[:EVENTS])


def _contacts(account: Account) -> Iterable[Event]:
    for row in Contact.objects.filter(account=account).select_related("by").order_by("-at")[:EVENTS]:
        outcome = outcomes.BY_CODE[row.outcome]
        kind = "visit" if row.channel == Contact.Channel.VISIT else "call"
        text = "；".join(filter(None, (row.owner_words, row.explanation, row.note)))
        yield Event(row.at, kind, f"{row.get_channel_display()}：{outcome.label}", str(row.by or ""), text)


def _messages(account: Account) -> Iterable[Event]:
    shown = (Message.State.SENT, Message.State.UNKNOWN, Message.State.FAILED)
    for row in Message.objects.filter(account=account, state__in=shown).order_by("-queued_at")[:EVENTS]:
        yield Event(
            row.sent_at or row.queued_at,
            "message",
            f"{row.get_channel_display()}{row.standing}",
            text=row.body,
        )


def _payments(account: Account) -> Iterable[Event]:
    for row in Payment.objects.filter(account=account).order_by("-value_on", "-id")[:EVENTS]:
        kind = "payment" if row.amount > 0 else "reversal"
        yield Event(
            row.value_on,
            kind,
            _("%(kind)s %(amount)s 元") % {"kind": row.get_kind_display(), "amount": row.amount},
            text=row.payer,
        )


def _promises(account: Account) -> Iterable[Event]:
    for row in Promise.objects.filter(account=account).order_by("-id")[:EVENTS]:
        gaps = {"day": month_day(row.promised_on), "amount": row.amount, "state": row.get_state_display()}
        title = _("承诺 %(day)s 缴 %(amount)s 元：%(state)s") % gaps
        yield Event(row.settled_on or row.made_on, "promise", title)


def _letters(account: Account) -> Iterable[Event]:
    for row in Notice.objects.filter(account=account).exclude(number="").order_by("-id")[:EVENTS]:
        yield Event(
            row.approved_at or row.proposed_at,
            "notice",
            f"{row.get_kind_display()} {row.number}：{row.get_state_display()}",
        )
    served = Service.objects.filter(notice__account=account).select_related("by", "notice").order_by("-at")[:EVENTS]
    for service in served:
        title = f"{service.get_method_display()}：{service.get_outcome_display()}"
        yield Event(service.at, "service", title, str(service.by or ""), service.notice.number)
