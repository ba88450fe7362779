"""What objections, hardship and instalment plans can be asked."""

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
from disputes.queries.hardship import hardship_with_account, hardships_of, hardships_on
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
    "hardship_with_account",
    "hardships_of",
    "hardships_on",
    "plan_cards",
    "plan_policy",
    "plan_with_schedule",
    "plans",
    "plans_of",
    "promptness_of",
    "state_counts",
]
