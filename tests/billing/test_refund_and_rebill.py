"""A8: what was paid is given back, and the same period is billed again: allowed with a warning, whatever the way."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from arrears.queries import position
from billing.models import BankLine, Bill, Payment
from billing.operations import (
    approve_reduction,
    claim_line,
    propose_reduction,
    record_payment,
    refund_line,
    release_line,
    reverse_payment,
    undo_import,
)
from billing.queries import open_bills
from tests.billing.conftest import UPLOADED, told

pytestmark = pytest.mark.django_db

GOOD = ["房号", "账期", "应收金额"]
TODAY = UPLOADED.date()


@pytest.fixture
def billed(send: Any, book: Any) -> Bill:
    """¥500.00 for January."""
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    return Bill.objects.select_related("account").get()


def _cash_given_back(bill: Bill, inside: SimpleNamespace) -> None:
    finance = inside.people["finance"]
    paid = record_payment(
        account=bill.account, amount=bill.amount, value_on=TODAY, kind="counter", by=finance, at=UPLOADED
    )
    reverse_payment(payment=paid, by=finance, at=UPLOADED, reason="退现金")


def _claim_undone(bill: Bill, inside: SimpleNamespace) -> BankLine:
    finance = inside.people["finance"]
    line = BankLine.objects.create(
        batch=bill.batch, row_no=9, on=TODAY, amount=bill.amount, payer="张三", line_key="流水1"
    )
    claim_line(line=line, account=bill.account, by=finance, at=UPLOADED)
    assert list(open_bills(account_id=bill.account_id)) == []
    return release_line(line=line, by=finance, at=UPLOADED, reason="认错了户")


def _transfer_sent_back(bill: Bill, inside: SimpleNamespace) -> None:
    line = _claim_undone(bill, inside)
    refund_line(line=line, refunded_on=TODAY, note="原路退回", by=inside.people["finance"], at=UPLOADED)


def _cancelled(bill: Bill, inside: SimpleNamespace) -> None:
    asked = propose_reduction(
        bill=bill, amount=bill.amount, kind="reversal", reason="开错", by=inside.people["finance"], at=UPLOADED
    )
    approve_reduction(adjustment=asked, by=inside.people["manager"], at=UPLOADED)


GIVEN_BACK = [
    pytest.param(_cash_given_back, id="cash over the counter"),
    pytest.param(_transfer_sent_back, id="a transfer sent back"),
]


@pytest.mark.parametrize("give_back", GIVEN_BACK)
def test_after_the_refund_another_amount_takes_the_bills_place(
    billed: Bill, give_back: Any, send: Any, book: Any, inside: SimpleNamespace
) -> None:
    give_back(billed, inside)
    again = send(GOOD, ["1-1-0101", "2024年1月", 450])
    assert "bill_rebilled" in told(again, 2)
    assert (again.totals["new"], again.totals["warned"], again.totals["refused"]) == (1, 1, 0)
    again = book(again)
    billed.refresh_from_db()
    assert billed.voided_at == again.committed_at
    assert [line.open for line in open_bills(account_id=billed.account_id)] == [Decimal(450)]
    assert position(billed.account_id, TODAY).arrears == Decimal(450)
    assert sum(Payment.objects.values_list("amount", flat=True)) == 0, "the money is gone, its history is not"
    undo_import(batch=again, by=None, at=UPLOADED, reason="又错了")
    assert [line.open for line in open_bills(account_id=billed.account_id)] == [Decimal(500)]


@pytest.mark.parametrize("give_back", GIVEN_BACK)
def test_refunded_and_cancelled_the_same_amount_is_billed_again(
    billed: Bill, give_back: Any, send: Any, book: Any, inside: SimpleNamespace
) -> None:
    give_back(billed, inside)
    _cancelled(billed, inside)
    assert list(open_bills(account_id=billed.account_id)) == []
    again = send([*GOOD, "备注"], ["1-1-0101", "2024年1月", 500, "重开"])
    assert "bill_rebilled" in told(again, 2)
    book(again)
    assert [line.open for line in open_bills(account_id=billed.account_id)] == [Decimal(500)]


def test_refunded_but_not_cancelled_the_bill_is_still_owed_once(
    billed: Bill, send: Any, inside: SimpleNamespace
) -> None:
    _cash_given_back(billed, inside)
    assert send([*GOOD, "备注"], ["1-1-0101", "2024年1月", 500, ""]).totals["unchanged"] == 1


def test_a_claim_undone_is_no_refund(billed: Bill, send: Any, inside: SimpleNamespace) -> None:
    _claim_undone(billed, inside)
    again = send(GOOD, ["1-1-0101", "2024年1月", 450])
    assert "bill_differs" in told(again, 2)
    assert again.totals["refused"] == 1


def test_money_on_the_bill_keeps_it_in_its_place(billed: Bill, send: Any, inside: SimpleNamespace) -> None:
    _cash_given_back(billed, inside)
    record_payment(account=billed.account, amount=Decimal(1), value_on=TODAY, kind="counter", by=None, at=UPLOADED)
    assert "bill_differs" in told(send(GOOD, ["1-1-0101", "2024年1月", 450]), 2)
