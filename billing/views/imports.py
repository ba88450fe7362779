"""账单导入: history, upload, and what can be done with a whole batch. The steps have addresses of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.documents import refused_workbook
from billing.forms import ReasonForm, UploadForm
from billing.models import ImportBatch
from billing.operations import ask_upload, discard_import, reverse_import, undo_import
from billing.queries import import_history, import_job
from billing.tasks import ring_for
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now

_STATE = ImportBatch.State
# state → the step at which a batch stands
STEP_OF = {
    _STATE.READING: "billing:import-reading",
    _STATE.MAPPING: "billing:import-columns",
    _STATE.PREVIEWED: "billing:import-check",
    _STATE.DISCARDED: "billing:import-check",
    _STATE.COMMITTING: "billing:import-commit",
}


@needs("import.read")
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Every file that came in: who, when, what became of it."""
    page = Paginator(import_history(), 50).get_page(request.GET.get("page"))
    return render(request, "billing/imports.html", {"page_obj": page, "batches": page.object_list})


@needs("import.upload")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Step 1: choose a file, or the mended refused rows of an earlier one; it is read and checked here, or in the worker
    when it is large. Nothing is booked.
    """
    asked = request.POST.get("corrects") or request.GET.get("corrects") or ""
    corrects = batch_of(int(asked)) if asked.isdecimal() else None
    kind = corrects.kind if corrects else request.GET.get("kind", "bills")
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": kind}, corrects=corrects)
    if request.method == "POST" and form.is_valid():
        try:
            batch = ask_upload(
                kind=form.cleaned_data["kind"],
                file=form.cleaned_data["file"],
                name=form.cleaned_data["file"].name,
                community=form.cleaned_data["community"],
                corrects=corrects,
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            form.add_error("file", str(no))
        else:
            ring_for(batch)
            return redirect(STEP_OF[batch.state], batch.pk)
    context = {"form": form, "corrects": corrects}
    return render(request, "billing/upload.html", context, status=422 if form.errors else 200)


@never_cache
@needs("import.read")
@require_GET
def reading(request: HttpRequest, batch_id: int) -> HttpResponse:
    """While the worker reads a large file, or reads it again with a person's word, this page asks how far it is, and then leads on."""
    batch = batch_of(batch_id)
    job = import_job(batch)
    if batch.state == _STATE.READING:
        seconds = int((office_now() - job.asked_at).total_seconds()) if job else 0
        step = 3 if job and job.kind == "import_reread" else 1
        context = {"batch": batch, "totals": batch.totals, "step": step, "job": job, "seconds": seconds}
        part = "billing/reading_progress.html" if request.headers.get("HX-Request") else "billing/import_reading.html"
        return render(request, part, context)
    target = reverse("billing:import", args=[batch.pk])
    if job is not None and job.state == job.State.FAILED:
        messages.error(request, f"{batch.file_name}：{job.message}")
        if job.kind == "import_read":
            target = reverse("billing:import-upload") + f"?kind={batch.kind}"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": target})
    return redirect(target)


def batch_of(batch_id: int) -> ImportBatch:
    """The batch with who and where, or 404."""
    related = ("community", "uploaded_by", "committed_by", "signed_off_by", "undone_by", "file", "corrects")
    return get_object_or_404(ImportBatch.objects.select_related(*related), pk=batch_id)


@needs("import.read")
@require_GET
def current_step(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Where the batch stands: one may leave at any step and come back by its number."""
    return redirect(STEP_OF.get(batch_of(batch_id).state, "billing:import-result"), batch_id)


@needs("import.upload")
@require_POST
def discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Put an uploaded file aside."""
    try:
        discard_import(batch=batch_of(batch_id), by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("billing:import", batch_id)
    messages.success(request, _("已放弃，没有写入任何数据。"))
    return redirect("billing:imports")


@needs("import.read")
@require_GET
def result(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Step 5: what was written, and the ways back."""
    return show_result(request, batch_of(batch_id))


def show_result(request: HttpRequest, batch: ImportBatch, **more: Any) -> HttpResponse:
    """The result with a refusal's words, when there is one; a batch that has no result yet is shown its step."""
    if batch.state in STEP_OF:
        return redirect(STEP_OF[batch.state], batch.pk)
    status = more.pop("status", 200)
    corrections = batch.corrections.exclude(state=ImportBatch.State.DISCARDED).order_by("pk")[:20]
    context = {
        "batch": batch,
        "totals": batch.totals,
        "written": batch.totals.get("written"),
        "step": 5,
        "corrections": corrections,
    }
    return render(request, "billing/import_result.html", context | more, status=status)


@needs("import.upload")
@require_POST
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a booked batch back while nothing depends on it."""
    batch = batch_of(batch_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show_result(request, batch, problem=_("请填写撤销原因。"), status=422)
    try:
        undo_import(batch=batch, by=request.user, at=office_now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    except Refusal as no:
        return show_result(request, batch, problem=str(no), is_blocked=no.code == "undo_blocked", status=422)
    messages.success(request, _("已撤销这个批次。"))
    return redirect("billing:import-result", batch.pk)


@needs("import.reverse")
@require_POST
def reverse_one(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Restore the balances by reversing entries, where the batch can no longer be taken back."""
    batch = batch_of(batch_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show_result(request, batch, problem=_("请填写冲正原因。"), status=422)
    try:
        reverse_import(batch=batch, by=request.user, at=office_now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    except Refusal as no:
        return show_result(request, batch, problem=str(no), status=422)
    messages.success(request, _("已冲正。原来的记录都保留着。"))
    return redirect("billing:import-result", batch.pk)


@needs("import.read")
@require_GET
def refused(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The refused rows as a workbook with their reasons, to be mended and uploaded again."""
    batch = batch_of(batch_id)
    answer = HttpResponse(
        refused_workbook(batch), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="refused-rows-{batch.pk}.xlsx"'
    return answer
