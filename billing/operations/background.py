"""Large files in the worker: a job row is left, a worker takes it, and a killed one is followed by the next.

Reading and booking are such jobs: all or nothing as in the request (see `offices.operations.workers`).
"""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from billing.models import ImportBatch
from billing.operations.commits import commit_import, may_commit
from billing.operations.uploads import keep_unread, limited, may_correct, read_kept, upload_data
from offices.models import Community, Job, User
from offices.operations.jobs import ask_job
from offices.operations.workers import Work, work_off

COMMIT = "import_commit"
READ = "import_read"
IN_THE_REQUEST = 2_000  # rows that are booked while the person waits
READ_IN_THE_REQUEST = 512 * 1024  # bytes that are read while the person waits: about 10,000 rows, one second
_STEPS = 100  # of reading: how many rows there are is known only at its end


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
    return sum(work_off(work=work, office_id=office_id, at=at) for work in (_READING, _COMMITTING))


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


def _put_aside(job: Job) -> None:
    ImportBatch.objects.filter(pk=job.parameters["batch"], state=ImportBatch.State.READING).update(
        state=ImportBatch.State.DISCARDED
    )


def _back_to_preview(job: Job) -> None:
    ImportBatch.objects.filter(pk=job.parameters["batch"], state=ImportBatch.State.COMMITTING).update(
        state=ImportBatch.State.PREVIEWED
    )


_READING, _COMMITTING = Work(READ, _read, _put_aside), Work(COMMIT, _commit, _back_to_preview)
