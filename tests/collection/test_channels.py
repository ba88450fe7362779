"""WeChat official account and app push against the local provider: bound or not, dropped doubles, unclear ends (issue 5, C2.2)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from billing.models import ContactPoint
from collection.channels import CHANNELS, Outcome, Outgoing, available
from collection.models import Action, Message, Step
from collection.operations.days import plan_day
from collection.operations.sending import send_due_messages
from collection.operations.strategies import ensure_default_strategy
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"
FOLLOWS, LEFT = "o" + "f" * 27, "o" + "f" * 23 + "0000"


@pytest.fixture
def wired(provider: Any, settings: Any) -> Any:
    """All channels set up, towards the local provider."""
    settings.WECHAT_URL, settings.WECHAT_APP_ID = provider.url, "wx-local"
    settings.WECHAT_SECRET, settings.WECHAT_TEMPLATE = settings.SMS_KEY, "fee-reminder"
    settings.PUSH_URL, settings.PUSH_KEY = f"{provider.url}/push", settings.SMS_KEY
    CHANNELS["wechat"].__init__()  # type: ignore[misc]  forget the token of another provider
    return provider


def message(to: str, key: str = "1-1") -> Outgoing:
    return Outgoing(key, 1, "华庭物业", "", to, "", "物业费账单666.66元待缴", "华庭苑 1-1-101", "666.66")


def test_a_channel_without_keys_is_not_offered(settings: Any, wired: Any) -> None:
    assert available() == ["sms", "email", "wechat", "push"]
    settings.WECHAT_SECRET, settings.PUSH_URL = "", ""
    assert available() == ["sms", "email"]


@pytest.mark.parametrize(
    ("channel", "to", "outcome", "says"),
    [
        pytest.param("wechat", FOLLOWS, Outcome.ACCEPTED, "", id="wechat-follows"),
        pytest.param("wechat", LEFT, Outcome.REFUSED, "未关注公众号", id="wechat-unsubscribed"),
        pytest.param("wechat", "zhangsan_wx", Outcome.REFUSED, "未绑定公众号", id="wechat-number-is-no-openid"),
        pytest.param("push", "13900000001", Outcome.ACCEPTED, "", id="push-signed-in"),
        pytest.param("push", "13900009999", Outcome.REFUSED, "NOT_BOUND", id="push-never-signed-in"),
    ],
)
def test_what_the_other_side_says_is_understood(wired: Any, channel: str, to: str, outcome: Outcome, says: str) -> None:
    receipt = CHANNELS[channel].send(message(to, f"7-{channel}-{to}"))
    assert (receipt.outcome, says in receipt.error) == (outcome, True)
    assert bool(receipt.ref) is (outcome is Outcome.ACCEPTED)


@pytest.mark.parametrize("channel", ["wechat", "push"])
@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        pytest.param({"error_500": 1.0}, Outcome.UNKNOWN, id="server-error"),
        pytest.param({"accept_then_cut": 1.0}, Outcome.UNKNOWN, id="broken-off"),
    ],
)
def test_an_unclear_end_is_unknown(wired: Any, channel: str, how: dict[str, float], outcome: Outcome) -> None:
    wired.behave(**how)
    to = FOLLOWS if channel == "wechat" else "13900000001"
    assert CHANNELS[channel].send(message(to)).outcome is outcome


@pytest.mark.parametrize("channel", ["wechat", "push"])
def test_a_refused_key_is_the_administrators_business_and_nothing_is_lost(
    wired: Any, settings: Any, channel: str
) -> None:
    settings.WECHAT_SECRET = settings.PUSH_KEY = "wrong"
    to = FOLLOWS if channel == "wechat" else "13900000001"
    assert CHANNELS[channel].send(message(to)).outcome is Outcome.LATER


def test_a_spoilt_token_is_fetched_anew(wired: Any) -> None:
    channel: Any = CHANNELS["wechat"]
    assert channel.send(message(FOLLOWS, "8-1")).outcome is Outcome.ACCEPTED
    channel._token.value = "stale"
    assert channel.send(message(FOLLOWS, "8-2")).outcome is Outcome.LATER
    assert channel.send(message(FOLLOWS, "8-2")).outcome is Outcome.ACCEPTED


def test_no_token_is_kept_with_the_reason_for_waiting(wired: Any, settings: Any) -> None:
    channel: Any = CHANNELS["wechat"]
    channel.send(message(FOLLOWS, "8-3"))
    settings.WECHAT_URL = "http://127.0.0.1:9"
    receipt = channel.send(message(FOLLOWS, "8-4"))
    assert (receipt.outcome, channel._token.value in receipt.error) == (Outcome.LATER, False)


def test_the_app_can_be_asked_and_wechat_cannot(wired: Any) -> None:
    push = CHANNELS["push"]
    assert push.ask("9-1") is None
    push.send(message("13900000001", "9-1"))
    answer = push.ask("9-1")
    assert answer is not None
    assert answer.outcome is Outcome.ACCEPTED
    assert not CHANNELS["wechat"].can_be_asked


@pytest.fixture
def owes(office: Any, wired: Any) -> Any:
    """One household that owes, reminded by WeChat first, then push, then short message."""

    def make(openid: str | None) -> None:
        with office.open():
            strategy = ensure_default_strategy(by=None, at=at("2026-01-01"))
            Step.objects.filter(strategy=strategy, kind="reminder").update(channels=["wechat", "push", "sms"])
            place = estate()
            account = move_in(place, phone="13900009999")
            bill(place, account)
            if openid:
                ContactPoint.objects.create(owner=account.owner, kind="wechat", value=openid)
            plan_day(on=date.fromisoformat(ON), at=at(ON))

    return make


def arrived(office: Any, wired: Any) -> list[tuple[str, str]]:
    return [(item["channel"], item["to"]) for item in wired.arrived(str(office.id))]


@pytest.mark.parametrize(
    ("openid", "first", "last"),
    [
        pytest.param(FOLLOWS, "wechat", ("wechat", FOLLOWS), id="follows"),
        pytest.param(LEFT, "wechat", ("sms", "13900009999"), id="unsubscribed-and-no-app-so-a-short-message"),
        pytest.param("zhangsan_wx", "push", ("sms", "13900009999"), id="not-bound-is-skipped-at-once"),
        pytest.param(None, "push", ("sms", "13900009999"), id="no-wechat"),
    ],
)
def test_a_reminder_goes_down_its_channels_until_one_reaches_the_owner(
    office: Any, wired: Any, owes: Any, openid: str | None, first: str, last: tuple[str, str]
) -> None:
    owes(openid)
    send_due_messages(office_id=office.id, at=at(ON))
    assert arrived(office, wired) == [last]
    with office.open():
        assert Message.objects.earliest("id").channel == first
        assert Action.objects.get().state == "effective"


def test_an_unclear_wechat_message_is_handed_over_again_inside_the_window_and_arrives_once(
    office: Any, wired: Any, owes: Any
) -> None:
    owes(FOLLOWS)
    wired.behave(accept_then_cut=1.0)
    send_due_messages(office_id=office.id, at=at(ON))
    with office.open():
        assert Message.objects.get().state == "pending"
    wired.behave(accept_then_cut=0.0)
    assert send_due_messages(office_id=office.id, at=at(ON, 11)).sent == 1
    assert Counter(arrived(office, wired)) == {("wechat", FOLLOWS): 1}


def test_after_the_window_it_is_unknown_and_a_person_decides(office: Any, wired: Any, owes: Any) -> None:
    owes(FOLLOWS)
    with office.open():
        Message.objects.update(first_call_at=at("2020-01-01"))
    wired.behave(error_500=1.0)
    assert send_due_messages(office_id=office.id, at=at(ON)).unknown == 1
    with office.open():
        assert Message.objects.get().state == "unknown"
        action = Action.objects.get()
        assert action.by_hand
        assert "公众号是否送出无法确认" in action.why
