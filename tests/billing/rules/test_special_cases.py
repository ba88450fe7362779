"""Working days, shares by days, and what each special case must bring (S5–S9, golden G12)."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import SpecialCase
from billing.rules.shares import split_at, vacancy_reduction
from billing.rules.special_cases import CONTROLS, answers_claim, lacking, review_day
from offices.rules.days import calendar

Q1 = (date(2024, 1, 1), date(2024, 3, 31))  # 91 days


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        pytest.param(date(2026, 9, 1), 3, date(2026, 9, 4), id="tuesday-to-friday"),
        pytest.param(date(2026, 9, 3), 3, date(2026, 9, 8), id="over-a-weekend"),
        pytest.param(date(2026, 9, 5), 1, date(2026, 9, 7), id="from-a-saturday"),
        pytest.param(date(2026, 9, 30), 3, date(2026, 10, 10), id="over-the-national-holiday-to-a-make-up-saturday"),
        pytest.param(date(2026, 9, 5), 0, date(2026, 9, 5), id="no-wait"),
    ],
)
def test_working_days(day, count, last):
    assert calendar().working_days_after(day, count) == last


@pytest.mark.parametrize(
    ("handed_over_on", "developer", "owner"),
    [
        pytest.param(date(2023, 12, 31), "0.00", "910.00", id="before-the-period"),
        pytest.param(date(2024, 1, 1), "0.00", "910.00", id="on-its-first-day"),
        pytest.param(date(2024, 1, 2), "10.00", "900.00", id="on-its-second-day"),
        pytest.param(date(2024, 2, 1), "310.00", "600.00", id="in-the-middle"),
        pytest.param(date(2024, 3, 31), "900.00", "10.00", id="on-its-last-day"),
        pytest.param(date(2024, 4, 1), "910.00", "0.00", id="after-the-period"),
    ],
)
def test_the_developer_pays_until_the_handover(handed_over_on, developer, owner):
    assert split_at(D("910.00"), *Q1, handed_over_on) == (D(developer), D(owner))


money = st.decimals("0.01", "99999.99", places=2)
days = st.dates(date(2020, 1, 1), date(2026, 12, 31))


@given(amount=money, start=days, length=st.integers(0, 400), handed_over_on=days)
def test_no_cent_is_lost_between_developer_and_owner(amount, start, length, handed_over_on):
    end = start + timedelta(days=length)
    developer, owner = split_at(amount, start, end, handed_over_on)
    assert developer + owner == amount
    assert developer >= 0
    assert owner >= 0
    later, _rest = split_at(amount, start, end, handed_over_on + timedelta(days=1))
    assert later >= developer, "one day more of the developer's never costs him less"


@pytest.mark.parametrize(
    ("amount", "vacant", "percent", "reduction"),
    [
        pytest.param("222.22", Q1, "70", "66.67", id="G12-leaves-155.55"),
        pytest.param("910.00", (date(2024, 2, 1), date(2024, 2, 29)), "70", "87.00", id="29-of-91-days"),
        pytest.param("910.00", (date(2023, 1, 1), date(2025, 1, 1)), "0", "910.00", id="nothing-to-pay"),
        pytest.param("910.00", (date(2023, 1, 1), date(2023, 12, 31)), "70", "0.00", id="not-in-this-period"),
        pytest.param("910.00", Q1, "100", "0.00", id="no-discount"),
    ],
)
def test_an_empty_room_costs_less_by_its_days(amount, vacant, percent, reduction):
    assert vacancy_reduction(D(amount), Q1, vacant, D(percent)) == D(reduction)


@given(amount=money, first=days, length=st.integers(0, 500), percent=st.integers(0, 100))
def test_a_vacancy_never_costs_more_nor_less_than_nothing(amount, first, length, percent):
    reduction = vacancy_reduction(amount, Q1, (first, first + timedelta(days=length)), D(percent))
    assert 0 <= reduction <= amount


def test_every_kind_is_kept_in_hand():
    """None is open for ever: it ends by itself, or a day stands on which somebody looks at it again."""
    assert set(CONTROLS) == set(SpecialCase.Kind.values)
    for kind, control in CONTROLS.items():
        assert control.review_days is None or review_day(kind, date(2026, 9, 1)) > date(2026, 9, 1)
    assert [kind for kind, control in CONTROLS.items() if control.review_days is None] == ["pending_transfer"]


@pytest.mark.parametrize(
    ("kind", "given_facts", "missing"),
    [
        ("prepaid", {}, ("claimed_amount",)),
        ("prepaid", {"claimed_amount": D("1200.00")}, ()),
        ("pending_transfer", {}, ()),
        ("vacancy_discount", {}, ("evidence",)),
        ("legacy_issue", {"review_on": date(2026, 10, 1)}, ("issue_owner",)),
        ("legacy_issue", {"issue_owner": "工程部李工"}, ("review_on",)),
        ("other", {}, ()),
    ],
)
def test_what_a_kind_must_bring(kind, given_facts, missing):
    assert lacking(kind, given_facts) == missing


@pytest.mark.parametrize(
    ("claimed", "received", "is_answered"),
    [("1200.00", "1200.00", True), ("1200.00", "1199.99", False), ("1200.00", "1300.00", True), (None, "0.01", True),
     (None, "0.00", False), ("1200.00", "0.00", False)],
)  # fmt: skip
def test_a_claim_is_answered_by_the_money_it_named(claimed, received, is_answered):
    assert answers_claim(None if claimed is None else D(claimed), D(received)) is is_answered
