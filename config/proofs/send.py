"""Senders killed, frozen and cut off from database and Redis: nothing lost, nothing doubled, nothing stuck (T7–T12).

Each round has an office of its own whose reminders are planned by the product and sent by it to the local provider, a
process that never sees the database and so knows what really left. Lease, settle time and the client's patience are scaled
down (decisions 25). The naive control, which marks after sending and holds no lease, must fail.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from billing.models import ContactPoint, Owner
from collection.channels import CHANNELS, Outgoing, sms
from collection.models import Message
from collection.operations.days import plan_day
from collection.queries.facts import business_day
from collection.tasks import send as bell
from config.benchmarks.books import fill_books
from config.management.poller import send_for_ever
from config.management.throwaway import child_environment
from config.proofs.crowd import GAPS, Crowd
from config.proofs.import_kill import NotProven
from config.run.prove import HOME
from config.run.provider import running
from config.run.servers import Servers
from offices.models import Office, OfficeSettings
from offices.operations.offices import open_office
from offices.scoping import office_scope

ROWS, POINTS = 3_000, 150
SENDERS, CRASHES_IN = 3, 19  # one database stop for so many kills
LEASE, SETTLE, PATIENCE = 4.0, 2.0, (1.0, 1.0)  # seconds
QUIET_FOR = 180  # seconds in which everything must be settled once nothing breaks any more
RINGS = 10  # how often each bell is rung, for every worker
UNSETTLED = (Message.State.PENDING, Message.State.SENDING, Message.State.UNKNOWN)
MOODS = {"delay": 0.03, "late": 0.10, "late_seconds": 1.6, "accept_then_cut": 0.05, "error_500": 0.05, "throttle": 0.02}
CALM = {"delay": 0.0, "late": 0.0, "accept_then_cut": 0.0, "error_500": 0.0, "throttle": 0.0}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a round is played with."""

    servers: Servers
    url: str
    arrived: Path
    chance: random.Random
    tell: Callable[[str], object]

    def behave(self, **how: Any) -> None:
        """Tell the provider how to misbehave."""
        requests.post(f"{self.url}/behaviour", json=how, timeout=5).raise_for_status()

    def arrivals(self, office: Office) -> Counter[str]:
        """Our key → how often it arrived, of one office."""
        keys = (json.loads(line)["out_id"] for line in self.arrived.read_text("utf-8").splitlines())
        return Counter(key for key in keys if key.startswith(f"{office.pk}-"))


def send(
    office: Office, *, at: datetime, rows: int = ROWS, points: int = POINTS, tell: Callable[[str], object] = print
) -> dict[str, Any]:
    """Kill, freeze and cut off senders of `rows` messages at `points` points: lost 0, doubled 0, stuck 0. Raises `NotProven`."""
    seed = random.SystemRandom().randrange(10**6)
    tell(f"seed {seed}")
    servers = Servers(HOME, durable=True)
    if not servers.data.exists():
        raise NotProven(
            "this proof stops the database, so it needs servers of its own: unset DATABASE_URL and REDIS_URL"
        )
    found: dict[str, Any] = {"name": "send", "rows": rows, "points": points, "seed": seed}
    with _provider() as (url, arrived):
        stage = Stage(servers, url, arrived, random.Random(seed), tell)
        for dedupe in (True, False):
            stage.behave(dedupe=dedupe, **CALM)
            found["dedupes" if dedupe else "plain"] = _broken_senders(stage, rows, points)
        found["redis"] = _broken_redis(stage, max(rows // 3, 30))
        found["naive"] = _naive(stage, max(rows // 10, 30), max(points // 10, 5))
    return found


@contextmanager
def _provider() -> Iterator[tuple[str, Path]]:
    given, patience = (settings.SMS_URL, settings.SMS_KEY), sms.TIMEOUT_SECONDS
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as urls:
        settings.SMS_URL, settings.SMS_KEY = urls["SMS_URL"], urls["SMS_KEY"]
        try:
            yield urls["SMS_URL"], Path(directory) / "arrived.jsonl"
        finally:
            (settings.SMS_URL, settings.SMS_KEY), sms.TIMEOUT_SECONDS = given, patience


def office_with_reminders(slug: str, rows: int) -> Office:
    """An office in whose zone it is late morning, with `rows` reminders of today in its outbox."""
    now = timezone.now()
    office = open_office(slug=slug, name="验证物业服务有限公司", short_name="验证物业", by=None, at=now)
    Office.objects.filter(pk=office.pk).update(time_zone=f"Etc/GMT{now.hour - 11:+d}")
    office.refresh_from_db()
    with office_scope(office):
        OfficeSettings.objects.update(contact_on_holidays=True)
        fill_books(office, rooms=rows, quarters=1)
        owners = Owner.objects.order_by("pk").values_list("pk", flat=True)
        ContactPoint.objects.bulk_create(
            ContactPoint(owner_id=owner, kind="phone", value=f"139{n:07d}1", tail=f"{n:03d}1"[-4:])
            for n, owner in enumerate(owners)
        )
        plan_day(on=business_day(now), at=now)
        queued = Message.objects.filter(state=Message.State.PENDING).count()
    if queued != rows:
        raise NotProven(f"{rows} reminders were to be planned, {queued} were")
    return office


def _broken_senders(stage: Stage, rows: int, points: int) -> dict[str, Any]:
    """T7, T8, T9 and stops of the database, on one kind of provider."""
    office, started = office_with_reminders(f"senders-{time.monotonic_ns()}", rows), time.monotonic()
    sms.TIMEOUT_SECONDS = PATIENCE
    done = Counter[str]()
    with Crowd(lambda: send_for_ever(every=0.1, office_id=office.pk, lease_seconds=LEASE, settle_seconds=SETTLE), SENDERS) as crowd:  # fmt: skip
        stage.behave(**MOODS)
        for point in range(points):
            _break(stage, crowd, point, done)
            time.sleep(stage.chance.uniform(0, 0.3))
        stage.behave(**CALM)
        _wait_until_settled(office, crowd)
    return _judged(stage, office, rows, done, started)


def _break(stage: Stage, crowd: Crowd, point: int, done: Counter[str]) -> None:
    """One point: a kill at a random time or at a named gap; now and then a frozen sender or a stop of the database."""
    if point % 2:
        gap = GAPS[point // 2 % len(GAPS)]
        done["killed_at_a_gap" if crowd.die_at(gap, seconds=LEASE) else "gap_not_reached_in_time"] += 1
    else:
        crowd.kill_one(stage.chance)
        done["killed"] += 1
    if point % 10 == 3:
        wake = crowd.freeze_one(stage.chance)
        time.sleep(LEASE * 1.5)
        wake()
        done["frozen"] += 1
    if point % CRASHES_IN == CRASHES_IN // 2:
        connections.close_all()
        stage.servers.crash_postgres()
        done["database_stops"] += 1
    crowd.fill()


def _broken_redis(stage: Stage, rows: int) -> dict[str, Any]:
    """T10 and T11: every bell rung ten times for four workers, Redis killed, absent and flushed meanwhile."""
    office, started, done = (
        office_with_reminders(f"redis-{time.monotonic_ns()}", rows),
        time.monotonic(),
        Counter[str](),
    )
    sms.TIMEOUT_SECONDS = (3.05, 8.0)
    environment = child_environment() | {"SMS_URL": settings.SMS_URL, "SMS_KEY": settings.SMS_KEY}
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "4", "--loglevel", "ERROR"]
    worker = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)
    try:
        with Crowd(lambda: send_for_ever(every=2, office_id=office.pk), 1) as crowd:
            for turn in range(12):
                for _ in range(RINGS):
                    with suppress(Exception):  # a dead Redis: the doorbell is silent, the rows are not
                        bell.apply_async(kwargs={"office_id": office.pk}, retry=False)
                        done["bells"] += 1
                if turn % 3 == 1:
                    stage.servers.flush_redis()
                    done["flushed"] += 1
                if turn % 4 == 2:
                    stage.servers.kill_redis()
                    time.sleep(2)
                    stage.servers.start_redis()
                    done["redis_kills"] += 1
                time.sleep(0.5)
            _wait_until_settled(office, crowd)
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=30)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    return _judged(stage, office, rows, done, started)


def _wait_until_settled(office: Office, crowd: Crowd) -> None:
    end = time.monotonic() + QUIET_FOR
    while _left(office) and time.monotonic() < end:
        crowd.fill()
        time.sleep(0.5)


def _left(office: Office) -> int:
    """Messages that are not settled; a message that was to be tried again later may come at once now."""
    with suppress(OperationalError, InterfaceError), office_scope(office):
        soon = timezone.now() + timedelta(seconds=1)
        Message.objects.filter(state=Message.State.PENDING, not_before__gt=soon).update(not_before=soon)
        return Message.objects.filter(state__in=UNSETTLED).count()
    connections.close_all()
    return 1


def _judged(stage: Stage, office: Office, rows: int, done: Counter[str], started: float) -> dict[str, Any]:
    """Count at the provider and in the rows; raise unless everything arrived once and is settled."""
    found = _counted(stage, office) | dict(done) | {"seconds": round(time.monotonic() - started, 1)}
    stage.tell(f"{rows} messages: {found}")
    if found["lost"] or found["doubled"] or found["stuck"] or found["arrived"] != rows:
        raise NotProven(f"of {rows} messages: {found}")
    return found


def _counted(stage: Stage, office: Office) -> dict[str, int]:
    arrived = stage.arrivals(office)
    with office_scope(office):
        states = dict(Message.objects.values_list("pk", "state"))
    keys = {f"{office.pk}-{pk}": state for pk, state in states.items()}
    return {
        "arrived": len(arrived),
        "lost": sum(state == Message.State.SENT and not arrived[key] for key, state in keys.items()),
        "doubled": sum(times > 1 for times in arrived.values()),
        "stuck": sum(state in UNSETTLED for state in keys.values()),
    }


def _naive(stage: Stage, rows: int, points: int) -> dict[str, int]:
    """The control: take what is pending, send it, mark it afterwards. It has to fail, or the rounds above prove nothing."""
    office = office_with_reminders(f"naive-{time.monotonic_ns()}", rows)
    stage.behave(dedupe=False)
    with Crowd(lambda: _naive_sender(office), SENDERS) as crowd:
        for _ in range(points):
            time.sleep(stage.chance.uniform(0.05, 0.3))
            crowd.kill_one(stage.chance)
        _wait_until_settled(office, crowd)
    found = _counted(stage, office)
    stage.tell(f"naive control, {rows} messages: {found}")
    if not found["doubled"] + found["lost"]:
        raise NotProven(f"the naive control doubled and lost nothing: {found}; the faults were too mild")
    return found


def _naive_sender(office: Office) -> None:
    blank = Outgoing("", office.pk, "验证物业", "", "", "", "")
    while True:
        with office_scope(office):
            rows = list(Message.objects.filter(state=Message.State.PENDING)[:10])
        for row in rows:
            CHANNELS["sms"].send(replace(blank, key=f"{office.pk}-{row.pk}", recipient=row.recipient, body=row.body))
            with office_scope(office):
                Message.objects.filter(pk=row.pk).update(state=Message.State.SENT)
        time.sleep(0.1)
