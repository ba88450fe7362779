"""Payments, reversals, special cases, reductions, undo: what each leaves and what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from billing.models import Account, Adjustment, Allocation, Bill, Payment, Room
from billing.operations import (
    PaymentRefused,
    Receipt,
    ReductionRefused,
    SpecialCaseRefused,
    UndoRefused,
    approve_reduction,
    claim_line,
    close_special_case,
    open_special_case,
    propose_reduction,
    record_payment,
    release_line,
    reverse_payment,
    sign_off_batch,
    undo_import,
)
from billing.queries import open_bills
from tests.billing.conftest import BANK, UPLOADED
from tests.conftest import at

D = Decimal

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(billed: Any) -> Account:
    """1-1-0101: two quarters of 1,013.58 open."""
    return Account.objects.get(room__building="1", room__unit="1", room__number="0101")


@pytest.fixture
def pay(inside: SimpleNamespace, account: Account) -> Any:
    def record(amount: str, **facts: Any) -> Payment:
        facts = {
            "account": account,
            "kind": "counter",
            "value_on": date(2026, 9, 1),
            "by": inside.people["finance"],
            "at": UPLOADED,
        } | facts
        return record_payment(amount=D(amount), **facts)

    return record


def still_open(account: Account) -> list[D]:
    return [line.open for line in open_bills(account_id=account.pk)]


def test_a_payment_settles_the_oldest_bill_first_and_stamps_the_account(pay: Any, account: Account) -> None:
    before = Account.objects.get(pk=account.pk).change_seq
    pay("1500.00")
    assert still_open(account) == [D("527.16")]
    assert Account.objects.get(pk=account.pk).change_seq == before + 1


def test_what_exceeds_all_bills_stays_as_credit(pay: Any, account: Account) -> None:
    payment = pay("2100.00")
    assert still_open(account) == []
    assert payment.allocations.aggregate(x=Sum("amount"))["x"] == D("2027.16")


def test_the_payer_may_say_which_bill(pay: Any, account: Account) -> None:
    second = open_bills(account_id=account.pk)[1]
    pay("1013.58", designated_bills=[second.bill_id])
    assert [line.bill_id for line in open_bills(account_id=account.pk)] != [second.bill_id]


def test_a_bill_of_another_household_may_not_be_named(pay: Any, account: Account) -> None:
    stranger = Bill.objects.exclude(account=account).first()
    with pytest.raises(PaymentRefused, match="不属于这一户"):
        pay("10", designated_bills=[stranger])
    assert not Payment.objects.filter(kind="counter").exists()


def test_a_reversal_restores_every_cent_and_keeps_the_past(pay: Any, account: Account, inside: Any) -> None:
    before = still_open(account)
    payment = pay("1500.00")
    reversal = reverse_payment(payment=payment, by=inside.people["finance"], at=at("2026-09-03"), reason="录错户")
    assert still_open(account) == before
    assert (reversal.amount, reversal.reverses) == (D("-1500.00"), payment)
    assert payment.allocations.count() == reversal.allocations.count() == 2
    with pytest.raises(PaymentRefused, match="已经冲正"):
        reverse_payment(payment=payment, by=None, at=at("2026-09-03"), reason="再来一次")
    with pytest.raises(PaymentRefused, match="不能再冲正"):
        reverse_payment(payment=reversal, by=None, at=at("2026-09-03"), reason="反悔")


@pytest.mark.parametrize(
    ("amount", "facts", "code"),
    [
        ("0", {}, "amount_not_positive"),
        ("-1", {}, "amount_not_positive"),
        ("1", {"value_on": date(2026, 9, 2)}, "value_date_in_future"),
    ],
)
def test_payments_that_cannot_be(pay: Any, amount: str, facts: dict[str, Any], code: str) -> None:
    with pytest.raises(PaymentRefused) as refusal:
        pay(amount, **facts)
    assert refusal.value.code == code


def test_the_same_key_again_is_the_same_payment(pay: Any, account: Account) -> None:
    first, again = (pay("10.00", receipt=Receipt(idempotency_key="k")) for _ in range(2))
    assert first == again
    with pytest.raises(PaymentRefused):
        pay("11.00", receipt=Receipt(idempotency_key="k"))


def test_a_claimed_transfer_becomes_a_payment_and_can_be_released(
    upload: Any, commit: Any, billed: Any, inside: Any
) -> None:
    batch = commit(upload("bank", BANK))
    line = batch.bank_lines.filter(state="suggested").first()
    before = still_open(line.suggested)
    payment = claim_line(line=line, account=line.suggested, by=inside.people["finance"], at=UPLOADED)
    assert (payment.amount, payment.value_on, payment.bank_line) == (line.amount, line.on, line)
    with pytest.raises(Exception, match="已经认领"):
        claim_line(line=line, account=line.suggested, by=None, at=UPLOADED)
    released = release_line(line=line, by=None, at=UPLOADED, reason="认错")
    assert released.state == "suggested"
    assert still_open(line.suggested) == before
    again = claim_line(line=line, account=line.suggested, by=None, at=UPLOADED)
    assert again.pk != payment.pk


def test_a_special_case_is_inclusive_on_screen_and_half_open_in_the_books(account: Account, inside: Any) -> None:
    facts = {"account": account, "by": inside.people["collector"], "at": UPLOADED, "note": "业主出示转账截图"}
    case = open_special_case(kind="pending_transfer", starts_on=date(2026, 9, 1), **facts)
    assert case.ends_before == date(2026, 9, 5)  # waits the 1st to the 4th
    fixed = open_special_case(kind="other", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 10), **facts)
    assert fixed.ends_before == date(2026, 9, 11)
    closed = close_special_case(case=fixed, by=None, at=at("2026-09-03"), reason="已核实")
    assert closed.ends_before == date(2026, 9, 3)
    with pytest.raises(SpecialCaseRefused):
        close_special_case(case=fixed, by=None, at=at("2026-09-03"), reason="再解除")


def test_a_reduction_counts_only_when_a_second_person_approves(account: Account, inside: Any) -> None:
    bill = Bill.objects.get(pk=open_bills(account_id=account.pk)[0].bill_id)
    finance, manager = inside.people["finance"], inside.people["manager"]
    proposed = propose_reduction(bill=bill, amount=D(100), kind="waiver", reason="电梯停运", by=finance, at=UPLOADED)
    assert still_open(account)[0] == D("1013.58")
    with pytest.raises(ReductionRefused, match="不能审批自己"):
        approve_reduction(adjustment=proposed, by=finance, at=UPLOADED)
    approve_reduction(adjustment=proposed, by=manager, at=UPLOADED)
    assert still_open(account)[0] == D("913.58")
    with pytest.raises(ReductionRefused, match="超过"):
        propose_reduction(bill=bill, amount=D(914), kind="waiver", reason="太多", by=finance, at=UPLOADED)


def test_signing_off_makes_the_bills_fit_for_notices(billed: Any, inside: Any) -> None:
    assert not Bill.objects.filter(is_reconciled=True).exists()
    batch = sign_off_batch(batch=billed, by=inside.people["supervisor"], at=UPLOADED)
    assert batch.signed_off_by == inside.people["supervisor"]
    assert not Bill.objects.filter(is_reconciled=False).exists()


def test_a_batch_can_be_taken_back_while_nothing_depends_on_it(
    billed: Any, upload: Any, commit: Any, inside: Any
) -> None:
    undo_import(batch=billed, by=inside.people["finance"], at=UPLOADED, reason="文件版本不对")
    assert not Bill.objects.exists()
    assert not Payment.objects.exists()
    assert not Adjustment.objects.exists()
    assert commit(upload("bills", billed.file_name)).totals["written"]["bills"] == 1912


def test_a_batch_with_a_later_payment_stays_and_says_why(billed: Any, pay: Any, inside: Any) -> None:
    pay("100.00")
    with pytest.raises(UndoRefused, match="缴费核销记录") as refusal:
        undo_import(batch=billed, by=inside.people["finance"], at=UPLOADED, reason="想撤销")
    assert refusal.value.details["blocked_by"].startswith("wall_billing_allocation")
    assert Bill.objects.count() == 1912
    assert Allocation.objects.filter(payment__batch=billed).exists()


def test_a_register_can_be_taken_back_until_bills_hang_on_it(
    registered: Any, upload: Any, commit: Any, inside: Any
) -> None:
    undo_import(batch=registered, by=inside.people["finance"], at=UPLOADED, reason="试导入")
    assert not Room.objects.exists()
    assert not Account.objects.exists()
