"""kill −9 at random points of a commit: all or nothing, and the same upload is committed afterwards, exactly once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, connections
from django.db.models import Sum

from billing.models import Allocation, Bill, ImportBatch, Payment
from billing.operations import ImportRefused, commit_import, undo_import, upload_file
from config.benchmarks.bill_files import bill_file, move_in
from offices.models import Office
from offices.scoping import office_scope

ROWS, POINTS = 100_000, 20
Booked = tuple[int, Decimal | None, int, int]
_NOTHING: Booked = (0, None, 0, 0)


class NotProven(AssertionError):
    """The books were neither whole nor untouched; the message says what was found."""


def import_kill(
    office: Office, *, at: datetime, rows: int = ROWS, points: int = POINTS, tell: Callable[[str], object] = print
) -> dict[str, Any]:
    """Kill a process that commits `rows` rows at `points` random points; returns the figures. Raises `NotProven`."""
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    path = bill_file(rows)
    with office_scope(office):
        move_in(rows // 4)
    with office_scope(office), path.open("rb") as file:
        batch = upload_file(kind="bills", file=file, name=path.name, community=None, by=None, at=at)
    seconds, whole = _rehearsed(office, batch, at)
    tell(f"seed {seed}: a commit of {rows} rows takes {seconds:.1f} s and books {whole[0]} bills, {whole[2]} payments")
    finished = 0
    for point in range(points):
        delay = chance.uniform(0, seconds)
        _kill_after(delay, lambda: _commit(office, batch.pk, at))
        found = _booked(office, batch.pk)
        if found not in (_NOTHING, whole):
            raise NotProven(f"after {delay:.2f} s: {found}, which is neither nothing nor {whole}")
        tell(f"{point + 1:3}: killed after {delay:5.2f} s: {'whole' if found == whole else 'nothing'}")
        if found == whole:  # it was quicker than the shot: take it back, so that the next point is one too
            finished += 1
            with office_scope(office):
                undo_import(batch=batch, by=None, at=at, reason="验证")
                ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.PREVIEWED, undone_at=None)
    _commit(office, batch.pk, at)
    if (found := _booked(office, batch.pk)) != whole:
        raise NotProven(f"the commit afterwards booked {found} instead of {whole}")
    with suppress(ImportRefused):
        _commit(office, batch.pk, at)
        raise NotProven("the same batch was committed a second time")
    if (found := _booked(office, batch.pk)) != whole:
        raise NotProven(f"the second commit was refused, and yet left {found} instead of {whole}")
    return {"name": "import_kill", "rows": rows, "points": points, "finished_before_the_shot": finished, "seed": seed}


def _commit(office: Office, batch_id: int, at: datetime) -> None:
    with office_scope(office):
        commit_import(batch=ImportBatch.objects.get(pk=batch_id), accept_good=True, by=None, at=at)


class _RollBack(Exception):
    """Ends the rehearsal."""


def _rehearsed(office: Office, batch: ImportBatch, at: datetime) -> tuple[float, Booked]:
    """How long a commit takes, and what it books; nothing of it stays."""
    started = time.perf_counter()
    with suppress(_RollBack), office_scope(office):
        commit_import(batch=ImportBatch.objects.get(pk=batch.pk), accept_good=True, by=None, at=at)
        whole = _count(batch.pk)
        raise _RollBack
    return time.perf_counter() - started, whole


def _booked(office: Office, batch_id: int) -> Booked:
    """What stands in the books, once PostgreSQL has noticed the death."""
    with office_scope(office):
        found = _count(batch_id)
        state = ImportBatch.objects.get(pk=batch_id).state
    expected = ImportBatch.State.COMMITTED if found[0] else ImportBatch.State.PREVIEWED
    if state != expected:
        raise NotProven(f"the batch is {state} with {found[0]} bills")
    return found


def _count(batch_id: int) -> Booked:
    bills = Bill.objects.filter(batch_id=batch_id)
    return (
        bills.count(),
        bills.aggregate(all=Sum("amount"))["all"],
        Payment.objects.filter(batch_id=batch_id).count(),
        Allocation.objects.filter(payment__batch_id=batch_id).count(),
    )


def _kill_after(delay: float, work: Callable[[], object]) -> None:
    """Do the work in a process of its own and shoot it; come back when its database session is gone."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(delay)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while _others():
        time.sleep(0.02)


def _others() -> int:
    """Sessions of ours in a transaction on this database, besides this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
            "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        return int(cursor.fetchone()[0])
