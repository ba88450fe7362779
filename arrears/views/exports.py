"""The arrears list taken out of the house: at once when it is short, by the worker when it is long, always on record."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from arrears.documents import arrears_pdf, arrears_workbook
from arrears.forms import ArrearsFilterForm
from arrears.operations.exports import AT_ONCE, ask_export, take_export
from arrears.queries import ArrearsList, arrears_list
from arrears.queries.exports import exports_of, file_of
from arrears.tasks import ring_exports
from offices.filing import FileDamaged, open_file
from offices.models import Job
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.operations.results import KEPT_FOR
from offices.permissions import needs
from offices.scoping import current_office, office_now, office_today

SHOWN = 30


@needs("ledger.export")
@require_GET
def workbook(request: HttpRequest) -> HttpResponse | FileResponse:
    """The whole list as a workbook; who took it is written down. A long one is the worker's."""
    found = _taken(request, "xlsx")
    if found is None:
        return _too_long(request)
    book = arrears_workbook(found, office=current_office().name)
    return FileResponse(book, as_attachment=True, filename=f"欠费清单_{found.on:%Y%m%d}.xlsx")


@needs("ledger.export")
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The whole list as PDF; who took it is written down. A long one is the worker's."""
    found = _taken(request, "pdf")
    if found is None:
        return _too_long(request)
    printed = _("%(who)s 打印于 %(when)s") % {"who": request.user, "when": f"{office_now():%Y-%m-%d %H:%M}"}
    pdf = arrears_pdf(found, office=current_office().name, printed=printed)
    return _file(pdf, "application/pdf", f"欠费清单_{found.on:%Y%m%d}.pdf", inline=True)


def _taken(request: HttpRequest, form: str) -> ArrearsList | None:
    """Every row that was asked for, to be taken out of the house: written into the log first (R5). None when it is too long."""
    on, filters = ArrearsFilterForm(request.GET).asked(office_today())
    if len(arrears_list(on, filters, page=1, size=1).rows) > AT_ONCE[form]:
        return None
    found = arrears_list(on, filters)
    note_security_event(
        kind="arrears_exported",
        by=request.user,  # type: ignore[arg-type]
        at=office_now(),
        subject=f"{on}",
        details={"rows": len(found.rows), "query": request.GET.urlencode(), "form": form},
    )
    return found


def _too_long(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("清单太长，不能当场生成。请在清单页上点“后台生成”，做好后在“导出文件”里下载。"))
    return redirect(f"{reverse('arrears:list')}?{request.GET.urlencode()}")


@never_cache
@needs("ledger.export")
@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """One's own files: how far each is, to be fetched until its day. POST asks for the list with the filters of the address."""
    if request.method == "POST":
        on, filters = ArrearsFilterForm(request.GET).asked(office_today())
        query = request.GET.copy()
        query.pop("page", None)
        try:
            ask_export(
                form=request.POST.get("form", ""),
                on=on,
                filters=filters,
                query=query.urlencode(),
                result=reverse("arrears:exports"),
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            messages.error(request, str(no))
            return redirect(f"{reverse('arrears:list')}?{request.GET.urlencode()}")
        ring_exports()
        return redirect("arrears:exports")
    jobs = list(exports_of(request.user)[:SHOWN])  # type: ignore[arg-type]
    rows = [{"job": job, "file": file_of(job), "until": job.finished_at and job.finished_at + KEPT_FOR} for job in jobs]
    context = {"rows": rows, "is_open": any(job.state in ("waiting", "running") for job in jobs), "days": KEPT_FOR.days}
    return render(request, "arrears/exports.html", context)


@needs("ledger.export")
@require_GET
def export_file(request: HttpRequest, job_id: int) -> HttpResponse:
    """The file, for whoever asked for it; each taking is written down."""
    job = get_object_or_404(exports_of(request.user), pk=job_id)  # type: ignore[arg-type]
    try:
        return file_answer(request, job)
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("arrears:exports")


def file_answer(request: HttpRequest, job: Job) -> HttpResponse:
    """The bytes of a finished export, for page and API. Raises `ExportRefused`."""
    stored = take_export(job=job, by=request.user, at=office_now())  # type: ignore[arg-type]
    try:
        return _file(open_file(stored), stored.mime, stored.name, inline=False)
    except FileDamaged:
        return HttpResponse(_("这份文件在磁盘上已损坏，请重新导出并告诉管理员。"), status=500)


def _file(data: bytes, mime: str, name: str, *, inline: bool) -> HttpResponse:
    answer = HttpResponse(data, content_type=mime)
    answer["Content-Disposition"] = content_disposition_header(not inline, name) or ""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
