"""Payment habits: on time or not, the usual month and way, as the payments of the day say (S12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from arrears.queries import payment_habits
from arrears.rules.habits import PaidBill, PaymentHabits, habits_of, settled_on
from arrears.rules.position import AccountFacts
from tests.factories.books import Books, quarter

DUE, FEE = date(2024, 3, 31), D("600.00")


@pytest.mark.parametrize(
    ("entries", "day"),
    [
        pytest.param([], None, id="nothing paid"),
        pytest.param([(date(2024, 3, 30), "600")], date(2024, 3, 30), id="paid at once"),
        pytest.param([(date(2024, 4, 9), "200"), (date(2024, 3, 30), "400")], date(2024, 4, 9), id="in two parts"),
        pytest.param([(date(2024, 3, 1), "500")], None, id="in part"),
        pytest.param(
            [(date(2024, 3, 1), "600"), (date(2024, 3, 5), "-600"), (date(2024, 5, 1), "600")],
            date(2024, 5, 1), id="bounced and paid again",
        ),
    ],
)  # fmt: skip
def test_a_bill_is_settled_on_the_day_nothing_is_left(entries, day):
    assert settled_on(PaidBill(DUE, FEE, tuple((on, D(amount)) for on, amount in entries))) == day


def test_habits_from_three_bills():
    days = (date(2024, 3, 20), date(2024, 4, 10), date(2024, 4, 30))
    bills = [PaidBill(DUE, FEE, ((day, FEE),)) for day in days]
    found = habits_of(bills, [(day, "bank") for day in days])
    assert found == PaymentHabits(bills=3, on_time=1, usual_days=10, usual_month=4, usual_channel="bank")
    assert found.on_time_rate == D("33.3")


def test_one_payment_is_no_habit_and_what_a_file_said_counts_for_no_day():
    known = PaidBill(DUE, FEE, ((DUE, FEE),), is_known=False)
    assert habits_of([known], [(DUE, "bank")]) == PaymentHabits()
    assert PaymentHabits().on_time_rate is None


def test_a_past_day_knows_only_what_had_been_paid_by_then(inside):
    paid = [(date(2024, 3, 20), FEE), (date(2024, 7, 20), FEE)]
    facts = Books().enter(
        AccountFacts(0, (quarter(1, payments=(paid[0],)), quarter(2, payments=(paid[1],))), tuple(paid))
    )
    assert payment_habits(facts.account_id, date(2024, 6, 1)).bills == 1
    found = payment_habits(facts.account_id, date(2024, 12, 1))
    assert (found.bills, found.on_time, found.usual_channel, found.usual_month) == (2, 1, "bank", None)


def test_the_api_tells_them_to_those_who_may_see_the_household(client, office, other_office):
    with office.open():
        paid = (date(2024, 3, 20), FEE)
        account_id = Books().enter(AccountFacts(0, (quarter(1, payments=(paid,)),), (paid,))).account_id
    address = reverse("api:payment-habits", args=[account_id])
    client.force_login(office.people["collector"])
    assert client.get(address).json()["on_time_rate"] == "100.0"
    client.force_login(other_office.people["collector"])
    assert client.get(address).status_code == 404
    client.force_login(office.people["admin"])
    assert client.get(address).status_code == 403
