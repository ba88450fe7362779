"""Days and fee periods as finance writes them (domain 5.2, 8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.dates import NotADate, made_on, month_end, read_date
from billing.rules.periods import Period, inclusive, period_and_rest, period_in, read_period, year_in


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


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1月", "2024年1月"),
        ("十二月", "2024年12月"),
        ("1-3月", "2024年1月—3月"),
        ("第四季度", "2024年10月—12月"),
        ("下半年", "2024年7月—12月"),
        ("2023年1月", "2023年1月"),
    ],
)
def test_a_period_without_a_year_takes_that_of_the_title(text: str, label: str) -> None:
    assert read_period(text, 2024).label == label  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("heading", "label", "rest"),
    [
        ("2月", "2024年2月", ""),
        ("二月应收", "2024年2月", "应收"),
        ("2023年1月", "2023年1月", ""),
        ("202301", "2023年1月", ""),
        ("2023-01 实收", "2023年1月", "实收"),
        ("1月(元)", "2024年1月", ""),
        ("第一季度应收", "2024年1月—3月", "应收"),
        ("上半年", "2024年1月—6月", ""),
        ("2022年欠费", "2022年1月—12月", "欠费"),
        ("2022", "2022年1月—12月", ""),
    ],
)
def test_headings_of_wide_tables(heading: str, label: str, rest: str) -> None:
    found = period_and_rest(heading, 2024)
    assert found is not None
    assert (found[0].label, found[1]) == (label, rest)


@pytest.mark.parametrize("heading", ["备注", "1栋", "一单元", "12号楼", "2023/1/5", "应收"])
def test_headings_that_name_no_period(heading: str) -> None:
    assert period_and_rest(heading, 2024) is None


def test_a_month_without_any_year_is_no_period() -> None:
    assert period_and_rest("2月", None) is None
    assert period_in("2月") is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("××小区2024年物业费欠费明细表", "2024年1月—12月"),
        ("2024年1月物业费", "2024年1月"),
        ("1月", "2020年1月"),
        ("华庭苑2024.01", "2024年1月"),
        ("2024年1-3月欠费", "2024年1月—3月"),
        ("2023年12月至2024年2月账单", "2023年12月—2024年2月"),
        ("制表日期：2024年12月28日", None),
        ("截至2024年12月31日", None),
        ("2024年1月1日", None),
        ("Sheet1", None),
        ("1栋", None),
    ],
)
def test_the_period_in_a_title_or_a_sheets_name(text: str, label: str | None) -> None:
    found = period_in(text, 2020)
    assert (found.label if found else None) == label


def test_the_year_in_a_title_is_not_that_of_its_printing_date() -> None:
    assert year_in("翠湖雅苑2023年度物业费收缴台账") == 2023
    assert year_in("账单导出_2024.xlsx") == 2024
    assert year_in("制表日期：2024年12月28日") is None


@given(st.integers(1990, 2096), st.integers(1, 12), st.integers(1, 24))
def test_what_the_product_calls_a_period_it_reads_back(year: int, month: int, months: int) -> None:
    last = month + months - 1
    period = Period(date(year, month, 1), month_end(year + (last - 1) // 12, (last - 1) % 12 + 1))
    assert read_period(period.label) == period
    assert read_period(f"{period.start}至{period.end}") == period
    assert inclusive(period.start, period.end) == period
    assert inclusive(period.start, period.end + timedelta(days=1)) == period


@given(st.dates(date(1990, 1, 1), date(2096, 12, 31)), st.integers(1, 700))
def test_a_period_of_days_is_read_back_too(start: date, days: int) -> None:
    period = Period(start, start + timedelta(days=days))
    assert read_period(period.label) in (period, inclusive(period.start, period.end))


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    spellings = [
        day, serial, Decimal(serial), str(serial), day.isoformat(), day.strftime("%Y%m%d"), day.strftime("%Y/%m/%d"),
        f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}", f"{day:%Y/%m/%d} 0:00:00",
    ]  # fmt: skip
    assert {read_date(spelling) for spelling in spellings} == {day}


def test_the_date_of_the_table_stands_above_it() -> None:
    assert made_on(["华庭苑2024年物业费明细", "制表日期：2024年12月28日"]) == date(2024, 12, 28)
    assert made_on(["单位：元"]) is None
