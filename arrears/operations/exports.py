"""The arrears list to be taken along when it is too long to wait for: asked for here, made by the worker, kept some days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.documents import VOLUME, arrears_pdf, arrears_workbook
from arrears.queries import ArrearsFilters, arrears_list
from arrears.queries.exports import EXPORT, file_of
from offices.models import Job, StoredFile, User
from offices.operations import Refusal
from offices.operations.jobs import ask_job
from offices.operations.offices import note_security_event
from offices.operations.results import keep_result
from offices.operations.workers import Work, work_off
from offices.scoping import current_office

AT_ONCE = {"xlsx": 20_000, "pdf": VOLUME}
"""Households that are written into a file while the person waits; a longer list is the worker's."""


class ExportRefused(Refusal):
    """The list cannot be exported as asked; nothing left the house."""

    code = "export_refused"
    status = 422


@transaction.atomic
def ask_export(*, form: str, on: date, filters: ArrearsFilters, query: str, result: str, by: User, at: datetime) -> Job:
    """Ask the worker for the list as `xlsx` or `pdf`; `query` are the filters as they stand in the address of the page.

    The same asked again by the same person while it is under way is the same job. `result` is the address of the page
    with the person's files. Raises `ExportRefused`.
    """
    if form not in AT_ONCE:
        raise ExportRefused(_("只能导出为 Excel（xlsx）或 PDF，请改选格式。"), code="form_unknown")
    asked = {"form": form, "on": f"{on}", "query": query, "filters": _plain(filters)}
    under_way = Job.objects.filter(
        kind=EXPORT, asked_by=by, state__in=(Job.State.WAITING, Job.State.RUNNING), parameters__contains=asked
    )
    if (job := under_way.order_by("pk").first()) is not None:
        return job
    rows = len(arrears_list(on, filters, page=1, size=1).rows)
    if not rows:
        raise ExportRefused(_("没有符合条件的欠费户，没有可导出的内容。请换一个筛选条件。"), code="nothing_found")
    return ask_job(kind=EXPORT, parameters=asked, total=rows, result=result, by=by, at=at)


def run_waiting_exports(*, office_id: int, at: datetime) -> int:
    """Make every list that waits, or whose worker died; returns how many. Opens its own short scopes."""
    return work_off(work=_EXPORTING, office_id=office_id, at=at)


@transaction.atomic
def take_export(*, job: Job, by: User, at: datetime) -> StoredFile:
    """The finished file for the person who asked for it, to be taken out of the house: written into the log (R5).

    Raises `ExportRefused` while it is not ready and once it is thrown away.
    """
    stored = file_of(job)
    if stored is None:
        words = _("这份文件还没有生成好，或者已过保存期并删除。请在“导出文件”里查看，需要时重新导出。")
        raise ExportRefused(words, code="no_file")
    asked = job.parameters
    details = {"rows": asked["rows"], "query": asked["query"], "form": asked["form"], "job": job.pk}
    note_security_event(kind="arrears_exported", by=by, at=at, subject=asked["on"], details=details)
    return stored


def _make(job: Job, at: datetime) -> None:
    asked = job.parameters
    on = date.fromisoformat(asked["on"])
    said = asked["filters"]
    minimum = said["minimum"] and Decimal(said["minimum"])
    found, office = arrears_list(on, ArrearsFilters(**said | {"minimum": minimum})), current_office()
    name = f"欠费清单_{on:%Y%m%d}.{asked['form']}"
    job.parameters = asked | {"rows": len(found.rows)}
    if asked["form"] == "xlsx":
        with arrears_workbook(found, office=office.name) as book:
            keep_result(job=job, data=book, name=name, at=at)
        return
    when = job.asked_at.astimezone(ZoneInfo(office.time_zone))
    printed = _("%(who)s 打印于 %(when)s") % {"who": job.asked_by, "when": f"{when:%Y-%m-%d %H:%M}"}
    keep_result(job=job, data=arrears_pdf(found, office=office.name, printed=printed), name=name, at=at)


def _plain(filters: ArrearsFilters) -> dict[str, object]:
    return asdict(filters) | {"minimum": None if filters.minimum is None else f"{filters.minimum}"}


def _nothing(job: Job) -> None:
    """A list that could not be made leaves nothing to tidy up."""


_EXPORTING = Work(EXPORT, _make, _nothing)
