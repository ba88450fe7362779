"""更正函: the open ones, and one with what is to be done about it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from collection.forms.corrections import DropForm, FoundWrongForm, SentForm
from collection.models import Correction
from collection.operations.corrections import (
    approve_correction,
    drop_correction,
    propose_correction,
    record_correction_sent,
    take_correction_pdf,
    way_of,
)
from collection.queries import notices as ask
from collection.queries.corrections import OUT, corrections, open_corrections
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today


@require_GET
@needs("notice.read")
def correction_list(request: HttpRequest) -> HttpResponse:
    """What waits for approval or for its way out, then the latest."""
    done = corrections().filter(state__in=[Correction.State.SENT, Correction.State.DROPPED])[:50]
    return render(request, "collection/corrections.html", {"open": open_corrections(), "done": done})


@require_GET
@needs("notice.read")
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """One correction."""
    return _page(request, get_object_or_404(corrections(), pk=pk))


def _page(request: HttpRequest, row: Correction, form: forms.Form | None = None) -> HttpResponse:
    role = request.membership.role  # type: ignore[attr-defined]
    may_decide = row.state == Correction.State.PROPOSED and holds(role, "notice.approve")
    may_send = row.state == Correction.State.ISSUED and holds(role, "notice.serve")
    blank: forms.Form | None = None
    if may_decide:
        blank = DropForm()
    elif may_send:
        blank = SentForm(initial={"method": way_of(row.notice), "sent_on": office_today()})
    if form is not None and type(form) is not type(blank):  # sent twice, or somebody was faster
        messages.error(request, _("这份更正函已被处理（%s），请刷新页面。") % row.get_state_display())
        return redirect("collection:correction", pk=row.pk)
    form = form or blank
    context = {"correction": row, "notice": row.notice, "form": form, "may_decide": may_decide, "may_send": may_send}
    return render(request, "collection/correction.html", context, status=422 if form and form.errors else 200)


@needs("notice.approve")
def correction_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody found this letter wrong."""
    notice = get_object_or_404(ask.notices(), pk=pk)
    form = FoundWrongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = propose_correction(notice=notice, by=request.user, at=office_now(), **form.cleaned_data)
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
        else:
            messages.success(request, _("已提出更正函，请另一位有权限的同事批准。"))
            return redirect("collection:correction", pk=row.pk)
    context = {"notice": notice, "form": form, "is_out": notice.state in OUT}
    return render(request, "collection/correction_new.html", context, status=422 if form.errors else 200)


@require_POST
@needs("notice.approve")
def correction_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Number and draw it."""
    row = get_object_or_404(corrections(), pk=pk)
    try:
        row = approve_correction(correction=row, by=request.user, at=office_now())  # type: ignore[arg-type]
        messages.success(request, _("已批准：%s。请以原通知书的送达方式送出。") % row.number)
    except Refusal as no:
        messages.error(request, str(no))
    return redirect("collection:correction", pk=pk)


@require_POST
@needs("notice.approve")
def correction_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter was right after all."""
    row, form = get_object_or_404(corrections(), pk=pk), DropForm(request.POST)
    if form.is_valid():
        try:
            drop_correction(correction=row, by=request.user, at=office_now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, _("已登记为不更正。"))
            return redirect("collection:correction", pk=pk)
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
    return _page(request, row, form)


@require_POST
@needs("notice.serve")
def correction_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """It went out."""
    row, form = get_object_or_404(corrections(), pk=pk), SentForm(request.POST)
    if form.is_valid():
        try:
            record_correction_sent(correction=row, by=request.user, at=office_now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, _("已登记送出。"))
            return redirect("collection:correction", pk=pk)
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
    return _page(request, row, form)


@require_GET
@needs("notice.read")
def correction_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The stored letter; opening it leaves a trace."""
    row = get_object_or_404(corrections(), pk=pk)
    try:
        pdf = take_correction_pdf(correction=row, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:correction", pk=pk)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"{row.number}.pdf") or "inline"
    answer["Cache-Control"] = "private, no-store"
    return answer
