"""API of the billing app: the same operations and the same verbs as the pages."""

from billing.api.bank import BankDays, BankLines, Receipts
from billing.api.facts import router
from billing.api.imports import Imports
from billing.api.late_charge import LateChargeRules, LprRates
from billing.api.occupants import Occupants
from billing.api.terms import Contracts, FeeItems, PastContacts

router.register("bank-lines", BankLines, basename="bank-line")
router.register("bank-days", BankDays, basename="bank-day")
router.register("receipts", Receipts, basename="receipt")
router.register("imports", Imports, basename="import")
router.register("fee-items", FeeItems, basename="fee-item")
router.register("contracts", Contracts, basename="contract")
router.register("late-charge-rules", LateChargeRules, basename="late-charge-rule")
router.register("lpr-rates", LprRates, basename="lpr-rate")
router.register("occupants", Occupants, basename="occupant")
router.register("past-contacts", PastContacts, basename="past-contact")
urlpatterns = router.urls
