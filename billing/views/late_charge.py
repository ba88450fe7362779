"""违约金规则: how far the office claims what its contracts allow, every version, and a form for the next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.forms import LateChargeRuleForm
from billing.operations.late_charge import set_late_charge_rule
from billing.queries.late_charge import late_charge_rules
from billing.views.accounts import allowed
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today


@needs("contract.read")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The page; a POST writes a version."""
    may_set = allowed(request, "latecharge.set")
    if request.method == "POST" and not may_set:
        return HttpResponse(status=403)
    form = LateChargeRuleForm(request.POST or None, initial={"starts_on": office_today()})
    if request.method == "POST" and form.is_valid():
        try:
            set_late_charge_rule(**form.asked(), by=request.user, at=office_now())  # type: ignore[arg-type]
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
        else:
            messages.success(request, _("已写入新的违约金规则。"))
            return redirect("billing:late-charge-rules")
    context = {"rules": late_charge_rules(), "form": form, "may_set": may_set}
    return render(request, "billing/late_charge_rules.html", context, status=422 if form.errors else 200)
