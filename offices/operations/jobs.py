"""Long pieces of work a person waits for: asked, begun, done or failed. The row is the queue (architecture 3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from offices.models import Job, User

OPEN = (Job.State.WAITING, Job.State.RUNNING)
_LOCK = 20_261  # the first key of the advisory locks of jobs; the second is the job
ATTEMPTS = 3  # a piece of work that brought three workers down will bring down the fourth


def ask_job(*, kind: str, parameters: dict[str, Any], total: int, result: str, by: User | None, at: datetime) -> Job:
    """Leave a piece of work for the worker; `result` is the address where its outcome can be seen."""
    return Job.objects.create(
        kind=kind,
        parameters=parameters | {"attempts": 0},
        total=total,
        result=result,
        message=_("排队中，马上开始"),
        asked_by=by,
        asked_at=at,
    )


def begin_job(*, kind: str, at: datetime, except_for: set[int]) -> Job | None:
    """Take the oldest job of a kind that no living worker holds; None when there is none.

    Whoever works on a job keeps its advisory lock until the end, so a running job whose lock is free has lost its
    worker, and is begun again. One that was begun too often is given up and returned as FAILED.
    The row itself stays free: the worker writes there how far it is (see `progress`).
    """
    waiting = (
        Job.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(kind=kind, state__in=OPEN)
        .exclude(pk__in=except_for)
        .order_by("asked_at", "pk")
    )
    job = next((each for each in waiting if _take(each.pk)), None)
    if job is None:
        return None
    if job.parameters.get("attempts", 0) >= ATTEMPTS:
        return end_job(job=job, at=at, failure=_("系统出错，没有写入任何数据，已记录。请稍后再试。"))
    job.parameters = job.parameters | {"attempts": job.parameters.get("attempts", 0) + 1}
    job.state, job.started_at, job.heartbeat_at, job.message = Job.State.RUNNING, at, at, _("正在处理")
    job.done = 0
    job.save(update_fields=["state", "started_at", "heartbeat_at", "message", "parameters", "done"])
    return job


def hold_job(*, job_id: int) -> Job | None:
    """Lock a job that was begun, for as long as the transaction lasts; None when another worker holds or ended it."""
    if not _take(job_id):
        return None
    return Job.objects.select_related("asked_by").filter(pk=job_id, state=Job.State.RUNNING).first()


def _take(job_id: int) -> bool:
    """The advisory lock of a job until the transaction ends or its worker dies; False when another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, job_id % 2**31])
        return bool(cursor.fetchone()[0])


def end_job(*, job: Job, at: datetime, failure: str = "") -> Job:
    """Done, or failed with words for the person who waits."""
    job.state = Job.State.FAILED if failure else Job.State.DONE
    job.message, job.finished_at = (failure or _("已完成"))[:300], at
    job.done = job.done if failure else job.total
    job.save(update_fields=["state", "message", "finished_at", "done"])
    return job
