"""What a worker does with the jobs of one kind: all of them that wait, or whose worker died, each in one transaction.

What a job writes, its state and its end are that transaction, which holds the job's lock. A worker that dies loses its
lock with everything it wrote, and the same piece is done again. Only how far it is stands outside (see `progress`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from offices.models import Job
from offices.operations import Refusal
from offices.operations.jobs import begin_job, end_job, hold_job
from offices.operations.progress import told_to
from offices.scoping import office_scope

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of job: what is done with one, and what becomes of what it was about when it cannot be done."""

    kind: str
    do: Callable[[Job, datetime], None]
    give_up: Callable[[Job], None]


def work_off(*, work: Work, office_id: int, at: datetime) -> int:
    """Do every job of this kind; returns how many were done. Opens its own short scopes.

    A refusal ends the job with its words; any other fault leaves it to the next worker, three times at most.
    """
    done, tried = 0, set[int]()
    while (job_id := _begin(work, office_id, at, tried)) is not None:
        tried.add(job_id)
        done += _run(work, office_id, job_id, at)
    return done


def _begin(work: Work, office_id: int, at: datetime, tried: set[int]) -> int | None:
    with office_scope(office_id):
        while (job := begin_job(kind=work.kind, at=at, except_for=tried)) is not None:
            if job.state == Job.State.RUNNING:
                return job.pk
            work.give_up(job)
            tried.add(job.pk)
    return None


def _run(work: Work, office_id: int, job_id: int, at: datetime) -> int:
    try:
        with office_scope(office_id):
            job = hold_job(job_id=job_id)
            if job is None:
                return 0
            with told_to(job, at=at):
                work.do(job, at)
            end_job(job=job, at=at)
            return 1
    except Refusal as no:
        with office_scope(office_id):
            if (job := hold_job(job_id=job_id)) is not None:
                end_job(job=job, at=at, failure=str(no))
                work.give_up(job)
    except Exception:
        logger.exception("Job %s (%s) of office %s failed; it will be tried again.", job_id, work.kind, office_id)
    return 0
