"""违约金 of a household: what is posted, and its waivers; those that wait for a decision; and what a new rule would change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from arrears.forms import RuleDraftForm, WaiverForm
from arrears.operations import ask_waiver
from arrears.queries import account_late_charge
from arrears.queries.late_charge import rule_effect
from billing.models import Account, ChargeWaiver
from billing.operations import keep_evidence
from billing.operations.waivers import approve_waiver, refuse_waiver
from billing.queries.charges import waivers_of
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.queries import office_settings
from offices.scoping import office_now, office_today


def _allowed(request: HttpRequest, verb: str) -> bool:
    return holds(request.membership.role, verb)  # type: ignore[attr-defined]


def _done(request: HttpRequest, account_id: int, words: str) -> HttpResponse:
    messages.success(request, words)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return redirect(reverse("arrears:charges", args=[account_id]))


@needs("arrears.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def charges(request: HttpRequest, account_id: int) -> HttpResponse:
    """The late charge of a household bill by bill, its waivers, and a form to ask for one."""
    account = get_object_or_404(Account.objects.select_related("room__community", "owner"), pk=account_id)
    may_propose = _allowed(request, "waiver.propose")
    if request.method == "POST" and not may_propose:
        return HttpResponse(status=403)
    charge = account_late_charge(account, office_today())
    form = WaiverForm(request.POST or None, request.FILES or None, lines=charge.lines)
    if request.method == "POST" and form.is_valid():
        try:
            _ask(request, account, form.cleaned_data)
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
        else:
            return _done(request, account.pk, _("已提交，等待另一位同事审批。"))
    posts = office_settings().posts_late_charge or charge.posted
    context = {
        "account": account,
        "charge": charge,
        "posts": posts,
        "waivers": waivers_of(account),
        "form": form,
        "may_propose": may_propose and office_settings().posts_late_charge and charge.claimed,
    }
    return render(request, "arrears/charges.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, account: Account, asked: dict[str, Any]) -> ChargeWaiver:
    file, by, at = asked["evidence"], request.user, office_now()
    return ask_waiver(
        account=account,
        bill=account.bills.filter(pk=asked["bill"]).first() if asked["bill"] else None,
        amount=asked["amount"],
        reason=asked["reason"],
        evidence=keep_evidence(data=file.read(), name=file.name, by=by, at=at) if file else None,  # type: ignore[arg-type]
        by=by,  # type: ignore[arg-type]
        at=at,
    )


@needs("waiver.approve")
@require_GET
def waivers(request: HttpRequest) -> HttpResponse:
    """Every waiver that waits for a decision."""
    return render(request, "arrears/waivers.html", {"waivers": waivers_of(None).filter(state="proposed")})


@needs("waiver.approve")
@require_POST
def decide(request: HttpRequest, waiver_id: int) -> HttpResponse:
    """Approve or turn down a waiver."""
    waiver = get_object_or_404(ChargeWaiver, pk=waiver_id)
    verb = approve_waiver if request.POST.get("decision") == "approve" else refuse_waiver
    try:
        verb(waiver=waiver, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect(reverse("arrears:charges", args=[waiver.account_id]))
    return _done(request, waiver.account_id, _("已审批。"))


@needs("latecharge.set")
@require_GET
@vary_on_headers("HX-Request")
def rule_preview(request: HttpRequest) -> HttpResponse:
    """What a rule would change if it were written today; the rule stands in the address."""
    form = RuleDraftForm(request.GET)
    if not form.is_valid():
        return render(request, "arrears/rule_preview.html", {"form": form}, status=422)
    return render(request, "arrears/rule_preview.html", {"effect": rule_effect(form.draft(), office_today())})
