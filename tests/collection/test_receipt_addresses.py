"""Receipts at the door: who may tell what became of a message, and what follows for the pages."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from datetime import date
from typing import Any

import pytest

from collection.channels import CHANNELS, SMS_PROVIDERS, Delivery, Fate
from collection.models import Message
from collection.operations.days import plan_day
from collection.operations.receipts import take_receipts
from config.run.provider_clouds import KEY_ID
from tests.collection.conftest import accepted, bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"
NOON, EVENING = at(ON, 12), at(ON, 18)
OPENID = "o" + "f" * 27


@pytest.fixture
def door(office: Any, settings: Any, client: Any) -> Any:
    """One accepted short message, its address for receipts, and how to sign."""
    settings.SMS_KEY = settings.PUSH_KEY = settings.EMAIL_BOUNCE_KEY = "key-of-the-gateway"
    settings.RECEIPTS_TOKEN, settings.PUSH_URL = "token-in-the-address", "http://127.0.0.1:9/push"
    with office.open():
        place = estate()
        account = move_in(place)
        bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
        accepted(Message.objects.get(), at(ON))
        key = f"{office.id}-{Message.objects.get().pk}"

    def post(said: Any, *, path: str = "/receipts/sms/", secret: str = "key-of-the-gateway", age: int = 0) -> int:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        stamp = str(int(time.time()) - age)
        signature = hmac.new(secret.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
        answer = client.post(
            path, body, content_type="application/json", HTTP_X_TIMESTAMP=stamp, HTTP_X_SIGNATURE=signature
        )
        assert answer.status_code in (200, 404) or answer.content == b""
        return int(answer.status_code)

    def fate() -> str:
        with office.open():
            return Message.objects.get(pk=key.split("-")[1]).fate

    post.key, post.fate = key, fate  # type: ignore[attr-defined]
    return post


def test_a_signed_receipt_is_taken_and_a_repeated_one_changes_nothing(door: Any) -> None:
    assert [door([{"key": door.key, "status": "DELIVERED"}]) for _twice in range(2)] == [200, 200]
    assert door.fate() == "delivered"
    assert door([{"key": door.key, "status": "FAILED"}]) == 200
    assert door.fate() == "delivered"


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({"secret": "guessed"}, 403, id="wrong-key"),
        pytest.param({"age": 301}, 403, id="stale"),
        pytest.param({"age": -301}, 403, id="from-the-future"),
        pytest.param({"path": "/receipts/email/", "secret": "guessed"}, 403, id="mail-wrong-key"),
        pytest.param({"path": "/receipts/push/", "secret": "guessed"}, 403, id="push-wrong-key"),
        pytest.param({"path": "/receipts/wechat/"}, 404, id="not-set-up"),
        pytest.param({"path": "/receipts/fax/"}, 404, id="no-such-channel"),
        pytest.param(
            {"path": "/receipts/sms/token-in-the-address/", "secret": "guessed"}, 403, id="token-is-no-signature"
        ),
    ],
)
def test_who_cannot_prove_it_changes_nothing(door: Any, how: dict[str, Any], status: int) -> None:
    assert door([{"key": door.key, "status": "FAILED"}], **how) == status
    assert door.fate() == ""


def test_without_a_key_nothing_is_proven(door: Any, settings: Any) -> None:
    settings.SMS_KEY = ""
    assert door([{"key": door.key, "status": "FAILED"}], secret="") == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"'], ids=["empty", "broken", "numbers", "text"])
def test_what_cannot_be_read_is_refused(door: Any, body: bytes) -> None:
    assert door(body) == 400


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"key": "999999-1", "status": "FAILED"}, id="unknown-office"),
        pytest.param({"key": "1-999999999", "status": "FAILED"}, id="unknown-message"),
        pytest.param({"key": "'; drop table", "status": "FAILED"}, id="no-key"),
        pytest.param({"key": 7, "status": "FAILED"}, id="a-number"),
        pytest.param({"status": "FAILED"}, id="without"),
        pytest.param({"key": "1-1", "status": "QUEUED"}, id="another-status"),
        pytest.param({"key": "1-1", "status": ["FAILED"]}, id="a-list"),
    ],
)
def test_receipts_of_what_we_do_not_know_are_thanked_for_and_passed_over(door: Any, said: dict[str, Any]) -> None:
    assert door([said]) == 200
    assert door.fate() == ""


def test_a_receipt_counts_only_in_its_own_channel(door: Any) -> None:
    assert door([{"key": door.key, "status": "FAILED"}], path="/receipts/push/") == 200
    assert door.fate() == ""


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        pytest.param("5.1.1", "bounced", id="no-such-mailbox"),
        pytest.param("4.2.2", "", id="only-delayed"),
        pytest.param("2.0.0", "", id="relayed"),
    ],
)
def test_a_mail_that_comes_back(office: Any, door: Any, status: str, fate: str) -> None:
    with office.open():
        Message.objects.update(channel="email", recipient="owner@qq.com", dedupe_key="mail")
    said = {"message_id": f"<{door.key}@huating.example>", "status": status, "message": "no such mailbox"}
    assert door([said], path="/receipts/email/") == 200
    assert door.fate() == fate


@pytest.mark.parametrize(
    ("token", "status", "asks"),
    [
        pytest.param("token-in-the-address", 200, True, id="rings"),
        pytest.param("guessed", 403, False, id="forged"),
    ],
)
@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_a_push_that_nobody_signs_only_makes_us_ask(
    office: Any, door: Any, monkeypatch: Any, settings: Any, cloud: str, token: str, status: int, asks: bool
) -> None:
    settings.SMS_KEY_ID, settings.SMS_APP_ID, settings.SMS_TEMPLATES = KEY_ID, "1400006666", {"reminder": "1"}
    monkeypatch.setitem(CHANNELS, "sms", SMS_PROVIDERS[cloud]())
    with office.open():
        Message.objects.update(ask_fate_at=None)
        ref = Message.objects.get().provider_ref
    report = (
        {"out_id": door.key, "biz_id": ref, "success": False}
        if cloud == "aliyun"
        else {"sid": ref, "report_status": "FAIL"}
    )
    assert door([report], path=f"/receipts/sms/{token}/") == status
    with office.open():
        message = Message.objects.get()
    assert (message.fate, message.ask_fate_at is not None) == ("", asks)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({}, 200, id="theirs"),
        pytest.param({"signature": "0" * 40}, 403, id="forged"),
        pytest.param({"timestamp": "1"}, 403, id="stale"),
    ],
)
def test_the_address_of_the_official_account(
    door: Any, client: Any, settings: Any, change: dict[str, str], status: int
) -> None:
    settings.WECHAT_APP_ID, settings.WECHAT_SECRET, settings.WECHAT_TEMPLATE = "wx", "secret", "t"
    stamp = change.get("timestamp", str(int(time.time())))
    digest = hashlib.sha1("".join(sorted(("token-in-the-address", stamp, "42"))).encode()).hexdigest()
    query = {"signature": digest, "timestamp": stamp, "nonce": "42", "echostr": "hello"} | change
    answer = client.get("/receipts/wechat/", query)
    assert (answer.status_code, answer.content) == (status, b"hello" if status == 200 else b"")


def test_an_event_may_not_bring_entities(door: Any, client: Any, settings: Any) -> None:
    settings.WECHAT_APP_ID, settings.WECHAT_SECRET, settings.WECHAT_TEMPLATE = "wx", "secret", "t"
    stamp = str(int(time.time()))
    digest = hashlib.sha1("".join(sorted(("token-in-the-address", stamp, "42"))).encode()).hexdigest()
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Event>TEMPLATESENDJOBFINISH</Event><MsgID>&a;</MsgID></xml>'
    address = f"/receipts/wechat/?signature={digest}&timestamp={stamp}&nonce=42"
    assert client.post(address, bomb, content_type="text/xml").status_code == 200
    assert client.post(address, b"<xml>", content_type="text/xml").status_code == 400
    assert door.fate() == ""


def test_a_storm_of_receipts_ends_in_the_right_state(office: Any, door: Any) -> None:
    """T16: doubled, out of order, of unknown ids and forged ones."""
    dice = random.Random(16)
    with office.open():
        place = estate("翠湖苑")
        for _home in range(11):
            bill(place, move_in(place))
        plan_day(on=date.fromisoformat(ON), at=at(ON, 11))
        for message in Message.objects.filter(state="pending"):
            accepted(message, at(ON))
        keys = [f"{office.id}-{pk}" for pk in Message.objects.values_list("pk", flat=True)]
    truth = {key: dice.choice([["DELIVERED"], ["FAILED"], ["FAILED", "DELIVERED"], []]) for key in keys}
    calls = [({"key": key, "status": status}, "key-of-the-gateway") for key in keys for status in truth[key]]
    calls += [call for call in calls if dice.random() < 0.3]
    calls += [({"key": f"{office.id}-{10**9 + n}", "status": "FAILED"}, "key-of-the-gateway") for n in range(3)]
    calls += [({"key": key, "status": "DELIVERED" if truth[key] else "FAILED"}, "forged") for key in keys[:3]]
    dice.shuffle(calls)
    assert [door([said], secret=secret) for said, secret in calls] == [
        200 if secret != "forged" else 403 for _said, secret in calls
    ]
    words = {"DELIVERED": "delivered", "FAILED": "bounced"}
    with office.open():
        for message in Message.objects.filter(pk__in=[int(key.split("-")[1]) for key in keys]):
            wanted = truth[f"{office.id}-{message.pk}"]
            assert message.fate == (words[wanted[-1]] if wanted else "")
            assert message.action is not None
            assert message.action.state == ("planned" if message.fate == "bounced" else "effective")


def test_another_offices_message_is_never_found_by_our_number(office: Any, other_office: Any, door: Any) -> None:
    message_id = int(door.key.split("-")[1])
    told = Delivery(Fate.BOUNCED, key=f"{other_office.id}-{message_id}")
    assert take_receipts(channel="sms", deliveries=[told], at=NOON) == 0
    assert door.fate() == ""


@pytest.mark.parametrize(("status", "words"), [("DELIVERED", "已到达"), ("FAILED", "未到达")])
def test_what_became_of_it_stands_on_the_pages_with_its_time(
    office: Any, door: Any, sign_in: Any, status: str, words: str
) -> None:
    door([{"key": door.key, "status": status, "message": "停机" if status == "FAILED" else ""}])
    browser = sign_in(office.people["supervisor"])
    found = browser.get("/sent/", {"state": {"已到达": "delivered", "未到达": "bounced"}[words]}).content.decode()
    assert found.count(words) == 2  # the filter, and the message
    assert "回执" in found
    with office.open():
        account_id = Message.objects.get(pk=door.key.split("-")[1]).account_id
    assert f"短信回执：{words}" in browser.get(f"/households/{account_id}/").content.decode()
