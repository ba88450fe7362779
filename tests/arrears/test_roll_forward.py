"""The roll-forward ties to the cent for any period and any slice, and meets the positions of both days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.queries import bill_lines, roll_forward, total_of
from arrears.queries.roll_forward import SLICES
from arrears.rules.position import AccountFacts
from billing.models import Bill, FeeItem, Responsibility
from tests.arrears.test_positions import days, lives
from tests.conftest import at
from tests.factories.books import Books, quarter

SPRING = (date(2024, 4, 1), date(2024, 6, 30))


def unpaid(on: date) -> D:
    return sum((line.open_amount - line.overpaid for line in bill_lines(None, on)), D("0.00"))


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    office_life=st.lists(lives(), min_size=1, max_size=4),
    first=days,
    length=st.integers(0, 200),
    voided=st.one_of(st.none(), days),
)
def test_opening_and_movements_give_closing_in_every_slice(inside, office_life, first, length, voided):
    last = first + timedelta(days=length)
    with transaction.atomic():
        books = Books()
        for life in office_life:
            books.enter(life)
        if voided is not None:
            Bill.objects.filter(pk=getattr(Bill.objects.first(), "pk", 0)).update(voided_at=at(voided.isoformat()))
        for by in SLICES:
            rows = roll_forward(first, last, by)
            assert [row.difference for row in rows] == [D("0.00")] * len(rows)
            assert total_of(rows).opening == unpaid(first - timedelta(days=1))
            assert total_of(rows).closing == unpaid(last)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        pytest.param([], ("600.00", "600.00", "0.00", "0.00", "1200.00"), id="nothing paid"),
        pytest.param([(date(2024, 5, 2), D("250.10"))], ("600.00", "600.00", "250.10", "0.00", "949.90"), id="paid in part"),
        pytest.param([(date(2024, 3, 2), D("600.00"))], ("0.00", "600.00", "0.00", "0.00", "600.00"), id="paid before"),
        pytest.param([(date(2024, 7, 1), D("600.00"))], ("600.00", "600.00", "0.00", "0.00", "1200.00"), id="paid after"),
        pytest.param(
            [(date(2024, 5, 2), D("600.00")), (date(2024, 6, 2), D("-600.00"))],
            ("600.00", "600.00", "0.00", "0.00", "1200.00"), id="paid and bounced",
        ),
    ],
)  # fmt: skip
def test_a_quarter_from_opening_to_closing(inside, payments, expected):
    Books().enter(AccountFacts(0, (quarter(1, payments=tuple(payments)), quarter(2)), tuple(payments)))
    (row,) = roll_forward(*SPRING)
    assert (row.opening, row.billed, row.received, row.offset, row.closing) == tuple(D(each) for each in expected)


def test_money_that_was_there_before_the_bill_is_an_offset_of_the_bills_day(inside):
    paid = (date(2024, 2, 1), D("600.00"))
    Books().enter(AccountFacts(0, (quarter(2, payments=(paid,)),), (paid,)))
    (row,) = roll_forward(*SPRING)
    assert (row.opening, row.billed, row.received, row.offset, row.closing) == (0, D("600.00"), 0, D("600.00"), 0)


def test_slices_by_item_year_building_and_person(inside, office):
    books = Books()
    one = books.account("张三", ("1", "1", "101"))
    two = books.account("李四", ("2", "1", "101"))
    parking = FeeItem.objects.create(name="停车费")
    for account, item, start in ((one, books.item, date(2023, 1, 1)), (two, parking, date(2024, 1, 1))):
        Bill.objects.create(
            account=account, fee_item=item, period_start=start, period_end=start + timedelta(days=90),
            due_on=start + timedelta(days=90), amount=D("100.00"), billed_on=start,
        )  # fmt: skip
    Responsibility.objects.create(community=books.community, building="2", user=office.people["collector"])
    cut = {by: [row.key for row in roll_forward(date(2024, 1, 1), date(2024, 12, 31), by)] for by in SLICES}
    assert cut["item"] == sorted(cut["item"])
    assert set(cut["item"]) == {"物业费", "停车费"}
    assert cut["year"] == ["2023", "2024"]
    assert cut["building"] == ["华庭一期 1", "华庭一期 2"]
    assert cut["person"] == ["", office.people["collector"].display_name]


def test_the_page_prints_its_definition_and_the_workbook_is_noted(client, office):
    with office.open():
        Books().enter(AccountFacts(0, (quarter(1), quarter(2))))
    client.force_login(office.people["finance"])
    asked = {"first": "2024-04-01", "last": "2024-06-30", "by": "year"}
    page = client.get(reverse("arrears:roll-forward"), asked)
    assert "期初＋应收－减免－实收－预存冲抵＝期末" in page.content.decode()
    assert "1,200.00" in page.content.decode()
    book = client.get(reverse("arrears:roll-forward-export"), asked)
    assert b"".join(book.streaming_content).startswith(b"PK")


def test_somebody_who_may_not_read_arrears_does_not_read_the_roll_forward(client, office):
    client.force_login(office.people["admin"])
    assert client.get(reverse("arrears:roll-forward")).status_code == 403


def test_a_period_the_wrong_way_round_is_put_right(client, office):
    client.force_login(office.people["finance"])
    page = client.get(reverse("arrears:roll-forward"), {"first": "2024-06-30", "last": "2024-04-01"})
    assert (page.context["first"], page.context["last"]) == SPRING
