"""The billing calendar: a cycle closes, finance has so many days, what is late says so (S1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.models import Bill
from billing.queries.cycles import billing_calendar
from billing.rules.cycles import Billed, cycle, cycles_of, next_period
from tests.factories.books import Books

Q1 = (date(2024, 1, 1), date(2024, 3, 31))
SIGNED = Billed(10, D("600.00"), date(2024, 4, 5))
OPEN = Billed(10, D("600.00"), None)


@pytest.mark.parametrize(
    ("billed", "on", "state", "late"),
    [
        pytest.param(None, date(2024, 3, 31), "running", 0, id="last day of the cycle"),
        pytest.param(None, date(2024, 4, 1), "waiting", 0, id="closed"),
        pytest.param(None, date(2024, 4, 10), "waiting", 0, id="last day of the deadline"),
        pytest.param(None, date(2024, 4, 11), "overdue", 1, id="one day late"),
        pytest.param(OPEN, date(2024, 4, 20), "overdue", 10, id="imported but not signed off"),
        pytest.param(SIGNED, date(2024, 12, 1), "done", 0, id="signed off in time"),
        pytest.param(Billed(1, D("1"), date(2024, 4, 12)), date(2024, 12, 1), "late_done", 2, id="signed off late"),
    ],
)
def test_a_cycle_has_a_deadline(billed, on, state, late):
    found = cycle(*Q1, billed, on=on, deadline_days=10)
    assert (found.deadline, found.state, found.days_late) == (date(2024, 4, 10), state, late)


@pytest.mark.parametrize(
    ("period", "following"),
    [
        pytest.param((date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 2, 1), date(2024, 2, 29)), id="month"),
        pytest.param((date(2024, 10, 1), date(2024, 12, 31)), (date(2025, 1, 1), date(2025, 3, 31)), id="quarter"),
        pytest.param((date(2024, 7, 1), date(2025, 6, 30)), (date(2025, 7, 1), date(2026, 6, 30)), id="year"),
    ],
)
def test_the_next_cycle_has_as_many_months(period, following):
    assert next_period(*period) == following


def test_missing_cycles_are_told_up_to_the_running_one_and_shares_of_a_handover_are_none():
    share = (date(2024, 3, 12), date(2024, 3, 31), SIGNED)
    found = cycles_of([(*Q1, SIGNED), share], on=date(2024, 8, 1), deadline_days=10)
    assert [(each.starts_on, each.state) for each in found] == [
        (date(2024, 7, 1), "running"),
        (date(2024, 4, 1), "overdue"),
        (date(2024, 1, 1), "done"),
    ]


def test_the_calendar_is_read_from_the_bills(inside):
    books = Books()
    for signed in (True, False):
        Bill.objects.create(
            account=books.account(), fee_item=books.item, period_start=Q1[0], period_end=Q1[1], due_on=Q1[1],
            amount=D("600.00"), billed_on=Q1[0], is_reconciled=signed,
        )  # fmt: skip
    (found,) = billing_calendar(date(2024, 4, 12))
    assert (found.community, found.item, found.overdue) == ("华庭一期", "物业费", 1)
    first = found.cycles[-1]
    assert (first.billed.bills, first.billed.amount, first.state, first.days_late) == (2, D("1200.00"), "overdue", 2)
    Bill.objects.update(is_reconciled=True)
    assert [each.state for each in billing_calendar(date(2024, 4, 12))[0].cycles] == ["running", "done"]


def test_the_page_and_the_item_of_work_on_the_page_of_imports(client, office, other_office):
    with office.open():
        books = Books()
        Bill.objects.create(
            account=books.account(), fee_item=books.item, period_start=Q1[0], period_end=Q1[1], due_on=Q1[1],
            amount=D("600.00"), billed_on=Q1[0],
        )  # fmt: skip
    client.force_login(office.people["finance"])
    assert "华庭一期，物业费" in client.get(reverse("billing:cycles")).content.decode()
    assert "已过核算时限" in client.get(reverse("billing:cycles"), headers={"HX-Request": "true"}).content.decode()
    client.force_login(other_office.people["finance"])
    assert "华庭一期" not in client.get(reverse("billing:cycles")).content.decode()
    client.force_login(office.people["admin"])
    assert client.get(reverse("billing:cycles")).status_code == 403
