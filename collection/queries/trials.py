"""A strategy tried on today's cases: which would change and how, computed as a run would, writing nothing."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from billing.models import Account
from collection.models import Action, Case, Message, Notice, Strategy
from collection.queries.facts import LIVING_NOTICES, CaseFacts, case_facts
from collection.queries.strategies import chosen_for, rules_of, scopes_on
from collection.rules import trial as t
from offices.queries import office_settings

_LEFT = (Message.State.SENDING, Message.State.SENT, Message.State.UNKNOWN)
_ORDER = {effect: rank for rank, effect in enumerate(t.EFFECTS)}


@dataclass(frozen=True, slots=True)
class Line:
    """One case and what becomes of it."""

    case: Case
    move: t.Move


@dataclass(frozen=True, slots=True)
class Trial:
    """Every open case that would get the strategy, those that change most first.

    `looked_at`: open cases of other versions, whether they would get it or not.
    """

    lines: tuple[Line, ...]
    looked_at: int

    @property
    def changed(self) -> tuple[Line, ...]:
        """The cases whose next step or its day would be another one."""
        return tuple(line for line in self.lines if line.move.effect != t.SAME)

    @property
    def moving(self) -> tuple[Line, ...]:
        """The cases that can go over now."""
        return tuple(line for line in self.lines if line.move.fate != t.STAYS)

    @property
    def staying(self) -> tuple[Line, ...]:
        """The cases that have something under way which the new version has no place for."""
        return tuple(line for line in self.lines if line.move.fate == t.STAYS)

    @property
    def effects(self) -> dict[str, int]:
        """How many cases by effect, in the order of `EFFECTS`; effects that none has are left out."""
        found = Counter(line.move.effect for line in self.lines)
        return {effect: found[effect] for effect in t.EFFECTS if found[effect]}

    @property
    def fingerprint(self) -> str:
        """Two trials with the same fingerprint move the same cases to the same positions in the same way."""
        text = ";".join(f"{line.case.pk}:{line.move.position}:{line.move.fate}" for line in self.lines)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def trial(to: Strategy, on: date, *, of: Strategy | None = None, lock: bool = False) -> Trial:
    """`to` (draft or published) tried on the open cases of other versions, or only on those of one version, `of`.

    Looked at as though it were in force already. A fixed number of statements, however many cases there are.
    `lock`: the cases stay as they are until the transaction ends.
    """
    cases = Case.objects.filter(state=Case.State.OPEN).exclude(strategy=to)
    if of is not None:
        cases = cases.filter(strategy=of)
    wanted = cases.order_by("account_id")
    found = list(wanted.select_for_update() if lock else wanted)
    tolerance = office_settings().tolerance
    facts = [one for one in case_facts(found, on) if one.arrears > tolerance]
    owed = {one.case.account_id: one.arrears for one in facts}
    chosen = chosen_for(owed, scopes_on(on, as_if=to), on)
    facts = [one for one in facts if chosen.get(one.case.account_id) == to.pk]
    lines = _lines(facts, cases, to, on)
    lines.sort(key=lambda line: (_ORDER[line.move.effect], line.case.account_id))
    return Trial(tuple(lines), len(found))


def _lines(facts: Sequence[CaseFacts], cases: QuerySet[Case], to: Strategy, on: date) -> list[Line]:
    steps = rules_of(to.pk)
    effective, under_way = _effective(cases), open_steps(cases)
    return [
        Line(
            one.case,
            t.move(
                one.facts,
                steps,
                effective=effective.get(one.case.pk, {}),
                open_step=under_way.get(one.case.pk),
                looks_on=one.case.next_action_on,
                on=on,
            ),
        )
        for one in facts
    ]


def _effective(cases: QuerySet[Case]) -> dict[int, dict[str, int]]:
    rows = (
        Action.objects.filter(case__in=cases, state=Action.State.EFFECTIVE)
        .order_by()
        .values_list("case_id", "kind")
        .annotate(count=Count("pk"))
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for case_id, kind, count in rows:
        found[case_id][kind] = count
    return found


def open_steps(cases: QuerySet[Case]) -> dict[int, t.OpenStep]:
    """What each of these cases has planned and not finished, by case."""
    planned = Action.objects.filter(case__in=cases, state=Action.State.PLANNED).order_by()
    fixed = set(Notice.objects.filter(case__in=cases, state__in=LIVING_NOTICES).values_list("action_id", flat=True))
    fixed |= set(Message.objects.filter(action__in=planned, state__in=_LEFT).values_list("action_id", flat=True))
    return {
        case_id: t.OpenStep(kind, action_id in fixed)
        for action_id, case_id, kind in planned.values_list("pk", "case_id", "kind")
    }


def rooms_of(lines: Iterable[Line]) -> dict[int, Account]:
    """The accounts of some lines, with room and community, for a page of them."""
    ids = [line.case.account_id for line in lines]
    return {a.pk: a for a in Account.objects.filter(pk__in=ids).select_related("room__community")}


def versions_to_migrate(to: Strategy) -> list[tuple[Strategy, int]]:
    """The other published versions that still have open cases, with how many."""
    rows = (
        Strategy.objects.filter(cases__state=Case.State.OPEN)
        .exclude(pk=to.pk)
        .annotate(open_cases=Count("cases"))
        .order_by("name", "version")
    )
    return [(row, row.open_cases) for row in rows]
