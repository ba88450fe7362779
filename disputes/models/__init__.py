"""Tables of the disputes app: objections, hardship, and agreements to pay in instalments."""

from disputes.models.disputes import Dispute, DisputedBill, DisputeStep
from disputes.models.hardship import HardshipReview
from disputes.models.plans import CoveredBill, Instalment, InstalmentPlan

__all__ = ["CoveredBill", "Dispute", "DisputeStep", "DisputedBill", "HardshipReview", "Instalment", "InstalmentPlan"]
