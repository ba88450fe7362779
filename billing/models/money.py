"""Bills, reductions, payments and their allocation. Amounts in yuan; corrections are new rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.imports import BankLine, ImportBatch, kept_batch
from billing.models.people import Account
from offices.models import OfficeForeignKey, OfficeModel, StoredFile, User, implied_office


class FeeItem(OfficeModel):
    """收费项目: property fee, parking, …"""

    name = models.CharField(_("收费项目"), max_length=40)
    unit_rate = models.DecimalField(_("单价"), max_digits=10, decimal_places=4, null=True)
    cycle_months = models.PositiveSmallIntegerField(_("计费周期（月）"), null=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    batch = OfficeForeignKey(ImportBatch, null=True, related_name="fee_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="fee_item_once")]

    def __str__(self) -> str:
        return self.name


class Bill(OfficeModel):
    """What one account owes for one item and one period. The principal is never recomputed (domain 4.1)."""

    office = implied_office()
    account = OfficeForeignKey(Account, related_name="bills", by_statement=True)
    fee_item = OfficeForeignKey(FeeItem, related_name="bills", by_statement=True)
    period_start = models.DateField()
    period_end = models.DateField(help_text="Last day of the period, inclusive.")
    due_on = models.DateField(_("缴费截止日"))
    amount = models.DecimalField(_("应收"), max_digits=14, decimal_places=2)
    batch = kept_batch(null=True, related_name="bills")
    row_no = models.PositiveIntegerField(null=True)
    is_reconciled = models.BooleanField(
        default=False, help_text="Its batch was signed off by name (S3); else no notice."
    )
    voided_at = models.DateTimeField(null=True)
    billed_on = models.DateField(help_text="Day on which the bill entered the books.")

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                # voided ones keep the moment of it beside them, so that this is an index over all bills of an account, too
                fields=["office", "account", "fee_item", "period_start", "period_end", "voided_at"],
                name="one_bill_per_period",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="bill_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(period_end__gte=models.F("period_start")), name="bill_period_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["office", "batch"], name="idx_billing_bill_batch_id"),
            models.Index(fields=["office", "fee_item", "period_start", "period_end"], name="bill_periods"),
        ]


class Adjustment(OfficeModel):
    """A reduction of one bill, as a row of its own, never netted away (S8). Counts when approved."""

    class Kind(models.TextChoices):
        VACANCY = "vacancy", _("空置房优惠")
        WAIVER = "waiver", _("减免")
        REVERSAL = "reversal", _("红冲")
        DISPUTE = "dispute", _("争议成立减免")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审批")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")

    bill = OfficeForeignKey(Bill, related_name="adjustments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    amount = models.DecimalField(_("减少金额"), max_digits=14, decimal_places=2)
    effective_on = models.DateField()
    reason = models.CharField(_("理由"), max_length=200)
    batch = OfficeForeignKey(ImportBatch, null=True, related_name="adjustments")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | models.Q(batch__isnull=False)
                | models.Q(proposed_by=None)
                | ~models.Q(proposed_by=models.F("decided_by")),
                name="reduction_needs_two_people",
            )
        ]


class Payment(OfficeModel):
    """Money received (or, as a reversal, given back): negative rows reverse exactly one payment."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("期初已收")
        BANK = "bank", _("银行转账")
        COUNTER = "counter", _("前台收款")
        REVERSAL = "reversal", _("冲正")
        REFUND = "refund", _("退款")

    office = implied_office()
    account = OfficeForeignKey(Account, related_name="payments", by_statement=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.DecimalField(_("金额"), max_digits=14, decimal_places=2)
    value_on = models.DateField(_("到账日"))
    payer = models.CharField(_("付款人"), max_length=100, blank=True)
    memo = models.CharField(_("附言"), max_length=300, blank=True)
    bank_line = OfficeForeignKey(BankLine, null=True, related_name="payments")
    batch = kept_batch(null=True, related_name="payments")
    reverses = OfficeForeignKey("self", null=True, related_name="reversals")
    voucher = OfficeForeignKey(StoredFile, null=True, related_name="+")
    designation = models.CharField(_("指定用途"), max_length=200, blank=True, db_default="")
    idempotency_key = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["value_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "reverses"], name="payment_reversed_once", condition=models.Q(reverses__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["office", "idempotency_key"],
                name="payment_recorded_once",
                condition=~models.Q(idempotency_key=""),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reversal", amount__lt=0, reverses__isnull=False)
                | models.Q(kind="refund", amount__lt=0, reverses=None)
                | (~models.Q(kind__in=["reversal", "refund"]) & models.Q(amount__gt=0, reverses=None)),
                name="payment_sign_and_reversal",
            ),
        ]
        indexes = [models.Index(fields=["office", "batch"], name="idx_billing_payment_batch_id")]


class Allocation(OfficeModel):
    """How much of a payment settles which bill (民法典 560, 561). The rest of a payment is credit."""

    office = implied_office()
    payment = OfficeForeignKey(Payment, related_name="allocations", by_statement=True)
    bill = OfficeForeignKey(Bill, related_name="allocations", by_statement=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    value_on = models.DateField(help_text="The payment's value date, repeated so that past dates are one scan.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "payment", "bill"], name="allocation_once"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="allocation_not_zero"),
        ]


class PaymentReceipt(OfficeModel):
    """收据: numbered, printed once, the same bytes at every reprint."""

    payment = OfficeForeignKey(Payment, related_name="receipts")
    number = models.CharField(_("编号"), max_length=40)
    frozen = models.JSONField(default=dict, help_text="What stands on the paper; never changed.")
    pdf = OfficeForeignKey(StoredFile, related_name="+")
    pdf_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["office", "payment"], name="one_living_receipt_per_payment", condition=models.Q(voided_at=None)
            ),
        ]


class ExpectedAmount(OfficeModel):
    """An amount that is expected from an account, which bank matching compares with (decisions 17)."""

    account = OfficeForeignKey(Account, related_name="expected_amounts")
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    source = models.CharField(max_length=30, help_text="instalment, claim, …")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="expected_amount_positive")]
        indexes = [models.Index(fields=["office", "account", "due_on"], name="expected_amount_by_account")]
