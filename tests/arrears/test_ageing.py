"""Days overdue, holds and buckets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.ageing import BUCKETS, NOT_DUE, bucket_of
from billing.rules.days import Hold, days_overdue

DUE = date(2024, 3, 31)
days = st.dates(date(2023, 1, 1), date(2027, 12, 31))


@st.composite
def holds(draw):
    start = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 400)))
    return Hold(start, None if length is None else start + timedelta(days=length))


@pytest.mark.parametrize(
    ("on", "held", "expected"),
    [
        pytest.param(date(2024, 3, 30), [], 0, id="the-day-before"),
        pytest.param(date(2024, 3, 31), [], 0, id="due-today-is-not-late"),
        pytest.param(date(2024, 4, 1), [], 1, id="the-day-after"),
        pytest.param(date(2024, 6, 30), [], 91, id="G1"),
        pytest.param(date(2024, 6, 30), [Hold(date(2024, 5, 1), date(2024, 5, 21))], 71, id="G8-twenty-days-held"),
        pytest.param(
            date(2024, 6, 30), [Hold(date(2024, 5, 1), date(2024, 5, 1))], 91, id="raised-and-released-the-same-day"
        ),
        pytest.param(date(2024, 6, 30), [Hold(date(2024, 1, 1))], 0, id="held-before-it-was-due-and-still"),
        pytest.param(date(2024, 6, 30), [Hold(date(2024, 7, 1))], 91, id="held-only-later"),
        pytest.param(
            date(2024, 6, 30),
            [Hold(date(2024, 4, 1), date(2024, 5, 1)), Hold(date(2024, 4, 11), date(2024, 4, 21))],
            61,
            id="nested-holds-count-once",
        ),
        pytest.param(
            date(2024, 6, 30),
            [Hold(date(2024, 4, 11), date(2024, 5, 1)), Hold(date(2024, 4, 1), date(2024, 4, 11))],
            61,
            id="touching-holds-in-any-order",
        ),
    ],
)
def test_days_overdue_leave_held_days_out(on, held, expected):
    assert days_overdue(DUE, on, held) == expected


@given(due=days, on=days, held=st.lists(holds(), max_size=5))
def test_days_overdue_equal_a_day_by_day_count(due, on, held):
    counted, day = 0, due + timedelta(days=1)
    while day <= on:
        counted += not any(hold.covers(day) for hold in held)
        day += timedelta(days=1)
    assert days_overdue(due, on, held) == counted


@pytest.mark.parametrize(
    ("late", "code"),
    [(-5, "not_due"), (0, "not_due"), (1, "d30"), (30, "d30"), (31, "d90"), (90, "d90"), (91, "d180"), (180, "d180"),
     (181, "d365"), (365, "d365"), (366, "y2"), (730, "y2"), (731, "y3"), (1095, "y3"), (1096, "over"), (5000, "over")],
)  # fmt: skip
def test_the_bucket_goes_by_the_calendar(late, code):
    assert bucket_of(DUE, DUE + timedelta(days=late)).code == code


@given(late=st.integers(1, 10_000))
def test_every_late_day_lies_in_exactly_one_bucket(late):
    inside = [b for b in BUCKETS if b.first <= late and (b.last is None or late <= b.last)]
    assert inside == [bucket_of(DUE, DUE + timedelta(days=late))]
    assert NOT_DUE not in inside
