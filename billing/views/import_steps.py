"""The steps between upload and result: columns, check, commit; each with its own address, all from stored rows."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.forms import ColumnsForm, CommitForm
from billing.models import ImportBatch
from billing.operations import ask_columns, ask_commit, ask_fixes
from billing.queries import commit_pace, import_job, reasons_of, row_at, rows_of, tabs_of
from billing.rules.mending import offending_columns
from billing.tasks import ring_for
from billing.views.check_table import cell_of, groups_of
from billing.views.imports import batch_of
from offices.operations import Refusal
from offices.permissions import holds, needs
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
_OPEN = (ImportBatch.State.MAPPING, ImportBatch.State.PREVIEWED)
_PAGE = 50
_CONTROLS = 50  # lines of a table of totals; the rest is counted
_KINDS_OF_REASON = 12
_CELL = re.compile(r"cell:(\d{1,3}):(\d{1,7}):(\d{1,3})")


def _may(request: HttpRequest, verb: str) -> bool:
    return holds(request.membership.role, verb)  # type: ignore[attr-defined]


@needs("import.read")
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Step 2: what each column was taken for, to be corrected; remembered for this header."""
    batch = batch_of(batch_id)
    if request.method == "POST" and not _may(request, "import.upload"):
        raise PermissionDenied("import.upload")
    form = ColumnsForm(request.POST or None, batch=batch)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                batch = ask_columns(
                    batch=batch,
                    choices=form.choices(),
                    period=form.cleaned_data.get("period", ""),
                    by=request.user,  # type: ignore[arg-type]
                    at=office_now(),
                )
            except Refusal as no:
                form.add_error(None, str(no))
            else:
                ring_for(batch)
                return redirect("billing:import-check", batch.pk)
        status = 422
    context = {
        "batch": batch,
        "totals": batch.totals,
        "step": 2,
        "form": form,
        "may_change": batch.state in _OPEN and _may(request, "import.upload"),
    }
    return render(request, "billing/import_columns.html", context, status=status)


@needs("import.read")
@require_GET
def check(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Step 3: counts, totals beside the file's own, rows by verdict; nothing is booked yet."""
    batch = batch_of(batch_id)
    if batch.state == ImportBatch.State.READING:
        return redirect("billing:import-reading", batch.pk)
    return _check(request, batch)


def _check(request: HttpRequest, batch: ImportBatch, *, problem: str = "", status: int = 200) -> HttpResponse:
    counts = tabs_of(batch)
    tab = request.GET.get("tab", "")
    if tab not in TAB_LABELS:
        tab = next((name for name in ("refused", "warned", "new") if counts[name]), "all")
    reasons = reasons_of(batch, tab)
    code = request.GET.get("code", "") if request.GET.get("code") in {each[0] for each in reasons} else ""
    page = Paginator(rows_of(batch, tab, code).select_related("account__room"), _PAGE).get_page(request.GET.get("page"))
    may_change = batch.state == ImportBatch.State.PREVIEWED and _may(request, "import.upload")
    is_editing = may_change and tab == "refused" and bool(counts["refused"]) and "same_file" not in batch.totals
    controls = sorted(batch.totals.get("controls", []), key=lambda each: each["agrees"])
    sums = [*batch.totals.get("by_community", []), *batch.totals.get("by_period", [])]
    context: dict[str, Any] = {
        "batch": batch,
        "totals": batch.totals,
        "layout": batch.layout,
        "step": 3,
        "tab": tab,
        "tabs": [
            {"label": TAB_LABELS[name], "href": f"?tab={name}#rows", "current": name == tab, "count": count}
            for name, count in counts.items()
            if count or name == "all"
        ],
        "reasons": [
            {"code": c, "words": w, "count": n, "current": c == code} for c, w, n in reasons[:_KINDS_OF_REASON]
        ],
        "code": code,
        "page_obj": page,
        "groups": groups_of(batch, page.object_list, editable=is_editing),
        "may_change": may_change,
        "is_editing": is_editing,
        "controls": controls[:_CONTROLS],
        "more_controls": max(len(controls) - _CONTROLS, 0),
        "disagreeing": sum(1 for each in controls if not each["agrees"]),
        "sums": sums[:_CONTROLS],
        "more_sums": max(len(sums) - _CONTROLS, 0),
        "problem": problem,
    }
    return render(request, "billing/import_check.html", context, status=status)


@needs("import.read")
@require_GET
def row(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One row of the file, every cell of it: `?sheet=0&row=473`."""
    batch = batch_of(batch_id)
    layouts = dict(enumerate(batch.layout.get("sheets", [])))
    number, row_no = (
        int(text) if text.isdecimal() else -1 for text in (request.GET.get("sheet", ""), request.GET.get("row", ""))
    )
    found = row_at(batch, layouts[number]["name"], row_no) if number in layouts else None
    if found is None:
        messages.error(request, _("文件里没有这一行。"))
        return redirect("billing:import-check", batch.pk)
    may_change = batch.state == ImportBatch.State.PREVIEWED and _may(request, "import.upload")
    heads = sorted((*layouts[number]["columns"], *layouts[number]["others"]), key=lambda head: head["index"])
    bad = set(offending_columns(found.reasons, heads))
    context = {
        "batch": batch,
        "step": 3,
        "row": found,
        "cells": [
            cell_of(found, number, head, editable=may_change) | {"is_bad": head["index"] in bad} for head in heads
        ],
        "may_change": may_change,
    }
    return render(request, "billing/import_row.html", context)


@needs("import.upload")
@require_POST
def fix(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Write something else in place of cells; every row is judged anew."""
    batch = batch_of(batch_id)
    names = [sheet["name"] for sheet in batch.layout.get("sheets", [])]
    fixes: dict[tuple[str, int], dict[int, str]] = {}
    for name, text in request.POST.items():
        if (place := _CELL.fullmatch(name)) and int(place[1]) < len(names):
            fixes.setdefault((names[int(place[1])], int(place[2])), {})[int(place[3])] = str(text)
    before = batch.totals.get("refused", 0)
    try:
        batch = ask_fixes(batch=batch, fixes=fixes, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        return _check(request, batch_of(batch_id), problem=str(no), status=422)
    if batch.state == ImportBatch.State.READING:
        ring_for(batch)
        return redirect("billing:import-reading", batch.pk)
    now = batch.totals.get("refused", 0)
    words = _("已重新检查：错误 %(before)s 行，现在 %(now)s 行。") % {"before": before, "now": now}
    messages.success(request, words)
    return redirect(reverse("billing:import-check", args=[batch.pk]) + "#rows")


@never_cache
@needs("import.read")
@require_http_methods(["GET", "POST"])
def commit(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Step 4: book the batch, here or in the worker; while it is under way this page asks how far it is."""
    batch = batch_of(batch_id)
    if request.method == "POST":
        return _commit(request, batch)
    job = import_job(batch)
    if batch.state != ImportBatch.State.COMMITTING:
        if job is not None and job.state == job.State.FAILED and batch.state == ImportBatch.State.PREVIEWED:
            messages.error(request, job.message)
        target = reverse("billing:import", args=[batch.pk])
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": target})
        return redirect(target)
    seconds = int((office_now() - job.asked_at).total_seconds()) if job else 0
    context = {
        "batch": batch,
        "totals": batch.totals,
        "step": 4,
        "job": job,
        "seconds": seconds,
        "pace": commit_pace(job),
    }
    part = "billing/import_progress.html" if request.headers.get("HX-Request") else "billing/import_commit.html"
    return render(request, part, context)


def _commit(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    if not _may(request, "import.upload"):
        raise PermissionDenied("import.upload")
    form = CommitForm(request.POST)
    form.is_valid()
    try:
        batch = ask_commit(
            batch=batch,
            accept_good=form.cleaned_data.get("accept_good", False),
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
            result=reverse("billing:import-result", args=[batch.pk]),
        )
    except Refusal as no:
        return _check(request, batch_of(batch.pk), problem=str(no), status=422)
    if batch.state == ImportBatch.State.COMMITTING:
        ring_for(batch)
        return redirect("billing:import-commit", batch.pk)
    messages.success(request, _("已导入。"))
    return redirect("billing:import-result", batch.pk)
