"""A bank statement taken back: forgotten while nothing came of it, reversed by new entries once it was booked (S6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.models import BankLine, Payment
from billing.operations import (
    Part,
    UndoRefused,
    claim_line,
    close_bank_day,
    reverse_import,
    split_line,
    undo_import,
)
from billing.queries import open_bills
from tests.billing.test_bank import DAY, NOW, Bank
from tests.conftest import at

D = Decimal
LATER = at("2026-09-02")

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(inside: Any) -> Bank:
    return Bank()


def owed(*accounts: Any) -> list[Decimal]:
    return [sum((bill.open for bill in open_bills(account_id=each.pk)), D(0)) for each in accounts]


def test_a_statement_of_which_nothing_came_is_undone_with_its_lines(bank: Bank, inside: Any) -> None:
    bank.match(bank.line("600.00", memo="1-1-0101"))
    batch = undo_import(batch=bank.batch, by=inside.people["finance"], at=LATER, reason="传错了月份")
    assert (batch.state, BankLine.objects.count()) == ("undone", 0)


def test_a_booked_statement_is_reversed_line_by_line_and_every_bill_is_owed_again(bank: Bank, inside: Any) -> None:
    finance = inside.people["finance"]
    wang, li = bank.household("王芳", "1", "1", "0101"), bank.household("李强", "1", "1", "0102", quarters=2)
    before = owed(wang, li)
    whole, shared, unclaimed = bank.line("600.00"), bank.line("900.00"), bank.line("5.00")
    claim_line(line=whole, account=wang, by=finance, at=NOW)
    split_line(
        line=shared, parts=[Part(account=wang, amount=D("100.00")), Part(account=li, amount=D("800.00"))], by=finance, at=NOW
    )  # fmt: skip
    assert owed(wang, li) == [D("0.00"), D("400.00")]
    with pytest.raises(UndoRefused, match="缴费记录"):
        undo_import(batch=bank.batch, by=finance, at=LATER, reason="传错了月份")
    batch = reverse_import(batch=bank.batch, by=finance, at=LATER, reason="别的公司的流水")
    assert (batch.state, batch.totals["reversed"]) == ("reversed", {"lines": 3, "payments": 2})
    assert owed(wang, li) == before
    assert sum(Payment.objects.values_list("amount", flat=True)) == 0, "three payments and their three reversals"
    for line in (whole, shared, unclaimed):
        line.refresh_from_db()
        assert (line.state, line.note) == ("not_fees", "别的公司的流水")
    assert open_bills(account_id=wang.pk)[0].open == D("600.00")
    with pytest.raises(UndoRefused, match="只能冲正已导入"):
        reverse_import(batch=batch, by=finance, at=LATER, reason="再来一次")


def test_a_closed_day_keeps_its_figures_when_its_statement_is_reversed(bank: Bank, inside: Any) -> None:
    finance = inside.people["finance"]
    claim_line(line=bank.line("600.00"), account=bank.household("王芳", "1", "1", "0101"), by=finance, at=NOW)
    day = close_bank_day(on=DAY, by=finance, at=NOW)
    reverse_import(batch=bank.batch, by=finance, at=LATER, reason="别的公司的流水")
    kept = (day.total, day.claimed)
    day.refresh_from_db()
    assert (day.total, day.claimed) == kept == (D("600.00"), D("600.00")), (
        "closed is closed: the correction has its own day"
    )
    assert set(Payment.objects.values_list("kind", "value_on")) >= {("reversal", LATER.date())}
