"""Days and fee periods as finance writes them (domain 5.2, 8)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.rules.dates import NotADate, made_on, read_date
from billing.rules.periods import Period, inclusive, month_column, read_period


@pytest.mark.parametrize(
    "cell",
    [
        "2024年7月1日",
        "2024.07.01",
        "2024-7-1",
        "2024/7/1 0:00:00",
        "20240701",
        "２０２４年７月１日",
        45474,
        Decimal("45474.0"),
        date(2024, 7, 1),
    ],
)
def test_one_day_in_many_forms(cell: object) -> None:
    assert read_date(cell) == date(2024, 7, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["2024-02-30", "明天", "2024", "1850-01-01", "99999999", Decimal(12)])
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(NotADate):
        read_date(cell)  # type: ignore[arg-type]


def test_a_blank_is_no_day() -> None:
    assert read_date(" ") is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2024年1月", "2024年1月"),
        ("2024.1", "2024年1月"),
        ("202401", "2024年1月"),
        ("24.1-24.6", "2024年1月—6月"),
        ("2024年1-3月", "2024年1月—3月"),
        ("2024年第一季度", "2024年1月—3月"),
        ("2024年四季度", "2024年10月—12月"),
        ("2024年上半年", "2024年1月—6月"),
        ("2024年", "2024年1月—12月"),
        ("2023.12.1-2024.5.31", "2023年12月—2024年5月"),
        ("2024-01-01至2024-03-31", "2024年1月—3月"),
        ("2024-01-01-2024-03-31", "2024年1月—3月"),
        ("2024-01-05~2024-01-20", "2024年1月5日—2024年1月20日"),
    ],
)
def test_periods(text: str, label: str) -> None:
    assert read_period(text).label == label  # type: ignore[union-attr]


def test_an_exclusive_end_becomes_inclusive() -> None:
    assert inclusive(date(2016, 1, 1), date(2017, 1, 1)) == Period(date(2016, 1, 1), date(2016, 12, 31))
    assert inclusive(date(2024, 1, 1), date(2024, 3, 31)).end == date(2024, 3, 31)


@pytest.mark.parametrize("text", ["2024年13月", "2024年3-1月", "一季度", "12"])
def test_periods_that_cannot_be_read(text: str) -> None:
    with pytest.raises(NotADate):
        read_period(text)


def test_month_columns_take_the_year_of_the_title() -> None:
    assert month_column("2月", 2024) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert month_column("2月", None) is None
    assert month_column("备注", 2024) is None


def test_the_date_of_the_table_stands_above_it() -> None:
    assert made_on(["华庭苑2024年物业费明细", "制表日期：2024年12月28日"]) == date(2024, 12, 28)
    assert made_on(["单位：元"]) is None
