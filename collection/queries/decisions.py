"""Stored decisions, and the same decisions made again from what was stored (invariant 44)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from arrears.rules.position import Position
from collection.models import Action, Skip
from collection.queries.facts import Alike
from collection.queries.strategies import as_rule, steps_of
from collection.rules import decide as d
from collection.rules.inputs import inputs_of, replay
from offices.queries import office_settings
from offices.scoping import current_office_id

logger = logging.getLogger(__name__)
A_DAY = timedelta(days=1)


Planned = tuple[Alike, d.Plan, str]
Skipped = tuple[Alike, d.Skip, str]


@dataclass(slots=True)
class Decided:
    """What one pass over due cases came to; `plans` and `skips` together are the eligible cases (invariant 43).

    Beside each decision the beginning of its inputs as JSON, up to what every household has of its own (`OWN_INPUTS`). What
    each may be asked for is its own amount, not the plan's.
    """

    plans: list[Planned] = field(default_factory=list)
    skips: list[Skipped] = field(default_factory=list)
    faults: int = 0

    @property
    def planned(self) -> int:
        """Households that take a step."""
        return sum(one.households for one, _plan, _inputs in self.plans)

    @property
    def skipped(self) -> int:
        """Households that are passed over."""
        return sum(one.households for one, _skip, _inputs in self.skips)


def decide_all(found: Sequence[Alike], on: date) -> Decided:
    """Decide each kind of household for itself: one that cannot be decided is reported and changes no other (invariant 31).

    Facts that `decide` cannot tell apart (`signature`) are decided and written down once.
    """
    decided = Decided()
    known: dict[Any, tuple[d.Plan | d.Skip, str]] = {}
    bounds = {one.strategy_id: d.bounds_of(one.facts.steps) for one in found}
    for one in found:
        key = (one.strategy_id, d.signature(one.facts, bounds[one.strategy_id]))
        try:
            answer, shared = known.get(key) or known.setdefault(
                key, (d.decide(one.facts, on), _shared_inputs(one.facts, one.strategy_id))
            )
        except Exception:
            logger.exception("Accounts %s of office %s could not be decided", one.account_ids, current_office_id())
            decided.faults += 1
            answer, shared = d.Skip(d.FAULT, d.WORDS[d.FAULT], on + A_DAY), _shared_inputs(one.facts, one.strategy_id)
        if isinstance(answer, d.Plan):
            decided.plans.append((one, answer, shared))
        else:
            decided.skips.append((one, answer, shared))
    return decided


def _shared_inputs(facts: d.Facts, strategy_id: int) -> str:
    """The beginning of the stored inputs, up to what each household has of its own: its amounts and its day."""
    shared = {name: value for name, value in inputs_of(facts).items() if name not in ("remindable", "pursuable")}
    return json.dumps({"strategy": strategy_id, **shared}, ensure_ascii=False)[:-1] + ", "


OWN_INPUTS = """(shared || '"remindable": "' || remindable || '", "pursuable": "' || pursuable || '", "due_since": "' || look_on || '"}')::jsonb"""
"""The stored inputs of one household, as SQL over the beginning that is shared and what it has of its own."""


def parted(found: Iterable[Alike]) -> tuple[list[Alike], list[Alike]]:
    """Those who owe something beyond the office's tolerance, and those who do not."""
    tolerance, all_of_them = office_settings().tolerance, list(found)
    return [one for one in all_of_them if one.arrears > tolerance], [
        one for one in all_of_them if one.arrears <= tolerance
    ]


def settled(found: Iterable[Position]) -> set[int]:
    """The accounts among these positions that owe nothing beyond the office's tolerance."""
    tolerance = office_settings().tolerance
    return {p.account_id for p in found if p.arrears <= tolerance}


def made_again(decision: Action | Skip) -> d.Plan | d.Skip | None:
    """The decision made again from its stored inputs; None for one that was stored without (planned by hand)."""
    if decision.inputs is None:
        return None
    on: date = decision.planned_on if isinstance(decision, Action) else decision.on
    steps = steps_of([decision.inputs["strategy"]]).get(decision.inputs["strategy"], ())
    return replay(decision.inputs, [as_rule(step) for step in steps], on)
