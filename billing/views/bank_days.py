"""日结: each day of the bank account, what its transfers were, and who closed it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from billing.operations import DayRefused, close_bank_day
from billing.queries import bank_days, days_with_lines
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now


@needs("bank.read")
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    """The days, newest first."""
    page = Paginator(days_with_lines(), 31).get_page(request.GET.get("page"))
    return render(request, "billing/bank_days.html", {"page_obj": page, "days": bank_days(list(page.object_list))})


@needs("bank.close")
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close one day."""
    try:
        try:
            on = date.fromisoformat(request.POST.get("on", ""))
        except ValueError as unreadable:
            raise DayRefused(_("请选择要日结的日期。"), code="day_missing") from unreadable
        closed = close_bank_day(on=on, by=request.user, at=office_now())  # type: ignore[arg-type]
        messages.success(request, _("已日结 %(day)s。") % {"day": f"{closed.on:%Y-%m-%d}"})
    except Refusal as no:
        messages.error(request, str(no))
    return redirect("billing:bank-days")
