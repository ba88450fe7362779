"""Everything the daily decision looks at, for many cases in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case as Case_
from django.db.models import When
from django.db.models.expressions import RawSQL

from arrears.queries import positions
from arrears.rules.position import Position
from billing.models import Account, SpecialCase
from collection.models import Action, Case, Contact, Message, Notice, Promise, Step
from collection.queries.freshness import data_days, fresh_from
from collection.queries.strategies import as_rule, steps_of
from collection.rules import decide as d
from collection.rules import steps as s
from collection.rules.guards import CAP_SPAN
from offices.queries import office_settings
from offices.scoping import current_office

LIVING_NOTICES = (Notice.State.PROPOSED, Notice.State.APPROVED, Notice.State.RENDERED, Notice.State.IN_TRANSIT)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case, its position, and the facts of the decision about it."""

    case: Case
    position: Position
    facts: d.Facts
    steps: tuple[Step, ...]


def case_facts(cases: Sequence[Case], on: date) -> list[CaseFacts]:
    """Facts of these cases as of `on`. About ten statements, however many cases there are."""
    if not cases:
        return []
    accounts = [case.account_id for case in cases]
    settings = office_settings()
    steps = steps_of(case.strategy_id for case in cases)
    rules = {key: tuple(as_rule(step) for step in found) for key, found in steps.items()}
    standing = {p.account_id: p for p in positions(on, accounts)}
    waiting = _waiting(accounts)
    promises = _promises(accounts)
    postponed = _postponed(accounts, on)
    holds = _hold_ends(accounts, on)
    contacts = contact_days(accounts, on)
    fresh_on = fresh_from(on)
    days = data_days() if fresh_on else {}
    homes = (
        dict(Account.objects.filter(pk__in=among(accounts)).values_list("pk", "room__community_id")) if fresh_on else {}
    )
    found = []
    for case in cases:
        position = standing.get(case.account_id) or Position(account_id=case.account_id, on=on)
        facts = d.Facts(
            steps=rules.get(case.strategy_id, ()),
            progress=progress_of(case, position),
            tier=position.tier,
            remindable=position.remindable,
            pursuable=position.pursuable,
            blockers=position.blockers,
            waiting=waiting.get(case.pk),
            promise_until=promises.get(case.account_id),
            postponed_to=postponed.get(case.account_id),
            hold_ends_on=holds.get(case.account_id),
            contacts=tuple(contacts.get(case.account_id, ())),
            weekly_cap=settings.max_contacts_per_week,
            fresh_on=fresh_on,
            data_on=days.get(homes[case.account_id]) if fresh_on else None,
        )
        found.append(CaseFacts(case, position, facts, steps.get(case.strategy_id, ())))
    return found


def among(ids: Iterable[int]) -> RawSQL:
    """`field__in=among(ids)`: one parameter whatever their number, where a list would be one each."""
    return RawSQL("SELECT unnest(%s::bigint[])", (list(ids),))


def progress_of(case: Case, position: Position) -> s.Progress:
    """How far the case has come, as the rules take it."""
    return s.Progress(
        reached=case.reached,
        reached_on=case.reached_on,
        letter_deadline_on=case.letter_deadline_on,
        oldest_due_on=position.oldest_due_on,
    )


def business_day(at: datetime) -> date:
    """The date of an instant in the office's zone."""
    return at.astimezone(ZoneInfo(current_office().time_zone)).date()


def office_day(day: date) -> tuple[datetime, datetime]:
    """First instant of a business day, and of the one after it, in the office's zone."""
    zone = ZoneInfo(current_office().time_zone)
    start = datetime.combine(day, time.min, tzinfo=zone)
    return start, datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)


def contact_days(accounts: Iterable[int], on: date) -> dict[int, list[date]]:
    """The days of the last week on which an account's owner was really reached: conversations and messages (S38).

    Over every account and channel of the same owner (invariant 35); a message that is leaving or whose end is unclear
    counts as well. Three statements, however many accounts there are.
    """
    zone = ZoneInfo(current_office().time_zone)
    since, until = office_day(on - CAP_SPAN + timedelta(days=1))[0], office_day(on)[1]
    asked = set(accounts)
    owners = Account.objects.filter(pk__in=among(asked)).values("owner_id")
    owner_of = dict(Account.objects.filter(owner_id__in=owners).values_list("pk", "owner_id"))
    spoken = Contact.objects.filter(
        account_id__in=among(owner_of), reached=True, corrects=None, at__gte=since, at__lt=until
    )
    reached = Case_(
        When(state=Message.State.SENT, then="sent_at"),
        When(state__in=(Message.State.SENDING, Message.State.UNKNOWN), then="cleared_at"),
    )
    sent = (
        Message.objects.filter(account_id__in=among(owner_of))
        .annotate(reached_at=reached)
        .filter(reached_at__gte=since, reached_at__lt=until)
    )
    days: dict[int, list[date]] = defaultdict(list)
    for account, at in (*spoken.values_list("account_id", "at"), *sent.values_list("account_id", "reached_at")):
        days[owner_of[account]].append(at.astimezone(zone).date())
    return {account: days[owner] for account, owner in owner_of.items() if account in asked and owner in days}


def _waiting(accounts: list[int]) -> dict[int, d.Waiting]:
    actions = Action.objects.filter(account_id__in=among(accounts), state=Action.State.PLANNED)
    rows = list(actions.values_list("pk", "case_id", "kind", "by_hand", "step__title"))
    if not rows:
        return {}
    printed = dict(
        Notice.objects.filter(account_id__in=among(accounts), state__in=LIVING_NOTICES).values_list(
            "action_id", "state"
        )
    )
    found = {}
    for pk, case_id, kind, is_by_hand, title in rows:
        code = d.WAITING_FOR_PERSON
        if kind in s.LETTERS and printed.get(pk, Notice.State.PROPOSED) != Notice.State.PROPOSED:
            code = d.WAITING_FOR_SERVICE
        elif kind == s.REMINDER and not is_by_hand:
            code = d.WAITING_FOR_PROVIDER
        found[case_id] = d.Waiting(code, title, kind)
    return found


def _promises(accounts: list[int]) -> dict[int, date]:
    rows = Promise.objects.filter(account_id__in=among(accounts), state=Promise.State.OPEN)
    return {p.account_id: p.promised_on + timedelta(days=p.grace_days) for p in rows}


def _postponed(accounts: list[int], on: date) -> dict[int, date]:
    latest = (
        Contact.objects.filter(account_id__in=among(accounts))
        .order_by("account_id", "-at", "-id")
        .distinct("account_id")
    )
    return {
        account: day for account, day in latest.values_list("account_id", "next_on") if day is not None and day > on
    }


def _hold_ends(accounts: list[int], on: date) -> dict[int, date]:
    ends: dict[int, list[date | None]] = defaultdict(list)
    covering = SpecialCase.objects.filter(account_id__in=among(accounts), starts_on__lte=on).exclude(
        ends_before__lte=on
    )
    for account, end in covering.values_list("account_id", "ends_before"):
        ends[account].append(end)
    return {account: max(day for day in days if day) for account, days in ends.items() if all(days)}
