"""An owner in difficulty pays in instalments: nothing is demanded meanwhile, and a missed one resumes where it stood."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from arrears.queries import account_late_charge, bill_lines, clocks, position
from arrears.rules.limitation import years_after
from billing.models import ContactPoint, ServiceContract
from billing.operations import keep_evidence
from collection.models import Message, Notice, Skip
from collection.queries.work import work_day
from disputes.operations import activate_plan, approve_plan, propose_plan
from disputes.queries import coverable_lines
from disputes.rules.plans import even_schedule
from tests.conftest import make_office
from tests.scenarios.world import World, photo, small_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(provider):
    return small_world(make_office("huating", "华庭物业服务有限公司"))


def sign(world: World, room: str, first_on: date, *, bills: int = 2, count: int = 2):
    """收缴员 proposes, 项目经理 approves, the owner signs: the oldest `bills` bills in `count` instalments."""
    account = world.account(room)
    lines = coverable_lines(account.pk, world.day)[:bills]
    schedule = even_schedule(
        sum(line.open_amount for line in lines), down=D(0), down_on=world.day, count=count, first_on=first_on
    )
    plan = propose_plan(
        account=account, bill_ids=[line.bill_id for line in lines], schedule=schedule, reason="失业，已核实",
        willingness="counter", by=world.who("collector"), at=world.now(),
    )  # fmt: skip
    approve_plan(plan=plan, by=world.who("manager"), at=world.now())
    signed = keep_evidence(data=photo().read(), name="签字.jpg", by=world.who("collector"), at=world.now())
    return activate_plan(plan=plan, signed_copy=signed, by=world.who("collector"), at=world.now())


def _of_steps(world: World, room: str) -> list[Message]:
    """What collection said to a room; the word the day before an instalment (S88) is none of it."""
    return [message for message in world.messages(room) if message.action_id is not None]


def test_a_plan_silences_collection_and_default_resumes_it_where_it_stood(world):
    world.live_until("2026-09-03")
    with world.open():
        reached = world.case("0101").reached
        reminders = len(_of_steps(world, "0101"))
        assert reached >= 1
        before = position(world.account("0101").pk, world.day)
        sign(world, "0101", date(2026, 9, 20))
        found = position(world.account("0101").pk, world.day)
        assert (found.under_plan, found.pursuable, found.remindable) == (D("1200.00"), D("0.00"), D("0.00"))
        assert (found.arrears, found.blockers) == (before.arrears, ("under_plan",))
    world.live_until("2026-09-23")  # the last day of grace
    with world.open():
        assert len(_of_steps(world, "0101")) == reminders
        assert position(world.account("0101").pk, world.day).days_overdue == before.days_overdue - 1, "frozen"
        assert Skip.objects.filter(case=world.case("0101"), code="UNDER_PLAN").exists()
        assert world.case("0101").reached == reached
    world.live_until("2026-09-24")
    with world.open():
        case, found = world.case("0101"), position(world.account("0101").pk, world.day)
        assert (case.state, found.pursuable, found.under_plan) == ("open", D("1200.00"), D("0.00"))
        assert case.reached == reached + 1, "the step after the one it stood at, whose wait is long over"
        levels = [message.action.step.position for message in _of_steps(world, "0101") if message.state == "sent"]
        assert len(levels) == len(set(levels)), "nothing that was sent is sent again"


def test_bills_outside_the_plan_are_pursued_as_ever(world):
    with world.open():
        sign(world, "0102", date(2026, 9, 20), bills=1)
        found = position(world.account("0102").pk, world.day)
        assert (found.arrears, found.under_plan, found.pursuable) == (D("1200.00"), D("600.00"), D("600.00"))
        assert found.blockers == ()
        lines = bill_lines([found.account_id], world.day)
        assert [(line.under_plan, line.pursuable) for line in lines] == [(D("600.00"), D(0)), (D(0), D("600.00"))]


def test_no_charge_runs_while_the_plan_is_kept(world):
    with world.open():
        account = world.account("0103")
        ServiceContract.objects.create(
            community=account.room.community,
            kind="regular",
            starts_on=date(2020, 1, 1),
            late_charge_per_day=D("0.0003"),
        )
        sign(world, "0103", date(2026, 9, 20))
        today = account_late_charge(account, world.day).claimed
        assert today > 0
        assert account_late_charge(account, world.day + timedelta(days=15)).claimed == today


def test_signing_begins_the_limitation_anew_from_the_last_instalment(world):
    with world.open():
        plan = sign(world, "0101", date(2026, 9, 20))
        lines = bill_lines([world.account("0101").pk], world.day)
        last = plan.instalments.latest("seq").due_on
        assert {clock.safe_until for clock in clocks(lines, world.day).values()} == {years_after(last, 3)}
    world.live_until("2026-09-24")
    with world.open():
        broken_on = date(2026, 9, 24)
        assert {c.safe_until for c in clocks(lines, world.day).values()} == {years_after(broken_on, 3)}


def test_a_letter_that_was_being_prepared_is_taken_back(world):
    world.live_until("2026-09-17")
    while not world.has_notice("0101"):
        if world.todo_kind("0101") == "call":
            world.call("0101", "informed", explanation="已说明")
        world.live_until(world.day + timedelta(days=1))
    with world.open():
        sign(world, "0101", world.day + timedelta(days=20))
    world.live_until(world.day + timedelta(days=1))
    with world.open():
        living = ("proposed", "approved", "rendered", "in_transit")
        assert not Notice.objects.filter(account=world.account("0101"), state__in=living).exists()


def test_without_an_address_somebody_rings_the_day_before_an_instalment_and_after_a_missed_one(world):
    world.live_until("2026-09-03")
    with world.open():
        account = sign(world, "0101", date(2026, 9, 20)).account_id

    def asked(day: date) -> list[tuple[str, str]]:
        items = work_day(on=day, at=world.now()).items
        return [(item.group, item.why) for item in items if item.account_id == account]

    with world.open():
        ContactPoint.objects.filter(owner__accounts=account).update(state="dead")
    world.live_until("2026-09-19")
    with world.open():
        assert asked(date(2026, 9, 18)) == []
        assert asked(world.day) == [("call", "明日应缴分期第 1 期，还差 600.00 元，没有发出提示，请致电提醒")]
        assert asked(date(2026, 9, 20)) == []
    world.live_until("2026-09-24")
    with world.open():
        said = "分期第 1 期 9月20日到期，还差 600.00 元，协议已终止，余额 1200.00 元一次到期，请告知业主"
        assert asked(world.day) == [("first", said)]
    world.call("0101", "informed", explanation="已告知协议终止")
    world.live_until("2026-09-25")
    with world.open():
        assert said not in [why for _group, why in asked(world.day)], "the owner knows"


def test_nobody_rings_about_an_instalment_that_came_in(world):
    world.live_until("2026-09-03")
    with world.open():
        account = sign(world, "0101", date(2026, 9, 20)).account_id
    world.live_until("2026-09-19")
    world.pay("0101", "600.00")
    with world.open():
        items = work_day(on=world.day, at=world.now()).items
        assert account not in [item.account_id for item in items]
