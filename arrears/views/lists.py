"""欠费清单 as a page, its saved views, 时效预警 and the roll-forward."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from arrears.documents import roll_forward_workbook
from arrears.forms import HOLDS, ArrearsFilterForm, RollForwardForm, SaveViewForm
from arrears.models import SavedView
from arrears.operations.exports import AT_ONCE
from arrears.operations.views import delete_view, save_view
from arrears.queries import (
    arrears_list,
    buildings,
    limitation_watch,
    responsible_people,
    roll_forward,
    saved_views,
    total_of,
)
from arrears.queries.roll_forward import DEFINITION, SLICES
from arrears.rules.ageing import BUCKETS, BY_CODE
from arrears.rules.limitation import KINDS
from arrears.rules.position import BLOCKERS
from arrears.rules.segments import SEGMENTS
from arrears.rules.tier import TIERS
from offices.models import Community
from offices.operations import Refusal
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
        "people": responsible_people(),
        "views": saved_views(request.user),  # type: ignore[arg-type]
        "tiers": TIERS,
        "buckets": BUCKETS,
        "bucket_labels": {code: bucket.label for code, bucket in BY_CODE.items()},
        "holds": HOLDS,
        "segments": SEGMENTS,
        "blockers": BLOCKERS,
        "too_long": [form for form, most in AT_ONCE.items() if len(found.rows) > most],
    }
    return render(request, "arrears/list.html", context)


@needs("arrears.read")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address under a name."""
    form = SaveViewForm(request.POST)
    form.is_valid()
    try:
        view = save_view(
            name=form.cleaned_data.get("name") or "",
            filters=request.GET.dict(),
            is_shared=form.cleaned_data["is_shared"],
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('arrears:list')}?{request.GET.urlencode()}")
    messages.success(request, _("视图“%(name)s”已保存。") % {"name": view.name})
    return redirect(f"{reverse('arrears:list')}?{view.query}")


@needs("arrears.read")
@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Throw away a view of one's own."""
    view = get_object_or_404(SavedView.objects.select_related("user"), pk=view_id)
    try:
        delete_view(view=view, by=request.user)  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("arrears:list")


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
