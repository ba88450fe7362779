"""Fee periods: always first and last day, both inclusive, whatever the file calls them (domain 5.2, 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from billing.rules.cells import Cell, text_of
from billing.rules.dates import NotADate, make_date, month_end, read_date

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = re.compile(_YEAR + r"\s*[年./\-]?\s*(?P<month>0?[1-9]|1[0-2])\s*月?(?:份)?")
_COMPACT = re.compile(_YEAR + r"(?P<month>0[1-9]|1[0-2])")
_SHORT_MONTH = re.compile(r"(?P<year>\d{2})[./\-年](?P<month>0?[1-9]|1[0-2])月?")
_MONTHS = re.compile(_YEAR + r"\s*[年./\-]\s*(?P<first>\d{1,2})\s*月?\s*[-~至到—]\s*(?P<last>\d{1,2})\s*月(?:份)?")
_QUARTER = re.compile(_YEAR + r"\s*年?\s*(?:第?(?P<number>[一二三四1-4])季度?|Q(?P<q>[1-4]))", re.IGNORECASE)
_HALF = re.compile(_YEAR + r"\s*年?\s*(?P<half>[上下])半年(?:度)?")
_WHOLE = re.compile(_YEAR + r"\s*(?:年度?|全年|年全年)?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_HALVES = {"上": (1, 6), "下": (7, 12)}
_BETWEEN = re.compile(r"\s*(?:至|到|~|—|--|－)\s*")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """First and last day, both inclusive."""

    start: date
    end: date

    @property
    def label(self) -> str:
        """`2024年1月`, `2024年1月—3月`, `2023年10月—2024年3月`; with days when it does not fill months."""
        if self.start.day != 1 or self.end != month_end(self.end.year, self.end.month):
            return f"{_day(self.start)}—{_day(self.end)}"
        first = f"{self.start.year}年{self.start.month}月"
        if (self.start.year, self.start.month) == (self.end.year, self.end.month):
            return first
        year = "" if self.start.year == self.end.year else f"{self.end.year}年"
        return f"{first}—{year}{self.end.month}月"


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _months(year: int, first: int, last: int) -> Period:
    if first > last:
        raise NotADate(f"{first}-{last}")
    return Period(make_date(year, first, 1), month_end(year, last))


def read_period(cell: Cell) -> Period | None:
    """The period in one cell; None when blank. Raises `NotADate`.

    2024年1月, 2024.1, 202401, 24.1-24.6, 2024年1-3月, 2024年第一季度, 2024年上半年, 2024年,
    2023.12.1-2024.5.31, 2024-01-01至2024-03-31; a real date means its month.
    """
    if isinstance(cell, date):
        return _months(cell.year, cell.month, cell.month)
    text = re.sub("[()]", "", text_of(cell))
    if not text:
        return None
    for pattern, build in _FORMS:
        if found := pattern.fullmatch(text):
            return build(found)
    return _between(text)


def _between(text: str) -> Period:
    """Two ends: with 至 or ~ between them, or a hyphen in the middle of an odd number of hyphens."""
    halves = _BETWEEN.split(text)
    if len(halves) != 2:
        hyphens = [i for i, c in enumerate(text) if c == "-"]
        if len(hyphens) % 2 == 0:
            raise NotADate(text)
        middle = hyphens[len(hyphens) // 2]
        halves = [text[:middle].strip(), text[middle + 1 :].strip()]
    first, last = (_end_of(half) for half in halves)
    if first.start > last.end:
        raise NotADate(text)
    return inclusive(first.start, last.end)


def _end_of(text: str) -> Period:
    for pattern in (_MONTH, _COMPACT, _SHORT_MONTH):
        if found := pattern.fullmatch(text):
            return _months(int(found["year"]), int(found["month"]), int(found["month"]))
    day = read_date(text)
    if day is None:
        raise NotADate(text)
    return Period(day, day)


def _quarter(found: re.Match[str]) -> Period:
    number = found["number"] or found["q"]
    quarter = _QUARTERS.get(number) or int(number)
    return _months(int(found["year"]), quarter * 3 - 2, quarter * 3)


_FORMS = (
    (_COMPACT, lambda f: _months(int(f["year"]), int(f["month"]), int(f["month"]))),
    (_MONTHS, lambda f: _months(int(f["year"]), int(f["first"]), int(f["last"]))),
    (_QUARTER, _quarter),
    (_HALF, lambda f: _months(int(f["year"]), *_HALVES[f["half"]])),
    (_WHOLE, lambda f: _months(int(f["year"]), 1, 12)),
    (_MONTH, lambda f: _months(int(f["year"]), int(f["month"]), int(f["month"]))),
    (_SHORT_MONTH, lambda f: _months(int(f["year"]), int(f["month"]), int(f["month"]))),
)


def inclusive(start: date, end: date) -> Period:
    """A period from two columns. Both on the same day of the month and months apart: the end is exclusive.

    Some exports write 2016-01-01 → 2017-01-01 for the year 2016; nobody bills a year and a day.
    """
    whole_months = end.day == start.day and (end.year, end.month) > (start.year, start.month)
    return Period(start, end - timedelta(days=1) if whole_months else end)


def month_column(heading: str, year: int | None) -> Period | None:
    """The period a wide table's column heading names: `1月` with the year of the title, or `2023年1月`."""
    text = text_of(heading)
    if (found := re.fullmatch(r"(0?[1-9]|1[0-2])月(?:份)?", text)) and year:
        return _months(year, int(found[1]), int(found[1]))
    if re.fullmatch(r"(19|20)\d{2}\s*[年./\-]\s*\d{1,2}\s*月?(?:份)?", text) or re.fullmatch(
        r"(19|20)\d{2}(年度?|年欠费)", text
    ):
        try:
            return read_period(text.replace("欠费", ""))
        except NotADate:
            return None
    return None
