"""违约金规则 and LPR: how far the office claims what its contracts allow and by which rate; every version, and the next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import retarget

from billing.forms import LateChargeRuleForm, LprForm
from billing.operations.late_charge import set_late_charge_rule, set_lpr
from billing.queries.late_charge import late_charge_rules, lpr_table
from billing.views.accounts import allowed
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today


@needs("contract.read")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The page; a POST writes a version, or shows first what it would change."""
    may_set = allowed(request, "latecharge.set")
    if request.method == "POST" and not may_set:
        return HttpResponse(status=403)
    form = LateChargeRuleForm(request.POST or None, initial={"starts_on": office_today()})
    if request.method == "POST" and form.is_valid() and "preview" in request.POST:
        return redirect(f"{reverse('arrears:rule-preview')}?{urlencode(_draft(form))}")
    if request.method == "POST" and form.is_valid():
        try:
            set_late_charge_rule(**form.asked(), by=request.user, at=office_now())  # type: ignore[arg-type]
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
        else:
            messages.success(request, _("已写入新的违约金规则。"))
            return redirect("billing:late-charge-rules")
    context = {
        "rules": late_charge_rules(),
        "form": form,
        "may_set": may_set,
        "is_outdated": lpr_table(office_today()).is_outdated,
    }
    page = render(request, "billing/late_charge_rules.html", context, status=422 if form.errors else 200)
    return retarget(page, "body") if form.errors else page  # the preview's place is too small for the whole form


def _draft(form: LateChargeRuleForm) -> dict[str, str]:
    """The rule as it stands in an address: what would change is asked there, of a later stage."""
    return {name: str(value) for name, value in form.asked().items() if value not in (None, "", False)}


@needs("contract.read")
@require_http_methods(["GET", "POST"])
def lpr(request: HttpRequest) -> HttpResponse:
    """The table; a POST writes a row."""
    may_set = allowed(request, "lpr.set")
    if request.method == "POST" and not may_set:
        return HttpResponse(status=403)
    form = LprForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_lpr(**form.asked(), by=request.user, at=office_now())  # type: ignore[arg-type]
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
        else:
            messages.success(request, _("已写入 LPR，违约金从现在起按新表测算。"))
            return redirect("billing:lpr")
    context = {"table": lpr_table(office_today()), "form": form, "may_set": may_set}
    return render(request, "billing/lpr.html", context, status=422 if form.errors else 200)
