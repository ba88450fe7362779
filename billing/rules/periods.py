"""Fee periods: always first and last day, both inclusive, whatever the file calls them (domain 5.2, 8)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.rules.cells import Cell, remembered, text_of
from billing.rules.dates import EARLIEST, LATEST, NotADate, make_date, month_end, read_date

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = re.compile(_YEAR + r"\s*[年./\-]?\s*(?P<month>0?[1-9]|1[0-2])\s*月?(?:份)?")
_COMPACT = re.compile(_YEAR + r"(?P<month>0[1-9]|1[0-2])")
_SHORT_MONTH = re.compile(r"(?P<year>1[3-9]|[2-9]\d)[./\-年](?P<month>0?[1-9]|1[0-2])月?")
_MONTHS = re.compile(_YEAR + r"\s*[年./\-]\s*(?P<first>\d{1,2})\s*月?\s*[-~至到—]\s*(?P<last>\d{1,2})\s*月(?:份)?")
_QUARTER = re.compile(_YEAR + r"\s*年?\s*(?:第?(?P<number>[一二三四1-4])季度?|Q(?P<q>[1-4]))", re.IGNORECASE)
_HALF = re.compile(_YEAR + r"\s*年?\s*(?P<half>[上下])半年(?:度)?")
_WHOLE = re.compile(_YEAR + r"\s*(?:年度?|全年|年全年)?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_HALVES = {"上": (1, 6), "下": (7, 12)}
_LONGEST = 60  # characters of a cell: no period takes more
_HAN_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_MONTH = re.compile("(十[一二]?|[一二三四五六七八九])(?=月)")
_OWN_YEAR = re.compile(r"(?:19|20)\d{2}|\d{2}[./\-年]\d{1,2}(?:$|[月./\-]\d)|\d{5}")
_NO_YEAR = re.compile(
    "(?:0?[1-9]|1[0-2])(?:月?[-~至到—](?:0?[1-9]|1[0-2]))?月(?:份)?|第?[一二三四1-4]季度?|[上下]半年(?:度)?"
)
_PART = "第?[一二三四1-4]季度?|Q[1-4]|[上下]半年度?"
_HEADING = re.compile(
    rf"(?P<year>(?:19|20)\d{{2}})(?:年度?|[./\-](?=\d)|(?=\d{{2}}(?!\d))|(?!\d))"
    rf"(?:(?P<month>0?[1-9](?!\d)|1[0-2](?!\d))月?(?:份)?|(?P<part>{_PART}))?"
    rf"|(?P<month_>(?:0?[1-9]|1[0-2]|十[一二]?|[一二三四五六七八九])(?=月))月(?:份)?|(?P<part_>{_PART})"
)
_PRINTED = re.compile("制表|打印|导出(?:时|日)|截至|截止|更新")
_YEAR_IN_TEXT = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_PERIOD_IN_TEXT = re.compile(
    r"(?:19|20)\d{2}(?:年|[./\-])?(?:(?:0?[1-9]|1[0-2])月?[-~至到—](?:(?:19|20)\d{2}年)?(?:0?[1-9]|1[0-2])月|"
    r"(?:0[1-9]|1[0-2])(?![\d日月./\-])|(?:0?[1-9]|1[0-2])月(?!\d)|第?[一二三四1-4]季度?|Q[1-4]|[上下]半年)"
    r"|(?<!\d)(?:0?[1-9]|1[0-2])月(?!\d)(?:份)?|第?[一二三四1-4]季度|[上下]半年"
)
_YEAR_ONLY = re.compile(r"(?:19|20)\d{2}年度?(?!\d)")
_BETWEEN = re.compile(r"\s*(?:至|到|~|—|--|－)\s*")


class Period(NamedTuple):
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


@remembered
def read_period(cell: Cell, year: int | None = None) -> Period | None:
    """The period in one cell; None when blank. Raises `NotADate`.

    2024年1月, 2024.1, 202401, 24.1-24.6, 2024年1-3月, 2024年第一季度, 2024年上半年, 2024年,
    2023.12.1-2024.5.31, 2024-01-01至2024-03-31; a real date, a date as text or a serial number means its month.
    1月, 一季度 and 上半年 are read only with the `year` of the sheet's title.
    """
    if isinstance(cell, date):
        return _months(cell.year, cell.month, cell.month)
    return _read_text(text_of(cell), year)


@lru_cache(maxsize=4096)
def _read_text(text: str, year: int | None) -> Period | None:
    if len(text) > _LONGEST:
        raise NotADate(text)
    text = _HAN_MONTH.sub(lambda found: str(_HAN_MONTHS.index(found[0]) + 1), re.sub("[()]", "", text))
    text = re.sub(r"(?<!\d)(\d{2})年", r"20\1年", text)
    if not text:
        return None
    if year and _NO_YEAR.fullmatch(text):
        text = f"{year}年{text}"
    for pattern, build in _FORMS:
        if found := pattern.fullmatch(text):
            return build(found)
    if (day := _day_of(text)) is not None:
        return _months(day.year, day.month, day.month)
    return _between(text)


def _day_of(text: str) -> date | None:
    try:
        return read_date(Decimal(text) if re.fullmatch(r"\d{5}", text) else text)
    except NotADate:
        return None


def _between(text: str) -> Period:
    """Two ends: with 至 or ~ between them, or a hyphen in the middle of an odd number of hyphens."""
    halves = _BETWEEN.split(text)
    if len(halves) != 2:
        hyphens = [i for i, c in enumerate(text) if c == "-"]
        if len(hyphens) % 2 == 0:
            raise NotADate(text)
        middle = hyphens[len(hyphens) // 2]
        halves = [text[:middle].strip(), text[middle + 1 :].strip()]
    first = _end_of(halves[0])
    last = _end_of(halves[1] if _OWN_YEAR.match(halves[1]) else f"{first.start.year}年{halves[1]}")
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


@remembered
def inclusive(start: date, end: date) -> Period:
    """A period from two columns. Both on the same day of the month and months apart: the end is exclusive.

    Some exports write 2016-01-01 → 2017-01-01 for the year 2016; nobody bills a year and a day.
    """
    whole_months = end.day == start.day and (end.year, end.month) > (start.year, start.month)
    return Period(start, end - timedelta(days=1) if whole_months else end)


def period_and_rest(heading: str, year: int | None) -> tuple[Period, str] | None:
    """The period with which a heading of a wide table begins, and the words after it; None when it begins with none.

    `2023年1月应收` → January 2023 and 应收; `1月`, `一季度`, `上半年` take the year of the title; `2022年欠费` → the
    year 2022 and 欠费.
    """
    text = re.sub(r"\s", "", text_of(heading))
    found = _HEADING.match(text)
    if found is None or not (found["year"] or year):
        return None
    of_year = int(found["year"] or year or 0)
    month_text, part = found["month"] or found["month_"], found["part"] or found["part_"]
    rest = re.sub("^[()_:/.\\-]+|[()]+$|\\(?元\\)?$", "", text[found.end() :])
    if rest[:1].isdigit():
        return None
    if not EARLIEST <= of_year <= LATEST:
        return None
    if month_text:
        month = _month_number(month_text)
        return _months(of_year, month, month), rest
    return _part_of(of_year, part), rest


def _month_number(text: str) -> int:
    return int(text) if text.isdigit() else _HAN_MONTHS.index(text) + 1


def _part_of(year: int, part: str | None) -> Period:
    """A quarter, a half, or without a part the whole year."""
    if not part:
        return _months(year, 1, 12)
    if "半" in part:
        return _months(year, *_HALVES[part[0]])
    number = next(c for c in part if c in "一二三四1234")
    quarter = _QUARTERS.get(number) or int(number)
    return _months(year, quarter * 3 - 2, quarter * 3)


def year_in(text: str) -> int | None:
    """The year a title or a sheet's name speaks of: `翠湖雅苑2023年度物业费收缴台账`, `2023`. A printing date is none."""
    plain = text_of(text)
    if _PRINTED.search(plain):
        return None
    found = _YEAR_IN_TEXT.search(plain)
    return int(found[1]) if found else None


def period_in(text: str, year: int | None = None) -> Period | None:
    """The period a title or a sheet's name speaks of: `2024年1月物业费明细`, `1月` (with the year from elsewhere),
    `2024年第一季度`, `2024年1-3月`. None when it names none, or only a day or a printing date.
    """
    plain = re.sub(r"\s", "", text_of(text))
    if _PRINTED.search(plain):
        return None
    for pattern in (_PERIOD_IN_TEXT, _YEAR_ONLY):
        if found := pattern.search(plain):
            try:
                return read_period(found[0], year)
            except NotADate:
                return None
    return None
