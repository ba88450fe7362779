"""空号: an address that does not exist is not tried again, the next one is, and a person may bring it back (S4, S33)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Account, ContactPoint
from billing.operations.contact_points import ContactPointRefused, revive_contact_point
from collection.channels import CHANNELS, Delivery, Fate, Outcome, Outgoing, Receipt
from collection.models import Action, Message
from collection.operations import plan_day
from collection.operations.outbox import apply_receipt
from collection.operations.receipts import record_receipt
from tests.collection.conftest import accepted, bill, move_in
from tests.conftest import at

ON = "2026-04-01"
NOON = at(ON, 12)
GONE, OFF, OTHER = "13800004040", "13800000000", "13911112222"


@pytest.fixture
def reminded(inside: Any, place: Any) -> Any:
    """A household whose reminder lies in the outbox."""

    def make(*more: str, phone: str = GONE, email: str = "") -> Account:
        account = move_in(place, phone=phone, email=email)
        for rank, number in enumerate(more, start=1):
            ContactPoint.objects.create(owner=account.owner, kind="phone", value=number, tail=number[-4:], rank=rank)
        bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
        return account

    return make


def bounce(message: Message, *, is_gone: bool) -> bool:
    accepted(message, at(ON))
    told = Delivery(Fate.BOUNCED, error="空号" if is_gone else "用户关机", is_gone=is_gone)
    return record_receipt(message_id=message.pk, told=told, at=NOON)


def refuse(message: Message, *, is_gone: bool) -> None:
    message.last_error = "空号"
    apply_receipt(message, Receipt(Outcome.REFUSED, error="空号", is_gone=is_gone), NOON)


def sent() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("channel", "recipient"))


@pytest.mark.parametrize("learnt", [pytest.param(bounce, id="by-a-receipt"), pytest.param(refuse, id="at-once")])
@pytest.mark.parametrize(
    ("more", "email", "is_gone", "state", "tried"),
    [
        pytest.param((), "", True, "dead", [], id="nobody's-number-and-nothing-else-a-call"),
        pytest.param((OTHER,), "", True, "dead", [("sms", OTHER)], id="the-next-number-first"),
        pytest.param((), "lin@example.com", True, "dead", [("email", "lin@example.com")], id="then-the-next-channel"),
        pytest.param((OTHER,), "lin@example.com", True, "dead", [("sms", OTHER)], id="number-before-channel"),
        pytest.param((OTHER,), "", False, "unverified", [], id="switched-off-is-not-dead"),
        pytest.param(
            (OTHER,), "lin@example.com", False, "unverified", [("email", "lin@example.com")], id="off-so-by-mail"
        ),
    ],
)
def test_what_follows_when_the_address_does_not_exist(
    reminded: Any, learnt: Any, more: tuple[str, ...], email: str, is_gone: bool, state: str, tried: list[Any]
) -> None:
    reminded(*more, email=email)
    learnt(Message.objects.get(), is_gone=is_gone)
    assert ContactPoint.objects.get(value=GONE).state == state
    assert sent() == [("sms", GONE), *tried]
    assert Action.objects.get().by_hand is not bool(tried)


def test_every_number_is_tried_once_before_a_person_has_to_call(reminded: Any) -> None:
    reminded(OTHER, "13911113333")
    for number in (GONE, OTHER, "13911113333"):
        message = Message.objects.latest("pk")
        assert message.recipient == number
        bounce(message, is_gone=True)
    assert (Message.objects.count(), Action.objects.get().by_hand) == (3, True)


def test_later_reminders_go_to_the_next_number(reminded: Any, place: Any) -> None:
    account = reminded(OTHER)
    bounce(Message.objects.get(), is_gone=True)
    Message.objects.filter(recipient=OTHER).update(first_call_at=NOON)
    accepted(Message.objects.get(recipient=OTHER), NOON)
    plan_day(on=date(2026, 4, 7), at=at("2026-04-07"))
    assert sent()[2:] == [("sms", OTHER)]
    assert ContactPoint.objects.filter(owner=account.owner, state="dead").count() == 1


def test_what_arrives_after_all_proves_that_the_number_lives(reminded: Any) -> None:
    reminded()
    message = Message.objects.get()
    bounce(message, is_gone=True)
    record_receipt(message_id=message.pk, told=Delivery(Fate.DELIVERED), at=NOON)
    point = ContactPoint.objects.get()
    assert (point.state, point.last_good_on) == ("good", date(2026, 4, 1))
    reasons = list(point.history.order_by("history_id").values_list("history_change_reason", flat=True))
    assert reasons[1:] == ["短信回执：空号", "信息已到达，号码有效"]


def test_what_an_owner_refused_stays_refused(reminded: Any) -> None:
    reminded()
    ContactPoint.objects.update(state="refused")
    bounce(Message.objects.get(), is_gone=True)
    assert ContactPoint.objects.get().state == "refused"


def test_staff_see_it_on_the_household_page_and_bring_it_back(reminded: Any, inside: Any, sign_in: Any) -> None:
    account = reminded()
    bounce(Message.objects.get(), is_gone=True)
    point, page = ContactPoint.objects.get(), reverse("archive:household", args=[account.pk])
    collector, finance = inside.people["collector"], inside.people["finance"]
    assert "号码已失效" in sign_in(finance).get(page).content.decode()
    address = reverse("collection:revive", args=[point.pk])
    assert address not in sign_in(finance).get(page).content.decode()
    assert sign_in(finance).post(address).status_code == 403
    assert address in sign_in(collector).get(page).content.decode()
    assert sign_in(collector).post(address, {"next": page}).url == page
    point.refresh_from_db()
    last = point.history.first()
    assert (point.state, last.history_user, last.history_change_reason) == (
        "unverified",
        collector,
        "人工恢复，可再次使用",
    )
    assert "号码已失效" not in sign_in(collector).get(page).content.decode()
    with pytest.raises(ContactPointRefused):
        revive_contact_point(point=point, by=collector, at=NOON)


def test_the_gateway_tells_nobodys_number_from_one_that_is_off(provider: Any) -> None:
    fates = {}
    for number in (GONE, OFF):
        key = f"1-{number[-6:]}"
        message = Outgoing(key, 1, "华庭物业", "", number, "", "您好，请缴费。")
        assert CHANNELS["sms"].send(message).outcome is Outcome.ACCEPTED
        receipt = CHANNELS["sms"].ask(key)
        while receipt is not None and receipt.outcome is not Outcome.REFUSED:
            receipt = CHANNELS["sms"].ask(key)
        assert receipt is not None
        fates[number] = receipt.is_gone
    assert fates == {GONE: True, OFF: False}


def test_a_mail_server_that_knows_no_such_mailbox(provider: Any) -> None:
    message = Outgoing("1-9", 1, "华庭物业", "office@huating.example", "nobody@bounce.example", "提醒", "您好")
    receipt = CHANNELS["email"].send(message)
    assert (receipt.outcome, receipt.is_gone) == (Outcome.REFUSED, True)
