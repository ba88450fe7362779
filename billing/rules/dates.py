"""Dates as finance writes them: real dates, serial numbers, 2024年7月1日, 2024.09.30, 20240105."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.rules.cells import Cell, remembered, text_of

EARLIEST, LATEST = 1990, 2099
_EPOCH = date(1899, 12, 30)  # Excel's day 0, with its 1900 leap-year error
_WRITTEN = re.compile(
    r"(?P<year>(?:19|20)?\d{2})\s*[年./\-]\s*(?P<month>\d{1,2})\s*[月./\-]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_IN_TEXT = re.compile(r"((?:19|20)\d{2})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})")


class NotADate(ValueError):
    """The cell cannot be read as a day."""


def make_date(year: int, month: int, day: int) -> date:
    """A day between 1990 and 2099. Raises `NotADate`."""
    year = year + 2000 if year < 100 else year
    try:
        made = date(year, month, day)
    except ValueError as error:
        raise NotADate(f"{year}-{month}-{day}") from error
    if not EARLIEST <= made.year <= LATEST:
        raise NotADate(made.isoformat())
    return made


@remembered
def read_date(cell: Cell) -> date | None:
    """The day in a cell; None when blank. Raises `NotADate`."""
    if isinstance(cell, datetime):
        return make_date(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return make_date(cell.year, cell.month, cell.day)
    text = text_of(cell)
    if not text:
        return None
    if compact := _COMPACT.fullmatch(text):
        return make_date(*(int(part) for part in compact.groups()))
    if isinstance(cell, int | Decimal) or re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _from_serial(text)
    if written := _WRITTEN.fullmatch(text):
        return make_date(int(written["year"]), int(written["month"]), int(written["day"]))
    raise NotADate(text)


def _from_serial(text: str) -> date:
    days = int(Decimal(text))
    if not 32_874 <= days <= 73_050:  # 1990-01-01 … 2099-12-31
        raise NotADate(text)
    return _EPOCH + timedelta(days=days)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return make_date(year, month, calendar.monthrange(year if year > 99 else year + 2000, month)[1])


def made_on(lines: list[str]) -> date | None:
    """制表日期 printed above the table, if any."""
    for line in lines:
        if re.search("制表|导出|打印|统计|截至|截止|日期", line) and (found := _IN_TEXT.search(line)):
            try:
                return make_date(*(int(part) for part in found.groups()))
            except NotADate:
                continue
    return None
