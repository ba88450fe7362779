"""What objections and instalment plans can be asked."""

from disputes.queries.disputes import (
    BoardColumn,
    ContestableLine,
    DisputeCard,
    board,
    cards,
    contestable_lines,
    dispute_with_course,
    disputes,
    promptness_of,
    state_counts,
)
from disputes.queries.plans import (
    PlanCard,
    coverable_lines,
    plan_cards,
    plan_policy,
    plan_with_schedule,
    plans,
    plans_of,
)

__all__ = [
    "BoardColumn",
    "ContestableLine",
    "DisputeCard",
    "PlanCard",
    "board",
    "cards",
    "contestable_lines",
    "coverable_lines",
    "dispute_with_course",
    "disputes",
    "plan_cards",
    "plan_policy",
    "plan_with_schedule",
    "plans",
    "plans_of",
    "promptness_of",
    "state_counts",
]
