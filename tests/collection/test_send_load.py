"""What a sender reads once for all it has claimed, and what happens meanwhile: the law is asked at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Account, ContactPoint
from billing.operations import open_special_case
from billing.operations.contact_points import mark_contact_point
from billing.operations.payments import record_payment
from collection.channels import Outcome, Receipt
from collection.channels.sms import SmsChannel
from collection.models import Message
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.preferences import set_preference
from collection.operations.sending import send_due_messages
from collection.queries import sendoff
from offices.models import OfficeSettings
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"


class Street:
    """Households with a reminder each, all claimed at once, and a provider in whose first call something happens."""

    def __init__(self, office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.place = office, None
        self.sent: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        monkeypatch.setattr(SmsChannel, "send", lambda _channel, message: self._send(message))

    def owe(self, households: int) -> list[Account]:
        with self.office.open():
            self.place = self.place or estate()
            accounts = [move_in(self.place) for _ in range(households)]
            for account in accounts:
                bill(self.place, account)
            plan_day(on=date.fromisoformat(ON), at=at(ON))
        return accounts

    def _send(self, message: Any) -> Receipt:
        self.sent.append(message.recipient)
        if len(self.sent) == 1:
            with self.office.open():
                self.meanwhile()
        return Receipt(Outcome.ACCEPTED, ref="1")

    def send(self) -> Any:
        return send_due_messages(office_id=self.office.id, at=at(ON))


@pytest.fixture
def street(office: Any, monkeypatch: pytest.MonkeyPatch) -> Street:
    return Street(office, monkeypatch)


def _pays(account: Account, amount: str, by: Any) -> None:
    record_payment(
        account=account, amount=Decimal(amount), value_on=date(2026, 4, 1), kind="counter", by=by, at=at(ON)
    )  # fmt: skip


def _promises(account: Account, by: Any) -> None:
    record_contact(
        account=account, channel="call", outcome="promised", promised_on=date(2026, 4, 10),
        promise_amount=Decimal("666.66"), at=at(ON), by=by,
    )  # fmt: skip


def _is_spoken_with(account: Account, by: Any) -> None:
    for day in ("2026-03-30", "2026-03-31", ON):
        record_contact(account=account, channel="call", outcome="informed", explanation="已说明", at=at(day, 9), by=by)


MEANWHILE: dict[str, tuple[Callable[[Account, Any], object], str, str]] = {
    "pays": (lambda who, by: _pays(who, "666.66", by), "void", "已缴清"),
    "pays in part": (lambda who, by: _pays(who, "600.00", by), "void", "可提示金额已变为 66.66 元"),
    "says to have paid": (
        lambda who, by: open_special_case(
            account=who, kind="pending_transfer", starts_on=date(2026, 4, 1), note="业主称已转账", claimed_amount=Decimal("666.66"), blocks_reminder=True,
            review_on=date(2026, 4, 10), by=by, at=at(ON),
        ),
        "void", "业主称已付款或情况待核实，暂不提示",
    ),
    "promises": (_promises, "void", "业主已承诺缴费"),
    "wants no short messages": (
        lambda who, by: set_preference(account=who, said="4月1日来电", refused=("sms",), by=by, at=at(ON)),
        "void", "业主不接受短信",
    ),
    "wants to be left alone now": (
        lambda who, by: set_preference(
            account=who, said="4月1日来电", quiet_from=time(9), quiet_until=time(12), by=by, at=at(ON)
        ),
        "pending", "不在允许联系的时段",
    ),
    "turns out to have another number": (
        lambda who, by: mark_contact_point(
            point=ContactPoint.objects.get(owner_id=who.owner_id), state="dead", by=by, at=at(ON)
        ),
        "void", "短信地址已失效",
    ),
    "has been spoken with three times": (_is_spoken_with, "pending", "该业主近七日联系已达上限"),
}  # fmt: skip


@pytest.mark.parametrize("event", MEANWHILE)
def test_what_happens_while_the_first_of_a_claim_leaves_stops_the_second(
    street: Street, office: Any, event: str
) -> None:
    happens, state, words = MEANWHILE[event]
    first, second, third = street.owe(3)
    street.meanwhile = lambda: happens(second, office.people["supervisor"])
    report = street.send()
    assert (report.sent, report.withdrawn) == (2, 1)
    with office.open():
        message = Message.objects.get(account=second)
        assert (message.state, message.void_reason or message.last_error) == (state, words)
        assert set(Message.objects.filter(account__in=[first, third]).values_list("state", flat=True)) == {"sent"}


def test_two_messages_of_one_claim_to_one_owner_count_against_the_same_cap(street: Street, office: Any) -> None:
    first, second, third = street.owe(3)
    with office.open():
        Account.objects.filter(pk__in=[second.pk, third.pk]).update(owner_id=first.owner_id)
        for day in ("2026-03-30", "2026-03-31"):
            record_contact(
                account=first, channel="call", outcome="informed", explanation="已说明", at=at(day), by=office.people["supervisor"]
            )  # fmt: skip
    assert (street.send().sent, len(street.sent)) == (1, 1)


def test_behind_a_slow_provider_what_the_office_has_set_meanwhile_holds(
    street: Street, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.owe(3)
    street.meanwhile = lambda: (
        monkeypatch.setattr(sendoff, "FRESH_SECONDS", 0.0),
        OfficeSettings.objects.update_or_create(defaults={"contact_from": time(14)}),
    )
    assert street.send().sent == 1
    with office.open():
        assert Message.objects.filter(state="pending", last_error="不在允许联系的时段").count() == 2


def test_a_message_costs_the_same_few_statements_however_many_leave_together(street: Street, office: Any) -> None:
    """Ten more cost ten times the same; what is read for a claim is not read for each of it."""
    counts = []
    for households in (10, 20):
        street.owe(households)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert street.send().sent == households
        counts.append(len(caught))
        with office.open():
            Message.objects.filter(state="pending").delete()
    # Three before the call, eight after it; a test's transactions cost eight more, which are two BEGINs and COMMITs else.
    assert counts[1] - counts[0] <= 10 * 20
