"""合同与收费项目: which contract binds each community today, with its clauses, and the fee items."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from billing.queries.terms import contracts_on, fee_items
from offices.permissions import needs
from offices.scoping import office_today


@needs("contract.read")
@require_GET
@vary_on_headers("HX-Request")
def contracts(request: HttpRequest) -> HttpResponse:
    """The page; asked for by htmx, only the contracts in force, as a panel of the office's communities."""
    found = contracts_on(office_today())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "billing/contracts_panel.html", {"communities": found})
    return render(request, "billing/contracts.html", {"communities": found, "items": fee_items()})
