"""拍照取证: find the letter, choose what happened, photograph it. Made for a phone in a stairwell."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from collection.forms.notices import ServiceForm
from collection.models import Notice, Service, ServicePhoto
from collection.operations.service import ServiceRefused, serve_notice
from collection.queries import notices as ask
from collection.queries.hours import contact_hours, visit_objection
from collection.rules.channels import VISIT
from collection.rules.service import IN_TRANSIT
from collection.rules.ways import BY_CODE, needed_photos, ways_for
from offices.models import User
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import current_office_id, office_now, office_today

SHOWN = 60


@needs("notice.serve")
@vary_on_headers("HX-Request")
def service_list(request: HttpRequest) -> HttpResponse:
    """The letters waiting to be served, in walking order, with one big search box."""
    q = request.GET.get("q", "").strip()
    found = ask.waiting_for_service(q)
    context = {
        "q": q,
        "notices": found[:SHOWN],
        "count": found.count(),
        "shown": SHOWN,
        "today": office_today(),
        "soon": ask.due_soon(office_today()),
        "hours": contact_hours(VISIT),
    }
    return render(request, "collection/notice_service_list.html" + ("#rows" if request.htmx else ""), context)  # type: ignore[attr-defined]


@needs("notice.serve")
def service_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Report one attempt: first what happened (buttons), then only the fields and photos that this needs."""
    notice = get_object_or_404(ask.notices(), pk=pk)
    services = ask.services_of(notice)
    under_way = next((s for s in reversed(services) if s.outcome == IN_TRANSIT), None)
    mail = under_way.method if under_way and notice.state == Notice.State.IN_TRANSIT else ""
    way = BY_CODE.get(request.POST.get("way") or request.GET.get("way", ""))
    form = None
    if way is not None:
        colleagues = User.objects.filter(
            memberships__office_id=current_office_id(), memberships__is_active=True, is_active=True
        ).exclude(pk=request.user.pk)
        form = ServiceForm(
            request.POST or None,
            notice=notice,
            way=way,
            colleagues=colleagues.order_by("display_name"),
            now=office_now(),
            initial={"tracking_number": under_way.tracking_number if under_way else ""},
        )
        if request.method == "POST" and form.is_valid() and _record(request, notice, form):
            return redirect("collection:notice-serve")
    context = {
        "notice": notice,
        "services": services,
        "way": way,
        "ways": ways_for(mail),
        "form": form,
        "photos": [
            {
                "name": f"photo_{shows}",
                "label": label,
                "required": shows in needed_photos(way, is_final=notice.kind == "final"),
            }
            for shows, label in way.photos
        ]
        if way
        else [],
        "today": office_today(),
        "not_now": visit_objection(notice.account_id, office_now()),
    }
    return render(request, "collection/notice_service.html", context, status=422 if request.method == "POST" else 200)


def _record(request: HttpRequest, notice: Notice, form: ServiceForm) -> bool:
    """Hand the report to the operation; what is missing goes back to the form."""
    photos = [(file, shows) for shows in ServicePhoto.Shows.values for file in request.FILES.getlist(f"photo_{shows}")]
    try:
        answer = serve_notice(
            notice=notice,
            method=form.way.method,
            outcome=form.way.outcome,
            served_at=form.served_at(),
            at=office_now(),
            by=request.user,
            photos=photos,
            key=form.cleaned_data["key"],
            **form.details(),
        )
    except ServiceRefused as no:
        form.show_lacks(no.details.get("lacks") or [{"field": "", "words": str(no)}])
        return False
    except Refusal as no:
        form.add_error(None, str(no))
        return False
    service: Service = answer.service
    words = _("已记录：%(room)s %(outcome)s") % {"room": notice.account.room, "outcome": service.get_outcome_display()}
    messages.success(request, words + (_("，有效送达。") if service.is_effective else "。"))
    for warning in answer.warnings:
        messages.warning(request, warning)
    return True
