"""What is done about objections and instalment plans."""

from disputes.operations.agreements import approve_plan, take_agreement
from disputes.operations.disputes import DisputeRefused, add_step, raise_dispute, resolve_dispute
from disputes.operations.plans import PlanRefused, activate_plan, end_plan, propose_plan, refuse_plan
from disputes.operations.standing import settle_plans

__all__ = [
    "DisputeRefused",
    "PlanRefused",
    "activate_plan",
    "add_step",
    "approve_plan",
    "end_plan",
    "propose_plan",
    "raise_dispute",
    "refuse_plan",
    "resolve_dispute",
    "settle_plans",
    "take_agreement",
]
