"""分期: a word of its own the day before each instalment, through every guard, once (S88)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.models import ContactPoint
from collection.models import Message
from collection.operations import plan_day, record_contact
from collection.operations.day_before import remind_of_instalments
from collection.operations.preferences import set_preference
from collection.operations.scripts import publish_script
from collection.operations.sending import send_due_messages
from collection.queries.work import work_day
from collection.rules import places, scripts
from collection.rules.shipped_scripts import SHIPPED
from disputes.operations import end_plan
from tests.conftest import at, make_office
from tests.scenarios.test_instalment_plan import sign
from tests.scenarios.world import World, small_world

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = date(2026, 9, 20), date(2026, 10, 20)
EVE = FIRST - timedelta(days=1)
ROOM = "0101"


@pytest.fixture
def world(provider: Any) -> World:
    """0101 has agreed to two instalments of 600 yuan: 20 September and 20 October."""
    world = small_world(make_office("huating", "华庭物业服务有限公司")).live_until("2026-09-03")
    with world.open():
        sign(world, ROOM, FIRST)
    return world


def words(world: World) -> list[Message]:
    return list(Message.objects.filter(instalment__isnull=False).select_related("instalment").order_by("id"))


def planned(world: World, on: date) -> None:
    """Everything of the day that is decided inside the house; nothing leaves yet."""
    world.live_until(on - timedelta(days=1))
    world.day = on
    with world.open():
        plan_day(on=on, at=at(str(on)))


def sent(world: World) -> list[tuple[str, str]]:
    """What became of the words once the outbox was emptied at eleven."""
    send_due_messages(office_id=world.office.id, at=world.now(), limit=50)
    with world.open():
        return [(message.state, message.void_reason) for message in words(world)]


def calls(world: World) -> list[str]:
    items = work_day(on=world.day, at=world.now()).items
    return [item.why for item in items if "明日应缴" in item.why]


def test_every_instalment_is_reminded_of_once_on_its_eve_and_nobody_need_ring(world):
    world.live_until(EVE - timedelta(days=1))
    with world.open():
        assert words(world) == []
    world.live_until(EVE)
    with world.open():
        (word,) = words(world)
        assert (word.state, word.amount, word.instalment.seq) == ("sent", D("600.00"), 1)
        assert word.body == (
            "尊敬的业主，您好。您约定9月20日缴纳华庭苑1-1-0101的物业费（第 1 期），尚需600.00元，特此提示。"
            "如有困难欢迎提前联系我们，如已缴费请忽略。咨询电话0512-6666 0000。"
        )
        assert calls(world) == []
        assert remind_of_instalments(on=EVE, at=world.now()) == 0, "a second run"
    world.pay(ROOM, "600.00")
    world.live_until(SECOND)
    with world.open():
        assert [(w.instalment.seq, w.queued_at.date()) for w in words(world)] == [(1, EVE), (2, date(2026, 10, 19))]


def test_an_instalment_has_one_word_whatever_runs_at_once(world):
    planned(world, EVE)
    with world.open():
        (word,) = words(world)
        word.pk = None
        with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
            word.save(force_insert=True)


@pytest.mark.parametrize(
    ("paid", "named"),
    [
        pytest.param("600.00", None, id="paid early: nothing is said"),
        pytest.param("1200.00", None, id="all of it kept: nothing is said"),
        pytest.param("250.00", D("350.00"), id="paid in part: the rest is named"),
        pytest.param("900.00", None, id="more than the first: nothing yet"),
    ],
)
def test_only_what_is_missing_of_it_is_named(world, paid, named):
    world.pay(ROOM, paid)
    planned(world, EVE)
    with world.open():
        assert [word.amount for word in words(world)] == ([named] if named else [])
        assert all(f"尚需{named}元" in word.body for word in words(world))


def test_nothing_is_said_of_a_plan_that_was_ended(world):
    with world.open():
        plan = world.account(ROOM).plans.get()
        end_plan(plan=plan, reason="业主要求一次缴清", by=world.who("manager"), at=world.now())
    planned(world, EVE)
    with world.open():
        assert words(world) == []


def test_nothing_is_said_of_the_instalments_of_a_broken_plan(world):
    planned(world, SECOND - timedelta(days=1))
    with world.open():
        assert world.account(ROOM).plans.get().state == "broken"
        assert [word.instalment.seq for word in words(world)] == [1]


def _pays(amount: str) -> Any:
    return lambda world: world.pay(ROOM, amount)


def _ends(world: World) -> None:
    with world.open():
        end_plan(plan=world.account(ROOM).plans.get(), reason="x", by=world.who("manager"), at=world.now())


def _dies(world: World) -> None:
    with world.open():
        ContactPoint.objects.filter(owner__accounts=world.account(ROOM)).update(state="dead")


def _refuses(world: World) -> None:
    with world.open():
        set_preference(
            account=world.account(ROOM),
            refused=("sms",),
            said="9月19日来电",
            by=world.who("collector"),
            at=world.now(),
        )


def _promises(world: World) -> None:
    with world.open():
        record_contact(
            account=world.account(ROOM), channel="call", outcome="promised", promised_on=FIRST,
            promise_amount=D("600.00"), by=world.who("collector"), at=world.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("since", "said"),
    [
        pytest.param(_pays("600.00"), "已缴清", id="paid"),
        pytest.param(_pays("10.00"), "可提示金额已变为 590.00 元", id="paid in part"),
        pytest.param(_ends, "该步骤已取消", id="the plan was ended"),
        pytest.param(_promises, "业主已承诺缴费", id="promised meanwhile"),
        pytest.param(_refuses, "业主不接受短信", id="no short messages, please"),
        pytest.param(_dies, "短信地址已失效", id="the number is dead"),
    ],
)
def test_the_guards_are_asked_when_it_leaves(world, since, said):
    planned(world, EVE)
    since(world)
    assert sent(world) == [("void", said)]


def test_it_waits_for_the_hours_in_which_owners_may_be_reached(world):
    planned(world, EVE)
    send_due_messages(office_id=world.office.id, at=at(str(EVE), 22), limit=50)
    with world.open():
        (word,) = words(world)
        assert (word.state, word.last_error) == ("pending", "不在允许联系的时段")
    send_due_messages(office_id=world.office.id, at=at(str(FIRST), 11), limit=50)
    with world.open():
        assert words(world)[0].state == "sent", "its day is not over"


def test_it_keeps_to_the_weekly_cap(world):
    world.live_until(EVE - timedelta(days=4))
    for _ in range(3):
        world.call(ROOM, "informed", explanation="已说明")
        world.live_until(world.day + timedelta(days=1))
    planned(world, EVE)
    assert sent(world) == [("pending", "")]
    with world.open():
        assert words(world)[0].last_error == "该业主近七日联系已达上限"
        assert words(world)[0].not_before > at(str(EVE), 20)


@pytest.mark.parametrize("wish", ["call", "visit"])
def test_whoever_wants_to_be_rung_is_rung(world, wish):
    with world.open():
        account = world.account(ROOM)
        set_preference(account=account, preferred=wish, said="当面", by=world.who("collector"), at=world.now())
    planned(world, EVE)
    with world.open():
        assert words(world) == []
        assert calls(world) == ["明日应缴分期第 1 期，还差 600.00 元，没有发出提示，请致电提醒"]


def test_what_did_not_leave_is_said_by_a_person(world):
    planned(world, EVE)
    _dies(world)
    sent(world)
    with world.open():
        assert len(calls(world)) == 1


def test_the_office_writes_its_own_words(world):
    own = "{room}{instalment}：{promised_on}缴{promised}元，如已缴费请忽略。{phone}"
    with world.open():
        publish_script(
            use=places.INSTALMENT, channel=places.BY_SMS, words=own, by=world.who("supervisor"), at=world.now()
        )
    planned(world, EVE)
    with world.open():
        assert words(world)[0].body == "1-1-0101第 1 期：9月20日缴600.00元，如已缴费请忽略。0512-6666 0000"


def test_another_office_neither_says_nor_sees_anything(world):
    other = make_office("cuihu", "翠湖物业服务有限公司")
    planned(world, EVE)
    with other.open():
        assert remind_of_instalments(on=EVE, at=world.now()) == 0
        assert not Message.objects.exists()


@pytest.mark.parametrize("text", [t for t in SHIPPED if t.use == places.INSTALMENT], ids=lambda t: t.channel)
def test_the_shipped_words_may_leave(text):
    assert (scripts.faults(text), scripts.findings(text)) == ((), ())
