"""Defects seen in other systems (invariants.md §4), each as a case that goes right here; the names carry their numbers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from arrears.queries import position
from billing.models import Account
from billing.operations.payments import record_payment
from collection.models import Action, Case, Message
from collection.operations.days import plan_day
from tests.collection.conftest import DUE, bill, move_in
from tests.conftest import at


def day(text: str) -> Any:
    return plan_day(on=date.fromisoformat(text), at=at(text))


def pay(account: Account, amount: str, on: str) -> Any:
    return record_payment(
        account=account, amount=Decimal(amount), value_on=date.fromisoformat(on), kind="counter", by=None, at=at(on)
    )


def test_d1_a_part_paid_overdue_bill_is_still_reminded_of_with_the_rest(household: Any) -> None:
    account = household("180.88")
    pay(account, "80.88", "2026-03-20")
    day("2026-04-01")
    assert Message.objects.get().amount == Decimal("100.00")


def test_d2_days_overdue_rise_with_every_day(household: Any) -> None:
    account = household()
    days = [position(account.pk, DUE + timedelta(days=n)).days_overdue for n in (0, 1, 2, 40)]
    assert days == [0, 1, 2, 40]


def test_d4_a_part_paid_bill_climbs_the_same_steps_as_an_unpaid_one(household: Any) -> None:
    household()
    part = household()
    pay(part, "1.00", "2026-03-20")
    day("2026-04-01")
    assert list(Action.objects.order_by("account_id").values_list("position", flat=True)) == [1, 1]


def test_d6_a_day_without_a_run_loses_no_reminder(household: Any) -> None:
    household()
    day("2026-04-09")
    assert Message.objects.get().action.position == 1


def test_d9_without_a_phone_no_number_is_invented_and_no_visit_is_claimed(household: Any) -> None:
    account = household(phone=None)
    day("2026-04-01")
    assert not Message.objects.exists()
    assert not account.contacts.exists()
    assert Action.objects.get().state == "planned"


def test_d10_queued_is_not_sent(household: Any) -> None:
    household()
    day("2026-04-01")
    assert Message.objects.get().state == "pending"
    assert (Action.objects.get().state, Case.objects.get().reached) == ("planned", 0)


def test_d11_a_charge_paid_long_ago_does_not_age_today_s_debt(place: Any) -> None:
    account = move_in(place)
    bill(place, account, "300.00", date(2024, 3, 31))
    pay(account, "300.00", "2024-03-20")
    bill(place, account, "300.00", DUE)
    day("2026-04-01")
    case = Case.objects.get()
    assert (position(account.pk, date(2026, 4, 1)).days_overdue, case.tier) == (1, "slight")
    assert Action.objects.get().position == 1


def test_d12_a_household_in_credit_is_not_owing(household: Any) -> None:
    account = household("100.00")
    pay(account, "150.00", "2026-03-20")
    day("2026-04-01")
    found = position(account.pk, date(2026, 4, 1))
    assert (found.arrears, found.credit) == (Decimal("0.00"), Decimal("50.00"))
    assert not Case.objects.exists()


def test_d14_paying_the_last_of_several_bills_does_not_settle_the_case(place: Any, household: Any) -> None:
    account = household("100.00")
    second = bill(place, account, "200.00", date(2026, 2, 28))
    day("2026-04-01")
    pay(account, "100.00", "2026-04-01")
    day("2026-04-02")
    assert Case.objects.get().state == "open"
    assert second.account_id == account.pk
    assert position(account.pk, date(2026, 4, 2)).arrears == Decimal("200.00")


def test_d16_a_bill_due_in_26_days_is_not_called_overdue(place: Any) -> None:
    bill(place, move_in(place), due_on=date(2026, 4, 27))
    assert day("2026-04-01").sweep.eligible == 0
    assert not Message.objects.exists()


def test_d18_the_reminder_goes_to_the_debtor(household: Any) -> None:
    account = household()
    day("2026-04-01")
    assert Message.objects.get().recipient == account.owner.contact_points.get().value
