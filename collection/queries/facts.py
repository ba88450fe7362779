"""Everything the daily decision looks at, for any number of cases in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case as Case_
from django.db.models import When

from arrears.queries.positions import position_statement, tier_policy
from arrears.queries.segments import company_accounts
from arrears.rules.position import Standing, blockers_of
from arrears.rules.tier import SEVERE, TierPolicy, days_to_rise, tier_of
from billing.models import Account
from collection.models import Case, Contact, Message, Notice, Step
from collection.queries.facts_sql import FACTS
from collection.queries.freshness import data_days, fresh_from
from collection.queries.strategies import as_rule, steps_of
from collection.rules import decide as d
from collection.rules import steps as s
from collection.rules.guards import CAP_SPAN
from offices.models import OfficeSettings
from offices.queries import office_settings
from offices.scoping import current_office
from offices.scoping.arrays import among, array
from offices.scoping.plans import FEW, prepared

LIVING_NOTICES = (Notice.State.PROPOSED, Notice.State.APPROVED, Notice.State.RENDERED, Notice.State.IN_TRANSIT)


@dataclass(frozen=True, slots=True)
class Due:
    """Cases as the statement of facts takes them: PostgreSQL arrays as texts, one entry for each case in the same order."""

    accounts: str
    cases: str
    strategies: str
    tiers: str
    reached: str
    reached_on: str
    deadlines: str
    looks: str
    strategy_ids: frozenset[int]
    count: int


class Household(NamedTuple):
    """One of those that are decided alike, with what a reminder and what any other step may ask of it, in yuan."""

    account_id: int
    remindable: Decimal
    pursuable: Decimal


@dataclass(frozen=True, slots=True)
class Alike:
    """Households about which `decide` can tell nothing apart, and the facts of the decision about one of them.

    `tier`, `tier_reason`: as of the day; `stored_tier`: what their cases say; `tier_rises_on`: when age may raise it next. `arrears`: yuan of one of them; all of them owe
    more than the office's tolerance, or none does. The last five are PostgreSQL arrays as texts, in the same order.
    """

    strategy_id: int
    steps: tuple[Step, ...]
    facts: d.Facts
    arrears: Decimal
    tier: str
    tier_reason: str
    stored_tier: str
    tier_rises_on: date | None
    households: int
    account_ids: str
    case_ids: str
    remindable: str
    pursuable: str
    looks: str

    def each(self) -> Iterator[Household]:
        """The households one by one."""
        columns = (self.account_ids, self.remindable, self.pursuable)
        for account_id, remindable, pursuable in zip(*(text[1:-1].split(",") for text in columns), strict=True):
            yield Household(int(account_id), Decimal(remindable), Decimal(pursuable))


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case, what it owes on the day (yuan), and the facts of the decision about it."""

    case: Case
    arrears: Decimal
    facts: d.Facts


class _Row(NamedTuple):
    strategy_id: int
    stored_tier: str
    reached: int
    reached_on: date | None
    letter_deadline_on: date | None
    oldest_due_on: date | None
    counted_days: int
    weight: Decimal
    annual: int
    quarterly: int
    is_company: bool
    is_in_hardship: bool
    is_held: bool
    is_reminder_held: bool
    is_service_disputed: bool
    is_unreconciled: bool
    waiting_kind: str | None
    waiting_by_hand: bool | None
    waiting_title: str | None
    waiting_paper: str | None
    promise_until: date | None
    postponed_to: date | None
    hold_ends_on: date | None
    contacts: list[date] | None
    community_id: int | None
    next_due_on: date | None
    arrears: Decimal
    credit: Decimal
    under_plan: Decimal
    free: Decimal
    signed: Decimal
    remindable: Decimal
    pursuable: Decimal
    households: int
    account_ids: str
    case_ids: str
    remindables: str
    pursuables: str
    looks: str


def case_facts(cases: Sequence[Case], on: date) -> list[CaseFacts]:
    """Facts of each of these cases as of `on`, in their order; some need not be stored yet."""
    if not cases:
        return []
    known = {next(one.each()).account_id: one for one in alike_facts(due_of(cases), on, apart=True)}
    return [CaseFacts(case, known[case.account_id].arrears, known[case.account_id].facts) for case in cases]


def due_of(cases: Sequence[Case]) -> Due:
    """These cases, stored or not, as the statement of facts takes them."""
    return Due(
        accounts=array(case.account_id for case in cases),
        cases=array(case.pk for case in cases),
        strategies=array(case.strategy_id for case in cases),
        tiers=array(case.tier for case in cases),
        reached=array(case.reached for case in cases),
        reached_on=array(case.reached_on for case in cases),
        deadlines=array(case.letter_deadline_on for case in cases),
        looks=array(case.next_action_on for case in cases),
        strategy_ids=frozenset(case.strategy_id for case in cases),
        count=len(cases),
    )


def alike_facts(due: Due, on: date, *, apart: bool = False) -> list[Alike]:
    """The facts of these cases as of `on`: those that `decide` cannot tell apart together, or each by itself (`apart`).

    One statement and the steps, however many cases there are.
    """
    settings, policy = office_settings(), tier_policy()
    steps = steps_of(due.strategy_ids)
    rules = {key: tuple(as_rule(step) for step in found) for key, found in steps.items()}
    fresh_on = fresh_from(on)
    days = data_days() if fresh_on else {}
    found = []
    for row in _rows(
        due, on, settings, apart=apart, bounds=d.bounds_of([step for each in rules.values() for step in each])
    ):
        tier = _tier(row, policy)
        found.append(
            Alike(
                strategy_id=row.strategy_id,
                steps=steps.get(row.strategy_id, ()),
                facts=_facts(row, rules.get(row.strategy_id, ()), tier[0], settings, fresh_on, days),
                arrears=row.arrears,
                tier=tier[0],
                tier_reason=tier[1],
                stored_tier=row.stored_tier,
                tier_rises_on=_rises_on(row, tier[0], policy, on),
                households=row.households,
                account_ids=row.account_ids,
                case_ids=row.case_ids,
                remindable=row.remindables,
                pursuable=row.pursuables,
                looks=row.looks,
            )
        )
    return found


def _rows(due: Due, on: date, settings: OfficeSettings, *, apart: bool, bounds: Sequence[Decimal]) -> list[_Row]:
    positions, asked = position_statement(on, ())
    start, end = _cap_span(on)
    facts: dict[str, Any] = asked | {
        "accounts": due.accounts,
        "cases": due.cases,
        "strategies": due.strategies,
        "tiers": due.tiers,
        "reached": due.reached,
        "reached_on": due.reached_on,
        "deadlines": due.deadlines,
        "looks": due.looks,
        "severe_from": settings.severe_from_amount,
        "tolerance": settings.tolerance,
        "rises_until": max(settings.severe_after_days, settings.company_severe_after_days or 0),
        "companies": array(company_accounts() if settings.company_severe_after_days is not None else ()),
        "is_gated": settings.fresh_days is not None,
        "bounds": array(bounds),
        "since": start,
        "until": end,
        "apart": apart,
    }
    sql = FACTS.format(positions=positions)
    with connection.cursor() as cursor:
        return [_Row(*row) for row in prepared(cursor, sql, facts, by_hash=due.count > FEW)]


def _tier(row: _Row, policy: TierPolicy) -> tuple[str, str]:
    tier = tier_of(
        days=row.counted_days,
        amount=row.weight,
        annual=row.annual,
        quarterly=row.quarterly,
        policy=policy,
        is_company=row.is_company,
        is_in_hardship=row.is_in_hardship,
    )
    return (tier.code, tier.reason) if tier else ("", "")


def _rises_on(row: _Row, tier: str, policy: TierPolicy, on: date) -> date | None:
    """The night of the next line that the days cross, or in which the next bill is late. Days that are held stand still."""
    if tier == SEVERE:
        return None
    days = None if row.is_held else days_to_rise(tier, row.counted_days, policy, is_company=row.is_company)
    nights = [on + timedelta(days=days)] if days is not None else []
    nights += [row.next_due_on + timedelta(days=1)] if row.next_due_on is not None else []
    return min(nights, default=None)


def _facts(
    row: _Row,
    steps: tuple[s.Step, ...],
    tier: str,
    settings: OfficeSettings,
    fresh_on: date | None,
    data_days: dict[int, date],
) -> d.Facts:
    return d.Facts(
        steps=steps,
        progress=s.Progress(row.reached, row.reached_on, row.letter_deadline_on, row.oldest_due_on),
        tier=tier,
        remindable=row.remindable,
        pursuable=row.pursuable,
        blockers=blockers_of(
            Standing(
                arrears=row.arrears,
                free=row.free,
                under_plan=row.under_plan,
                signed=row.signed,
                credit=row.credit,
                is_special=row.is_held,
                is_reminder_held=row.is_reminder_held,
                is_service_disputed=row.is_service_disputed,
                is_unreconciled=row.is_unreconciled,
            )
        ),
        waiting=_waiting(row),
        promise_until=row.promise_until,
        postponed_to=row.postponed_to,
        hold_ends_on=row.hold_ends_on,
        contacts=tuple(row.contacts or ()),
        weekly_cap=settings.max_contacts_per_week,
        fresh_on=fresh_on,
        data_on=data_days.get(row.community_id) if row.community_id is not None else None,
    )


def _waiting(row: _Row) -> d.Waiting | None:
    if row.waiting_kind is None:
        return None
    code = d.WAITING_FOR_PERSON
    if row.waiting_kind in s.LETTERS and row.waiting_paper not in (None, Notice.State.PROPOSED):
        code = d.WAITING_FOR_SERVICE
    elif row.waiting_kind == s.REMINDER and not row.waiting_by_hand:
        code = d.WAITING_FOR_PROVIDER
    return d.Waiting(code, row.waiting_title or "", row.waiting_kind)


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
    since, until = _cap_span(on)
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
        .exclude(fate=Message.Fate.BOUNCED)
        .annotate(reached_at=reached)
        .filter(reached_at__gte=since, reached_at__lt=until)
    )
    days: dict[int, list[date]] = defaultdict(list)
    for account, at in (*spoken.values_list("account_id", "at"), *sent.values_list("account_id", "reached_at")):
        days[owner_of[account]].append(at.astimezone(zone).date())
    return {account: days[owner] for account, owner in owner_of.items() if account in asked and owner in days}


def _cap_span(on: date) -> tuple[datetime, datetime]:
    return office_day(on - CAP_SPAN + timedelta(days=1))[0], office_day(on)[1]
