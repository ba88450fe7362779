"""Putting a strategy in force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from collection.models import Step, Strategy
from collection.rules.steps import DEFAULT_STEPS
from offices.models import User
from offices.operations import Refusal

DEFAULT_NAME = "默认策略"


class NoStrategy(Refusal):
    """The office has not put any strategy in force."""

    code = "no_strategy"


@transaction.atomic
def ensure_default_strategy(*, by: User | None, at: datetime) -> Strategy:
    """The office's default strategy, put in force on the day of `at` unless it stands already.

    Two who ask at once get the same row: the version is unique per office.
    """
    strategy, is_new = Strategy.objects.get_or_create(
        name=DEFAULT_NAME,
        version=1,
        defaults={"effective_on": at.date(), "published_at": at, "published_by": by},
    )
    if is_new:
        Step.objects.bulk_create(
            Step(
                strategy=strategy,
                position=step.position,
                kind=step.kind,
                title=step.title,
                after_days=step.after_days,
                after_days_urgent=step.after_days_urgent,
                counts_from_deadline=step.counts_from_deadline,
                channels=list(step.channels),
                minimum=step.minimum,
                role=step.role,
                approver=step.approver,
                task=step.task,
            )
            for step in DEFAULT_STEPS
        )
    return strategy
