"""轻微, 中度, 严重, and why."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.tier import REASONS, Tier, TierPolicy, count_periods, reasons_in, tier_of

DEFAULT = TierPolicy()
RICH = TierPolicy(severe_from_amount=D("5000.00"))


@pytest.mark.parametrize(
    ("days", "amount", "annual", "quarterly", "policy", "tier", "reason"),
    [
        pytest.param(1, "0.01", 0, 1, DEFAULT, "slight", "逾期 1 天，未超过 30 天", id="one-day"),
        pytest.param(30, "100", 0, 1, DEFAULT, "slight", "逾期 30 天，未超过 30 天", id="thirty-days"),
        pytest.param(31, "100", 0, 1, DEFAULT, "moderate", "逾期 31 天，超过 30 天", id="thirty-one-days"),
        pytest.param(90, "100", 0, 1, DEFAULT, "moderate", "逾期 90 天，超过 30 天", id="ninety-days"),
        pytest.param(91, "100", 0, 1, DEFAULT, "severe", "逾期 91 天，超过 90 天", id="ninety-one-days"),
        pytest.param(5, "100", 2, 0, DEFAULT, "severe", "已有 2 个年度未缴", id="two-years-owed"),
        pytest.param(5, "100", 0, 3, DEFAULT, "severe", "已有 3 个季度未缴", id="three-quarters-owed"),
        pytest.param(5, "4999.99", 0, 1, RICH, "slight", "逾期 5 天，未超过 30 天", id="a-cent-below-the-amount"),
        pytest.param(5, "5000.00", 0, 1, RICH, "severe", "逾期金额 5,000.00 元，达到 5,000.00 元", id="at-the-amount"),
        pytest.param(
            100, "100", 0, 4, DEFAULT, "severe", "逾期 100 天，超过 90 天；已有 4 个季度未缴", id="every-reason-is-told"
        ),
        pytest.param(0, "100", 0, 1, DEFAULT, "slight", "逾期 0 天，未超过 30 天", id="every-late-day-was-held"),
    ],
)
def test_the_tier_and_its_reason(days, amount, annual, quarterly, policy, tier, reason):
    found = tier_of(days=days, amount=D(amount), annual=annual, quarterly=quarterly, policy=policy)
    assert (found.code, found.reason) == (tier, reason)


def test_nothing_overdue_is_no_tier():
    assert tier_of(days=0, amount=D(0), annual=0, quarterly=0, policy=DEFAULT) is None


def test_the_same_period_of_two_fee_items_is_one_period():
    quarter = (date(2024, 1, 1), date(2024, 3, 31))
    year = (date(2023, 1, 1), date(2023, 12, 31))
    month = (date(2024, 4, 1), date(2024, 4, 30))
    assert count_periods([quarter, quarter, year, month]) == (1, 1)


COMPANIES = TierPolicy(company_severe_after_days=45)


@pytest.mark.parametrize(
    ("days", "segment", "policy", "tier", "reason"),
    [
        pytest.param(46, {}, COMPANIES, "moderate", "逾期 46 天，超过 30 天", id="a-person"),
        pytest.param(45, {"is_company": True}, COMPANIES, "moderate", "逾期 45 天，超过 30 天", id="a-company-45"),
        pytest.param(
            46, {"is_company": True}, COMPANIES, "severe", "单位业主逾期 46 天，超过 45 天", id="a-company-46"
        ),
        pytest.param(46, {"is_company": True}, DEFAULT, "moderate", "逾期 46 天，超过 30 天", id="no-line-for-companies"),
        pytest.param(
            91, {"is_in_hardship": True}, DEFAULT, "moderate", "逾期 91 天，超过 90 天；已认定经济困难，不列为严重", id="hardship"
        ),
        pytest.param(
            91, {"is_in_hardship": True}, TierPolicy(hardship_never_severe=False), "severe", "逾期 91 天，超过 90 天",
            id="an-office-without-that-rule",
        ),
        pytest.param(5, {"is_in_hardship": True}, DEFAULT, "slight", "逾期 5 天，未超过 30 天", id="slight-hardship"),
    ],
)  # fmt: skip
def test_the_segment_moves_the_line(days, segment, policy, tier, reason):
    found = tier_of(days=days, amount=D("100"), annual=0, quarterly=0, policy=policy, **segment)
    assert (found.code, found.reason) == (tier, reason)


def test_an_office_sets_how_many_periods_are_severe():
    policy = TierPolicy(severe_annual_periods=1, severe_quarterly_periods=2)
    assert tier_of(days=5, amount=D("100"), annual=1, quarterly=0, policy=policy).code == "severe"
    assert tier_of(days=5, amount=D("100"), annual=0, quarterly=2, policy=policy).code == "severe"


@given(
    days=st.integers(0, 5000),
    amount=st.integers(1, 10**9).map(lambda cents: D(cents) / 100),
    annual=st.integers(0, 9),
    quarterly=st.integers(0, 40),
    is_company=st.booleans(),
    is_in_hardship=st.booleans(),
)
def test_reasons_can_be_read_out_of_the_sentence_that_was_kept(
    days, amount, annual, quarterly, is_company, is_in_hardship
):
    policy = TierPolicy(severe_from_amount=D("5000.00"), company_severe_after_days=45)
    found = tier_of(
        days=days, amount=amount, annual=annual, quarterly=quarterly, policy=policy, is_company=is_company,
        is_in_hardship=is_in_hardship,
    )  # fmt: skip
    assert reasons_in(found.reason) == found.reasons
    assert {reason.code for reason in found.reasons} <= set(REASONS)


def test_other_words_are_left_as_they_are():
    assert reasons_in("") == reasons_in("人工改为中度") == ()
    assert Tier("slight", ()).reason == ""
