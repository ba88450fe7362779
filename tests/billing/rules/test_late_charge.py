"""Late charge: golden cases G1–G12 of domain 4.2 as an accountant reads them, and what must hold for any history."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.days import Hold, days_overdue
from billing.rules.late_charge import Cap, Debt, LateChargeTerms, Start, late_charge
from billing.rules.lpr import LprRow, is_outdated, lpr_on, merged
from billing.rules.shares import vacancy_reduction
from offices.rules.money import yuan

day = date.fromisoformat


def debt(principal: str, due_on: str, *payments: tuple[str, str], holds=(), demanded_until=None):
    paid = tuple((day(on), D(amount)) for on, amount in payments)
    return Debt(day(due_on), D(principal), paid, tuple(holds), demanded_until=demanded_until and day(demanded_until))


def terms(rate: str, **more):
    return [LateChargeTerms(D(rate), **more)]


PAID = ("2024-03-01", "1000")
MAY = Hold(day("2024-05-01"), day("2024-05-21"))
TWO_RATES = [
    LateChargeTerms(D("0.001"), ends_on=day("2024-05-31")),
    LateChargeTerms(D("0.0005"), starts_on=day("2024-06-01")),
]
JUNE = Hold(day("2024-06-01"), day("2024-06-11"))
AFTER_DEMAND = terms("0.0005", start=Start.DEMAND)
DEMAND_FROM_JUNE = [
    LateChargeTerms(D("0.0005"), ends_on=day("2024-05-31")),
    LateChargeTerms(D("0.0005"), starts_on=day("2024-06-01"), start=Start.DEMAND),
]
LPR_345 = (LprRow(day("2023-08-21"), D("0.0345")),)
GOLDEN = [
    ("G1 91 天", debt("1200", "2024-03-31"), terms("0.0005"), "2024-06-30", 91, "54.60"),
    ("G2 先抵本金", debt("3000", "2024-01-31", PAID), terms("0.001"), "2024-04-30", 90, "210.00"),
    ("G5 宽限不追溯", debt("800", "2024-05-10"), terms("0.0005", grace_days=30), "2024-07-09", 30, "12.00"),
    ("G5 宽限追溯", debt("800", "2024-05-10"), terms("0.0005", grace_days=30, grace_retroactive=True), "2024-07-09", 60, "24.00"),
    ("G5 仍在宽限内", debt("800", "2024-05-10"), terms("0.0005", grace_days=30, grace_retroactive=True), "2024-06-09", 0, "0.00"),
    ("G6 四舍五入", debt("333.33", "2024-01-01"), terms("0.0005"), "2024-01-08", 7, "1.17"),
    ("G7 五入不取偶", debt("50.00", "2024-01-01"), terms("0.0005"), "2024-01-02", 1, "0.03"),
    ("G7 只舍入一次", debt("50.00", "2024-01-01"), terms("0.0005"), "2024-01-08", 7, "0.18"),
    ("G8 争议期间不计", debt("1200", "2024-03-31", holds=[MAY]), terms("0.0005"), "2024-06-30", 71, "42.60"),
    ("G9 分段费率", debt("1200", "2024-03-31"), TWO_RATES, "2024-06-30", 91, "91.20"),
    ("G10 节假日顺延后", debt("1200", "2024-05-06"), terms("0.0005"), "2024-05-10", 4, "2.40"),
    ("G10 不顺延", debt("1200", "2024-05-01"), terms("0.0005"), "2024-05-10", 9, "5.40"),
    ("G11 未到期", debt("1200", "2024-07-01"), terms("0.0005"), "2024-06-30", 0, "0.00"),
    ("G11 到期日缴清", debt("1200", "2024-03-31", ("2024-03-31", "1200")), terms("0.0005"), "2024-06-30", 0, "0.00"),
    ("合同未约定", debt("1200", "2024-03-31"), [], "2024-06-30", 0, "0.00"),
    ("催告期满次日起", debt("1200", "2024-03-31", demanded_until="2024-05-31"), AFTER_DEMAND, "2024-06-30", 30, "18.00"),
    ("催告期内", debt("1200", "2024-03-31", demanded_until="2024-05-31"), AFTER_DEMAND, "2024-05-31", 0, "0.00"),
    ("催告期满当日缴清", debt("1200", "2024-03-31", ("2024-05-31", "1200"), demanded_until="2024-05-31"), AFTER_DEMAND, "2024-06-30", 0, "0.00"),
    ("没有催告", debt("1200", "2024-03-31"), AFTER_DEMAND, "2024-06-30", 0, "0.00"),
    ("催告期满后又有争议", debt("1200", "2024-03-31", holds=[JUNE], demanded_until="2024-05-31"), AFTER_DEMAND, "2024-06-30", 20, "12.00"),
    ("6 月起改为催告后起算，已催告", debt("1200", "2024-03-31", demanded_until="2024-05-15"), DEMAND_FROM_JUNE, "2024-06-30", 91, "54.60"),
    ("6 月起改为催告后起算，未催告", debt("1200", "2024-03-31"), DEMAND_FROM_JUNE, "2024-06-30", 61, "36.60"),
    ("到期起算的不问催告", debt("1200", "2024-03-31", demanded_until="2024-05-31"), terms("0.0005"), "2024-06-30", 91, "54.60"),
    ("低于起算额", debt("1200", "2024-03-31"), terms("0.0005", minimum=D("60")), "2024-06-30", 91, "0.00"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "owed", "agreed", "on", "days", "claimed"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_golden_cases(case, owed, agreed, on, days, claimed):
    charge = late_charge(owed, agreed, day(on))
    assert (charge.days, charge.claimed) == (days, D(claimed))


def test_g2_and_g3_the_order_of_a_payment_changes_what_is_left():
    owed = debt("3000", "2024-01-31", PAID)
    principal_first = late_charge(owed, terms("0.001"), day("2024-04-30"))
    assert (principal_first.principal, principal_first.principal + principal_first.claimed) == (D(2000), D("2210.00"))
    statutory = late_charge(owed, terms("0.001"), day("2024-04-30"), charge_first=True)
    assert (statutory.paid, statutory.principal, statutory.claimed) == (D("90.00"), D("2090.00"), D("125.40"))


def test_g12_the_principal_is_the_offices_figure_and_is_never_computed_anew():
    month = yuan(D("94.56") * D("2.35"))
    days = (day("2024-01-01"), day("2024-01-31"))
    assert month == D("222.22")
    assert month - vacancy_reduction(month, days, days, D(70)) == D("155.55")
    assert (month * 3, yuan(D("94.56") * D("2.35") * 3)) == (D("666.66"), D("666.65"))  # by months, and by the quarter
    for imported in ("666.66", "666.65"):
        assert late_charge(debt(imported, "2024-03-31"), terms("0.0005"), day("2024-03-31")).principal == D(imported)


@pytest.mark.parametrize(
    ("cap", "value", "claimed"),
    [
        (Cap.NONE, "1", "1644.00"),
        (Cap.PRINCIPAL, "1", "500.00"),
        (Cap.PCT, "0.1", "50.00"),
        (Cap.LPR_MULTIPLE, "4", "207.19"),
        (Cap.LPR_LOSS_130, "1", "67.34"),
    ],
)
def test_g4_caps(cap, value, claimed):
    agreed = terms("0.003", cap=cap, cap_value=D(value))
    charge = late_charge(debt("500", "2021-06-30"), agreed, day("2024-06-30"), lpr=LPR_345)
    assert (charge.days, charge.claimed, charge.supported) == (1096, D(claimed), min(D(claimed), D("67.34")))


@pytest.mark.parametrize(
    ("on", "rate"),
    [("2024-07-21", "0.0345"), ("2024-07-22", "0.0335"), ("2026-01-01", "0.0300"), ("2010-01-01", None)],
)
def test_the_lpr_in_force_and_none_before_the_table_begins(on, rate):
    assert lpr_on(day(on)) == (rate and D(rate))


def test_the_offices_row_counts_before_the_shipped_one_and_its_last_word_before_its_first():
    own = [LprRow(day("2025-05-20"), D("0.0310"), "抄错"), LprRow(day("2025-05-20"), D("0.0300"), "更正")]
    assert [row.source for row in merged(own) if row.starts_on == day("2025-05-20")] == ["更正"]
    assert merged([LprRow(day("2026-01-20"), D("0.0290"))])[-1].rate == D("0.0290")


@pytest.mark.parametrize(("on", "old"), [("2025-06-20", False), ("2025-07-04", False), ("2025-07-05", True)])
def test_a_table_without_the_last_publication_is_outdated(on, old):
    assert is_outdated(day(on), merged([])) is old


def test_without_a_rate_for_the_day_nothing_is_guessed():
    charge = late_charge(
        debt("500", "2021-06-30"), terms("0.003", cap=Cap.LPR_MULTIPLE, cap_value=D(4)), day("2024-06-30"), lpr=()
    )
    assert (charge.claimed, charge.supported) == (D(0), None)
    assert late_charge(debt("500", "2021-06-30"), terms("0.003"), day("2024-06-30"), lpr=()).claimed == D("1644.00")


def test_a_bill_paid_whole_keeps_the_charge_of_that_day():
    within = terms("0.0005", grace_days=30, grace_retroactive=True)
    assert late_charge(debt("800", "2024-05-10", ("2024-06-01", "800")), within, day("2024-12-31")).claimed == D(0)
    capped = terms("0.003", cap=Cap.LPR_MULTIPLE, cap_value=D(4))
    paid = debt("500", "2021-06-30", ("2024-06-30", "500"))
    assert late_charge(paid, capped, day("2026-01-01")).claimed == D("207.19")  # at the 3.45 % of June 2024


START = date(2024, 1, 1)
offsets = st.integers(-30, 400)
money = st.integers(1, 50_000).map(lambda cents: D(cents) / 100)
holds = st.lists(
    st.tuples(offsets, st.integers(0, 90)).map(
        lambda pair: Hold(START + timedelta(days=pair[0]), START + timedelta(days=sum(pair)))
    ),
    max_size=3,
)
payments = st.lists(st.tuples(offsets.map(lambda n: START + timedelta(days=n)), money), max_size=3)


@given(principal=money, paid=payments, held=holds, length=st.integers(0, 500), first=st.booleans())
def test_never_negative_never_more_than_without_payments_and_rounded_to_the_cent(principal, paid, held, length, first):
    on = START + timedelta(days=length)
    agreed = [LateChargeTerms(D("0.0005"))]
    charge = late_charge(Debt(START, principal, tuple(paid), tuple(held)), agreed, on, charge_first=first)
    unpaid = late_charge(Debt(START, principal, (), tuple(held)), agreed, on)
    assert D(0) <= charge.supported <= charge.claimed
    assert charge.claimed + charge.paid <= unpaid.claimed
    assert charge.claimed == charge.claimed.quantize(D("0.01"))


@given(principal=money, held=holds, length=st.integers(0, 500))
def test_charge_and_age_count_the_same_days(principal, held, length):
    on = START + timedelta(days=length)
    charge = late_charge(Debt(START, principal, (), tuple(held)), [LateChargeTerms(D("0.0005"))], on)
    assert charge.days == days_overdue(START, on, held)


@given(principal=money, paid=payments, length=st.integers(0, 500), cut=st.integers(0, 500))
def test_cutting_terms_of_one_rate_in_two_changes_nothing(principal, paid, length, cut):
    on, last = START + timedelta(days=length), START + timedelta(days=cut)
    whole = [LateChargeTerms(D("0.0005"))]
    parts = [
        LateChargeTerms(D("0.0005"), ends_on=last),
        LateChargeTerms(D("0.0005"), starts_on=last + timedelta(days=1)),
    ]
    owed = Debt(START, principal, tuple(paid))
    assert late_charge(owed, whole, on).claimed == late_charge(owed, parts, on).claimed


def test_the_calculation_has_a_seam_only_where_something_changed():
    same = [
        LateChargeTerms(D("0.0005"), ends_on=day("2024-05-31")),
        LateChargeTerms(D("0.0005"), starts_on=day("2024-06-01")),
    ]
    whole = late_charge(debt("1200", "2024-03-31"), same, day("2024-06-30"))
    assert [(each.days, each.base, each.rate) for each in whole.stretches] == [(91, D(1200), D("0.0005"))]
    held = late_charge(debt("1200", "2024-03-31", holds=[MAY]), same, day("2024-06-30"))
    assert [each.days for each in held.stretches] == [30, 41], "before the dispute, and after it"
    paid = late_charge(debt("3000", "2024-01-31", PAID), terms("0.001"), day("2024-04-30"))
    assert [(each.days, each.base) for each in paid.stretches] == [(30, D(3000)), (60, D(2000))]
