"""账单导入: history, upload, check, result; each step has its own address, so one may leave and come back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.documents import refused_workbook
from billing.forms import CommitForm, ReasonForm, UploadForm
from billing.models import ImportBatch
from billing.operations import commit_import, discard_import, undo_import, upload_file
from billing.queries import import_history, rows_of, tabs_of
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now

TAB_LABELS = {
    "refused": gettext_lazy("错误"),
    "warned": gettext_lazy("提醒"),
    "new": gettext_lazy("新增"),
    "changed": gettext_lazy("更新"),
    "unchanged": gettext_lazy("不变"),
    "skipped": gettext_lazy("非数据行"),
    "all": gettext_lazy("全部行"),
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
    """Choose a file; it is read and checked, nothing is booked."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "bills")})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            batch = upload_file(
                kind=asked["kind"],
                file=asked["file"],
                name=asked["file"].name,
                community=asked["community"],
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            form.add_error("file", str(no))
        else:
            return redirect("billing:import", batch.pk)
    return render(request, "billing/upload.html", {"form": form}, status=422 if form.errors else 200)


@needs("import.read")
@require_GET
def detail(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: how the file was understood, totals beside the file's own, rows by verdict, and what to do next."""
    return _detail(request, _batch(batch_id))


def _batch(batch_id: int) -> ImportBatch:
    related = ("community", "uploaded_by", "committed_by", "signed_off_by", "undone_by", "file")
    return get_object_or_404(ImportBatch.objects.select_related(*related), pk=batch_id)


def _detail(request: HttpRequest, batch: ImportBatch, *, problem: str = "", status: int = 200) -> HttpResponse:
    counts = tabs_of(batch)
    tab = request.GET.get("tab") or next((name for name in ("refused", "warned", "new") if counts[name]), "all")
    page = Paginator(rows_of(batch, tab).select_related("account__room"), 50).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "batch": batch,
        "totals": batch.totals,
        "layout": batch.layout,
        "written": batch.totals.get("written"),
        "step": 2 if batch.state == ImportBatch.State.PREVIEWED else 3,
        "tab": tab,
        "tabs": [
            {"label": TAB_LABELS[name], "href": f"?tab={name}#rows", "current": name == tab, "count": count}
            for name, count in counts.items()
            if count or name == "all"
        ],
        "page_obj": page,
        "rows": page.object_list,
        "headings": _headings(batch),
        "problem": problem,
    }
    return render(request, "billing/import.html", context, status=status)


def _headings(batch: ImportBatch) -> list[dict[str, Any]]:
    """The columns that were read, of the first sheet, with their place among the cells."""
    sheets = batch.layout.get("sheets") or []
    return list(sheets[0]["columns"]) if sheets else []


@needs("import.upload")
@require_POST
def commit(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Book the batch."""
    batch = _batch(batch_id)
    form = CommitForm(request.POST)
    form.is_valid()
    try:
        commit_import(
            batch=batch,
            accept_good=form.cleaned_data.get("accept_good", False),
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
        )
    except Refusal as no:
        return _detail(request, batch, problem=str(no), status=422)
    messages.success(request, _("已导入。"))
    return redirect("billing:import", batch.pk)


@needs("import.upload")
@require_POST
def discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Put a previewed file aside."""
    batch = _batch(batch_id)
    try:
        discard_import(batch=batch, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        return _detail(request, batch, problem=str(no), status=422)
    messages.success(request, _("已放弃，没有写入任何数据。"))
    return redirect("billing:imports")


@needs("import.upload")
@require_POST
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a booked batch back."""
    batch = _batch(batch_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, batch, problem=_("请填写撤销原因。"), status=422)
    try:
        undo_import(batch=batch, by=request.user, at=office_now(), reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    except Refusal as no:
        return _detail(request, batch, problem=str(no), status=422)
    messages.success(request, _("已撤销这个批次。"))
    return redirect("billing:import", batch.pk)


@needs("import.read")
@require_GET
def refused(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The refused rows as a workbook with their reasons."""
    batch = _batch(batch_id)
    answer = HttpResponse(
        refused_workbook(batch), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="refused-rows-{batch.pk}.xlsx"'
    return answer
