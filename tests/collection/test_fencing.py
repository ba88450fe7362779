"""Whoever takes a row over ends the process that held it, and no other (reliability C2.3); sending goes on without Redis (C2.4)."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from collection.models import Message
from collection.operations import fencing
from collection.operations.days import plan_day
from collection.operations.outbox import claim, prepare
from collection.operations.sending import send_due_messages
from collection.queries.sendoff import sendoff_load
from config.management import poller
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"


@pytest.fixture
def sleeper() -> Any:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_the_very_process_is_ended(sleeper: Any) -> None:
    assert fencing.stop(fencing.identity(sleeper.pid))
    assert sleeper.wait(timeout=5) == -9


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda each: each + "0", id="another-process-with-the-same-number"),
        pytest.param(lambda each: "another-start/" + each.partition("/")[2], id="another-host"),
        pytest.param(lambda each: "", id="nobody"),
    ],
)
def test_no_other_process_is_touched(sleeper: Any, spoilt: Any) -> None:
    assert not fencing.stop(spoilt(fencing.identity(sleeper.pid)))
    assert sleeper.poll() is None


def test_nobody_ends_himself() -> None:
    assert fencing.myself().split("/")[-2] == str(os.getpid())
    assert not fencing.stop(fencing.myself())


@pytest.fixture
def queued(office: Any, provider: Any) -> Any:
    with office.open():
        place = estate()
        for _ in range(2):
            bill(place, move_in(place))
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    return office


def test_a_frozen_sender_is_ended_before_its_messages_become_unknown(queued: Any, sleeper: Any) -> None:
    with queued.open():
        lease = uuid.uuid4()
        [message_id] = claim(at=at(ON), lease=lease, limit=1)
        assert prepare(message_id=message_id, lease=lease, load=sendoff_load([message_id], at(ON)), at=at(ON))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE collection_message SET lease_until = clock_timestamp() - interval '1 s', worker = %s WHERE id = %s",
                [fencing.identity(sleeper.pid), message_id],
            )
    send_due_messages(office_id=queued.id, at=at(ON))
    assert sleeper.wait(timeout=5) == -9
    with queued.open():
        assert Message.objects.get(pk=message_id).state == "unknown"


def test_sending_needs_no_redis(
    queued: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(poller.timezone, "now", lambda: at(ON))
    call_command("send_messages")
    assert "2 sent" in capsys.readouterr().out
    call_command("send_messages")
    assert "0 sent" in capsys.readouterr().out
