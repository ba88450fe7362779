"""为什么是今天 / 为什么不是今天, asked of one household."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from billing.models import Account
from collection.forms.days import DayAsked
from collection.queries.why import why
from offices.permissions import needs
from offices.scoping import office_today


@vary_on_headers("HX-Request")
@require_GET
@needs("household.read")
def why_today(request: HttpRequest, account_id: int) -> HttpResponse:
    """The panel of the household page; a page of its own by address."""
    account = get_object_or_404(Account.objects.select_related("room", "owner"), pk=account_id)
    today = office_today()
    found = why(account, DayAsked(request.GET).day(today), today=today)
    return render(request, "collection/why.html", {"account": account, "why": found, "is_today": found.on == today})
