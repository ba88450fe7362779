"""Sending: at most once unless the provider denies it twice, and never what should not leave any more (C2)."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from billing.operations.payments import record_payment
from collection.channels import Outcome, Receipt
from collection.models import Action, Case, Message
from collection.operations import sending
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.outbox import claim, prepare, settle
from collection.operations.sending import OpenTransaction, send_due_messages
from collection.operations.unknown import reap_leases, resolve
from collection.queries.sendoff import sendoff_load
from offices.scoping import office_scope
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"


@pytest.fixture
def queued(office):
    """Three households with one reminder each in the outbox; no scope is left open."""
    with office.open():
        place = estate()
        accounts = [move_in(place) for _ in range(3)]
        for account in accounts:
            bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    return accounts


@pytest.fixture
def inbox(office, provider):
    """What the provider process has received of this office, as (recipient, text)."""
    return lambda: [(item["to"], item["text"]) for item in provider.arrived(str(office.id))]


def send(office, when=None, **options):
    return send_due_messages(office_id=office.id, at=when or at(ON), **options)


def states(office):
    with office.open():
        return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_every_message_arrives_once_and_moves_its_case_on(office, queued, inbox):
    assert send(office).sent == 3
    assert send(office).sent == 0
    assert len(inbox()) == 3
    assert all("如已缴费请忽略" in text for _to, text in inbox())
    with office.open():
        assert set(Case.objects.values_list("reached", "reached_on", "next_action_on")) == {
            (1, date(2026, 4, 1), date(2026, 4, 7))
        }


def test_nothing_leaves_in_quiet_hours_and_all_of_it_the_next_morning(office, queued, inbox):
    assert send(office, at(ON, 20)).withdrawn == 3
    assert inbox() == []
    assert states(office) == ["pending"] * 3
    assert send(office, at("2026-04-02", 8, 59)).sent == 0
    assert send(office, at("2026-04-02", 9)).sent == 3


def test_paid_between_planning_and_sending_cancels_the_message(office, queued, inbox):
    with office.open():
        record_payment(
            account=queued[0], amount=Decimal("666.66"), value_on=date(2026, 4, 1), kind="counter", by=None, at=at(ON)
        )
    report = send(office)
    assert (report.sent, report.withdrawn) == (2, 1)
    assert states(office) == ["void", "sent", "sent"]
    assert len(inbox()) == 2


def test_part_paid_between_planning_and_sending_never_sends_the_old_amount(office, queued, inbox):
    with office.open():
        record_payment(
            account=queued[0], amount=Decimal("600.00"), value_on=date(2026, 4, 1), kind="counter", by=None, at=at(ON)
        )
    send(office)
    with office.open():
        plan_day(on=date(2026, 4, 1), at=at(ON, 11))
    assert send(office, at(ON, 11)).sent == 1
    assert [text for _to, text in inbox() if "66.66元" in text and "666.66元" not in text]
    assert len(inbox()) == 3


def test_a_promise_made_in_between_is_respected(office, queued, inbox):
    with office.open():
        record_contact(
            account=queued[0],
            channel="call",
            outcome="promised",
            promised_on=date(2026, 4, 10),
            promise_amount=Decimal("666.66"),
            at=at(ON),
            by=office.people["collector"],
        )
    assert send(office).sent == 2


def test_a_refused_number_becomes_a_call(office, inbox):
    with office.open():
        place = estate()
        account = move_in(place, phone="13800000000")
        bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
        Message.objects.update(recipient="1380000")
    assert send(office).failed == 1
    with office.open():
        action = Action.objects.get()
        assert (action.state, action.by_hand) == ("planned", True)
        assert "isv.MOBILE_NUMBER_ILLEGAL" in action.why


def test_a_refused_number_falls_back_to_the_next_channel(office, inbox, provider):
    with office.open():
        place = estate()
        bill(place, move_in(place, phone="13800000000", email="owner@example.com"))
        plan_day(on=date.fromisoformat(ON), at=at(ON))
        Message.objects.update(recipient="1380000")
    report = send(office)
    assert (report.failed, report.sent) == (1, 1)
    assert [to for to, _text in inbox()] == ["owner@example.com"]
    with office.open():
        assert Action.objects.get().state == "effective"


def test_a_provider_that_breaks_off_leaves_the_result_unknown_and_asking_settles_it(office, queued, inbox, provider):
    provider.behave(accept_then_cut=1.0)
    assert send(office).unknown == 3
    assert states(office) == ["unknown"] * 3
    provider.behave(accept_then_cut=0.0)
    send(office)
    assert states(office) == ["sent"] * 3
    assert len(inbox()) == 3


def test_a_provider_that_fails_before_taking_it_is_asked_twice_before_anything_is_sent_again(
    office, queued, inbox, provider
):
    provider.behave(error_500=1.0)
    assert send(office).unknown == 3
    provider.behave(error_500=0.0)
    assert send(office).sent == 0, "one denial is not enough"
    assert states(office) == ["unknown"] * 3
    assert send(office).sent == 0, "a second denial at once is not enough either"
    assert send(office, settle_seconds=0).sent == 3
    assert len(inbox()) == 3


def test_a_throttled_message_is_tried_again_later(office, queued, inbox, provider):
    provider.behave(throttle=1.0)
    assert send(office).later == 3
    provider.behave(throttle=0.0)
    assert send(office).sent == 0
    assert send(office, at(ON, 10, 6)).sent == 3


def test_no_provider_is_called_inside_a_transaction(office, queued):
    with office.open(), pytest.raises(OpenTransaction):
        send(office)


def test_a_lost_lease_may_neither_call_nor_settle(office, queued):
    with office.open():
        mine, other = uuid.uuid4(), uuid.uuid4()
        [message_id] = claim(at=at(ON), lease=mine, limit=1)
        assert prepare(message_id=message_id, lease=other, load=sendoff_load([message_id], at(ON)), at=at(ON)) is None
        assert not settle(message_id=message_id, lease=other, receipt=Receipt(Outcome.ACCEPTED), at=at(ON))
        assert settle(message_id=message_id, lease=mine, receipt=Receipt(Outcome.ACCEPTED), at=at(ON))


def test_a_dead_senders_message_is_unknown_and_not_simply_sent_again(office, queued, inbox):
    with office.open():
        lease = uuid.uuid4()
        [message_id] = claim(at=at(ON), lease=lease, limit=1)
        assert (
            prepare(message_id=message_id, lease=lease, load=sendoff_load([message_id], at(ON)), at=at(ON)) is not None
        )
        assert reap_leases(at=at(ON)) == 0
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE collection_message SET lease_until = clock_timestamp() - interval '1 s' WHERE id = %s",
                [message_id],
            )
    send(office)
    assert states(office) == ["unknown", "sent", "sent"]
    send(office, settle_seconds=0)
    assert states(office) == ["sent"] * 3
    assert len(inbox()) == 3


def test_what_a_dead_sender_had_not_let_go_yet_is_simply_sent(office, queued, inbox):
    with office.open():
        claim(at=at(ON), lease=uuid.uuid4(), limit=3, lease_seconds=-1)
    assert send(office).sent == 3
    assert len(inbox()) == 3


def test_an_email_of_which_nobody_can_know_becomes_a_call(office, inbox, monkeypatch):
    with office.open():
        place = estate()
        bill(place, move_in(place, phone=None, email="owner@example.com"))
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    channel = sending.CHANNELS["email"]
    monkeypatch.setattr(type(channel), "send", lambda self, message: Receipt(Outcome.UNKNOWN, error="broken off"))
    assert send(office).unknown == 1
    with office.open():
        action = Action.objects.get()
        assert action.by_hand
        assert "无法确认" in action.why


def test_a_resolved_message_is_not_resolved_twice(office, queued):
    with office.open():
        message = Message.objects.first()
        resolve(message_id=message.pk, answer=Receipt(Outcome.ACCEPTED), at=at(ON))
        message.refresh_from_db()
        assert message.state == "pending"


def test_the_other_office_sends_nothing_of_ours(office, other_office, queued, inbox):
    assert send(other_office).sent == 0
    with office_scope(other_office.id):
        assert not Message.objects.exists()
