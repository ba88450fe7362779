"""kill −9 in the middle of an import and of a sweep: nothing is lost, nothing is doubled, nothing is half.

Real processes: the import command, and a Celery worker that hears its doorbell from Redis.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, Sum

from billing.models import Bill, ImportBatch, ImportRow, Payment, Room
from billing.operations import ask_upload, background, commit_import, sign_off_batch, upload_file
from collection.models import Action, Case, Message, Sweep
from config.celery import app
from offices.models import Office
from offices.operations.offices import add_community
from tests.conftest import make_office
from tests.faults.processes import busy, kill, spawn, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
SAMPLES = settings.BASE_DIR / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
REGISTER, BILLS = SAMPLES / "1_业主登记表.xlsx", SAMPLES / "2_账单导出_2024.xlsx"
# Statements in which the importer stands when it is shot.
GAPS = {
    "while-rows-are-judged": "%import_staged%",
    "while-rows-are-kept": "%billing_importrow%",
    "while-bills-are-booked": "%insert into%billing_bill%",
    "while-payments-are-booked": "%billing_payment%",
    "while-money-is-spread": "%billing_allocation%",
}


@pytest.fixture
def huating(transactional_db: Any, provider: Any) -> SimpleNamespace:
    """An office with its register in the books. It is noon there, whatever the hour of the test: sweeps begin at eight."""
    office = make_office("huating", "华庭物业服务有限公司")
    ahead = 12 - datetime.now(UTC).hour
    Office.objects.filter(pk=office.id).update(time_zone=f"Etc/GMT{-ahead:+d}")
    now = datetime.now(UTC)
    with office.open(by=office.people["finance"]):
        home = add_community(name="华庭苑", by=office.people["admin"])
        with REGISTER.open("rb") as file:
            batch = upload_file(kind="register", file=file, name=REGISTER.name, community=home, by=None, at=now)
        commit_import(batch=batch, accept_good=True, by=office.people["finance"], at=now)
    return office


def importer() -> subprocess.Popen[bytes]:
    return spawn("manage.py", "import_bills", str(BILLS), "--office", "huating", "--accept-good")


@pytest.mark.parametrize("gap", GAPS)
def test_an_import_killed_in_the_middle_leaves_nothing_and_can_be_repeated(huating: Any, gap: str) -> None:
    process = importer()
    wait_for(lambda: busy(GAPS[gap]) or process.poll() is not None, seconds=60)
    was_shot = process.poll() is None
    kill(process)
    with huating.open():
        bills = Bill.objects.count()
        rows = ImportRow.objects.filter(batch__kind="bills").count()
        assert bills in (0, EXPECTED["bills"]["good"])
        assert was_shot or bills, "it was neither shot nor done"
        if not bills:
            assert rows == 0 == Payment.objects.count()
    assert importer().wait(timeout=120) == 0
    with huating.open():
        assert Room.objects.count() == EXPECTED["register"]["rooms"]
        assert Bill.objects.count() == EXPECTED["bills"]["good"]
        assert Bill.objects.aggregate(all=Sum("amount"))["all"] == Decimal(EXPECTED["bills"]["receivable"])
        assert Payment.objects.aggregate(all=Sum("amount"))["all"] == Decimal(EXPECTED["bills"]["received"])


def test_a_worker_killed_while_it_reads_a_file_leaves_it_to_the_next(huating: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(background, "READ_IN_THE_REQUEST", 0)
    finance, now = huating.people["finance"], datetime.now(UTC)
    with huating.open(by=finance), BILLS.open("rb") as file:
        batch = ask_upload(kind="bills", file=file, name=BILLS.name, community=None, by=finance, at=now)
    work = f"run_waiting_imports(office_id={huating.id}, at=timezone.now())"
    worker = spawn(
        "manage.py", "shell", "-c",
        f"from billing.operations import run_waiting_imports; from django.utils import timezone; {work}",
        FILES_DIR=str(settings.FILES_DIR),
    )  # fmt: skip
    wait_for(lambda: busy("%import_staged%") or worker.poll() is not None, seconds=60)
    assert worker.poll() is None, "it was done before it could be shot"
    kill(worker)
    with huating.open():
        assert ImportBatch.objects.get(pk=batch.pk).state == "reading"
        assert not ImportRow.objects.filter(batch=batch).exists()
    assert background.run_waiting_imports(office_id=huating.id, at=now) == 1
    assert background.run_waiting_imports(office_id=huating.id, at=now) == 0
    with huating.open():
        batch = ImportBatch.objects.get(pk=batch.pk)
        assert (batch.state, batch.totals["good"]) == ("previewed", EXPECTED["bills"]["good"])
        assert ImportRow.objects.filter(batch=batch, verdict="new").count() == EXPECTED["bills"]["good"]


@pytest.fixture
def billed(huating: SimpleNamespace) -> SimpleNamespace:
    """Register and bills, signed off."""
    assert importer().wait(timeout=120) == 0
    with huating.open(by=huating.people["supervisor"]):
        batch = ImportBatch.objects.get(kind="bills")
        sign_off_batch(batch=batch, by=huating.people["supervisor"], at=datetime.now(UTC))
    return huating


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Celery workers of this test; whoever is left is killed at the end."""
    hired: list[subprocess.Popen[bytes]] = []
    yield hired
    for worker in hired:
        if worker.poll() is None:
            kill(worker)


def hire(workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """A Celery worker that has announced itself."""
    workers.append(spawn("-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--pool", "prefork"))
    wait_for(lambda: app.control.ping(timeout=0.5), seconds=60)
    return workers[-1]


def ring(bell: str, office: SimpleNamespace) -> None:
    app.send_task(f"collection.tasks.{bell}", kwargs={"office_id": office.id})


@pytest.mark.parametrize(
    "gap", ["%billing_allocation%", "%collection_case%", "%collection_action%", "%collection_message%"]
)
def test_a_worker_killed_in_the_middle_of_a_sweep_loses_nothing_and_doubles_nothing(
    billed: SimpleNamespace, workers: list[subprocess.Popen[bytes]], gap: str
) -> None:
    first = hire(workers)
    ring("sweep", billed)
    wait_for(lambda: busy(gap), seconds=60)
    kill(first)
    app.control.purge()  # the worst case: the broker has forgotten the ring as well
    with billed.open():
        assert Action.objects.count() == 0 or Sweep.objects.exists(), "a sweep is written whole or not at all"
    hire(workers)
    for _ in range(3):  # rings may come doubled
        ring("sweep", billed)
    wait_for(lambda: _reminded(billed), seconds=90)
    wait_for(lambda: not busy(), seconds=60)
    with billed.open():
        per_case = Counter(Action.objects.values_list("case_id", flat=True))
        assert set(per_case.values()) == {1}, "one step per case"
        assert Case.objects.values("account").annotate(n=Count("id")).filter(n__gt=1).count() == 0
        assert Case.objects.filter(state="open").count() == len(per_case) + _silent(billed)
        assert Message.objects.count() == Message.objects.values("dedupe_key").distinct().count()
        assert Message.objects.count() > 300


def _reminded(office: SimpleNamespace) -> bool:
    with office.open():
        return Message.objects.count() > 300


def _silent(office: SimpleNamespace) -> int:
    """Open cases without an action: each has its reason."""
    return Case.objects.filter(state="open", actions=None).count()
