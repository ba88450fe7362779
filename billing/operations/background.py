"""Large files in the worker: a job row is left, a worker takes it, and a killed one is followed by the next.

Reading and booking are such jobs. All or nothing as in the request: what is written, the batch's state and the end of
the job are one transaction, which holds the job's lock. A worker that dies loses its lock with everything it wrote, and
the same piece is done again. Only how far it is stands outside that transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from billing.models import ImportBatch
from billing.operations.commits import commit_import, may_commit
from billing.operations.uploads import keep_unread, limited, may_correct, read_kept, upload_data
from offices.models import Community, Job, User
from offices.operations import Refusal
from offices.operations.jobs import ask_job, begin_job, end_job, hold_job
from offices.operations.progress import told_to
from offices.scoping import office_scope

COMMIT = "import_commit"
READ = "import_read"
IN_THE_REQUEST = 2_000  # rows that are booked while the person waits
READ_IN_THE_REQUEST = 512 * 1024  # bytes that are read while the person waits: about 10,000 rows, one second
_STEPS = 100  # of reading: how many rows there are is known only at its end
logger = logging.getLogger(__name__)


@transaction.atomic
def ask_upload(
    *,
    kind: str,
    file: BinaryIO,
    name: str,
    community: Community | None,
    by: User | None,
    at: datetime,
    corrects: ImportBatch | None = None,
) -> ImportBatch:
    """Read and check a file: a small one at once (see `upload_file`), a large one by the worker: state READING, and a job
    to look at. Raises `ImportRefused`; of a large file that cannot be read the job says why, and the batch is discarded.
    """
    kind, community = may_correct(corrects, kind, community)
    data = limited(file)
    if len(data) <= READ_IN_THE_REQUEST:
        return upload_data(kind=kind, data=data, name=name, community=community, by=by, at=at, corrects=corrects)
    batch = keep_unread(kind=kind, data=data, name=name, community=community, by=by, at=at, corrects=corrects)
    ask_job(kind=READ, parameters={"batch": batch.pk}, total=_STEPS, result="", by=by, at=at)
    return batch


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


def run_waiting_imports(*, office_id: int, at: datetime) -> int:
    """Read and book everything that waits, or whose worker died; returns how much was done. Opens its own short scopes."""
    done = 0
    for work in (_READING, _COMMITTING):
        tried: set[int] = set()
        while (job_id := _begin(work, office_id, at, tried)) is not None:
            tried.add(job_id)
            done += _run(work, office_id, job_id, at)
    return done


@dataclass(frozen=True, slots=True)
class _Work:
    """A kind of job: what is done, and what becomes of the batch when it cannot be done."""

    kind: str
    do: Callable[[Job, datetime], None]
    waits_in: str
    falls_back_to: str

    def give_up(self, job: Job) -> None:
        """The batch of a failed job; the job says why."""
        ImportBatch.objects.filter(pk=job.parameters["batch"], state=self.waits_in).update(state=self.falls_back_to)


def _begin(work: _Work, office_id: int, at: datetime, tried: set[int]) -> int | None:
    with office_scope(office_id):
        while (job := begin_job(kind=work.kind, at=at, except_for=tried)) is not None:
            if job.state == Job.State.RUNNING:
                return job.pk
            work.give_up(job)
            tried.add(job.pk)
    return None


def _run(work: _Work, office_id: int, job_id: int, at: datetime) -> int:
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


def _read(job: Job, at: datetime) -> None:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    if batch.state == ImportBatch.State.READING:
        read_kept(batch=batch)


def _commit(job: Job, at: datetime) -> None:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    if batch.state != ImportBatch.State.COMMITTING:
        return
    batch.state = ImportBatch.State.PREVIEWED
    batch.save(update_fields=["state"])
    commit_import(batch=batch, accept_good=batch.accept_good, by=job.asked_by, at=at)


_READING = _Work(READ, _read, waits_in=ImportBatch.State.READING, falls_back_to=ImportBatch.State.DISCARDED)
_COMMITTING = _Work(COMMIT, _commit, waits_in=ImportBatch.State.COMMITTING, falls_back_to=ImportBatch.State.PREVIEWED)
