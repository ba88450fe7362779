"""What is done about objections, hardship and instalment plans."""

from disputes.operations.agreements import approve_plan, take_agreement
from disputes.operations.disputes import DisputeRefused, add_step, raise_dispute, resolve_dispute
from disputes.operations.hardship import (
    HardshipRefused,
    close_hardship,
    confirm_hardship,
    record_hardship,
    reveal_hardship,
)
from disputes.operations.plans import PlanRefused, activate_plan, end_plan, propose_plan, refuse_plan
from disputes.operations.standing import settle_plans

__all__ = [
    "DisputeRefused",
    "HardshipRefused",
    "PlanRefused",
    "activate_plan",
    "add_step",
    "approve_plan",
    "close_hardship",
    "confirm_hardship",
    "end_plan",
    "propose_plan",
    "raise_dispute",
    "record_hardship",
    "refuse_plan",
    "resolve_dispute",
    "reveal_hardship",
    "settle_plans",
    "take_agreement",
]
