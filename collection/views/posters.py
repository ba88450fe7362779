"""公告栏: the friendly notices of the buildings: make one, put it up with a photo, take it down (S33)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.queries.responsibilities import buildings_and_people
from collection.documents import poster_pdf
from collection.forms.posters import PosterForm, PostingForm, TakeDownForm
from collection.models import Poster
from collection.operations.posters import make_poster, record_posting, record_take_down
from collection.queries.posters import in_state, poster_counts, posters
from collection.rules.posters import DOWN, LAPSED, OVERDUE, POSTED, STATES, WAITING
from offices.filing import open_file
from offices.letterhead import LetterFault
from offices.models import Community
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today

LABELS = {
    WAITING: gettext_lazy("待张贴"),
    POSTED: gettext_lazy("已张贴"),
    OVERDUE: gettext_lazy("逾期未取"),
    DOWN: gettext_lazy("已取下"),
    LAPSED: gettext_lazy("过期未张贴"),
}
LOOKS = {WAITING: "warn", POSTED: "info", OVERDUE: "bad", DOWN: "good", LAPSED: "plain"}
PER_PAGE = 50


def _row(poster: Poster) -> dict[str, Any]:
    state = poster.state_on(office_today())
    return {"poster": poster, "state": state, "label": LABELS[state], "look": LOOKS[state]}


@require_GET
@needs("poster.read")
def poster_list(request: HttpRequest) -> HttpResponse:
    """Every poster with its state; what waits to be put up or has hung too long is counted on top."""
    today, state = office_today(), request.GET.get("state", "")
    counts = poster_counts(today)
    found = posters().filter(in_state(state, today)) if state in STATES else posters()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    tabs = [{"label": _("全部"), "href": "?", "current": state not in STATES, "count": sum(counts.values())}]
    tabs += [
        {"label": LABELS[code], "href": f"?state={code}", "current": code == state, "count": counts[code]}
        for code in STATES
    ]
    context = {"rows": [_row(poster) for poster in page], "page": page, "tabs": tabs, "counts": counts}
    return render(request, "collection/posters.html", context)


@require_http_methods(["GET", "POST"])
@needs("poster.make")
def poster_new(request: HttpRequest) -> HttpResponse:
    """Make one for a building; the shipped words may be changed and are checked before it is made."""
    form = PosterForm(request.POST or None, buildings=buildings_and_people(), today=office_today())
    if request.method == "POST" and form.is_valid():
        place, said = form.place(), form.cleaned_data
        try:
            poster = make_poster(
                community=Community.objects.get(pk=place.community_id),
                building=place.building,
                words=said["words"],
                location=said["location"],
                take_down_on=said["take_down_on"],
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            _show(form, no)
        else:
            messages.success(request, _("已制作：%s。请打印后张贴并拍照登记。") % poster)
            return redirect("collection:poster", pk=poster.pk)
    context = {"form": form, "has_places": bool(form.places)}
    return render(request, "collection/poster_new.html", context, status=422 if form.errors else 200)


def _show(form: forms.Form, no: Refusal) -> None:
    field = no.details.get("field")
    form.add_error(field if field in form.fields else None, str(no))


@require_GET
@needs("poster.read")
def poster_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, where it hangs, its photo, and what is to be done with it."""
    return _detail(request, get_object_or_404(posters(), pk=pk))


def _detail(request: HttpRequest, poster: Poster, form: forms.Form | None = None) -> HttpResponse:
    """The page with the form that fits the state; `form` is one that was refused."""
    row, today = _row(poster), office_today()
    if form is None and row["state"] == WAITING:
        form = PostingForm(initial={"posted_on": today})
    elif form is None and row["state"] in {POSTED, OVERDUE}:
        form = TakeDownForm(initial={"taken_down_on": today})
    context = {**row, "form": form}
    return render(request, "collection/poster.html", context, status=422 if form and form.errors else 200)


@require_POST
@needs("poster.post")
def poster_posting(request: HttpRequest, pk: int) -> HttpResponse:
    """It hangs: the day and the photo."""
    poster = get_object_or_404(posters(), pk=pk)
    form = PostingForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            record_posting(poster=poster, by=request.user, at=office_now(), **form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as no:
            _show(form, no)
        else:
            messages.success(request, _("已登记张贴：%(what)s，应于 %(day)s 取下。") % _words(poster))
            return redirect("collection:posters")
    return _detail(request, poster, form)


def _words(poster: Poster) -> dict[str, str]:
    return {"what": str(poster), "day": poster.take_down_on.isoformat()}


@require_POST
@needs("poster.post")
def poster_take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """It hangs no longer."""
    poster = get_object_or_404(posters(), pk=pk)
    form = TakeDownForm(request.POST)
    if form.is_valid():
        try:
            record_take_down(poster=poster, by=request.user, at=office_now(), **form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as no:
            _show(form, no)
        else:
            messages.success(request, _("已登记取下：%s。") % poster)
            return redirect("collection:posters")
    return _detail(request, poster, form)


@require_GET
@needs("poster.read")
def poster_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice as PDF, drawn from what was frozen; it holds no personal data."""
    poster = get_object_or_404(posters(), pk=pk)
    try:
        pdf = poster_pdf(poster.template_version, poster.frozen)
    except LetterFault as fault:
        messages.error(request, str(fault))
        return redirect("collection:poster", pk=pk)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"温馨提示_{poster}.pdf") or ""
    return answer


@require_GET
@needs("poster.read")
def poster_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of the posting, as it came."""
    photo = get_object_or_404(posters(), pk=pk).photo
    if photo is None:
        raise Http404
    answer = HttpResponse(open_file(photo), content_type=photo.mime)
    answer["Content-Disposition"] = content_disposition_header(False, photo.name) or "inline"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; sandbox"
    return answer
