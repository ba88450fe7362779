"""违约金 in the books: posted by period, paid and waived by rows of their own. Never part of a bill's principal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.money import Bill, Payment
from billing.models.people import Account
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User


class ChargeWaiver(OfficeModel):
    """减免违约金: asked for by one person and decided by another, for one bill or the whole account. Counts when approved."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审批")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")

    account = OfficeForeignKey(Account, related_name="charge_waivers")
    bill = OfficeForeignKey(Bill, null=True, related_name="charge_waivers")
    amount = models.DecimalField(_("减免金额"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("理由"), max_length=200)
    evidence = OfficeForeignKey(StoredFile, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="waiver_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(proposed_by=models.F("decided_by")),
                name="waiver_needs_two_people",
            ),
        ]


class ChargeEntry(OfficeModel):
    """One line in the late charge of a bill. Never changed; its sum is what is due before payments.

    POSTED: what the days after the entry before, up to `until_on`, cost. CORRECTION: what facts that became known later
    (a back-dated payment, a reversal, a hold, a reduction) change up to that day. WAIVED: taken off by a waiver.
    """

    class Kind(models.TextChoices):
        POSTED = "posted", _("计收")
        CORRECTION = "correction", _("更正")
        WAIVED = "waived", _("减免")

    bill = OfficeForeignKey(Bill, related_name="charge_entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    until_on = models.DateField(help_text="The last day charged; with the bill it names the period.")
    nth = models.PositiveSmallIntegerField(
        default=0, help_text="0 for the posting of a period; 1, 2, … for what is corrected or waived."
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    booked_on = models.DateField(help_text="The business day of the entry, for views of past days.")
    waiver = OfficeForeignKey(ChargeWaiver, null=True, related_name="entries")
    booked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    booked_at = models.DateTimeField()

    class Meta:
        ordering = ["bill", "until_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "bill", "until_on", "kind", "nth"], name="charge_once_per_period"
            ),
            models.CheckConstraint(condition=~models.Q(amount=0), name="charge_entry_not_zero"),
            models.CheckConstraint(
                condition=~models.Q(kind="posted") | models.Q(nth=0), name="one_posting_per_bill_and_period"
            ),
        ]


class ChargePayment(OfficeModel):
    """How much of a payment settles the late charge of which bill (民法典 561). Taken back by a negative row, `nth` + 1."""

    payment = OfficeForeignKey(Payment, related_name="charge_payments")
    bill = OfficeForeignKey(Bill, related_name="charge_payments")
    account = OfficeForeignKey(Account, related_name="+")
    nth = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    value_on = models.DateField(
        help_text="From this day it counts: the payment's value date, or the day it was taken back."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "payment", "bill", "nth"], name="charge_payment_once"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="charge_payment_not_zero"),
        ]
        indexes = [models.Index(fields=["office", "account", "value_on"], name="charge_paid_by_account")]
