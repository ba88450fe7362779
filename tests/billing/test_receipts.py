"""Receipts and refunds: numbered without gaps, drawn once, the same bytes again; credit given back and nothing else."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader

from billing.models import Account, Payment, PaymentReceipt
from billing.operations import (
    PaymentRefused,
    Receipt,
    issue_receipt,
    record_payment,
    refund_credit,
    reverse_payment,
    take_receipt,
)
from billing.operations import receipts as drawing
from billing.queries import credits_of, open_bills
from offices.models import OfficeSettings
from offices.rules.money import ZERO
from tests.conftest import at
from tests.factories.books import Books, quarter

D = Decimal
NOW = at("2026-09-01")

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(inside: SimpleNamespace) -> Account:
    """张三 owes 600 yuan for each of two quarters."""
    books = Books()
    account = books.account("张三", ("1", "1", "0101"))
    for number in (1, 2):
        books._bill(account, quarter(number))
    return account


@pytest.fixture
def finance(inside: SimpleNamespace) -> Any:
    return inside.people["finance"]


def pay(account: Account, amount: str, by: Any, **facts: Any) -> Payment:
    return record_payment(
        account=account, amount=D(amount), value_on=date(2026, 9, 1), kind="counter", by=by, at=NOW, **facts
    )


def test_a_receipt_says_in_figures_and_words_what_was_paid_and_what_it_settled(account: Account, finance: Any) -> None:
    payment = pay(account, "1409.50", finance, payer="张三的女儿")
    receipt = issue_receipt(payment=payment, by=finance, at=NOW)
    text = PdfReader(io.BytesIO(take_receipt(receipt=receipt))).pages[0].extract_text()
    for words in (
        receipt.number, "张三的女儿", "¥1,409.50", "壹仟肆佰零玖元伍角", "2024年1月—3月", "2024年4月—6月", "600.00",
        "预存", "209.50", "先冲抵账单本金，后冲抵违约金",
    ):  # fmt: skip
        assert words in text.replace("\n", "")
    assert receipt.number == "收〔2026〕000001号"


def test_the_order_that_was_followed_stands_on_the_receipt(account: Account, finance: Any) -> None:
    OfficeSettings.objects.update_or_create(defaults={"allocation_mode": "statutory"})
    by_law = issue_receipt(payment=pay(account, "1.00", finance), by=finance, at=NOW)
    assert "民法典第五百六十一条" in by_law.frozen["order"]
    second = open_bills(account_id=account.pk)[1].bill_id
    said = issue_receipt(payment=pay(account, "2.00", finance, designated_bills=[second]), by=finance, at=NOW)
    assert said.frozen["order"] == "按付款人指定：2024年4月—6月 物业费"


def test_numbers_have_no_gap_and_a_payment_has_one_living_receipt(
    account: Account, finance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pay(account, "10.00", finance), pay(account, "20.00", finance)
    one = issue_receipt(payment=first, by=finance, at=NOW)
    assert issue_receipt(payment=first, by=finance, at=at("2026-09-05")) == one

    def out_of_paper(*_: Any) -> bytes:
        raise RuntimeError("no Pango")

    with monkeypatch.context() as broken:
        broken.setattr(drawing, "receipt_pdf", out_of_paper)
        with pytest.raises(RuntimeError):
            issue_receipt(payment=second, by=finance, at=NOW)
    two = issue_receipt(payment=second, by=finance, at=NOW)
    assert [one.number, two.number] == ["收〔2026〕000001号", "收〔2026〕000002号"]


def test_the_same_bytes_come_back_whatever_happened_since(account: Account, finance: Any) -> None:
    receipt = issue_receipt(payment=pay(account, "10.00", finance), by=finance, at=NOW)
    before = take_receipt(receipt=receipt)
    account.owner.name = "李四"
    account.owner.save()
    assert take_receipt(receipt=receipt) == before


def test_a_reversal_makes_the_receipt_void_and_its_number_is_not_given_again(account: Account, finance: Any) -> None:
    payment = pay(account, "10.00", finance)
    receipt = issue_receipt(payment=payment, by=finance, at=NOW)
    reversal = reverse_payment(payment=payment, by=finance, at=NOW, reason="录错户")
    assert PaymentReceipt.objects.get(pk=receipt.pk).voided_at == NOW
    for undone in (payment, reversal):
        with pytest.raises(PaymentRefused):
            issue_receipt(payment=undone, by=finance, at=NOW)
    again = issue_receipt(payment=pay(account, "10.00", finance), by=finance, at=NOW)
    assert again.number == "收〔2026〕000002号"


def refund(account: Account, amount: str, by: Any, **facts: Any) -> Payment:
    asked = {"value_on": date(2026, 9, 1), "reason": "业主要求退回，转回原账户"} | facts
    return refund_credit(account=account, amount=D(amount), by=by, at=NOW, **asked)


def test_what_was_paid_beyond_the_bills_is_credit_and_only_that_is_given_back(account: Account, finance: Any) -> None:
    before = Account.objects.get(pk=account.pk).change_seq
    pay(account, "1300.00", finance)
    assert credits_of([account.pk]).get(account.pk, ZERO) == D("100.00")
    with pytest.raises(PaymentRefused, match="预存只有 ¥100"):
        refund(account, "100.01", finance)
    back = refund(account, "60.00", finance)
    assert (back.kind, back.amount, credits_of([account.pk]).get(account.pk, ZERO)) == (
        "refund",
        D("-60.00"),
        D("40.00"),
    )
    assert not open_bills(account_id=account.pk)
    assert Account.objects.get(pk=account.pk).change_seq == before + 2


@pytest.mark.parametrize(
    ("amount", "facts", "code"),
    [
        ("0", {}, "amount_not_positive"),
        ("1", {"reason": " "}, "reason_missing"),
        ("1", {"value_on": date(2026, 9, 2)}, "value_date_in_future"),
    ],
)
def test_refunds_that_cannot_be(account: Account, finance: Any, amount: str, facts: dict[str, Any], code: str) -> None:
    pay(account, "1300.00", finance)
    with pytest.raises(PaymentRefused) as refusal:
        refund(account, amount, finance, **facts)
    assert refusal.value.code == code


def test_the_same_refund_sent_twice_is_one_and_no_refund_is_reversed(account: Account, finance: Any) -> None:
    pay(account, "1300.00", finance, receipt=Receipt(idempotency_key="form:1"))
    first, again = (refund(account, "60.00", finance, idempotency_key="refund:1") for _ in range(2))
    assert first == again
    with pytest.raises(PaymentRefused, match="退款不能冲正"):
        reverse_payment(payment=first, by=finance, at=NOW, reason="反悔")
