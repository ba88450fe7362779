"""The limitation clock: golden cases T1–T9 of domain 3.2, and what must hold for any history."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.limitation import (
    ALERTS,
    LimitationAct,
    Status,
    Strength,
    alert_of,
    clock_of,
    in_danger_by,
    years_after,
)

T1 = date(2022, 6, 30)


def act(on: str, kind: str = "service", strength: str = "strong", runs_from: str = "", ended_on: str = ""):
    day = date.fromisoformat
    return LimitationAct(
        day(on), kind, Strength(strength), day(runs_from) if runs_from else None, day(ended_on) if ended_on else None
    )


SIGNED = act("2024-03-15")
LATE = act("2025-07-10")
GOLDEN = [
    ("T1 无任何行为", T1, [], "2025-06-30", "2025-06-30"),
    ("T2 EMS 签收", T1, [SIGNED], "2027-03-15", "2027-03-15"),
    ("T3 届满后才签收，不再中断", T1, [LATE], "2025-06-30", "2025-06-30"),
    ("T4 闰日", date(2020, 2, 29), [], "2023-02-28", "2023-02-28"),
    ("T5 只有张贴照片", T1, [act("2024-03-15", strength="weak")], "2025-06-30", "2025-06-30"),
    ("T6 通知书列明的账单", T1, [SIGNED], "2027-03-15", "2027-03-15"),
    ("T6 通知书未列的账单", date(2022, 12, 31), [], "2025-12-31", "2025-12-31"),
    ("T7 分期协议，从最后一期起算", T1, [act("2024-05-01", "plan", runs_from="2024-12-31")], "2027-12-31", "2027-12-31"),
    ("T7 协议解除，从解除通知送达起算", T1, [act("2024-05-01", "plan", runs_from="2024-08-01")], "2027-08-01", "2027-08-01"),
    ("T8 届满后签分期，重新起算", T1, [LATE, act("2025-09-01", "plan", runs_from="2025-12-31")], "2028-12-31", "2028-12-31"),
    ("T9 支付令因异议失效", T1, [act("2025-05-20", "payment_order", ended_on="2025-07-01")], "2028-05-20", "2028-07-01"),
    ("拒签有见证：只可争辩", T1, [act("2024-03-15", strength="medium")], "2025-06-30", "2027-03-15"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "due_on", "acts", "safe", "arguable"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_golden_cases(case, due_on, acts, safe, arguable):
    clock = clock_of(due_on, acts)
    assert (clock.safe_until.isoformat(), clock.arguable_until.isoformat()) == (safe, arguable)


def test_an_expired_bill_says_so_and_a_signed_plan_revives_it():
    assert clock_of(T1, [LATE]).status(date(2025, 7, 11)) is Status.EXPIRED
    revived = clock_of(T1, [LATE, act("2025-09-01", "plan", runs_from="2025-12-31")])
    assert revived.revived
    assert revived.status(date(2026, 1, 1)) is Status.RUNNING


def test_between_the_two_dates_a_bill_is_arguable():
    clock = clock_of(T1, [act("2024-03-15", strength="medium")])
    assert [clock.status(date(2025, 6, 30)), clock.status(date(2025, 7, 1)), clock.status(date(2027, 3, 16))] == [
        Status.RUNNING,
        Status.ARGUABLE,
        Status.EXPIRED,
    ]


def test_a_past_day_knows_nothing_of_what_came_later():
    assert clock_of(T1, [SIGNED], on=date(2024, 3, 14)).safe_until == date(2025, 6, 30)
    assert clock_of(T1, [SIGNED], on=date(2024, 3, 15)).safe_until == date(2027, 3, 15)


def test_nothing_outlives_twenty_years():
    acts = [act(f"{year}-06-01") for year in range(2024, 2042, 2)]
    assert clock_of(T1, acts).safe_until == date(2042, 6, 30)


@pytest.mark.parametrize(
    ("left", "alert"), [(-1, None), (0, 30), (30, 30), (31, 90), (90, 90), (91, 180), (180, 180), (181, None)]
)
def test_the_alert_ladder(left, alert):
    assert alert_of(left) == alert


days = st.dates(date(2015, 1, 1), date(2030, 12, 31))
acts_of_any_kind = st.lists(
    st.builds(
        LimitationAct,
        on=days,
        kind=st.sampled_from(["service", "payment", "plan", "suit"]),
        strength=st.sampled_from(list(Strength)),
    ),
    max_size=6,
)


@given(due_on=days, acts=acts_of_any_kind)
def test_the_clock_never_runs_out_before_three_years_and_safe_is_never_later_than_arguable(due_on, acts):
    clock = clock_of(due_on, acts)
    assert years_after(due_on, 3) <= clock.safe_until <= clock.arguable_until <= years_after(due_on, 20)


@given(due_on=days, acts=acts_of_any_kind, on=days)
def test_weak_acts_change_nothing_and_order_does_not_matter(due_on, acts, on):
    kept = [a for a in acts if a.strength in ("strong", "medium")]
    assert clock_of(due_on, acts, on=on) == clock_of(due_on, kept[::-1], on=on) or len({a.on for a in kept}) < len(kept)


@given(due_on=days, acts=acts_of_any_kind, on=days)
def test_no_bill_in_an_alert_is_missed_by_the_narrowing(due_on, acts, on):
    if due_on > in_danger_by(on):
        assert clock_of(due_on, acts, on=on).days_left(on) > ALERTS[-1]
