"""Golden A7: whatever was paid and reversed, in whatever order, the bills are as if it had never come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import Account, Allocation, Payment
from billing.operations import record_payment, reverse_payment
from billing.queries import open_bills
from tests.conftest import at
from tests.factories.books import Books, quarter

D = Decimal
NOW = at("2026-09-01")

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(inside: SimpleNamespace) -> Account:
    books = Books()
    account = books.account("张三", ("1", "1", "0101"))
    for number in (1, 2, 3):
        books._bill(account, quarter(number))
    return account


def books_of(account: Account) -> dict[int, D]:
    return {line.bill_id: line.open for line in open_bills(account_id=account.pk)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cents=st.lists(st.integers(1, 250_000), min_size=1, max_size=4),
    designated=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_reversing_every_payment_restores_every_cent(
    account: Account, cents: list[int], designated: bool, order: st.DataObject
) -> None:
    with transaction.atomic():
        before = books_of(account)
        payments = []
        for amount in cents:
            still = list(books_of(account))
            payments.append(
                record_payment(
                    account=account, amount=D(amount) / 100, value_on=date(2026, 9, 1), kind="counter", by=None, at=NOW,
                    designated_bills=still[-1:] if designated else (),
                )
            )  # fmt: skip
            spread = sum(share.amount for share in payments[-1].allocations.all())
            assert spread <= payments[-1].amount  # the rest is credit, never a bill below zero
            assert all(amount >= 0 for amount in books_of(account).values())
        order.shuffle(payments)  # type: ignore[attr-defined]
        for payment in payments:
            reverse_payment(payment=payment, by=None, at=NOW, reason="红冲")
        assert books_of(account) == before
        assert sum(payment.amount for payment in Payment.objects.filter(account=account)) == 0
        assert sum(share.amount for share in Allocation.objects.filter(payment__account=account)) == 0
        assert Payment.objects.filter(account=account).count() == 2 * len(payments)  # nothing is deleted
        transaction.set_rollback(True)


def test_a_later_payment_stays_where_it_was_put_when_an_earlier_one_is_reversed(account: Account) -> None:
    facts = {"account": account, "value_on": date(2026, 9, 1), "kind": "counter", "by": None, "at": NOW}
    first, second = record_payment(amount=D(600), **facts), record_payment(amount=D(600), **facts)  # type: ignore[arg-type]
    reverse_payment(payment=first, by=None, at=NOW, reason="录错户")
    assert sorted(books_of(account).values()) == [D(600), D(600)]
    [kept] = second.allocations.select_related("bill")
    assert kept.bill.due_on == date(2024, 6, 30)
