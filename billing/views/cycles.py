"""计费周期: which cycle closed when, by when its bills are due from finance, and what is late."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from billing.queries.cycles import billing_calendar
from offices.permissions import needs
from offices.queries import office_settings
from offices.scoping import office_today


@needs("import.read")
@require_GET
@vary_on_headers("HX-Request")
def cycles(request: HttpRequest) -> HttpResponse:
    """The calendar; asked for by htmx, only what is late, as an item of work on the page of imports."""
    calendar = billing_calendar(office_today())
    context = {
        "calendar": calendar,
        "overdue": sum(each.overdue for each in calendar),
        "days": office_settings().billing_deadline_days,
    }
    panel = "billing/cycles_overdue.html"
    return render(request, panel if request.htmx else "billing/cycles.html", context)  # type: ignore[attr-defined]
