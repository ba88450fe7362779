"""The plan of a day: what a run would do now, or what a run did, counted by step and by reason (invariant 43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from billing.models import Account
from collection.models import Action, Case, Skip, Sweep
from collection.queries.decisions import Decided, decide_all, parted
from collection.queries.facts import alike_facts, due_of
from collection.queries.newly_late import last_look
from collection.queries.openings import openings
from collection.rules import decide as d
from collection.rules import steps as s


@dataclass(frozen=True, slots=True)
class Line:
    """One household of a plan. `key`: position of the step, or code of the reason; `amount`: yuan it may be asked for."""

    account_id: int
    key: str
    title: str
    words: str
    amount: Decimal
    next_on: date | None
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Group:
    """How many households take one step, or are passed over for one reason."""

    key: str
    title: str
    count: int
    is_planned: bool


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Planned + skipped = eligible. `opened`, `closed`: cases that the run begins and ends."""

    on: date
    lines: tuple[Line, ...]
    opened: int
    closed: int

    @property
    def eligible(self) -> int:
        """Every household that was decided."""
        return len(self.lines)

    @property
    def planned(self) -> int:
        """Those that take a step."""
        return sum(line.is_planned for line in self.lines)

    @property
    def skipped(self) -> int:
        """Those that are passed over, each with its reason."""
        return self.eligible - self.planned

    @property
    def groups(self) -> list[Group]:
        """Steps in their order, then reasons by the number of their households."""
        counts = Counter((line.is_planned, line.key, line.title) for line in self.lines)
        found = [Group(key, title, count, is_planned) for (is_planned, key, title), count in counts.items()]
        return sorted(found, key=lambda g: (not g.is_planned, g.key if g.is_planned else "", -g.count, g.key))


def plan_sweep(on: date) -> DayPlan:
    """What a run of `on` would come to on the facts as they stand: nothing is locked, nothing written, ask as often as you like.

    The same selection and the same `decide` as `run_sweep`: as long as nothing changes, it does exactly this.
    """
    last = last_look()
    looked_at = Q(next_action_on__lte=on) | Q(tier_rises_on__lte=on)
    cases = list(Case.objects.filter(looked_at, state=Case.State.OPEN).order_by("account_id"))
    opened = 0
    if not last.finds_nobody(on):
        found = openings(on, since=last.since)
        for case in found.again:
            case.next_action_on = on
        cases += [*found.again, *found.fresh]
        opened = len(found.again) + len(found.fresh)
    owing, gone = parted(alike_facts(due_of(cases), on) if cases else ())
    decided = decide_all(owing, on)
    closed = sum(one.households for one in gone)
    return DayPlan(on, tuple(sorted(_lines(decided), key=lambda line: line.account_id)), opened, closed)


def _lines(decided: Decided) -> Iterable[Line]:
    for one, plan, _inputs in decided.plans:
        is_reminder = plan.step.kind in d.REMINDABLE_KINDS
        for each in one.each():
            yield Line(
                each.account_id, str(plan.step.position), plan.step.title, plan.why,
                each.remindable if is_reminder else each.pursuable, plan.look_again_on, is_planned=True,
            )  # fmt: skip
    for one, skip, _inputs in decided.skips:
        for each in one.each():
            yield Line(
                each.account_id, skip.code, d.TITLES.get(skip.code, skip.code), skip.words, each.pursuable,
                skip.look_again_on, is_planned=False,
            )  # fmt: skip


def plan_of(sweep: Sweep) -> DayPlan:
    """What a run did, from its stored decisions."""
    lines = [
        Line(
            action.account_id, str(action.position), action.step.title, action.why,
            _yuan(action.inputs, "remindable" if action.kind == s.REMINDER else "pursuable"), None, is_planned=True,
        )
        for action in Action.objects.filter(sweep=sweep).select_related("step").order_by("account_id")
    ]  # fmt: skip
    lines += [
        Line(
            skip.case.account_id, skip.code, d.TITLES.get(skip.code, skip.code), skip.words,
            _yuan(skip.inputs, "pursuable"), skip.look_again_on, is_planned=False,
        )
        for skip in Skip.objects.filter(sweep=sweep).select_related("case").order_by("case__account_id")
    ]  # fmt: skip
    return DayPlan(sweep.on, tuple(lines), sweep.opened, sweep.closed)


def households(lines: Sequence[Line]) -> list[tuple[Line, Account | None]]:
    """These lines with their rooms and owners, in one statement."""
    accounts = Account.objects.select_related("room__community", "owner").in_bulk([line.account_id for line in lines])
    return [(line, accounts.get(line.account_id)) for line in lines]


def _yuan(inputs: dict[str, str] | None, name: str) -> Decimal:
    return Decimal((inputs or {}).get(name, "0.00"))
