"""What the panels of one household show."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from billing.models import Account, Adjustment, Allocation, ChargePayment, Payment, PaymentReceipt


def payments_of(account: Account) -> QuerySet[Payment]:
    """Payments of one account with what each settled, newest first."""
    shares = Prefetch("allocations", Allocation.objects.select_related("bill__fee_item").order_by("bill__due_on", "pk"))
    charges = Prefetch(
        "charge_payments", ChargePayment.objects.select_related("bill__fee_item").order_by("bill__due_on", "pk")
    )
    payments = Payment.objects.filter(account=account).select_related("recorded_by", "bank_line")
    living = Prefetch("receipts", PaymentReceipt.objects.filter(voided_at=None))
    return payments.prefetch_related(shares, charges, "reversals", living).order_by("-value_on", "-pk")


def reductions_of(account: Account | None) -> QuerySet[Adjustment]:
    """Reductions of one account's bills, or of all, newest first."""
    rows = Adjustment.objects.select_related(
        "bill__fee_item", "bill__account__room", "bill__account__owner", "proposed_by", "decided_by"
    )
    if account is not None:
        rows = rows.filter(bill__account=account)
    return rows.order_by("-proposed_at", "-pk")
