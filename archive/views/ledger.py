"""催缴台账: page and workbook."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from archive.forms import LedgerForm
from archive.operations import export_ledger
from archive.queries.ledger import STAGES, ledger
from arrears.queries import buildings
from arrears.rules.position import BLOCKERS
from arrears.rules.tier import TIERS
from offices.models import Membership
from offices.permissions import holds, needs
from offices.scoping import current_office_id, office_now, office_today

PAGE = 50


@needs("ledger.read")
@require_GET
def ledger_view(request: HttpRequest) -> HttpResponse:
    """One row per household; totals over all rows."""
    form = LedgerForm(request.GET)
    on, filters = form.day(office_today()), form.filters()
    found = ledger(on, filters)
    context = {
        "found": found,
        "filters": filters,
        "page": Paginator(found.rows, PAGE).get_page(request.GET.get("page")),
        "is_past": on < office_today(),
        "buildings": buildings(),
        "tiers": TIERS,
        "stages": STAGES,
        "blockers": BLOCKERS,
        "people": [
            m.user
            for m in Membership.objects.filter(office_id=current_office_id(), is_active=True).select_related("user")
        ],
    }
    return render(request, "archive/ledger.html", context)


@needs("ledger.export")
@require_GET
def ledger_export(request: HttpRequest) -> FileResponse:
    """The workbook, with phone numbers only for roles that may see them."""
    form = LedgerForm(request.GET)
    on = form.day(office_today())
    book = export_ledger(
        on=on,
        filters=form.filters(),
        reveal_phones=holds(request.membership.role, "phone.reveal"),  # type: ignore[attr-defined]
        by=request.user,  # type: ignore[arg-type]
        at=office_now(),
    )
    return FileResponse(book, as_attachment=True, filename=f"催缴台账_{on:%Y%m%d}.xlsx")
