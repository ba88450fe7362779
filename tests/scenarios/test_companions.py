"""Companions of the main story: a dispute holds, a payment stops, a promise delays, two offices never meet."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arrears.queries import position
from billing.models import Account, Bill, Room
from billing.operations import reverse_payment
from collection.models import Case, Message, Notice, Promise
from tests.conftest import make_office
from tests.scenarios.world import World, small_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def huating(provider: Any) -> World:
    """Three rooms, two overdue quarters of 600 yuan each."""
    return small_world(make_office("huating", "华庭物业服务有限公司"))


def to_the_formal_notice(world: World, room: str) -> Notice:
    """Live until the formal notice of a room is proposed: two reminders, a call, sixteen days."""
    while world.todo_kind(room) != "call":
        world.live_until(world.day + timedelta(days=1))
    world.call(room, "informed", explanation="已说明各期欠费与缴费方式")
    while not world.has_notice(room):
        world.live_until(world.day + timedelta(days=1))
    with world.open():
        return world.notices(room)[-1]


def test_a_partial_dispute_holds_its_amount_and_the_rest_goes_on(huating: World) -> None:
    huating.live_until("2026-09-01")
    with huating.open():
        bill = Bill.objects.filter(account=huating.account("0101")).earliest("due_on")
    dispute = huating.dispute("0101", "四月电梯坏了半个月，这部分不该收。", {bill.pk: Decimal("100.00")})
    with huating.open():
        now = position(account_id=huating.account("0101").pk, on=huating.day)
        assert (now.contested, now.pursuable, now.arrears) == (
            Decimal("100.00"),
            Decimal("1100.00"),
            Decimal("1200.00"),
        )
    notice = to_the_formal_notice(huating, "0101")
    with huating.open():
        assert notice.amount == Decimal("1100.00"), "the letter asks only for what is not contested"
    huating.resolve(dispute, "rejected", "电梯维修记录显示停用两天，已按合同处理。")
    with huating.open():
        now = position(account_id=huating.account("0101").pk, on=huating.day)
        assert (now.contested, now.pursuable) == (Decimal("0.00"), Decimal("1200.00"))


def test_a_dispute_over_everything_stops_every_step_until_it_is_resolved(huating: World) -> None:
    with huating.open():
        lines = {b.pk: b.amount for b in Bill.objects.filter(account=huating.account("0101"))}
    dispute = huating.dispute("0101", "我没有收过房，为什么要交？", lines)
    huating.live_until("2026-09-20")
    with huating.open():
        assert huating.messages("0101") == []
        assert [m.state for m in huating.messages("0102")][:1] == ["sent"], "other households go on"
    huating.resolve(dispute, "rejected", "已核对收房签收单。")
    huating.live_until("2026-10-05")
    with huating.open():
        assert huating.messages("0101"), "after the ruling the process goes on, from its first step"
        assert not huating.notices("0101")


def test_a_service_dispute_stops_letters_for_the_whole_account(huating: World) -> None:
    notice_day = to_the_formal_notice(huating, "0102")
    assert notice_day.state == "proposed"
    huating.live_until("2026-09-08")
    dispute = huating.dispute("0101", "楼道灯坏了三个月没人修。", {}, kind="service")
    while huating.todo_kind("0101") != "call":
        huating.live_until(huating.day + timedelta(days=1))
    huating.call("0101", "informed", explanation="已说明各期欠费与缴费方式")
    huating.live_until(huating.day + timedelta(days=40))
    with huating.open():
        assert huating.notices("0101") == [], "fix the service first (S82)"
    huating.resolve(dispute, "upheld", "楼道灯已更换，向业主致歉。")
    huating.live_until(huating.day + timedelta(days=14))
    with huating.open():
        assert [n.state for n in huating.notices("0101")] == ["proposed"]


def test_a_payment_between_approval_and_sending_voids_the_letter(huating: World) -> None:
    notice = huating.approve(to_the_formal_notice(huating, "0101"))
    number = notice.number
    huating.pay("0101", "1200.00")
    huating.live_until(huating.day + timedelta(days=1))
    with huating.open():
        notice.refresh_from_db()
        assert (notice.state, notice.number) == ("void", number), "a number is never reused"
        assert huating.case("0101").state == "settled"
        assert huating.todo("0101") is None


def test_a_part_payment_replaces_the_letter_by_one_with_the_new_amount(huating: World) -> None:
    notice = huating.approve(to_the_formal_notice(huating, "0101"))
    huating.pay("0101", "500.00")
    huating.live_until(huating.day + timedelta(days=1))
    with huating.open():
        notice.refresh_from_db()
        assert notice.state == "superseded"
        fresh = huating.notices("0101")[-1]
        assert (fresh.state, fresh.number, fresh.amount) == ("proposed", "", Decimal("700.00"))
    huating.approve(fresh)
    assert fresh.number != notice.number


def test_a_payment_before_the_reminder_leaves_stops_the_reminder(huating: World) -> None:
    huating.pay("0103", "1200.00")
    huating.live_until("2026-09-02")
    with huating.open():
        assert not [m for m in huating.messages("0103") if m.state == "sent"]
        assert [m.state for m in huating.messages("0101")] == ["sent"]


def test_a_reversed_payment_reopens_the_same_cycle_without_resending(huating: World) -> None:
    huating.live_until("2026-09-03")
    payment = huating.pay("0101", "1200.00")
    huating.live_until("2026-09-05")
    with huating.open():
        case = huating.case("0101")
        assert (case.state, case.cycle) == ("settled", 1)
    with huating.open("finance"):
        reverse_payment(payment=payment, by=huating.who("finance"), at=huating.now(), reason="付款人撤回")
    huating.live_until("2026-09-06")
    with huating.open():
        case = huating.case("0101")
        assert (case.state, case.cycle) == ("open", 1)
        assert len([m for m in huating.messages("0101") if m.state == "sent"]) <= 2


def test_a_promise_delays_contact_and_is_kept_or_broken_once(huating: World) -> None:
    while huating.todo_kind("0101") != "call":
        huating.live_until(huating.day + timedelta(days=1))
    until = huating.day + timedelta(days=20)
    for room in ("0101", "0102"):
        huating.call(room, "promised", promised_on=until, promise_amount=Decimal("1200.00"))
    huating.live_until(until - timedelta(days=1))
    with huating.open():
        assert huating.notices("0101") == []
        assert huating.todo("0101") is None
    huating.pay("0102", "1200.00")
    huating.live_until(until + timedelta(days=2))
    with huating.open():
        states = {p.account_id: (p.state, p.received) for p in Promise.objects.all()}
        assert states[huating.account("0102").pk] == ("kept", Decimal("1200.00"))
        assert states[huating.account("0101").pk] == ("broken", Decimal("0.00"))
    huating.live_until(until + timedelta(days=4))
    with huating.open():
        assert huating.notices("0101"), "a broken promise lets the process go on where it stood"
        assert not huating.notices("0102")


def test_two_offices_with_the_same_room_numbers_never_meet(huating: World, provider: Any) -> None:
    cuihu = small_world(make_office("cuihu", "翠湖物业服务有限公司"))
    huating.live_until("2026-09-02")
    cuihu.pay("0101", "1200.00")
    cuihu.live_until("2026-09-02")
    for world, reminded in ((huating, {"0101", "0102", "0103"}), (cuihu, {"0102", "0103"})):
        with world.open():
            assert Room.objects.count() == 3
            assert Account.objects.count() == 3
            assert set(Message.objects.filter(state="sent").values_list("account__room__number", flat=True)) == reminded
    with huating.open():
        mine = set(Case.objects.values_list("pk", flat=True))
    with cuihu.open():
        assert not Case.objects.filter(pk__in=mine).exists()
        assert not Case.objects.filter(pk__in=mine).update(state="settled")
    signs = {
        m["sign"]
        for m in provider.arrived()
        if m["out_id"].startswith((f"{huating.office.id}-", f"{cuihu.office.id}-"))
    }
    assert len(signs) == 2, "every message carries its own office's name"


def test_missed_days_are_caught_up_one_step_at_a_time(huating: World) -> None:
    huating.live_until("2026-09-02")
    huating.day = date(2026, 10, 20)  # nobody ran anything for seven weeks
    huating.live_until("2026-10-20")
    with huating.open():
        assert len(huating.messages("0101")) == 2, "one step a sweep, however long the pause"
        assert huating.notices("0101") == []
