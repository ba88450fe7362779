"""轻微, 中度, 严重, and why."""

from datetime import date
from decimal import Decimal as D

import pytest

from arrears.rules.tier import TierPolicy, count_periods, tier_of

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
