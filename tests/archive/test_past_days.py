"""A bill that was cancelled and billed again: a past day shows what stood in the books on that day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from archive.queries.figures import figures
from arrears.queries import bill_lines, position
from arrears.rules.position import AccountFacts
from billing.models import Bill
from tests.conftest import at
from tests.factories.books import Books, quarter

VOIDED = date(2024, 8, 1)
DAY = timedelta(days=1)


@pytest.fixture
def account(inside: Any) -> int:
    """600 yuan of the first quarter, replaced by 450 on 1 August, half an hour after midnight in the office's zone."""
    books = Books()
    facts = books.enter(AccountFacts(0, (quarter(1),)))
    old = Bill.objects.get(pk=facts.bills[0].bill_id)
    Bill.objects.filter(pk=old.pk).update(voided_at=at(f"{VOIDED}", 0, 30))
    Bill.objects.create(
        account_id=facts.account_id, fee_item=books.item, period_start=old.period_start, period_end=old.period_end,
        due_on=old.due_on, amount=D("450.00"), is_reconciled=True, billed_on=VOIDED,
    )  # fmt: skip
    return facts.account_id


@pytest.mark.parametrize(("on", "billed"), [(VOIDED - DAY, "600.00"), (VOIDED, "450.00"), (VOIDED + DAY, "450.00")])
def test_positions_figures_and_bills_agree_on_every_day(account: int, on: date, billed: str) -> None:
    found = figures(on, 2024)
    assert position(account, on).billed == D(billed)
    assert [line.billed for line in bill_lines([account], on)] == [D(billed)]
    assert found.current.receivable == D(billed)
    assert sum(month.receivable for month in found.months) == D(billed)
