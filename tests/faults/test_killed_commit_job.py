"""kill −9 of the worker that books a large import: all or nothing, and the next worker does the same commit once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from billing.models import Bill, ImportBatch, Payment
from billing.operations import ask_commit, background, upload_file
from config.celery import app
from offices.models import Job
from tests.faults.processes import busy, kill, wait_for
from tests.faults.test_killed_in_the_middle import BILLS, EXPECTED, hire, huating

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["huating"]  # the fixture


@pytest.fixture
def workers() -> Iterator[list[Any]]:
    """Celery workers of this test; whoever is left is killed at the end."""
    hired: list[Any] = []
    yield hired
    for worker in hired:
        if worker.poll() is None:
            kill(worker)


@pytest.fixture
def asked(huating: SimpleNamespace, monkeypatch: Any) -> SimpleNamespace:
    """A batch that waits for the worker."""
    monkeypatch.setattr(background, "IN_THE_REQUEST", 10)
    finance, now = huating.people["finance"], datetime.now(UTC)
    with huating.open(by=finance), BILLS.open("rb") as file:
        batch = upload_file(kind="bills", file=file, name=BILLS.name, community=None, by=finance, at=now)
    with huating.open(by=finance):
        assert ask_commit(batch=batch, accept_good=True, by=finance, at=now).state == "committing"
    return SimpleNamespace(office=huating, batch=batch.pk)


def _ring() -> None:
    app.send_task("billing.tasks.commit_imports")


@pytest.mark.parametrize("gap", ["%insert into%billing_bill%", "%billing_payment%", "%billing_allocation%"])
def test_a_killed_commit_is_done_by_the_next_worker_exactly_once(
    asked: SimpleNamespace, workers: list[Any], gap: str
) -> None:
    first = hire(workers)
    _ring()
    wait_for(lambda: busy(gap) or _state(asked) == "committed", seconds=60)
    kill(first)
    app.control.purge()  # the worst case: the broker has forgotten the ring as well
    with asked.office.open():
        bills = Bill.objects.count()
        assert bills in (0, EXPECTED["bills"]["good"]), "all or nothing"
        assert (_state(asked) == "committed") is bool(bills)
        if not bills:
            assert Payment.objects.count() == 0
            assert Job.objects.get().state == Job.State.RUNNING, "the page still says that it is under way"
    hire(workers)
    for _ in range(3):  # rings may come doubled
        _ring()
    wait_for(lambda: _state(asked) == "committed", seconds=60)
    wait_for(lambda: not busy(), seconds=60)
    with asked.office.open():
        assert Bill.objects.count() == EXPECTED["bills"]["good"]
        assert Bill.objects.aggregate(all=Sum("amount"))["all"] == Decimal(EXPECTED["bills"]["receivable"])
        assert Payment.objects.aggregate(all=Sum("amount"))["all"] == Decimal(EXPECTED["bills"]["received"])
        assert Job.objects.get().state == Job.State.DONE


def _state(asked: SimpleNamespace) -> str:
    with asked.office.open():
        return str(ImportBatch.objects.get(pk=asked.batch).state)
