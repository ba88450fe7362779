"""Receipts as PDF, and credit given back."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.forms import RefundForm
from billing.models import Account, Payment, PaymentReceipt
from billing.operations import issue_receipt, refund_credit, take_receipt
from billing.queries import credits_of
from offices.operations import Refusal
from offices.permissions import needs
from offices.rules.money import ZERO
from offices.scoping import office_now, office_today


@needs("payment.record")
@require_POST
def issue(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Issue the receipt of a payment, or find the one that exists; then show it."""
    payment = get_object_or_404(Payment, pk=payment_id)
    try:
        receipt = issue_receipt(payment=payment, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("billing:payments", payment.account_id)
    return redirect("billing:receipt", receipt.pk)


@needs("payment.read")
@require_GET
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The stored PDF, byte for byte."""
    found = get_object_or_404(PaymentReceipt.objects.select_related("pdf"), pk=receipt_id)
    data = take_receipt(receipt=found)
    name = f"receipt-{found.pk}.pdf"
    return HttpResponse(
        data, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@needs("payment.record")
@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, account_id: int) -> HttpResponse:
    """Give credit back to a household."""
    account = get_object_or_404(Account.objects.select_related("room__community", "owner"), pk=account_id)
    credit = credits_of([account.pk]).get(account.pk, ZERO)
    initial = {"value_on": office_today(), "amount": credit, "idempotency_key": "refund:" + secrets.token_hex(16)}
    form = RefundForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            refund_credit(account=account, by=request.user, at=office_now(), **form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, _("已登记退款，预存已相应减少。"))
            return redirect("billing:payments", account.pk)
    context = {"account": account, "credit": credit, "form": form}
    return render(request, "billing/refund.html", context, status=422 if form.errors else 200)
