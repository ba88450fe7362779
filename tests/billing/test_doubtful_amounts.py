"""Warnings of the check (ux 3.4): an amount far from the period before, and a changed bill that is already paid."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from billing.models import Bill
from billing.operations import record_payment
from tests.billing.conftest import UPLOADED, told

pytestmark = pytest.mark.django_db

GOOD = ["房号", "账期", "应收金额"]


@pytest.mark.parametrize(
    ("period", "amount", "warned"),
    [
        pytest.param("2024年2月", 650, False, id="30 percent more"),
        pytest.param("2024年2月", "650.01", True, id="a cent above 30 percent"),
        pytest.param("2024年2月", "349.99", True, id="a cent below 30 percent less"),
        pytest.param("2024年5月", 900, True, id="the last period before, also after a gap"),
        pytest.param("2024年2-4月", 1500, False, id="a period of another length is not compared"),
        pytest.param("2023年12月", 900, False, id="a later bill is not the one before"),
    ],
)
def test_an_amount_far_from_the_period_before_is_pointed_out(
    send: Any, book: Any, period: str, amount: Any, warned: bool
) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    next_one = send(GOOD, ["1-1-0101", period, amount])
    assert ("amount_jumps" in told(next_one, 2)) is warned
    assert (next_one.totals["new"], next_one.totals["refused"]) == (1, 0), "a warning, no refusal"


def test_periods_of_one_file_are_compared_with_each_other_too(send: Any, book: Any) -> None:
    book(send(GOOD, ["1-1-0101", "2023年12月", 900]))
    batch = send(
        GOOD,
        ["1-1-0101", "2024年1月", 500],
        ["1-1-0101", "2024年2月", 500],
        ["1-1-0101", "2024年3月", 900],
        ["1-1-0102", "2024年3月", 300],
    )
    assert [("amount_jumps" in told(batch, row)) for row in (2, 3, 4, 5)] == [True, False, True, False], (
        "the first against the books, the others against the period before them in the file"
    )


def test_another_household_says_nothing_about_this_one(send: Any, book: Any) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    assert "amount_jumps" not in told(send(GOOD, ["1-1-0102", "2024年2月", 900]), 2)


def test_a_changed_bill_that_is_paid_says_so(send: Any, book: Any, inside: SimpleNamespace) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-0102", "2024年1月", 500]))
    account = Bill.objects.select_related("account").order_by("row_no")[0].account
    record_payment(
        account=account, amount=Decimal("200.00"), value_on=UPLOADED.date(), kind="counter", by=None, at=UPLOADED
    )
    again = send(GOOD, ["1-1-0101", "2024年1月", 450], ["1-1-0102", "2024年1月", 450])
    words = {
        row.row_no: [reason["message"] for reason in row.reasons if reason["level"] == "error"]
        for row in again.rows.all()
    }
    assert "而且这笔账单已缴 ¥200.00" in words[2][0]
    assert "已缴" not in words[3][0]
