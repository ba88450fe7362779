"""Panels of one household: payments and reductions. Pages of their own,
loaded into the household's page by htmx.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from billing.forms import PaymentForm, ReasonForm, ReductionForm
from billing.models import Account, Adjustment, Payment
from billing.operations import (
    Receipt,
    approve_reduction,
    propose_reduction,
    record_payment,
    refuse_reduction,
    reverse_payment,
)
from billing.queries import credits_of, open_bills, payments_of, reductions_of
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.rules.money import ZERO
from offices.scoping import office_now, office_today


def account_of_page(account_id: int) -> Account:
    return get_object_or_404(Account.objects.select_related("room__community", "owner"), pk=account_id)


def allowed(request: HttpRequest, verb: str) -> bool:
    return holds(request.membership.role, verb)  # type: ignore[attr-defined]


def done(request: HttpRequest, view: str, account_id: int, words: str) -> HttpResponse:
    """The household's page shows the new state; without htmx the panel's own page does."""
    messages.success(request, words)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return redirect(reverse(view, args=[account_id]))


@needs("payment.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def payments(request: HttpRequest, account_id: int) -> HttpResponse:
    """Money received from this household with what it settled, and a form to record more."""
    account = account_of_page(account_id)
    may_record = allowed(request, "payment.record")
    if request.method == "POST" and not may_record:
        return HttpResponse(status=403)
    lines = open_bills(account_id=account.pk)
    form = PaymentForm(
        request.POST or None,
        lines=lines,
        today=office_today(),
        initial={"idempotency_key": "form:" + secrets.token_hex(16)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            _record(request, account, form.cleaned_data)
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            return done(request, "billing:payments", account.pk, _("已登记缴费，欠费已相应减少。"))
    context = {
        "account": account,
        "form": form,
        "payments": payments_of(account),
        "open": sum(line.open for line in lines),
        "credit": credits_of([account.pk]).get(account.pk, ZERO),
        "may_record": may_record,
    }
    return render(request, "billing/payments.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, account: Account, asked: dict[str, Any]) -> Payment:
    return record_payment(
        account=account,
        amount=asked["amount"],
        value_on=asked["value_on"],
        kind=asked["kind"],
        designated_bills=asked.get("designated") or (),
        receipt=Receipt(payer=asked["payer"], memo=asked["memo"], idempotency_key=asked["idempotency_key"]),
        by=request.user,  # type: ignore[arg-type]
        at=office_now(),
    )


@needs("payment.record")
@require_POST
def reverse_one(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Reverse a payment."""
    payment = get_object_or_404(Payment, pk=payment_id)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal(_("请填写冲正原因。"))
        reverse_payment(payment=payment, by=request.user, at=office_now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect(reverse("billing:payments", args=[payment.account_id]))
    return done(request, "billing:payments", payment.account_id, _("已冲正，欠费已恢复。"))


@needs("payment.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def reductions(request: HttpRequest, account_id: int) -> HttpResponse:
    """Reductions of this household's bills, and a form to propose one."""
    account = account_of_page(account_id)
    may_propose = allowed(request, "reduction.propose")
    if request.method == "POST" and not may_propose:
        return HttpResponse(status=403)
    form = ReductionForm(request.POST or None, lines=open_bills(account_id=account.pk))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            bill = get_object_or_404(account.bills.all(), pk=asked.pop("bill"))
            kind = asked.pop("kind") or Adjustment.Kind.WAIVER
            propose_reduction(bill=bill, kind=kind, by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            return done(request, "billing:reductions", account.pk, _("已提交，等待项目经理审批。"))
    context = {
        "account": account,
        "form": form,
        "reductions": reductions_of(account),
        "may_propose": may_propose,
        "may_approve": allowed(request, "reduction.approve"),
    }
    return render(request, "billing/reductions.html", context, status=422 if form.errors else 200)


@needs("reduction.approve")
@require_POST
def decide_reduction(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Approve or turn down a proposed reduction."""
    adjustment = get_object_or_404(Adjustment.objects.select_related("bill"), pk=adjustment_id)
    decide = approve_reduction if request.POST.get("decision") == "approve" else refuse_reduction
    try:
        decide(adjustment=adjustment, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect(reverse("billing:reductions", args=[adjustment.bill.account_id]))
    return done(request, "billing:reductions", adjustment.bill.account_id, _("已审批。"))


@needs("reduction.approve")
@require_GET
def pending_reductions(request: HttpRequest) -> HttpResponse:
    """Every reduction that waits for a decision."""
    waiting = reductions_of(None).filter(state=Adjustment.State.PROPOSED)
    return render(request, "billing/reductions_pending.html", {"reductions": waiting})
