"""欠费清单: page and workbook."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from arrears.documents import arrears_workbook, roll_forward_workbook
from arrears.forms import HOLDS, ArrearsFilterForm, RollForwardForm
from arrears.queries import arrears_list, buildings, limitation_watch, roll_forward, total_of
from arrears.queries.roll_forward import DEFINITION, SLICES
from arrears.rules.ageing import BUCKETS, BY_CODE
from arrears.rules.limitation import KINDS
from arrears.rules.position import BLOCKERS
from arrears.rules.tier import TIERS
from offices.models import Community
from offices.operations.offices import note_security_event
from offices.permissions import needs
from offices.scoping import current_office, office_now, office_today

PAGE = 50


@needs("arrears.read")
@require_GET
def arrears_page(request: HttpRequest) -> HttpResponse:
    """The list; filters, day, sorting and page stand in the address."""
    on, filters = ArrearsFilterForm(request.GET).asked(office_today())
    number = request.GET.get("page", "1")
    found = arrears_list(on, filters, page=int(number) if number.isdigit() and int(number) else 1, size=PAGE)
    context = {
        "found": found,
        "filters": filters,
        "page_obj": Paginator(found.rows, PAGE).get_page(number),
        "is_past": on < office_today(),
        "communities": Community.objects.all(),
        "buildings": buildings(),
        "tiers": TIERS,
        "buckets": BUCKETS,
        "bucket_labels": {code: bucket.label for code, bucket in BY_CODE.items()},
        "holds": HOLDS,
        "blockers": BLOCKERS,
    }
    return render(request, "arrears/list.html", context)


@needs("ledger.export")
@require_GET
def arrears_export(request: HttpRequest) -> FileResponse:
    """The whole list as a workbook; who took it is written down."""
    on, filters = ArrearsFilterForm(request.GET).asked(office_today())
    found = arrears_list(on, filters)
    note_security_event(
        kind="arrears_exported",
        by=request.user,  # type: ignore[arg-type]
        at=office_now(),
        subject=f"{on}",
        details={"rows": len(found.rows), "query": request.GET.urlencode()},
    )
    book = arrears_workbook(found, office=current_office().name)
    return FileResponse(book, as_attachment=True, filename=f"欠费清单_{on:%Y%m%d}.xlsx")


@needs("arrears.read")
@require_GET
def limitation(request: HttpRequest) -> HttpResponse:
    """时效预警: what runs out within 180 days, the most urgent first; what has run out stands last."""
    on, _filters = ArrearsFilterForm(request.GET).asked(office_today())
    found = limitation_watch(on)
    page = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "page_obj": page,
        "is_past": on < office_today(),
        "kinds": KINDS,
    }
    return render(request, "arrears/limitation.html", context)


@needs("arrears.read")
@require_GET
def roll_forward_page(request: HttpRequest) -> HttpResponse:
    """期初到期末 of a period, cut by community, building, item, year or person; period and slice stand in the address."""
    first, last, by = RollForwardForm(request.GET).asked(office_today())
    rows = roll_forward(first, last, by)
    context = {
        "first": first,
        "last": last,
        "by": by,
        "slices": [(code, label) for code, (label, _key, _order) in SLICES.items()],
        "slice_label": SLICES[by][0],
        "rows": rows,
        "total": total_of(rows),
        "definition": DEFINITION,
    }
    return render(request, "arrears/roll_forward.html", context)


@needs("ledger.export")
@require_GET
def roll_forward_export(request: HttpRequest) -> FileResponse:
    """The same as a workbook, with its definition; who took it is written down."""
    first, last, by = RollForwardForm(request.GET).asked(office_today())
    rows = roll_forward(first, last, by)
    note_security_event(
        kind="roll_forward_exported",
        by=request.user,  # type: ignore[arg-type]
        at=office_now(),
        subject=f"{first}/{last}",
        details={"rows": len(rows), "by": by},
    )
    book = roll_forward_workbook(rows, first=first, last=last, label=str(SLICES[by][0]), office=current_office().name)
    return FileResponse(book, as_attachment=True, filename=f"欠费变动表_{first:%Y%m%d}_{last:%Y%m%d}.xlsx")
