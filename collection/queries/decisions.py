"""Stored decisions, and the same decisions made again from what was stored (invariant 44)."""

from __future__ import annotations

from datetime import date
from typing import Any

from collection.models import Action, Skip
from collection.queries.facts import CaseFacts
from collection.queries.strategies import as_rule, steps_of
from collection.rules import decide as d
from collection.rules.inputs import inputs_of, replay


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
