"""The set-based position equals the rules, for every account and every day (architecture, house rule 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.queries.positions import ageing, bill_lines, position, positions
from arrears.rules.ageing import BUCKETS
from arrears.rules.position import AccountFacts, BillFacts, Contest, Special, position_of
from arrears.rules.tier import TierPolicy
from billing.models import Adjustment, Bill
from billing.rules.days import Hold
from offices.operations.offices import save_settings
from tests.conftest import at
from tests.factories.books import Books, quarter

START = date(2024, 1, 1)
POLICY = TierPolicy(company_severe_after_days=45)

days = st.integers(0, 500).map(lambda n: START + timedelta(days=n))
money = st.integers(1, 9000).map(lambda cents: D(cents * 10) / 100)
ends = st.one_of(st.none(), st.integers(0, 90))


def _interval(start: date, length: int | None) -> date | None:
    return None if length is None else start + timedelta(days=length)


@st.composite
def contests(draw):
    start = draw(days)
    return Contest(start, _interval(start, draw(ends)), draw(money), draw(st.booleans()))


@st.composite
def plans(draw):
    start = draw(days)
    return Hold(start, _interval(start, draw(ends)))


@st.composite
def bills(draw):
    due = draw(days)
    length = draw(st.sampled_from([30, 91, 366]))
    paid = []
    for amount in draw(st.lists(money, max_size=3)):
        on = draw(days)
        paid.append((on, amount))
        if draw(st.booleans()):
            paid.append((on + timedelta(days=draw(st.integers(0, 60))), -amount))
    return BillFacts(
        bill_id=0,
        period_start=due - timedelta(days=length - 1),
        period_end=due,
        due_on=due,
        billed_on=due - timedelta(days=draw(st.integers(-20, 40))),
        amount=draw(money) + 20,
        is_reconciled=draw(st.sampled_from([True, True, True, False])),
        reductions=tuple(draw(st.lists(st.tuples(days, money), max_size=2))),
        payments=tuple(paid),
        contests=tuple(draw(st.lists(contests(), max_size=2))),
        plans=tuple(draw(st.lists(plans(), max_size=2))),
    )


@st.composite
def specials(draw):
    start = draw(days)
    return Special("other", start, _interval(start, draw(ends)), draw(st.booleans()))


@st.composite
def lives(draw):
    owed = tuple(draw(st.lists(bills(), max_size=4, unique_by=lambda b: (b.period_start, b.period_end))))
    extra = draw(st.lists(st.tuples(days, money), max_size=1))
    receipts = tuple(entry for bill in owed for entry in bill.payments) + tuple(extra)
    charges = draw(st.lists(st.tuples(days, money), max_size=2)) if owed and receipts else []
    return AccountFacts(
        0,
        owed,
        receipts,
        tuple(draw(st.lists(specials(), max_size=2))),
        charges=tuple(charges),
        is_company=draw(st.booleans()),
        hardships=tuple(draw(st.lists(plans(), max_size=1))),
    )


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(office_life=st.lists(lives(), min_size=1, max_size=4), asked=st.lists(days, min_size=1, max_size=3))
def test_sql_and_rules_give_the_same_position_on_every_day(inside, office_life, asked):
    with transaction.atomic():
        save_settings(
            values={"company_severe_after_days": POLICY.company_severe_after_days}, by=None, at=at("2024-01-01")
        )
        books = Books()
        entered = [books.enter(life) for life in office_life]
        for on in asked:
            found = {p.account_id: p for p in positions(on)}
            lines = bill_lines(None, on)
            for facts in entered:
                expected, expected_lines = position_of(facts, on, POLICY)
                account = facts.account_id
                if account in found or expected.billed or expected.credit:
                    assert found[account] == expected
                assert [line for line in lines if line.account_id == account] == list(expected_lines)
            assert sum(band.amount for band in ageing(on)) == sum(p.arrears for p in found.values())
        transaction.set_rollback(True)


def test_an_upheld_objection_stays_out_of_reach_until_its_reduction_is_decided(inside):
    books, on = Books(), date(2024, 12, 1)
    facts = books.enter(AccountFacts(0, (quarter(1),)))
    proposal = Adjustment.objects.create(
        bill_id=facts.bills[0].bill_id, kind="dispute", state="proposed", amount=D("200.00"),
        effective_on=date(2024, 11, 1), reason="电梯停用两个月", proposed_at=at("2024-11-01"),
    )  # fmt: skip
    assert position(facts.account_id, on).pursuable == D("400.00")
    assert position(facts.account_id, date(2024, 10, 31)).pursuable == D("600.00")
    Adjustment.objects.filter(pk=proposal.pk).update(state="refused", decided_at=at("2024-11-20"))
    assert position(facts.account_id, on).pursuable == D("600.00")
    assert position(facts.account_id, date(2024, 11, 19)).pursuable == D("400.00")
    Adjustment.objects.filter(pk=proposal.pk).update(state="approved")
    assert (position(facts.account_id, on).arrears, position(facts.account_id, on).pursuable) == (
        D("400.00"),
        D("400.00"),
    )


def test_an_account_without_bills_is_all_zero(inside):
    assert position(Books().account().pk, date(2024, 12, 1)).arrears == 0


def test_a_bill_reduced_by_more_than_its_amount_leaves_credit_before_any_payment(inside):
    more = AccountFacts(0, (replace(quarter(1), reductions=((date(2024, 6, 1), quarter(1).amount + 20),)), quarter(2)))
    facts, on = Books().enter(more), date(2024, 12, 1)
    here = position(facts.account_id, on)
    assert (here.credit, here.pursuable) == (D("20.00"), quarter(2).amount - 20)


def test_asking_for_some_accounts_leaves_the_others_out(inside):
    books = Books()
    one, two = (books.enter(AccountFacts(0, (quarter(1),))).account_id for _ in range(2))
    assert [p.account_id for p in positions(date(2024, 12, 1), [two])] == [two]
    assert {line.account_id for line in bill_lines([one], date(2024, 12, 1))} == {one}


def test_voided_bills_are_owed_by_nobody(inside):
    facts = Books().enter(AccountFacts(0, (quarter(1),)))
    Bill.objects.update(voided_at=at("2024-11-01"))
    assert position(facts.account_id, date(2024, 12, 1)).arrears == 0


def test_the_number_of_statements_does_not_grow_with_the_number_of_accounts(inside):
    books = Books()
    counts = []
    positions(date(2024, 12, 1))
    for more in (1, 10):
        for _ in range(more):
            books.enter(AccountFacts(0, (quarter(1), quarter(2))))
        with CaptureQueriesContext(connection) as statements:
            positions(date(2024, 12, 1))
            bill_lines(None, date(2024, 12, 1))
            ageing(date(2024, 12, 1))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_periods_are_counted_however_many_the_office_has(inside):
    """A hundred months and as many years: a set of periods is longer than a word."""
    on = date(2034, 1, 1)
    months = [(START + timedelta(days=31 * n), 31) for n in range(100)]
    years = [(START + timedelta(days=20 * n), 366) for n in range(100)]
    owed = tuple(
        BillFacts(0, first, first + timedelta(days=length - 1), first + timedelta(days=length), first, D("10.00"))
        for first, length in months + years
    )
    books = Books()
    plain = books.enter(AccountFacts(0, owed))
    held = books.enter(AccountFacts(0, owed[70:], specials=(Special("other", START, None),)))
    for facts, periods in ((plain, 200), (held, 130)):
        found = position(facts.account_id, on)
        assert (found, found.periods_owed) == (position_of(facts, on, TierPolicy())[0], periods)


def test_every_band_is_told_even_when_empty(inside):
    assert [band.code for band in ageing(date(2024, 12, 1))] == [bucket.code for bucket in BUCKETS]


def test_two_offices_with_the_same_room_numbers_never_meet(office, other_office):
    with office.open():
        mine = Books().enter(AccountFacts(0, (quarter(1),))).account_id
    with other_office.open():
        assert positions(date(2024, 12, 1)) == []
        assert position(mine, date(2024, 12, 1)).arrears == 0
