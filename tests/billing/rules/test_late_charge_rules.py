"""The office's dated rules over the contract's rate: which version counts on which day, and that nothing else moves."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.late_charge import Cap, Debt, LateChargeTerms, late_charge
from billing.rules.late_charge_rules import Restraint, restrained

day = date.fromisoformat
CONTRACT = [LateChargeTerms(D("0.0005"), starts_on=day("2020-01-01"))]
OWED = Debt(day("2024-03-31"), D(1200))  # golden G1: 91 days on 2024-06-30, 54.60
EARLY, LATE = day("2021-01-01"), day("2024-06-01")
CASES = [
    ("没有规则时按合同", [], "54.60"),
    ("宽限 30 天，期满后才起算", [Restraint(EARLY, grace_days=30)], "36.60"),
    ("宽限 30 天，期满后从到期日起算", [Restraint(EARLY, grace_days=30, grace_retroactive=True)], "54.60"),
    ("不超过本金的 2%", [Restraint(EARLY, cap=Cap.PCT, cap_value=D("0.02"))], "24.00"),
    ("不超过 LPR 损失的 1.3 倍", [Restraint(EARLY, cap=Cap.LPR_LOSS_130)], "13.42"),
    ("起算额 60 元", [Restraint(EARLY, minimum=D(60))], "0.00"),
    ("后来的版本取代先前的", [Restraint(EARLY, minimum=D(60)), Restraint(LATE)], "54.60"),
    ("小区的规则优先", [Restraint(EARLY, True, minimum=D(60)), Restraint(LATE)], "0.00"),
    ("同一生效日以后写的为准", [Restraint(EARLY, minimum=D(60)), Restraint(EARLY)], "54.60"),
    ("还没生效的不算", [Restraint(day("2024-07-01"), minimum=D(60))], "54.60"),
]


@pytest.mark.parametrize(("case", "rules", "claimed"), CASES, ids=[row[0] for row in CASES])
def test_the_rule_in_force(case, rules, claimed):
    assert late_charge(OWED, restrained(CONTRACT, rules), day("2024-06-30")).claimed == D(claimed)


def test_the_contract_keeps_its_rates_and_its_end():
    two = [
        LateChargeTerms(D("0.001"), starts_on=day("2020-01-01"), ends_on=day("2024-05-31")),
        LateChargeTerms(D("0.0005"), starts_on=LATE),
    ]
    cut = restrained(two, [Restraint(day("2022-01-01"), minimum=D(1)), Restraint(day("2025-01-01"))])
    assert [(each.rate_per_day, each.starts_on, each.ends_on, each.minimum) for each in cut] == [
        (D("0.001"), day("2020-01-01"), day("2021-12-31"), D(0)),
        (D("0.001"), day("2022-01-01"), day("2024-05-31"), D(1)),
        (D("0.0005"), LATE, day("2024-12-31"), D(1)),
        (D("0.0005"), day("2025-01-01"), None, D(0)),
    ]


rules = st.lists(
    st.builds(
        Restraint,
        starts_on=st.dates(date(2019, 1, 1), date(2025, 12, 31)),
        is_own=st.booleans(),
        grace_days=st.integers(0, 90),
        cap=st.sampled_from(Cap),
        cap_value=st.decimals("0.01", "4", places=2),
        minimum=st.decimals("0", "100", places=2),
    ),
    max_size=5,
)


@given(rules=rules, days=st.integers(0, 900))
def test_a_rule_never_claims_more_than_the_contract_and_no_day_is_doubled_or_lost(rules, days):
    on = OWED.due_on + timedelta(days=days)
    cut = restrained(CONTRACT, rules)
    assert late_charge(OWED, cut, on).claimed <= late_charge(OWED, CONTRACT, on).claimed
    for one, following in itertools.pairwise(cut):
        assert one.ends_on is not None
        assert following.starts_on - one.ends_on == timedelta(days=1)
    assert (cut[0].starts_on, cut[-1].ends_on) == (CONTRACT[0].starts_on, None)
    capped = [each for each in cut if each.starts_on <= on][-1]
    if capped.cap is Cap.PRINCIPAL:
        assert late_charge(OWED, cut, on).claimed <= OWED.principal
