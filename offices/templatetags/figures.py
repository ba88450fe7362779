"""Filters: money, dates, rooms and people as this trade writes them (ux 6)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from offices.rules.money import format_yuan

register = template.Library()

NOTHING = "—"
_WEEKDAYS = "一二三四五六日"


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _number(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def yuan(value: Any, style: str = "") -> str:
    """`¥1,234.50`; with "plain" `1,234.50`; nothing becomes a dash."""
    number = _number(value)
    return NOTHING if number is None else format_yuan(number, symbol=style != "plain")


@register.filter
def wan(value: Any) -> str:
    """`12.3万`: for figures whose cents say nothing; below ten thousand the whole yuan."""
    number = _number(value)
    if number is None:
        return NOTHING
    if abs(number) < 10_000:
        return f"{number:,.0f}"
    return f"{number / 1000:,.1f}k" if _english() else f"{number / 10_000:,.1f}万"


@register.filter
def percent(value: Any) -> str:
    """A share of one as `62.4%`; a rate without denominator is a dash, never 0 %."""
    number = _number(value)
    return NOTHING if number is None else f"{number * 100:.1f}%"


@register.filter
def daily_rate(value: Any) -> str:
    """A rate per day as `0.03%`, with as many digits as it has."""
    number = _number(value)
    return NOTHING if number is None else f"{(number * 100).normalize():f}%"


@register.filter
def intdot(value: Any) -> str:
    """`1,486`; Django's zh-hans has no thousands separator."""
    number = _number(value)
    return NOTHING if number is None else f"{number:,.0f}"


@register.filter
def dash(value: Any) -> Any:
    """The value itself, or a dash where there is none."""
    return NOTHING if value is None or value == "" else value


@register.filter
def room(value: Any) -> SafeString:
    """A room number that never breaks over two lines."""
    return format_html('<span class="room">{}</span>', value)


@register.filter
def masked_phone(value: Any) -> str:
    """`138 **** 1234`: enough to recognise, not enough to misuse."""
    text = "".join(ch for ch in str(value or "") if ch.isdigit())
    if not text:
        return NOTHING
    if len(text) < 7:
        return "*" * max(len(text) - 2, 1) + text[-2:]
    return f"{text[:3]} **** {text[-4:]}"


@register.filter
def masked_name(value: Any) -> str:
    """`李**`: for screens that others may see."""
    text = str(value or "").strip()
    return text[:1] + "*" * (len(text) - 1) if text else NOTHING


@register.filter
def cn_date(value: Any) -> str:
    """`2026年11月23日`."""
    day = _day(value)
    if day is None:
        return NOTHING
    return f"{day:%b} {day.day}, {day.year}" if _english() else f"{day.year}年{day.month}月{day.day}日"


@register.filter
def cn_day(value: Any) -> str:
    """`11月23日 周一`, with the year when it is not the present one."""
    day = _day(value)
    if day is None:
        return NOTHING
    this_year = timezone.localdate().year == day.year
    if _english():
        return f"{day:%a} {day.day} {day:%b}" + ("" if this_year else f" {day.year}")
    year = "" if this_year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


@register.filter
def cn_time(value: Any) -> str:
    """`11月23日 14:30`; a plain date loses the hour."""
    if not isinstance(value, datetime):
        return cn_day(value)
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    year = "" if here.year == timezone.localdate().year else (f"{here.year} " if _english() else f"{here.year}年")
    if _english():
        return f"{here.day} {here:%b} {year}{here:%H:%M}"
    return f"{year}{here.month}月{here.day}日 {here:%H:%M}"


def _month(day: date) -> str:
    return f"{day:%b %Y}" if _english() else f"{day.year}年{day.month}月"


@register.filter
def cn_period(value: Any, until: Any = None) -> str:
    """`2025年10月`, `2025年10月—12月`, `2025年11月—2026年1月`; takes a date, two dates or a pair."""
    if isinstance(value, (tuple, list)) and len(value) == 2:
        value, until = value
    start, end = _day(value), _day(until)
    if start is None:
        return NOTHING
    if end is None or (start.year, start.month) == (end.year, end.month):
        return _month(start)
    if start.year == end.year and not _english():
        return f"{_month(start)}—{end.month}月"
    return f"{_month(start)}—{_month(end)}"


@register.filter
def trimmed(value: Any) -> str:
    """A rate without the zeros the database keeps: 2.3500 → 2.35, 80.0000 → 80; nothing for nothing."""
    number = _number(value)
    return "" if number is None else f"{number.normalize():f}"
