"""The figures of the catalogue, with the golden cases of the domain reference (section 6)."""

from decimal import Decimal as D

import pytest

from archive.rules.metrics import DEFINITIONS, CurrentPeriod, PriorYears, combined_rate, household_rate, percent, ratio

CURRENT = CurrentPeriod(D(600_000), D(6_000), received_before=D(30_000), received_in=D(480_000), offset=D(10_000))
PRIOR = PriorYears(opening=D(100_000), reduced=D(5_000), received=D(18_000), offset=D(2_000))


def test_prior_year_recovery_takes_reductions_out_of_the_denominator():
    assert percent(PRIOR.rate) == "21.05%"


def test_prior_year_arrears_roll_forward_to_the_cent():
    assert PRIOR.closing == D(75_000)


def test_current_collection_rate():
    assert percent(CURRENT.rate) == "87.54%"


def test_combined_rate_is_receipts_of_both_over_both_net_denominators():
    current = CurrentPeriod(D(600_000), D(6_000), received_before=D(30_000), received_in=D(490_000))
    assert percent(combined_rate(current, PRIOR)) == "78.37%"


def test_household_rate():
    assert percent(household_rate(412, 500)) == "82.40%"


@pytest.mark.parametrize("whole", [0, D("0.00")])
def test_a_rate_without_a_denominator_is_a_dash(whole):
    assert percent(ratio(5, whole)) == "—"


def test_every_figure_says_what_it_means():
    assert all(d.text.strip() and d.name for d in DEFINITIONS.values())
    assert not any("滞纳金" in d.text for d in DEFINITIONS.values())
