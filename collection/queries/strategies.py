"""Which strategy is in force, and its steps as the rules know them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from collection.models import Step, Strategy
from collection.rules import steps as rules


def current_strategy(on: date) -> Strategy | None:
    """The published version in force on `on`; cases opened that day begin with it."""
    return (
        Strategy.objects.filter(published_at__isnull=False, effective_on__lte=on)
        .order_by("-effective_on", "-version")
        .first()
    )


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
    )


def steps_of(strategy_ids: Iterable[int]) -> dict[int, tuple[Step, ...]]:
    """The steps of these strategies in their order, by strategy."""
    found: dict[int, list[Step]] = defaultdict(list)
    for step in Step.objects.filter(strategy_id__in=set(strategy_ids)).order_by("strategy_id", "position"):
        found[step.strategy_id].append(step)
    return {strategy_id: tuple(steps) for strategy_id, steps in found.items()}
