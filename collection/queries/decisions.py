"""Stored decisions, and the same decisions made again from what was stored (invariant 44)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from arrears.rules.position import Position
from collection.models import Action, Skip
from collection.queries.facts import CaseFacts
from collection.queries.strategies import as_rule, steps_of
from collection.rules import decide as d
from collection.rules.inputs import inputs_of, replay
from offices.queries import office_settings

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Decided:
    """What one pass over due cases came to; `plans` and `skips` together are the eligible cases (invariant 43)."""

    plans: list[tuple[CaseFacts, d.Plan]] = field(default_factory=list)
    skips: list[tuple[CaseFacts, d.Skip]] = field(default_factory=list)
    faults: int = 0


def decide_all(found: Sequence[CaseFacts], on: date) -> Decided:
    """Decide each case for itself: one that cannot be decided is reported and changes no other (invariant 31)."""
    decided = Decided()
    for one in found:
        try:
            answer = d.decide(one.facts, on)
        except Exception:
            logger.exception("Case %s of office %s could not be decided", one.case.pk, one.case.office_id)
            decided.faults += 1
            answer = d.Skip(d.FAULT, d.WORDS[d.FAULT], on + timedelta(days=1))
        if isinstance(answer, d.Plan):
            decided.plans.append((one, answer))
        else:
            decided.skips.append((one, answer))
    return decided


def settled(found: Iterable[Position]) -> set[int]:
    """The accounts among these positions that owe nothing beyond the office's tolerance."""
    tolerance = office_settings().tolerance
    return {p.account_id for p in found if p.arrears <= tolerance}


def stored_inputs(one: CaseFacts) -> dict[str, Any]:
    """What is written beside a decision: its facts, the strategy version, and since when the case was due."""
    return {
        "strategy": one.case.strategy_id,
        "due_since": one.case.next_action_on.isoformat(),
        **inputs_of(one.facts),
    }


def made_again(decision: Action | Skip) -> d.Plan | d.Skip | None:
    """The decision made again from its stored inputs; None for one that was stored without (planned by hand)."""
    if decision.inputs is None:
        return None
    on: date = decision.planned_on if isinstance(decision, Action) else decision.on
    steps = steps_of([decision.inputs["strategy"]]).get(decision.inputs["strategy"], ())
    return replay(decision.inputs, [as_rule(step) for step in steps], on)
