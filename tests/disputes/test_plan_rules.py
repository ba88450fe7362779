"""What may be agreed in instalments, and what the value dates say of it (S83–S88, invariant 14)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.rules.plans import (
    ACTIVE,
    BROKEN,
    KEPT,
    Line,
    PlanPolicy,
    even_schedule,
    fault_of,
    months_after,
    standing_of,
)

TODAY = date(2026, 9, 1)
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
THREE = (Line(1, OCTOBER, D("400.00")), Line(2, NOVEMBER, D("400.00")), Line(3, DECEMBER, D("400.00")))
POLICY = PlanPolicy(max_instalments=6, max_months=6, min_down_percent=20)
DOWN = Line(0, date(2026, 9, 8), D("240.00"))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param((DOWN, Line(1, OCTOBER, D("960.00"))), None, id="agreed"),
        pytest.param((DOWN, Line(1, OCTOBER, D("959.99"))), "sum", id="one cent short"),
        pytest.param((DOWN, Line(1, OCTOBER, D("960.01"))), "sum", id="one cent too much"),
        pytest.param((Line(0, TODAY, D("239.99")), Line(1, OCTOBER, D("960.01"))), "down_too_small", id="down payment"),
        pytest.param((Line(1, OCTOBER, D("1200.00")),), "down_too_small", id="no down payment"),
        pytest.param((DOWN,), "no_lines", id="nothing but a down payment"),
        pytest.param((), "no_lines", id="nothing"),
        pytest.param((DOWN, Line(1, date(2027, 3, 1), D("960.00"))), None, id="the last day of six months"),
        pytest.param((DOWN, Line(1, date(2027, 3, 2), D("960.00"))), "too_long", id="a day more than six months"),
        pytest.param((DOWN, Line(1, DOWN.due_on, D("960.00"))), "order", id="two on one day"),
        pytest.param((DOWN, Line(1, NOVEMBER, D("480.00")), Line(2, OCTOBER, D("480.00"))), "order", id="out of order"),
        pytest.param(
            (Line(0, date(2026, 8, 31), D("240.00")), Line(1, OCTOBER, D("960.00"))), "in_the_past", id="past"
        ),
        pytest.param(
            (DOWN, Line(1, OCTOBER, D("960.00")), Line(2, NOVEMBER, D("0.00"))), "amount", id="nothing to pay"
        ),
        pytest.param(
            (DOWN, *(Line(n, OCTOBER + timedelta(days=n), D("137.14")) for n in range(1, 8))), "too_many", id="seven"
        ),
    ],
)
def test_a_schedule_is_agreed_to_the_cent_and_inside_the_policy(lines, code):
    fault = fault_of(lines, total=D("1200.00"), on=TODAY, policy=POLICY)
    assert (fault.code if fault else None) == code


@given(
    total=st.integers(100, 5_000_000).map(lambda cents: D(cents) / 100),
    count=st.integers(1, 12),
    down=st.integers(0, 90),
)
def test_an_even_schedule_always_adds_up_and_differs_by_cents_only(total, count, down):
    first = (total * down / 100).quantize(D("0.01"))
    if total - first < D(count) / 100:
        with pytest.raises(ValueError, match="nothing is left"):
            even_schedule(total, down=first, down_on=TODAY, count=count, first_on=OCTOBER)
        return
    lines = even_schedule(total, down=first, down_on=TODAY, count=count, first_on=OCTOBER)
    parts = [line.amount for line in lines if line.seq]
    assert sum(line.amount for line in lines) == total
    assert parts[-1] - parts[0] < D(count) / 100
    assert fault_of(lines, total=total, on=TODAY, policy=PlanPolicy()) is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        pytest.param(date(2026, 1, 31), 1, date(2026, 2, 28), id="short month"),
        pytest.param(date(2026, 11, 30), 3, date(2027, 2, 28), id="over the year"),
        pytest.param(date(2026, 12, 1), 12, date(2027, 12, 1), id="a year"),
    ],
)
def test_months_end_on_their_last_day(day, months, later):
    assert months_after(day, months) == later


@pytest.mark.parametrize(
    ("money", "on", "state", "since"),
    [
        pytest.param([], OCTOBER, ACTIVE, None, id="due today"),
        pytest.param([], date(2026, 10, 4), ACTIVE, None, id="last day of grace"),
        pytest.param([], date(2026, 10, 5), BROKEN, date(2026, 10, 5), id="the day after"),
        pytest.param([], date(2027, 1, 1), BROKEN, date(2026, 10, 5), id="broken once, on its day"),
        pytest.param([("2026-10-04", "400.00")], date(2026, 10, 5), ACTIVE, None, id="paid on the last day of grace"),
        pytest.param([("2026-10-05", "400.00")], date(2026, 10, 6), BROKEN, date(2026, 10, 5), id="paid a day too late"),
        pytest.param([("2026-10-01", "399.99")], date(2026, 10, 5), BROKEN, date(2026, 10, 5), id="one cent short"),
        pytest.param([("2026-09-15", "800.00")], date(2026, 11, 5), ACTIVE, None, id="two at once, early"),
        pytest.param([("2026-09-15", "1200.00")], date(2026, 9, 20), KEPT, date(2026, 9, 15), id="all of it early"),
        pytest.param(
            [("2026-10-01", "400.00"), ("2026-11-01", "400.00"), ("2026-12-02", "400.00")],
            date(2027, 1, 1), KEPT, date(2026, 12, 2), id="kept",
        ),
    ],
)  # fmt: skip
def test_the_value_dates_say_whether_a_plan_is_kept(money, on, state, since):
    found = standing_of(
        THREE, [(date.fromisoformat(day), D(amount)) for day, amount in money], on=on, grace_days=3, broken_after=1
    )
    assert (found.state, found.since) == (state, since)


def test_money_given_back_may_break_a_plan_that_was_kept():
    money = [(date(2026, 9, 15), D("1200.00")), (date(2026, 9, 20), D("-900.00"))]
    assert standing_of(THREE, money, on=date(2026, 9, 19), grace_days=3, broken_after=1).state == KEPT
    assert standing_of(THREE, money, on=date(2026, 9, 20), grace_days=3, broken_after=1).state == ACTIVE
    found = standing_of(THREE, money, on=date(2026, 12, 31), grace_days=3, broken_after=1)
    assert (found.state, found.since, found.missed) == (BROKEN, date(2026, 10, 5), 3)


def test_an_office_may_let_two_instalments_be_missed():
    found = standing_of(THREE, [], on=date(2026, 11, 4), grace_days=3, broken_after=2)
    assert (found.state, found.missed) == (ACTIVE, 1)
    assert standing_of(THREE, [], on=date(2026, 11, 5), grace_days=3, broken_after=2).state == BROKEN
    caught_up = [(date(2026, 10, 20), D("400.00"))]
    assert standing_of(THREE, caught_up, on=date(2026, 11, 5), grace_days=3, broken_after=2).state == ACTIVE


def test_money_pays_the_instalments_in_their_order():
    found = standing_of(THREE, [(OCTOBER, D("550.00"))], on=NOVEMBER, grace_days=3, broken_after=1)
    assert [line.received for line in found.lines] == [D("400.00"), D("150.00"), D("0.00")]
    assert found.following.line.seq == 2
    assert found.lines[0].paid_on == OCTOBER


days = st.integers(0, 120).map(lambda n: TODAY + timedelta(days=n))
money = st.lists(st.tuples(days, st.integers(-40_000, 60_000).map(lambda cents: D(cents) / 100)), max_size=6)


@given(money=money, on=days, grace=st.integers(0, 10), later=st.integers(1, 60))
def test_a_broken_plan_stays_broken_and_the_order_of_entries_does_not_matter(money, on, grace, later):
    found = standing_of(THREE, money, on=on, grace_days=grace, broken_after=1)
    assert found == standing_of(THREE, money[::-1], on=on, grace_days=grace, broken_after=1)
    assert sum(line.received for line in found.lines) == min(max(found.received, D(0)), D("1200.00"))
    if found.state == BROKEN:
        after = standing_of(THREE, money, on=on + timedelta(days=later), grace_days=grace, broken_after=1)
        assert (after.state, after.since) == (BROKEN, found.since)
