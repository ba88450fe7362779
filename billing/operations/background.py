"""Large commits in the worker: a job row is left, a worker takes it, and a killed one is followed by the next.

All or nothing as in the request: the facts, the batch's state and the end of the job are one transaction, which holds
the job's lock. A worker that dies loses its lock with everything it wrote, and the same commit is done again. Only how
far it is stands outside that transaction.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from billing.models import ImportBatch
from billing.operations.commits import commit_import, may_commit
from offices.models import Job, User
from offices.operations import Refusal
from offices.operations.jobs import ask_job, begin_job, end_job, hold_job
from offices.operations.progress import told_to
from offices.scoping import office_scope

COMMIT = "import_commit"
IN_THE_REQUEST = 2_000  # rows that are booked while the person waits
logger = logging.getLogger(__name__)


@transaction.atomic
def ask_commit(
    *, batch: ImportBatch, accept_good: bool, by: User | None, at: datetime, result: str = ""
) -> ImportBatch:
    """Book a batch: a small one at once, a large one by the worker (state COMMITTING, and a job to look at).

    Asked again while it is under way, or when it is done, it changes nothing: a double click is one commit.
    `result` is the address of the outcome. Raises `ImportRefused`.
    """
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state in (ImportBatch.State.COMMITTING, ImportBatch.State.COMMITTED):
        return batch
    rows = batch.totals.get("rows", 0)
    if rows <= IN_THE_REQUEST:
        return commit_import(batch=batch, accept_good=accept_good, by=by, at=at)
    may_commit(batch, accept_good)
    batch.state, batch.accept_good = ImportBatch.State.COMMITTING, accept_good
    batch.save(update_fields=["state", "accept_good"])
    ask_job(kind=COMMIT, parameters={"batch": batch.pk}, total=rows, result=result, by=by, at=at)
    return batch


def run_waiting_commits(*, office_id: int, at: datetime) -> int:
    """Do every commit that waits, or whose worker died; returns how many were done. Opens its own short scopes."""
    tried: set[int] = set()
    done = 0
    while (job_id := _begin(office_id, at, tried)) is not None:
        tried.add(job_id)
        done += _run(office_id, job_id, at)
    return done


def _begin(office_id: int, at: datetime, tried: set[int]) -> int | None:
    with office_scope(office_id):
        while (job := begin_job(kind=COMMIT, at=at, except_for=tried)) is not None:
            if job.state == Job.State.RUNNING:
                return job.pk
            _check_again(job)
            tried.add(job.pk)
    return None


def _run(office_id: int, job_id: int, at: datetime) -> int:
    try:
        with office_scope(office_id):
            job = hold_job(job_id=job_id)
            if job is None:
                return 0
            with told_to(job, at=at):
                _commit(job, at)
            end_job(job=job, at=at)
            return 1
    except Refusal as no:
        with office_scope(office_id):
            if (job := hold_job(job_id=job_id)) is not None:
                end_job(job=job, at=at, failure=str(no))
                _check_again(job)
    except Exception:
        logger.exception("Commit job %s of office %s failed; it will be tried again.", job_id, office_id)
    return 0


def _commit(job: Job, at: datetime) -> None:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    if batch.state != ImportBatch.State.COMMITTING:
        return
    batch.state = ImportBatch.State.PREVIEWED
    batch.save(update_fields=["state"])
    commit_import(batch=batch, accept_good=batch.accept_good, by=job.asked_by, at=at)


def _check_again(job: Job) -> None:
    """The batch of a failed job stands where it stood before; the person may commit it again."""
    ImportBatch.objects.filter(pk=job.parameters["batch"], state=ImportBatch.State.COMMITTING).update(
        state=ImportBatch.State.PREVIEWED
    )
