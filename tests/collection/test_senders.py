"""Several senders at once, and senders that die: real processes, a provider that does not forgive doubles (C2)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from collection.models import Action, Case, Message, Sweep
from collection.operations.days import plan_day
from collection.operations.sending import send_due_messages
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at, make_office

ON = "2026-04-01"
HOUSEHOLDS = 12
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db: Any, provider: SimpleNamespace) -> SimpleNamespace:
    """An office with a dozen households that owe, and a provider that delivers every double."""
    office = make_office("huating", "华庭物业服务有限公司")
    with office.open():
        place = estate()
        for _ in range(HOUSEHOLDS):
            bill(place, move_in(place))
    provider.behave(dedupe=False)
    yield office
    provider.behave(dedupe=True, delay=0)


def spawn(provider: SimpleNamespace, *command: str) -> subprocess.Popen[bytes]:
    """`manage.py …` as a process of its own, on the database of this test."""
    name = settings.DATABASES["default"]["NAME"]
    address = re.sub(r"/[^/?@]+(\?.*)?$", rf"/{name}\1", os.environ["DATABASE_URL"])
    environment = {**os.environ, "DATABASE_URL": address, "SMS_URL": provider.url, "SMS_KEY": settings.SMS_KEY}
    environment.pop("DATABASE_OWNER_URL", None)
    return subprocess.Popen([sys.executable, "manage.py", *command], env=environment, cwd=settings.BASE_DIR)


def wait_for(condition: Any, seconds: float = 30) -> None:
    """Look every few milliseconds until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def arrivals(office: SimpleNamespace, provider: SimpleNamespace) -> Counter[str]:
    return Counter(item["to"] for item in provider.arrived(str(office.id)))


def test_two_whole_days_at_once_are_one_day(crowd, provider):
    both = [spawn(provider, "run_day", "--on", ON) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert arrivals(crowd, provider) == Counter({f"1380000{n:04d}": 1 for n in range(1, HOUSEHOLDS + 1)})
    with crowd.open():
        assert Action.objects.count() == Message.objects.count() == Case.objects.count() == HOUSEHOLDS
        assert Sweep.objects.get().planned == HOUSEHOLDS
        assert set(Action.objects.values_list("state", flat=True)) == {"effective"}


def test_a_sender_killed_in_the_middle_loses_nothing_and_doubles_nothing(crowd, provider):
    with crowd.open():
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    provider.behave(delay=0.3)
    sender = spawn(provider, "run_day", "--on", ON)
    wait_for(lambda: len(arrivals(crowd, provider)) >= 3, seconds=60)
    sender.send_signal(signal.SIGKILL)
    sender.wait(timeout=10)
    time.sleep(0.5)  # what was on the wire has arrived
    provider.behave(delay=0)
    with crowd.open():
        assert Message.objects.filter(state="sending").exists(), "it died holding rows"
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE collection_message SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'sending'"
            )
    for _ in range(3):
        send_due_messages(office_id=crowd.id, at=at(ON), settle_seconds=0)
    assert set(arrivals(crowd, provider).values()) == {1}
    assert len(arrivals(crowd, provider)) == HOUSEHOLDS
    with crowd.open():
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
        assert set(Case.objects.values_list("reached", flat=True)) == {1}


def test_a_day_killed_in_the_middle_is_made_up_by_the_next_ring(crowd, provider):
    planner = spawn(provider, "run_day", "--on", ON)
    time.sleep(1.2)
    planner.send_signal(signal.SIGKILL)
    planner.wait(timeout=10)
    assert spawn(provider, "run_day", "--on", ON).wait(timeout=120) == 0
    with crowd.open(), connection.cursor() as cursor:
        cursor.execute("UPDATE collection_message SET lease_until = clock_timestamp() WHERE state = 'sending'")
    for _ in range(3):
        send_due_messages(office_id=crowd.id, at=at(ON), settle_seconds=0)
    assert arrivals(crowd, provider) == Counter({f"1380000{n:04d}": 1 for n in range(1, HOUSEHOLDS + 1)})
    with crowd.open():
        assert Case.objects.count() == HOUSEHOLDS
