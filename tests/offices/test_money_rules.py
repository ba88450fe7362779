"""Money: rounding, capitals, messy text, splitting."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offices.rules.money import (
    NotMoney,
    format_yuan,
    in_words,
    parse_money,
    read_number,
    split_by_weight,
    split_evenly,
    yuan,
)

D = Decimal

amounts = st.integers(0, 10**13).map(lambda cents: D(cents) / 100)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("6000", "陆仟元整"),
        ("0.05", "伍分"),
        ("0", "零元整"),
        ("-600", "负陆佰元整"),
        ("100000001.01", "壹亿零壹元零壹分"),
    ],
)
def test_capitals(amount: str, words: str) -> None:
    assert in_words(amount) == words


@given(amounts)
def test_capitals_agree_with_another_program(amount: D) -> None:
    # 万元位为零时「零」可写可不写：两种写法都合规
    assert in_words(amount).replace("元零", "元") == cn2an.an2cn(str(amount), "rmb").replace("元零", "元")


def test_half_a_cent_is_rounded_up_and_floats_are_refused() -> None:
    assert (yuan("2.345"), yuan("-2.345"), yuan(3)) == (D("2.35"), D("-2.35"), D("3.00"))
    with pytest.raises(TypeError):
        yuan(0.1)  # type: ignore[arg-type]


def test_figures_for_people() -> None:
    assert (format_yuan("1234567.5"), format_yuan(-600), format_yuan(0, symbol=False)) == (
        "¥1,234,567.50",
        "-¥600.00",
        "0.00",
    )


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("￥1,234.50元", "1234.50"),
        ("１，０１３．５８", "1013.58"),
        ("(123.45)", "-123.45"),
        ("−600", "-600"),
        ("1 234.5", "1234.5"),
        ("人民币 5 元整", "5"),
    ],
)
def test_messy_money(text: str, amount: str) -> None:
    assert read_number(text) == D(amount)


@pytest.mark.parametrize("text", ["", "  ", "—", "/", None])
def test_blank_is_not_zero(text: object) -> None:
    assert parse_money(text) is None


@pytest.mark.parametrize("text", ["待核", "#REF!", "1,23", "12,34,567", "1.2.3", "五百", "1e5", True, "9999999999999"])
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(NotMoney):
        parse_money(text)


@given(amounts)
def test_what_we_print_we_can_read(amount: D) -> None:
    assert parse_money(format_yuan(amount)) == yuan(amount)


def test_a6_the_last_instalment_takes_the_remainder() -> None:
    assert split_evenly(D(1000), 3) == [D("333.33"), D("333.33"), D("333.34")]
    assert split_evenly(D(3210), 3) == [D(1070)] * 3


@given(amounts, st.lists(st.integers(0, 10**6).map(D), min_size=1, max_size=40).filter(any))
def test_shares_sum_to_the_whole_and_none_is_negative(amount: D, weights: list[D]) -> None:
    shares = split_by_weight(amount, weights)
    assert sum(shares) == amount
    assert all(share >= 0 for share in shares)
