"""While the one transaction of a large commit is open, others see how far it is, and that a worker holds it."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from billing.models import Bill, ImportBatch
from billing.operations import ask_commit, background, bills, upload_file
from billing.queries import commit_pace, import_job
from offices.operations.progress import tell
from tests.faults.test_killed_in_the_middle import BILLS, EXPECTED, huating

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["huating"]  # the fixture


def test_progress_is_seen_from_outside_before_the_commit(huating: SimpleNamespace, monkeypatch: Any) -> None:
    monkeypatch.setattr(background, "IN_THE_REQUEST", 10)
    finance, now = huating.people["finance"], datetime.now(UTC)
    with huating.open(by=finance), BILLS.open("rb") as file:
        batch = upload_file(kind="bills", file=file, name=BILLS.name, community=None, by=finance, at=now)
        ask_commit(batch=batch, accept_good=True, by=finance, at=now)
    seen: list[tuple[int, int, int]] = []

    def told(step: int, of: int) -> None:
        tell(step, of)
        watcher = Thread(target=look)
        watcher.start()
        watcher.join()

    def look() -> None:
        try:
            again = background.run_waiting_imports(office_id=huating.id, at=now)
            with huating.open():
                job = import_job(batch)
                assert job is not None
                assert (job.state, commit_pace(job) is not None) == ("running", True)
                seen.append((job.done, Bill.objects.count(), again))
        finally:
            connection.close()

    monkeypatch.setattr(bills, "tell", told)
    assert background.run_waiting_imports(office_id=huating.id, at=now) == 1
    rows = batch.totals["rows"]
    assert seen == [(rows * step // 5, 0, 0) for step in range(1, 5)]
    with huating.open():
        job = import_job(batch)
        assert job is not None
        assert (job.state, job.done, job.total) == ("done", rows, rows)
        assert Bill.objects.count() == EXPECTED["bills"]["good"]
        assert ImportBatch.objects.get(pk=batch.pk).state == "committed"
