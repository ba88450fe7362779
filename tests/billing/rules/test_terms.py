"""Rates, cycles and clauses as offices write them (domain 4.1, L4): what is doubtful is said, never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.terms import UnclearTerm, read_agreed, read_arbitration, read_cycle, read_day_rate, read_rate

D = Decimal


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.0005", "0.0005"), ("0.05%", "0.0005"), ("０．０５％", "0.0005"), ("万分之五", "0.0005"), ("万分之5", "0.0005"),
        ("千分之三", "0.003"), ("3‰", "0.003"), ("5‱", "0.0005"), (D("0.0003"), "0.0003"),
        ("逾期支付的，每日按欠费总额的万分之三支付违约金", "0.0003"),
        ("按日0.05%计收，最高不超过欠费本金的30%", "0.0005"),
        ("逾期三十日后，每日加收千分之一", "0.001"),
    ],
)  # fmt: skip
def test_a_rate_per_day(text: Any, rate: str) -> None:
    assert read_day_rate(text) == D(rate)


@pytest.mark.parametrize("text", [None, "", "无", "-", 0, "按合同约定", "双方协商"])
def test_no_rate_is_no_rate(text: Any) -> None:
    assert read_day_rate(text) is None


@pytest.mark.parametrize(
    "text",
    ["0.05", "5%", "3%/月", "每月0.5%", "0.3%/月", "年利率0.9%", "前30日每日万分之三，之后每日万分之五"],
    ids=["a-missing-percent-sign", "five-a-day", "a-month", "per-month", "small-but-a-month", "a-year", "two-rates"],
)
def test_a_doubtful_rate_is_not_guessed(text: str) -> None:
    with pytest.raises(UnclearTerm):
        read_day_rate(text)


@given(st.integers(1, 99))
def test_a_rate_means_the_same_in_every_spelling(per_ten_thousand: int) -> None:
    rate = D(per_ten_thousand) / 10_000
    spellings = [
        str(rate), f"{rate * 100}%", f"{rate * 1000}‰", f"{per_ten_thousand}‱", f"万分之{per_ten_thousand}",
        f"逾期每日按万分之{per_ten_thousand}计收违约金",
    ]  # fmt: skip
    assert {read_day_rate(text) for text in spellings} == {rate}


@pytest.mark.parametrize(
    ("text", "months"),
    [("月", 1), ("按月", 1), ("每季度", 3), ("季", 3), ("半年", 6), ("按年", 12), ("年", 12), (12, 12), ("6个月", 6),
     ("3", 3), (D("12.0"), 12), ("每2个月", 2), ("按季度缴纳", 3), (None, None), ("", None)],
)  # fmt: skip
def test_a_billing_cycle(text: Any, months: int | None) -> None:
    assert read_cycle(text) == months


@pytest.mark.parametrize("text", ["不定期", "0", "一次性", "120"])
def test_a_cycle_nobody_knows(text: str) -> None:
    with pytest.raises(UnclearTerm):
        read_cycle(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2.35", "2.35"), (D("1.85"), "1.85"), ("2.35元/㎡·月", "2.35"), ("￥2.50", "2.5"), ("80元/月", "80"), ("", None)],
)
def test_a_price_per_unit(text: Any, rate: str | None) -> None:
    assert read_rate(text) == (None if rate is None else D(rate))


@pytest.mark.parametrize(("text", "agreed"), [
    ("有", True), ("是", True), ("√", True), ("已约定", True), ("以合同载明的地址为送达地址", True),
    ("无", False), ("否", False), ("未约定", False), ("没有约定", False), ("合同未约定送达地址", False), ("", False), ("-", False),
])  # fmt: skip
def test_an_address_clause(text: str, agreed: bool) -> None:
    assert read_agreed(text) is agreed


@pytest.mark.parametrize(("text", "agreed"), [
    ("有", True), ("提交苏州仲裁委员会仲裁", True), ("仲裁", True),
    ("无", False), ("向项目所在地人民法院起诉", False), ("诉讼", False), ("未约定仲裁", False), ("", False),
])  # fmt: skip
def test_an_arbitration_clause(text: str, agreed: bool) -> None:
    assert read_arbitration(text) is agreed


@pytest.mark.parametrize("text", ["仲裁或向法院起诉", "协商解决为主"])
def test_arbitration_or_court_is_no_arbitration_agreement_one_may_rely_on(text: str) -> None:
    with pytest.raises(UnclearTerm):
        read_arbitration(text)
