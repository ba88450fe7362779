"""When a cycle of collection ends, what begins a new one, and what brings the old one back (invariants 6, 21)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from billing.models import Bill
from billing.operations.payments import record_payment, reverse_payment
from collection.models import Case
from collection.operations.days import plan_day
from tests.collection import cast
from tests.collection import conftest as estate
from tests.conftest import at


def day(text: str) -> None:
    plan_day(on=date.fromisoformat(text), at=at(text))


def pay(account: Any, amount: str, on: str) -> Any:
    return record_payment(
        account=account, amount=Decimal(amount), value_on=date.fromisoformat(on), kind="counter", by=None, at=at(on)
    )


def cycles() -> list[tuple[int, str, int]]:
    return list(Case.objects.order_by("cycle").values_list("cycle", "state", "reached"))


def newer_bill(account: Any) -> Bill:
    first: Bill = account.bills.get()
    return Bill.objects.create(
        account=account, fee_item=first.fee_item, period_start=date(2026, 7, 1), period_end=date(2026, 9, 30),
        due_on=date(2026, 8, 31), amount=Decimal("600.00"), is_reconciled=True, billed_on=date(2026, 9, 15),
    )  # fmt: skip


def test_when_all_that_the_letter_demanded_is_paid_newer_bills_begin_at_the_first_step(inside: Any) -> None:
    cast.settle_in()
    account = cast.household(bills=1)
    cast.served(inside, account)
    newer_bill(account)
    pay(account, "600.00", "2026-09-20")
    day("2026-09-20")
    assert cycles() == [(1, "settled", 4), (2, "open", 0)]
    assert (
        Case.objects.get(cycle=1)
        .history.order_by("history_id")
        .last()
        .history_change_reason.startswith("通知书所列欠费已缴清")
    )


def test_while_a_cent_of_what_the_letter_demanded_is_open_the_same_cycle_goes_on(inside: Any) -> None:
    cast.settle_in()
    account = cast.household(bills=1)
    cast.served(inside, account)
    newer_bill(account)
    pay(account, "599.99", "2026-09-20")
    day("2026-09-20")
    assert cycles() == [(1, "open", 4)]


def test_a_payment_taken_back_early_in_the_morning_brings_the_case_back(place: Any) -> None:
    account = estate.move_in(place)
    estate.bill(place, account)
    day("2026-04-01")
    paid = pay(account, "666.66", "2026-04-03")
    day("2026-04-03")
    reverse_payment(payment=paid, by=None, at=at("2026-04-03", 7), reason="退票")
    day("2026-04-03")
    assert cycles() == [(1, "open", 0)]


def test_taking_back_what_paid_a_newer_bill_does_not_bring_the_old_case_back(place: Any) -> None:
    account = estate.move_in(place)
    estate.bill(place, account)
    day("2026-04-01")
    Case.objects.update(reached=3, reached_on=date(2026, 4, 1))
    pay(account, "666.66", "2026-04-03")
    day("2026-04-03")
    estate.bill(place, account, "100.00", date(2026, 4, 30))
    newer = pay(account, "100.00", "2026-04-20")
    reverse_payment(payment=newer, by=None, at=at("2026-04-25"), reason="退票")
    day("2026-05-01")
    assert cycles() == [(1, "settled", 3), (2, "open", 0)]
