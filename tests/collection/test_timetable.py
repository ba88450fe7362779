"""Every bell of the timetable, rung by two beats at the same moment and once more: what one ring does is done once (reliability C2.5)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from arrears.operations.exports import ask_export
from arrears.queries import ArrearsFilters
from billing.models import Account, ServiceContract
from billing.operations import ask_commit, background, record_payment, upload_file
from collection.channels import CHANNELS, Delivery, Sent
from collection.models import Case, Message, Notice
from collection.operations.notices import approve_notice
from config.celery import RING, app
from offices.models import Job, OfficeSettings, StoredFile
from offices.operations.results import keep_result
from offices.scoping.managers import OfficeKey
from tests.collection import cast
from tests.collection.conftest import bill, estate, move_in
from tests.collection.doubles import Provider
from tests.conftest import at, make_office
from tests.factories.workbooks import register

pytestmark = pytest.mark.django_db(transaction=True)

DAY = "2026-09-10"
DUE = date(2026, 7, 31)
MOMENTS = {
    "late_charge": at(DAY, 2, 10),
    "old_exports": at(DAY, 3, 20),
    "sweep": at(DAY, 8),
    "consume": at(DAY, 9),
    "imports": at(DAY, 9, 1),
    "exports": at(DAY, 9, 2),
    "render": at(DAY, 9, 3),
    "send": at(DAY, 9, 4),
    "ask": at(DAY, 9, 15),
}
"""When each bell is rung here, in the order of a day."""


@dataclass
class Reporting(Provider):
    """Can be asked for receipts, and counts the questions."""

    can_report: bool = True
    questions: Counter[str] = field(default_factory=Counter)

    def fate(self, sent: Sent) -> Delivery | None:
        """Not known yet."""
        self.questions[sent.key] += 1
        return None


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Reporting:
    double = Reporting()
    monkeypatch.setitem(CHANNELS, "sms", double)
    return double


def busy_office(slug: str) -> SimpleNamespace:
    """An office with something to do for every bell."""
    office = make_office(slug, "华庭物业服务有限公司")
    manager = office.people["manager"]
    with office.open(by=manager):
        place = estate()
        for _ in range(4):
            bill(place, move_in(place), "6000.00", DUE)
        OfficeSettings.objects.update(**cast.SETTINGS, posts_late_charge=True)
        ServiceContract.objects.create(
            community=place.community, kind="regular", starts_on=date(2020, 1, 1), late_charge_per_day=Decimal("0.0005")
        )
        old = Job.objects.create(kind="export", asked_by=manager, asked_at=at("2026-08-01"), state=Job.State.DONE)
        keep_result(job=old, data=b"old", name="old.xlsx", at=at("2026-08-01"))
        Job.objects.filter(pk=old.pk).update(finished_at=at("2026-08-01"))
        approve_notice(notice=cast.proposed(cast.household(), day="2026-09-09"), by=manager, at=at("2026-09-09"))
        ask_export(
            form="xlsx", on=date.fromisoformat(DAY), filters=ArrearsFilters(), query="", result="", by=manager, at=at(DAY, 7)
        )  # fmt: skip
        batch = upload_file(
            kind="register", file=register([("8", "1", "0101"), ("8", "1", "0102")]), name="register.xlsx",
            community=None, by=manager, at=at(DAY, 7),
        )  # fmt: skip
        ask_commit(batch=batch, accept_good=True, by=manager, at=at(DAY, 7))
    return office


def ring(entry: str, office: SimpleNamespace) -> None:
    """What a worker does for one ring of the entry."""
    found = app.conf.beat_schedule[entry]
    name = found["args"][0] if found["task"] == RING else found["task"]
    app.tasks[name](office_id=office.id)


def by_two_beats(entry: str, office: SimpleNamespace) -> None:
    """Two workers answer at the same moment."""
    barrier = threading.Barrier(2)

    def one(_number: int) -> None:
        barrier.wait()
        try:
            ring(entry, office)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(2)))


def rows(office: SimpleNamespace) -> dict[str, int]:
    """How many rows each table of the office holds."""
    with office.open():
        return {
            model._meta.db_table: model.objects.count()
            for model in apps.get_models()
            if any(isinstance(each, OfficeKey) for each in model._meta.local_fields) and not hasattr(model, "history_type")
        }  # fmt: skip


def heard(channel: Reporting, office: SimpleNamespace) -> tuple[int, int]:
    """Messages the provider got from the office, and questions."""
    key = f"{office.id}-"
    return tuple(sum(n for k, n in each.items() if k.startswith(key)) for each in (channel.arrived, channel.questions))  # type: ignore[return-value]


def test_every_bell_rung_by_two_beats_at_once_and_again_does_what_one_ring_does(
    channel: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(MOMENTS) == set(app.conf.beat_schedule), "every bell has its turn"
    app.loader.import_default_modules()
    monkeypatch.setattr(background, "IN_THE_REQUEST", 1)
    clock: list[datetime] = []
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[-1])
    clock.append(at(DAY, 1))
    calm, pressed = busy_office("calm"), busy_office("pressed")
    idle = []
    for entry, moment in MOMENTS.items():
        clock.append(moment)
        if entry == "consume":
            for office in (calm, pressed):
                pay_one(office)
        before = rows(calm), heard(channel, calm), seen(calm)
        ring(entry, calm)
        by_two_beats(entry, pressed)
        ring(entry, pressed)
        assert rows(pressed) == rows(calm), entry
        assert heard(channel, pressed) == heard(channel, calm), entry
        assert seen(pressed) == seen(calm), entry
        if (rows(calm), heard(channel, calm), seen(calm)) == before:
            idle.append(entry)
    assert idle == [], "each bell had something to do"
    assert max(channel.arrived.values()) == max(channel.questions.values()) == 1


def pay_one(office: SimpleNamespace) -> None:
    """The first household pays what it owes."""
    with office.open():
        record_payment(
            account=Account.objects.order_by("pk")[0], amount=Decimal("6000.00"), value_on=date.fromisoformat(DAY),
            kind="counter", by=None, at=at(DAY, 9),
        )  # fmt: skip


def seen(office: SimpleNamespace) -> list[Any]:
    """States that change without a row being added."""
    with office.open():
        return [
            *(sorted(model.objects.values_list("state", flat=True)) for model in (Case, Message, Notice)),
            sorted(Job.objects.values_list("kind", "state", "done")),
            sorted(StoredFile.objects.values_list("kind", flat=True)),
        ]
