"""Which bill a payment settles: golden cases A1–A5 and conservation (domain 4.3, decisions 11)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.rules.allocation import Components, Debt, allocate, settle

D = Decimal

B1 = Debt(1, date(2023, 12, 31), D(600))
B2 = Debt(2, date(2024, 3, 31), D(600))
B3 = Debt(3, date(2024, 3, 31), D(300))
B4 = Debt(4, date(2024, 9, 30), D(600))
MAY = date(2024, 5, 1)


def test_a1_earlier_due_first_then_in_proportion_the_last_takes_the_rest() -> None:
    split = allocate(D(1000), [B4, B3, B2, B1], on=MAY)
    assert dict(split.shares) == {1: D("600"), 2: D("266.67"), 3: D("133.33")}
    assert split.credit == 0


def test_a2_the_payers_own_word_comes_first() -> None:
    assert dict(allocate(D(1000), [B1, B2, B3, B4], on=MAY, designated=[2]).shares) == {2: D(600), 1: D(400)}


def test_a3_the_heavier_burden_comes_before_the_earlier_date() -> None:
    heavy = Debt(3, B3.due_on, B3.open, burden=D("0.001"))
    assert dict(allocate(D(1000), [B1, B2, heavy, B4], on=MAY).shares) == {3: D(300), 1: D(600), 2: D(100)}


def test_a4_inside_one_bill() -> None:
    debt = Components(cost=D(20), late=D(60), principal=D(600))
    assert settle(D(500), debt, mode="statutory") == Components(D(20), D(60), D(420))
    assert settle(D(500), debt, mode="property") == Components(D(20), D(0), D(480))


def test_a5_what_exceeds_all_bills_is_credit() -> None:
    split = allocate(D("2137.50"), [B1, B2, B3, B4], on=MAY)
    assert split.credit == D("37.50")
    assert sum(share for _, share in split.shares) == D(2100)


debts = st.lists(
    st.builds(
        Debt,
        bill_id=st.integers(1, 10**6),
        due_on=st.integers(0, 900).map(lambda n: date(2023, 1, 1) + timedelta(days=n)),
        open=st.integers(1, 10**7).map(lambda c: D(c) / 100),
        burden=st.sampled_from([D(0), D("0.0003")]),
    ),
    max_size=8,
    unique_by=lambda d: d.bill_id,
)


@given(debts, st.integers(0, 10**8).map(lambda c: D(c) / 100), st.data())
def test_no_cent_is_lost_and_none_is_made(owed: list[Debt], amount: D, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(owed), unique=True)) if owed else []
    split = allocate(amount, owed, on=MAY, designated=[d.bill_id for d in chosen])
    shares = dict(split.shares)
    assert sum(shares.values()) + split.credit == amount
    assert all(0 < shares[d.bill_id] <= d.open for d in owed if d.bill_id in shares)
    assert split.credit == 0 or sum(shares.values()) == sum(d.open for d in owed)
    assert all(share == share.quantize(D("0.01")) for share in shares.values())
