"""Which bill a payment settles: golden cases A1–A6 and conservation (domain 4.3, decisions 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.rules.allocation import Components, Debt, Mode, allocate, settle
from offices.rules.money import split_evenly

D = Decimal

B1 = Debt(1, date(2023, 12, 31), D(600))
B2 = Debt(2, date(2024, 3, 31), D(600))
B3 = Debt(3, date(2024, 3, 31), D(300))
B4 = Debt(4, date(2024, 9, 30), D(600))
MAY = date(2024, 5, 1)
HEAVY = replace(B3, burden=D("0.001"))
WHOLE = replace(B1, late=D(60), cost=D(20))


@pytest.mark.parametrize(
    ("amount", "debts", "asked", "shares", "credit"),
    [
        pytest.param(
            D(1000), [B4, B3, B2, B1], {}, {1: D(600), 2: D("266.67"), 3: D("133.33")}, D(0),
            id="A1-earlier-due-first-then-in-proportion-the-last-takes-the-rest",
        ),
        pytest.param(
            D(1000), [B1, B2, B3, B4], {"designated": [2]}, {2: D(600), 1: D(400)}, D(0), id="A2-the-payers-word-first"
        ),
        pytest.param(
            D(1000), [B1, B2, HEAVY, B4], {}, {3: D(300), 1: D(600), 2: D(100)}, D(0), id="A3-the-heavier-burden-first"
        ),
        pytest.param(
            D(1000), [B1, B2, replace(HEAVY, late=D("9.30")), B4], {"mode": "statutory"},
            {3: D("309.30"), 1: D(600), 2: D("90.70")}, D(0), id="A3-with-its-late-charge-by-statute",
        ),
        pytest.param(
            D("2109.30"), [B1, B2, replace(HEAVY, late=D("9.30")), B4], {"mode": "property"},
            {3: D("309.30"), 1: D(600), 2: D(600), 4: D(600)}, D(0), id="A3-all-principal-before-its-late-charge",
        ),
        pytest.param(
            D(500), [WHOLE], {"mode": "statutory"}, {1: D(500)}, D(0), id="A4-statutory-order-in-one-bill"
        ),
        pytest.param(
            D("2137.50"), [B1, B2, B3, B4], {}, {1: D(600), 2: D(600), 3: D(300), 4: D(600)}, D("37.50"),
            id="A5-what-exceeds-all-bills-is-credit",
        ),
    ],
)  # fmt: skip
def test_golden_cases(amount: D, debts: list[Debt], asked: dict[str, Any], shares: dict[int, D], credit: D) -> None:
    split = allocate(amount, debts, on=MAY, **asked)
    assert (dict(split.shares), split.credit) == (shares, credit)


@pytest.mark.parametrize(
    ("mode", "paid", "left"),
    [
        ("statutory", Components(D(20), D(60), D(420)), Components(D(0), D(0), D(180))),
        ("property", Components(D(20), D(0), D(480)), Components(D(0), D(60), D(120))),
    ],
    ids=["A4-statutory", "A4-property"],
)
def test_inside_one_bill_the_offices_policy_decides(mode: Mode, paid: Components, left: Components) -> None:
    owed = Components(cost=D(20), late=D(60), principal=D(600))
    assert settle(D(500), owed, mode=mode) == paid
    assert Components(owed.cost - paid.cost, owed.late - paid.late, owed.principal - paid.principal) == left


@pytest.mark.parametrize(
    ("amount", "parts"),
    [(D(1000), [D("333.33"), D("333.33"), D("333.34")]), (D(3210), [D("1070.00")] * 3)],
    ids=["A6-the-last-takes-the-rest", "A6-even"],
)
def test_instalments(amount: D, parts: list[D]) -> None:
    assert split_evenly(amount, 3) == parts


debts = st.lists(
    st.builds(
        Debt,
        bill_id=st.integers(1, 10**6),
        due_on=st.integers(0, 900).map(lambda n: date(2023, 1, 1) + timedelta(days=n)),
        open=st.integers(1, 10**7).map(lambda c: D(c) / 100),
        burden=st.sampled_from([D(0), D("0.0003")]),
        late=st.integers(0, 10**4).map(lambda c: D(c) / 100),
        cost=st.sampled_from([D("0.00"), D("20.00")]),
    ),
    max_size=8,
    unique_by=lambda d: d.bill_id,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(debts, st.integers(0, 10**8).map(lambda c: D(c) / 100), st.sampled_from(["property", "statutory"]), st.data())
def test_no_cent_is_lost_and_none_is_made(owed: list[Debt], amount: D, mode: Mode, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(owed), unique=True)) if owed else []
    split = allocate(amount, owed, on=MAY, designated=[d.bill_id for d in chosen], mode=mode)
    parts = dict(split.parts)
    whole = {d.bill_id: Components(d.cost, d.late, d.open) for d in owed}
    assert sum(part.total for part in parts.values()) + split.credit == amount
    for bill_id, part in parts.items():
        owes = whole[bill_id]
        assert 0 < part.total <= owes.total
        assert part.cost <= owes.cost
        assert part.late <= owes.late
        assert part.principal <= owes.principal
        assert part.total == part.total.quantize(D("0.01"))
    assert split.credit == 0 or all(parts.get(bill_id, Components()) == owes for bill_id, owes in whole.items())
    if mode == "property" and any(part.late for part in parts.values()):
        assert all(parts[d.bill_id].principal == d.open for d in owed)  # no late charge before all principal


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(debts, st.integers(1, 10**7).map(lambda c: D(c) / 100), st.data())
def test_the_payers_word_wins_over_every_other_order(owed: list[Debt], amount: D, data: st.DataObject) -> None:
    if not owed:
        return
    chosen = data.draw(st.sampled_from(owed))
    shares = dict(allocate(amount, owed, on=MAY, designated=[chosen.bill_id], mode="statutory").shares)
    assert shares.get(chosen.bill_id, D(0)) == min(amount, chosen.open + chosen.late + chosen.cost)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(debts, st.integers(1, 10**8).map(lambda c: D(c) / 100), st.sampled_from(["property", "statutory"]), st.data())
def test_the_order_in_which_bills_are_named_does_not_matter(
    owed: list[Debt], amount: D, mode: Mode, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(owed))
    assert allocate(amount, shuffled, on=MAY, mode=mode) == allocate(amount, owed, on=MAY, mode=mode)


def _after(payments: list[D], owed: list[Debt]) -> tuple[dict[date, D], D]:
    """What is open per due date, and the credit, when payments of one value date are booked one after the other."""
    open_, credit = {debt.bill_id: debt for debt in owed}, D(0)
    for amount in payments:
        split = allocate(amount, open_.values(), on=MAY)
        credit += split.credit
        for bill_id, part in split.parts:
            debt = open_[bill_id]
            open_[bill_id] = replace(
                debt, open=debt.open - part.principal, late=debt.late - part.late, cost=debt.cost - part.cost
            )
    left: dict[date, D] = {}
    for debt in open_.values():
        left[debt.due_on] = left.get(debt.due_on, D(0)) + debt.open + debt.late + debt.cost
    return left, credit


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(debts, st.lists(st.integers(1, 10**7).map(lambda c: D(c) / 100), max_size=5), st.data())
def test_payments_of_one_value_date_settle_the_same_in_any_order(
    owed: list[Debt], payments: list[D], data: st.DataObject
) -> None:
    """Invariant 26. Bills of one due date share in proportion, so that between them a cent may fall either way."""
    assert _after(data.draw(st.permutations(payments)), owed) == _after(payments, owed)
