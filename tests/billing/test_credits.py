"""业主已预缴 (S5): credit pays what falls due before a case is opened; only the rest is arrears."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from arrears.queries import position
from billing.models import Allocation, Payment
from billing.operations import apply_credit, record_payment, reverse_payment
from billing.queries import accounts_with_credit, open_bills
from collection.models import Case
from collection.operations.days import plan_day
from disputes.operations import raise_dispute
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 30)


@pytest.fixture
def home(inside: Any) -> Any:
    """A household with nothing to pay, that has prepaid what the test says."""
    place = estate()

    def make(prepaid: str, *bills: str, due_on: date = DUE) -> Any:
        account = move_in(place)
        record_payment(
            account=account, amount=D(prepaid), value_on=date(2026, 1, 5), kind="counter", by=None, at=at("2026-01-05")
        )
        for number, amount in enumerate(bills):
            bill(place, account, amount, due_on.replace(month=due_on.month - number, day=28))
        return account

    return make


@pytest.mark.parametrize(
    ("prepaid", "bills", "left"),
    [
        pytest.param("700.00", ["666.66"], [], id="covered"),
        pytest.param("600.00", ["666.66"], ["66.66"], id="partly-covered"),
        pytest.param("700.00", ["666.66", "666.66"], ["633.32"], id="the-oldest-first"),
    ],
)
def test_only_the_rest_is_arrears(home: Any, prepaid: str, bills: list[str], left: list[str]) -> None:
    account = home(prepaid, *bills)
    plan_day(on=date(2026, 7, 1), at=at("2026-07-01"))
    assert [line.open for line in open_bills(account_id=account.pk)] == [D(each) for each in left]
    assert Case.objects.exists() is bool(left)
    now = position(account.pk, date(2026, 7, 1))
    assert now.pursuable == now.arrears == sum((D(each) for each in left), D(0))
    assert set(Allocation.objects.values_list("value_on", flat=True)) == {date(2026, 1, 5)}


def test_a_bill_that_is_not_due_yet_waits_for_its_day(home: Any) -> None:
    account = home("700.00", "666.66")
    plan_day(on=date(2026, 6, 27), at=at("2026-06-27"))
    assert not Allocation.objects.exists()
    plan_day(on=date(2026, 6, 28), at=at("2026-06-28"))
    assert open_bills(account_id=account.pk) == []
    assert accounts_with_credit(date(2026, 7, 1)) == []


def test_what_is_contested_is_not_paid_out_of_credit(home: Any, inside: Any) -> None:
    account = home("700.00", "666.66")
    line = open_bills(account_id=account.pk)[0]
    raise_dispute(
        account=account, kind="charge", owner_words="面积算错了", demand="重算", lines={line.bill_id: line.open}, channel="visit",
        by=inside.people["collector"], at=at("2026-06-01"),
    )  # fmt: skip
    plan_day(on=date(2026, 7, 1), at=at("2026-07-01"))
    assert not Allocation.objects.exists()


def test_a_prepayment_that_is_taken_back_takes_its_shares_along(home: Any) -> None:
    account = home("600.00", "666.66")
    plan_day(on=date(2026, 7, 1), at=at("2026-07-01"))
    reverse_payment(payment=Payment.objects.get(), by=None, at=at("2026-07-02"), reason="支票退回")
    assert [line.open for line in open_bills(account_id=account.pk)] == [D("666.66")]
    assert apply_credit(account_ids=[account.pk], on=date(2026, 7, 2)) == 0


def test_money_that_was_given_back_pays_nothing(home: Any) -> None:
    account = home("700.00", "666.66")
    Payment.objects.create(
        account=account, kind="refund", amount=D("-500.00"), value_on=date(2026, 2, 1), recorded_at=at("2026-02-01")
    )
    plan_day(on=date(2026, 7, 1), at=at("2026-07-01"))
    assert [line.open for line in open_bills(account_id=account.pk)] == [D("466.66")]
