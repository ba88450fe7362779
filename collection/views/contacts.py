"""Recording a contact from any page, and showing a phone number, which leaves a trace."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from billing.models import Account, ContactPoint
from billing.operations.contact_points import revive_contact_point
from collection.forms.contacts import ContactForm
from collection.operations.contacts import record_contact, reveal_contact_point
from collection.queries import work
from collection.rules import outcomes
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today


@require_http_methods(["GET", "POST"])
@needs("contact.record")
def contact(request: HttpRequest, account_id: int) -> HttpResponse:
    """The form on its own (a fragment for the household page), and its answer."""
    account = get_object_or_404(Account.objects.all(), pk=account_id)
    household = work.household(account.pk, on=office_today(), at=office_now())
    form = ContactForm(request.POST or None, household=household, on=office_today())
    if request.method == "POST" and form.is_valid():
        try:
            made = record_contact(account=account, by=request.user, at=office_now(), **form.arguments())  # type: ignore[arg-type]
        except Refusal as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
        else:
            messages.success(
                request, _("已记录：%(room)s %(owner)s") % {"room": household.room, "owner": household.owner}
            )
            return _go(request, _next_address(request, account_id, made.outcome))
    context = {
        "household": household,
        "form": form,
        "outcome_list": outcomes.OUTCOMES,
        "next": request.GET.get("next", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "collection/contact.html", context, status=status)


def _next_address(request: HttpRequest, account_id: int, outcome: str) -> str:
    if outcome == outcomes.DISPUTED and holds(request.membership.role, "dispute.raise"):  # type: ignore[attr-defined]
        return reverse("disputes:raise", args=[account_id])
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("archive:household", args=[account_id])


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


@require_POST
@needs("phone.reveal")
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole number, ready to dial; who looked and when is kept (R11)."""
    point = get_object_or_404(ContactPoint.objects.all(), pk=pk)
    try:
        reveal_contact_point(point=point, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        return HttpResponse(str(no), status=409)
    dial = re.sub(r"[^\d+]", "", point.value)
    return render(request, "partials/dial.html", {"number": point.value, "dial": dial})


@require_POST
@needs("contact.record")
def revive(request: HttpRequest, pk: int) -> HttpResponse:
    """A number out of use may be tried again; back to the page it was pressed on."""
    point = get_object_or_404(ContactPoint.objects.all(), pk=pk)
    try:
        revive_contact_point(point=point, by=request.user, at=office_now())  # type: ignore[arg-type]
        messages.success(request, _("已恢复，之后的提醒可以再用它。"))
    except Refusal as no:
        messages.error(request, str(no))
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if is_ours else "collection:today")
