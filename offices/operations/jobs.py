"""Long pieces of work a person waits for: asked, begun, done or failed. The row is the queue (architecture 3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from offices.models import Job, User

OPEN = (Job.State.WAITING, Job.State.RUNNING)
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

    Whoever works on a job keeps its row locked until the end, so a running job whose row can be locked has lost its
    worker, and is begun again. One that was begun too often is given up and returned as FAILED.
    """
    job = (
        Job.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(kind=kind, state__in=OPEN)
        .exclude(pk__in=except_for)
        .order_by("asked_at", "pk")
        .first()
    )
    if job is None:
        return None
    if job.parameters.get("attempts", 0) >= ATTEMPTS:
        return end_job(job=job, at=at, failure=_("系统出错，没有写入任何数据，已记录。请稍后再试。"))
    job.parameters = job.parameters | {"attempts": job.parameters.get("attempts", 0) + 1}
    job.state, job.started_at, job.heartbeat_at, job.message = Job.State.RUNNING, at, at, _("正在写入")
    job.save(update_fields=["state", "started_at", "heartbeat_at", "message", "parameters"])
    return job


def hold_job(*, job_id: int) -> Job | None:
    """Lock a job that was begun, for as long as the transaction lasts; None when another worker holds or ended it."""
    rows = Job.objects.select_for_update(of=("self",), skip_locked=True).select_related("asked_by")
    return rows.filter(pk=job_id, state=Job.State.RUNNING).first()


def end_job(*, job: Job, at: datetime, failure: str = "") -> Job:
    """Done, or failed with words for the person who waits."""
    job.state = Job.State.FAILED if failure else Job.State.DONE
    job.message, job.finished_at = (failure or _("已完成"))[:300], at
    job.done = job.done if failure else job.total
    job.save(update_fields=["state", "message", "finished_at", "done"])
    return job
