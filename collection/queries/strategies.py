"""Which strategies are in force, which one a household gets, and their steps as the rules know them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from arrears.queries import segments
from billing.models import Account
from collection.models import Case, Step, Strategy
from collection.rules import steps as rules
from collection.rules.strategies import Scope, choose, in_force
from offices.scoping.rows import rows_of


def strategies() -> QuerySet[Strategy]:
    """Every version with the number of its open cases, newest first within each name; drafts before all."""
    return (
        Strategy.objects.select_related("community", "published_by")
        .annotate(open_cases=Count("cases", filter=Q(cases__state=Case.State.OPEN)))
        .order_by("name", "-version")
    )


def current_strategy(on: date) -> Strategy | None:
    """The version in force on `on` for every household that no more specific one is for."""
    found = choose(scopes_on(on), community_id=None, segments=())
    return Strategy.objects.filter(pk=found.id).first() if found else None


def scope_of(strategy: Strategy) -> Scope:
    """A version as the rule that chooses takes it."""
    return Scope(
        id=strategy.pk,
        name=strategy.name,
        version=strategy.version,
        effective_on=strategy.effective_on,
        community_id=strategy.community_id,
        segment=strategy.segment,
        ended_on=strategy.ended_on,
    )


def scopes_on(on: date, *, as_if: Strategy | None = None) -> tuple[Scope, ...]:
    """What is in force on `on`; `as_if`: as though this version were published and had begun, in its name's place."""
    scopes = [scope_of(each) for each in Strategy.objects.filter(published_at__isnull=False)]
    if as_if is not None:
        scopes = [scope for scope in scopes if scope.name != as_if.name]
    found = in_force(scopes, on)
    return found if as_if is None else (*found, scope_of(as_if))


def chosen_for(owed: Mapping[int, Decimal], scopes: Iterable[Scope], on: date) -> dict[int, int]:
    """The strategy that each account gets, of those in force; accounts that none fits are left out.

    `owed`: arrears in yuan by account. Two statements, and none while a single strategy is for everybody.
    """
    scopes, ids = tuple(scopes), list(owed)
    if all(scope.community_id is None and not scope.segment for scope in scopes):
        everybody = choose(scopes, community_id=None, segments=())
        return dict.fromkeys(ids, everybody.id) if everybody else {}
    homes = Account.objects.filter(pk__in=ids).values_list("pk", "room__community_id")
    groups = segments(on, owed, ids)
    found = {}
    for account_id, community_id in homes:
        scope = choose(scopes, community_id=community_id, segments=groups[account_id])
        if scope is not None:
            found[account_id] = scope.id
    return found


def strategies_for(owed: Mapping[int, Decimal], on: date) -> dict[int, int]:
    """Which published version a case opened on `on` begins with, by account; `owed`: arrears in yuan by account."""
    return chosen_for(owed, scopes_on(on), on)


def as_rule(step: Step) -> rules.Step:
    """A stored step as the pure rules take it."""
    return rules.Step(
        position=step.position,
        kind=step.kind,
        title=step.title,
        after_days=step.after_days,
        after_days_urgent=step.after_days_urgent,
        counts_from_deadline=step.counts_from_deadline,
        channels=tuple(step.channels),
        minimum=step.minimum,
        role=step.role,
        approver=step.approver,
        task=step.task,
        template=step.template,
        script=step.script,
        tiers=tuple(step.tiers),
        entry_tiers=tuple(step.entry_tiers),
        weekly_cap=step.weekly_cap,
        deadline_days=step.deadline_days,
    )


def steps_of(strategy_ids: Iterable[int]) -> dict[int, tuple[Step, ...]]:
    """The steps of these strategies in their order, by strategy."""
    asked = frozenset(strategy_ids)
    found: dict[int, list[Step]] = defaultdict(list)
    for step in sorted(rows_of(Step), key=lambda step: step.position):
        if step.strategy_id in asked:
            found[step.strategy_id].append(step)
    return {strategy_id: tuple(steps) for strategy_id, steps in found.items()}


def rules_of(strategy_id: int) -> tuple[rules.Step, ...]:
    """The steps of one strategy as the pure rules take them."""
    return tuple(as_rule(step) for step in steps_of([strategy_id]).get(strategy_id, ()))
