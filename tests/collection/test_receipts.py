"""Receipts of accepted messages: who may tell, in which direction they go, what a bounced one sets going (C2.8, T16, decisions 3)."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import Account, ContactPoint
from collection.channels import CHANNELS, SMS_PROVIDERS, Delivery, Fate, Outcome, Receipt
from collection.models import Action, Case, Message, Notice, Step
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.notices import propose_notice
from collection.operations.outbox import apply_receipt
from collection.operations.receipts import ask_for_receipts, record_receipt
from collection.operations.sending import send_due_messages
from collection.operations.strategies import ensure_default_strategy
from collection.rules import receipts as rules
from config.run.provider_clouds import KEY_ID
from tests.collection.conftest import accepted, bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"
NOON, EVENING = at(ON, 12), at(ON, 18)
OPENID = "o" + "f" * 27


# --- the direction


@pytest.mark.parametrize("order", list(permutations(["bounced", "delivered", "bounced"])), ids="-".join)
def test_whatever_order_receipts_come_in_the_last_word_is_the_same(order: tuple[str, ...]) -> None:
    known = rules.NONE
    for told in order:
        known = told if rules.goes_forward(known, told) else known
    assert known == rules.DELIVERED


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        pytest.param(timedelta(0), timedelta(minutes=10), id="just-sent"),
        pytest.param(timedelta(minutes=10), timedelta(minutes=10), id="first-question"),
        pytest.param(timedelta(hours=8), timedelta(hours=8), id="at-twice-the-age"),
        pytest.param(timedelta(days=3), None, id="after-three-days-no-more"),
        pytest.param(-timedelta(minutes=1), timedelta(minutes=10), id="a-clock-that-goes-back"),
    ],
)
def test_a_receipt_that_does_not_come_is_asked_for_less_and_less_often(age: timedelta, wait: timedelta | None) -> None:
    assert rules.next_question(NOON - age, NOON) == (wait and NOON + wait)


# --- what follows


@pytest.fixture
def told(inside: Any) -> Any:
    """Tell of the n-th message: `told("bounced")`."""

    def tell(fate: str, n: int = 0, when: datetime = NOON) -> bool:
        message = Message.objects.order_by("pk")[n]
        error = "用户关机" if fate == "bounced" else ""
        return record_receipt(message_id=message.pk, told=Delivery(Fate(fate), error=error), at=when)

    return tell


@pytest.fixture
def reminded(inside: Any, place: Any) -> Any:
    """A household whose reminder was accepted by the provider on the first of April."""

    def make(email: str = "") -> Account:
        account = move_in(place, email=email)
        bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
        accepted(Message.objects.get(), at(ON))
        return account

    return make


def standing() -> tuple[int, date | None, str, bool]:
    case, action = Case.objects.get(), Action.objects.order_by("pk").first()
    assert action is not None
    return case.reached, case.reached_on, action.state, action.by_hand


def test_delivered_is_kept_with_its_time_and_moves_nothing_twice(reminded: Any, told: Any) -> None:
    reminded()
    before = standing()
    assert told("delivered") is True
    assert told("delivered", when=EVENING) is False
    message = Message.objects.get()
    assert (message.fate, message.fate_at, message.ask_fate_at) == ("delivered", NOON, None)
    assert standing() == before == (1, date(2026, 4, 1), "effective", False)


@pytest.mark.parametrize("fate", ["delivered", "bounced"])
def test_it_takes_the_account_before_the_message_like_everything_else(reminded: Any, told: Any, fate: str) -> None:
    """A payment locks the account and then takes its messages back: the other way round they would wait for each other."""
    reminded()
    with CaptureQueriesContext(connection) as asked:
        told(fate)
    locked = [each["sql"].split('OF "')[1] for each in asked if "FOR UPDATE OF" in each["sql"]]
    assert locked[:2] == ['billing_account"', 'collection_message"']


def test_a_bounced_reminder_takes_its_step_back_and_becomes_a_call(reminded: Any, told: Any) -> None:
    reminded()
    assert told("bounced") is True
    assert standing() == (0, None, "planned", True)
    action = Action.objects.get()
    assert (action.due_on, "用户关机" in action.why) == (date(2026, 4, 1), True)
    assert Case.objects.get().history.first().history_change_reason == "信息未送达，退回上一步"


def test_a_bounced_reminder_goes_down_to_the_steps_next_channel(reminded: Any, told: Any) -> None:
    reminded(email="owner@qq.com")
    told("bounced")
    assert standing() == (0, None, "planned", False)
    assert list(Message.objects.order_by("pk").values_list("channel", "state", "fate")) == [
        ("sms", "sent", "bounced"),
        ("email", "pending", ""),
    ]


def test_a_bounce_that_was_none_stops_what_was_to_go_out_instead(reminded: Any, told: Any) -> None:
    reminded(email="owner@qq.com")
    told("bounced")
    told("delivered", when=EVENING)
    assert standing() == (1, date(2026, 4, 1), "effective", False)
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "void"]


def test_a_second_message_that_was_accepted_carries_the_step(reminded: Any, told: Any) -> None:
    reminded(email="owner@qq.com")
    told("bounced")
    accepted(Message.objects.get(channel="email"), EVENING)
    assert standing() == (1, date(2026, 4, 1), "effective", False)
    told("bounced", 1, EVENING)
    assert standing() == (0, None, "planned", True)


def test_what_was_planned_on_top_of_a_bounced_reminder_is_taken_back(reminded: Any, told: Any) -> None:
    account = reminded()
    case = Case.objects.get()
    step = Step.objects.get(strategy=case.strategy, kind="formal")
    letter = Action.objects.create(
        case=case, account=account, step=step, kind="formal", position=step.position, by_hand=True,
        planned_on=date(2026, 4, 1), due_on=date(2026, 4, 1), why="逾期",
    )  # fmt: skip
    propose_notice(action=letter, on=date(2026, 4, 1), at=at(ON))
    told("bounced")
    letter.refresh_from_db()
    assert (letter.state, Notice.objects.get().state) == ("void", "void")
    assert standing() == (0, None, "planned", True)


@pytest.mark.parametrize("beyond", ["later-step", "spoken-with", "letter-on-its-way", "settled"])
def test_a_case_that_has_gone_beyond_does_not_fall_back(inside: Any, reminded: Any, told: Any, beyond: str) -> None:
    account = reminded()
    case = Case.objects.get()
    if beyond == "later-step":
        Case.objects.update(reached=2, reached_on=date(2026, 4, 1))
    elif beyond == "settled":
        Case.objects.update(state="settled", closed_on=date(2026, 4, 1))
    elif beyond == "spoken-with":
        record_contact(
            account=account, action=Action.objects.get(), channel="call", outcome="informed", explanation="已说明",
            at=at(ON), by=inside.people["collector"],
        )  # fmt: skip
    else:
        step = Step.objects.get(strategy=case.strategy, kind="formal")
        letter = Action.objects.create(
            case=case, account=account, step=step, kind="formal", position=step.position, by_hand=True,
            planned_on=date(2026, 4, 1), due_on=date(2026, 4, 1), why="逾期",
        )  # fmt: skip
        propose_notice(action=letter, on=date(2026, 4, 1), at=at(ON))
        Notice.objects.update(state="in_transit")
    before = standing()
    assert told("bounced") is True
    assert standing() == before
    assert Message.objects.get().fate == "bounced"


@pytest.mark.parametrize(
    ("state", "fate", "after"),
    [
        pytest.param("unknown", "delivered", ("sent", "effective"), id="unclear-but-arrived"),
        pytest.param("unknown", "bounced", ("sent", "planned"), id="unclear-and-lost"),
        pytest.param("failed", "delivered", ("sent", "effective"), id="thought-failed"),
        pytest.param("pending", "delivered", ("sent", "effective"), id="about-to-be-repeated"),
        pytest.param("sending", "delivered", ("sending", "planned"), id="its-sender-will-settle-it"),
        pytest.param("sending", "bounced", ("sending", "planned"), id="its-sender-will-settle-that-too"),
    ],
)
def test_a_receipt_wins_over_what_we_thought(
    household: Any, told: Any, state: str, fate: str, after: tuple[str, str]
) -> None:
    household()
    plan_day(on=date.fromisoformat(ON), at=at(ON))
    Message.objects.update(state=state, first_call_at=timezone.now())
    assert told(fate) is True
    assert (Message.objects.get().state, Action.objects.get().state) == after
    if state == "sending":  # a timeout meant nothing: the receipt had come before the answer
        apply_receipt(Message.objects.get(), Receipt(Outcome.UNKNOWN, error="timeout"), NOON)
        arrived = fate == "delivered"
        assert (Message.objects.get().state, Action.objects.get().state) == (
            "sent",
            "effective" if arrived else "planned",
        )


def test_what_never_left_cannot_have_a_receipt(household: Any, told: Any) -> None:
    household()
    plan_day(on=date.fromisoformat(ON), at=at(ON))
    assert told("delivered") is False
    assert Message.objects.get().state == "pending"


def test_a_bounced_message_is_no_contact(reminded: Any, told: Any) -> None:
    from collection.queries.facts import contact_days

    account = reminded()
    assert contact_days([account.pk], date.fromisoformat(ON)) == {account.pk: [date(2026, 4, 1)]}
    told("bounced")
    assert contact_days([account.pk], date.fromisoformat(ON)) == {}


# --- end to end, with the local provider as the other side


@pytest.fixture
def wired(request: Any, provider: Any, settings: Any, monkeypatch: Any) -> str:
    """One of the six other sides, set up towards the local provider; the name of its channel."""
    settings.RECEIPTS_TOKEN = "told-to-them"
    settings.WECHAT_URL, settings.WECHAT_APP_ID = provider.url, "wx-local"
    settings.WECHAT_SECRET, settings.WECHAT_TEMPLATE = settings.SMS_KEY, "fee-reminder"
    settings.PUSH_URL, settings.PUSH_KEY = f"{provider.url}/push", settings.SMS_KEY
    settings.EMAIL_BOUNCE_KEY = settings.SMS_KEY
    CHANNELS["wechat"].__init__()  # type: ignore[misc]  forget the token of another provider
    if request.param in ("aliyun", "tencent"):
        settings.SMS_KEY_ID, settings.SMS_APP_ID, settings.SMS_TEMPLATES = KEY_ID, "1400006666", {"reminder": "SMS_1"}
        monkeypatch.setitem(CHANNELS, "sms", SMS_PROVIDERS[request.param]())
        return "sms"
    return str(request.param)


ADDRESSES = {
    "sms": ("13900000001", "13900010000"),
    "push": ("13900000001", "13900008888"),
    "wechat": (OPENID, OPENID[:-4] + "1111"),
    "email": ("owner@qq.com", "owner@full.example"),
}


def send_to(office: Any, channel: str, addresses: tuple[str, ...]) -> None:
    with office.open():
        strategy = ensure_default_strategy(by=None, at=at("2026-01-01"))
        Step.objects.filter(strategy=strategy, kind="reminder").update(channels=[channel])
        place = estate()
        for address in addresses:
            is_phone = channel in ("sms", "push")
            account = move_in(place, phone=address if is_phone else None)
            bill(place, account)
            if not is_phone:
                ContactPoint.objects.create(owner=account.owner, kind=channel, value=address)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    assert send_due_messages(office_id=office.id, at=at(ON)).sent == len(addresses)


def fates(office: Any) -> list[tuple[str, str]]:
    with office.open():
        return list(Message.objects.order_by("pk").values_list("fate", "action__state"))


@pytest.mark.parametrize("wired", ["sms", "aliyun", "tencent", "wechat", "push", "email"], indirect=True)
def test_the_other_side_reports_and_the_house_hears_it(
    transactional_db: Any, live_server: Any, office: Any, provider: Any, wired: str, settings: Any
) -> None:
    provider.behave(receipts_to=f"{live_server.url}/", receipts_token=settings.RECEIPTS_TOKEN)
    send_to(office, wired, ADDRESSES[wired])
    good = ("", "effective") if wired == "email" else ("delivered", "effective")
    wanted = [good, ("bounced", "planned")]
    until = time.monotonic() + 15
    while fates(office) != wanted and time.monotonic() < until:
        time.sleep(0.2)
        ask_for_receipts(office_id=office.id, at=timezone.now()) if type(CHANNELS[wired]).__name__.endswith(
            "Sms"
        ) else None
    assert fates(office) == wanted


@pytest.mark.parametrize("wired", ["sms", "aliyun", "tencent", "push"], indirect=True)
def test_a_receipt_that_never_came_is_asked_for(office: Any, provider: Any, wired: str) -> None:
    send_to(office, wired, ADDRESSES[wired])
    assert ask_for_receipts(office_id=office.id, at=at(ON, 10, 9)) == 0
    time.sleep(1.1)  # a provider does not know at once
    assert ask_for_receipts(office_id=office.id, at=at(ON, 10, 30)) == 2
    assert fates(office) == [("delivered", "effective"), ("bounced", "planned")]


@pytest.mark.parametrize("wired", ["wechat", "email"], indirect=True)
def test_who_cannot_be_asked_is_not(office: Any, provider: Any, wired: str) -> None:
    send_to(office, wired, ADDRESSES[wired])
    with office.open():
        assert not Message.objects.exclude(ask_fate_at=None).exists()
    assert CHANNELS[wired].can_report is False


def test_nobody_is_asked_for_ever(office: Any, provider: Any, settings: Any) -> None:
    send_to(office, "sms", ADDRESSES["sms"][:1])
    settings.SMS_URL = "http://127.0.0.1:9"
    assert ask_for_receipts(office_id=office.id, at=at("2026-04-02")) == 0
    with office.open():
        again = Message.objects.get().ask_fate_at
        assert again is not None
        assert abs(again - at("2026-04-03")) < timedelta(minutes=1)
    assert ask_for_receipts(office_id=office.id, at=at("2026-04-04", 11)) == 0
    with office.open():
        assert Message.objects.get().ask_fate_at is None
