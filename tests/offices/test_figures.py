"""How figures, dates and people are written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

from offices.templatetags import figures


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(Decimal("1234.5"), "¥1,234.50", id="thousands"),
        pytest.param(Decimal("-600"), "-¥600.00", id="negative"),
        pytest.param(Decimal("0"), "¥0.00", id="zero-is-a-figure"),
        pytest.param(None, "—", id="nothing-is-a-dash"),
    ],
)
def test_money(value: Any, shown: str) -> None:
    assert figures.yuan(value) == shown


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        pytest.param(date(2025, 10, 1), date(2025, 12, 1), "2025年10月—12月", id="within-a-year"),
        pytest.param(date(2025, 11, 1), date(2026, 1, 1), "2025年11月—2026年1月", id="over-new-year"),
        pytest.param(date(2025, 10, 1), date(2025, 10, 31), "2025年10月", id="one-month"),
        pytest.param(date(2025, 10, 1), None, "2025年10月", id="open"),
        pytest.param(None, None, "—", id="none"),
    ],
)
def test_periods(start: date | None, end: date | None, shown: str) -> None:
    assert figures.cn_period(start, end) == shown
    if start is not None:
        assert figures.cn_period((start, end)) == shown


def test_days_and_times_in_both_languages() -> None:
    noon = datetime(2020, 11, 23, 4, 5, tzinfo=ZoneInfo("UTC"))
    assert figures.cn_date(date(2026, 1, 5)) == "2026年1月5日"
    assert figures.cn_day(date(2020, 11, 23)) == "2020年11月23日 周一"
    assert figures.cn_time(noon) == "2020年11月23日 12:05"
    with translation.override("en"):
        assert figures.cn_date(date(2026, 1, 5)) == "Jan 5, 2026"
        assert figures.cn_time(noon) == "23 Nov 2020 12:05"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        pytest.param("13812349313", "138 **** 9313", id="mobile"),
        pytest.param("138-1234-9313", "138 **** 9313", id="dashes"),
        pytest.param("12345", "***45", id="short"),
        pytest.param("", "—", id="none"),
    ],
)
def test_phones_are_masked(phone: str, shown: str) -> None:
    assert figures.masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [pytest.param(Decimal("0.87539"), "87.5%", id="rate"), pytest.param(None, "—", id="no-denominator")],
)
def test_rates(share: Any, shown: str) -> None:
    assert figures.percent(share) == shown


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        pytest.param(Decimal("0.00030"), "0.03%", id="three-in-ten-thousand"),
        pytest.param(Decimal("0.000125"), "0.0125%", id="all-its-digits"),
        pytest.param(None, "—", id="none-agreed"),
    ],
)
def test_rates_per_day(rate: Any, shown: str) -> None:
    assert figures.daily_rate(rate) == shown


def test_what_people_typed_is_escaped_in_every_piece() -> None:
    nasty = "<script>alert(1)</script>"
    page = Template(
        "{% load shoujiaotai %}{% tag n %}{% card n note=n %}x{% endcard %}{% empty n text=n %}{% stat n n definition=n %}"
        "{% timeline %}{% event at=None title=n by=n %}{{ n }}{% endevent %}{% endtimeline %}{{ n|room }}"
    )
    assert "<script" not in page.render(Context({"n": nasty}))


def test_the_same_address_with_other_parameters(rf: Any) -> None:
    request = rf.get("/arrears/", {"q": "张", "page": "3"})
    shown = Template("{% load shoujiaotai %}{% qs page=None tier='severe' %}").render(Context({"request": request}))
    assert shown == "?q=%E5%BC%A0&amp;tier=severe"
