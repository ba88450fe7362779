"""Large files in the worker: a job row is left, a worker takes it, and a killed one is followed by the next.

Reading, reading again with a person's word, and booking are such jobs: all or nothing as in the request (see `offices.operations.workers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from billing.models import ImportBatch
from billing.operations.commits import commit_import, may_commit
from billing.operations.corrections import Place, chosen_columns, fix_rows, map_columns, wanted_fixes
from billing.operations.uploads import keep_unread, limited, may_correct, read_kept, upload_data
from offices.models import Community, Job, User
from offices.operations.jobs import ask_job
from offices.operations.workers import Work, work_off

COMMIT = "import_commit"
READ = "import_read"
REREAD = "import_reread"
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
def ask_columns(
    *, batch: ImportBatch, choices: Mapping[str, Mapping[int, str]], period: str = "", by: User | None, at: datetime
) -> ImportBatch:
    """`map_columns`; of a large file by the worker: state READING, and a job to look at.

    What is wrong with the choices themselves is said at once; of what shows only when the file is read the job says
    why, and the batch is as before. Raises `ImportRefused`.
    """
    if batch.file.size <= READ_IN_THE_REQUEST:
        return map_columns(batch=batch, choices=choices, period=period, by=by, at=at)
    batch, _chosen = chosen_columns(batch=batch, choices=choices, period=period)
    said = {print_: {str(index): field for index, field in fields.items()} for print_, fields in choices.items()}
    return _read_again(batch, {"choices": said, "period": period}, by, at)


@transaction.atomic
def ask_fixes(
    *, batch: ImportBatch, fixes: Mapping[Place, Mapping[int, str]], by: User | None, at: datetime
) -> ImportBatch:
    """`fix_rows`; of a large file by the worker, as `ask_columns`. Raises `ImportRefused`."""
    if batch.file.size <= READ_IN_THE_REQUEST:
        return fix_rows(batch=batch, fixes=fixes, by=by, at=at)
    batch, before, kept = wanted_fixes(batch=batch, fixes=fixes, by=by)
    if kept == before:
        return batch
    said = [[*place, {str(index): text for index, text in texts.items()}] for place, texts in fixes.items()]
    return _read_again(batch, {"fixes": said}, by, at)


def _read_again(batch: ImportBatch, said: dict[str, Any], by: User | None, at: datetime) -> ImportBatch:
    said |= {"batch": batch.pk, "before": batch.state}
    ask_job(kind=REREAD, parameters=said, total=_STEPS, result="", by=by, at=at)
    batch.state = ImportBatch.State.READING
    batch.save(update_fields=["state"])
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
    return sum(work_off(work=work, office_id=office_id, at=at) for work in (_READING, _REREADING, _COMMITTING))


def _read(job: Job, at: datetime) -> None:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=job.parameters["batch"])
    if batch.state == ImportBatch.State.READING:
        read_kept(batch=batch)


def _reread(job: Job, at: datetime) -> None:
    said = job.parameters
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=said["batch"])
    if batch.state != ImportBatch.State.READING:
        return
    batch.state = said["before"]
    batch.save(update_fields=["state"])
    if "choices" in said:
        choices = {print_: {int(at): field for at, field in each.items()} for print_, each in said["choices"].items()}
        map_columns(batch=batch, choices=choices, period=said["period"], by=job.asked_by, at=at)
    else:
        fixes = {(sheet, row): {int(at): text for at, text in each.items()} for sheet, row, each in said["fixes"]}
        fix_rows(batch=batch, fixes=fixes, by=job.asked_by, at=at)


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


def _as_before(job: Job) -> None:
    ImportBatch.objects.filter(pk=job.parameters["batch"], state=ImportBatch.State.READING).update(
        state=job.parameters["before"]
    )


def _back_to_preview(job: Job) -> None:
    ImportBatch.objects.filter(pk=job.parameters["batch"], state=ImportBatch.State.COMMITTING).update(
        state=ImportBatch.State.PREVIEWED
    )


_READING, _COMMITTING = Work(READ, _read, _put_aside), Work(COMMIT, _commit, _back_to_preview)
_REREADING = Work(REREAD, _reread, _as_before)
