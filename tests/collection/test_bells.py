"""Two beats, no beat, a late beat, a flushed Redis: the day is run once, and every missed day once, in its order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction

from collection.models import Action, Case, Message, Skip, Sweep
from collection.operations import plan_day, roll_back_sweep
from collection.operations.bells import ring_sweep
from collection.rules.slots import WINDOW, day_to_run
from config.celery import app
from offices.models import Bell
from offices.operations.bells import claim_slot
from offices.rules.slots import slot_of
from offices.tasks import ring_all
from tests.collection.conftest import bill, estate, move_in
from tests.collection.test_sweep import pay, snapshot, take_effect
from tests.conftest import at, make_office

DAY = date(2026, 4, 1)


def ring(office, day, hour=10, minute=0):
    return ring_sweep(office_id=office.id, at=at(day, hour, minute))


@pytest.fixture
def town(office):
    """An office with three households that owe since the end of March, and one that pays in time."""
    with office.open():
        place = estate()
        for _ in range(3):
            bill(place, move_in(place), "6000.00")
    return office


def days(office):
    with office.open():
        return [str(on) for on in Sweep.objects.order_by("pk").values_list("on", flat=True)]


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        pytest.param(at("2026-04-01", 8, 0), at("2026-04-01", 8, 0), id="on-the-stroke"),
        pytest.param(at("2026-04-01", 8, 19), at("2026-04-01", 8, 0), id="late"),
        pytest.param(at("2026-04-01", 8, 20), at("2026-04-01", 8, 20), id="the-next"),
        pytest.param(at("2026-04-01", 23, 59), at("2026-04-01", 23, 40), id="the-last-of-the-day"),
    ],
)
def test_a_ring_belongs_to_the_slot_it_falls_into(moment, slot):
    assert slot_of(moment, every=WINDOW) == slot


@pytest.mark.parametrize(
    ("last", "hour", "expected"),
    [
        pytest.param(None, 7, None, id="never-run-and-too-early"),
        pytest.param(None, 8, DAY, id="never-run"),
        pytest.param(DAY - timedelta(days=1), 7, None, id="before-eight"),
        pytest.param(DAY - timedelta(days=1), 8, DAY, id="the-morning-after"),
        pytest.param(DAY, 9, DAY, id="again-today"),
        pytest.param(DAY - timedelta(days=3), 7, DAY - timedelta(days=2), id="missed-days-do-not-wait-for-eight"),
    ],
)
def test_the_day_a_ring_runs(last, hour, expected):
    assert day_to_run(last, datetime(2026, 4, 1, hour, 30), begins=8) == expected


def test_a_second_beat_in_the_same_slot_does_nothing(town):
    assert [report.on for report in ring(town, "2026-04-01", 8)] == [DAY]
    with town.open():
        before = snapshot()
    assert ring(town, "2026-04-01", 8, 5) == []
    with town.open():
        assert snapshot() == before


def test_a_later_slot_of_the_day_acts_on_what_has_changed_only(town):
    ring(town, "2026-04-01", 8)
    with town.open():
        place = estate("金辰苑")
        bill(place, move_in(place), "70.00")
    (report,) = ring(town, "2026-04-01", 8, 20)
    assert (report.sweep.eligible, report.sweep.opened) == (1, 1)


def test_a_ring_that_comes_late_from_an_earlier_slot_does_nothing(town):
    ring(town, "2026-04-01", 12)
    assert ring(town, "2026-04-01", 9) == []


def test_before_eight_nobody_is_planned(town):
    assert ring(town, "2026-04-01", 7) == []
    assert days(town) == []


def test_missed_days_are_caught_up_one_by_one_and_nobody_hears_two_steps_at_once(town):
    ring(town, "2026-04-01")
    with town.open():
        for case in Case.objects.all():
            take_effect(case.account, "2026-04-01")
    reports = ring(town, "2026-04-12")
    assert [str(report.on) for report in reports] == [f"2026-04-{n:02}" for n in range(2, 13)]
    assert days(town) == [f"2026-04-{n:02}" for n in range(1, 13)]
    with town.open():
        assert set(Action.objects.filter(position=2).values_list("planned_on", flat=True)) == {date(2026, 4, 7)}
        assert not Action.objects.filter(position=3).exists()
        assert Message.objects.filter(state="pending", not_before__date__lt=date(2026, 4, 12)).count() == 3


def test_what_was_paid_in_the_missed_days_is_read_as_of_today(office):
    with office.open():
        place = estate()
        first, late = move_in(place), move_in(place)
        bill(place, first, "70.00")
    ring(office, "2026-04-01")
    with office.open():
        bill(place, late, "60.00", date(2026, 4, 2))
        pay(late, "60.00", "2026-04-05")
        pay(first, "70.00", "2026-04-05")
    ring(office, "2026-04-06")
    with office.open():
        assert set(Case.objects.values_list("state", flat=True)) == {"settled"}
        assert not Message.objects.exclude(state="void").exists()
        assert not Action.objects.filter(state="planned").exists()


def test_a_run_that_was_taken_back_is_left_to_people_until_tomorrow(town):
    ring(town, "2026-04-01", 8)
    with town.open():
        roll_back_sweep(sweep=Sweep.objects.get(), by=town.people["manager"], at=at("2026-04-01", 9))
    assert ring(town, "2026-04-01", 10) == []
    with town.open():
        assert plan_day(on=DAY, at=at("2026-04-01", 11)).sweep.planned == 3
    assert [str(report.on) for report in ring(town, "2026-04-02", 8)] == ["2026-04-02"]


@pytest.fixture
def busy_office(transactional_db):
    office = make_office("huating", "华庭物业服务有限公司")
    with office.open():
        place = estate()
        for _ in range(5):
            bill(place, move_in(place), "6000.00")
    return office


def at_once(work, times):
    """Run `work` in so many threads that start together, each with a connection of its own."""
    barrier = threading.Barrier(times)

    def one(_number):
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_two_beats_at_the_same_moment_run_the_day_once(busy_office):
    found = at_once(lambda: ring(busy_office, "2026-04-03"), 4)
    assert sorted(len(reports) for reports in found) == [0, 0, 0, 1]
    with busy_office.open():
        assert Sweep.objects.count() == 1
        assert Action.objects.count() == Message.objects.count() == 5
        assert Bell.objects.get().slot == at("2026-04-03")


def test_two_late_beats_share_the_missed_days_between_them(busy_office):
    ring(busy_office, "2026-04-01")
    at_once(lambda: ring(busy_office, "2026-04-09"), 3)
    assert days(busy_office) == [f"2026-04-{n:02}" for n in range(1, 10)]
    with busy_office.open():
        assert Action.objects.count() == Message.objects.count() == 5
        assert Skip.objects.values("case", "on").distinct().count() == Skip.objects.count()


def test_a_worker_that_dies_leaves_no_claim(busy_office):
    with busy_office.open():
        assert claim_slot(bell="sweep", slot=at("2026-04-01"))
        transaction.set_rollback(True)
    assert len(ring(busy_office, "2026-04-01")) == 1


def test_a_flushed_redis_loses_rings_and_nothing_else(busy_office, monkeypatch):
    clock = at("2026-04-01", 8)
    monkeypatch.setattr("collection.tasks.timezone.now", lambda: clock)
    with app.connection_for_write() as broker:
        redis = broker.default_channel.client
        redis.flushdb()
        ring_all("collection.tasks.sweep")
        assert redis.llen("celery") == 1
        redis.flushdb()  # the ring of eight o'clock is gone
        assert days(busy_office) == []
        clock = at("2026-04-02", 8, 20)
        ring_all("collection.tasks.sweep")
        ring_all("collection.tasks.sweep")  # a second beat
        while (message := redis.lpop("celery")) is not None:
            assert message
            app.tasks["collection.tasks.sweep"](office_id=busy_office.id)
    assert days(busy_office) == ["2026-04-02"]
    with busy_office.open():
        assert Action.objects.count() == Message.objects.count() == 5
