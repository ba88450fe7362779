"""Working days of China: Monday to Friday, less the public holidays, plus the make-up days. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from offices.rules.holidays import NOTICES, STATUTORY_DAYS_OFF, read_notice

A_DAY = timedelta(days=1)
SATURDAY = 5
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What is recorded of one day. `own`: entered by the office, which takes precedence over the State Council's notice."""

    day: date
    is_working: bool
    name: str
    source: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Recorded days in a row of which the same is said, both ends included."""

    first: KnownDay
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first.day).days + 1


@dataclass(frozen=True)
class WorkingCalendar:
    """The working days of one office. A year of which too little is known is assumed: weekends off, nothing else."""

    known: Mapping[date, KnownDay]

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`: what is recorded of it, else its weekday."""
        recorded = self.known.get(day)
        return day.weekday() < SATURDAY if recorded is None else recorded.is_working

    def is_holiday(self, day: date) -> bool:
        """Whether `day` is a recorded day off: a public holiday, or one that the office has added. Weekends are none."""
        recorded = self.known.get(day)
        return recorded is not None and not recorded.is_working

    def holiday_name(self, day: date) -> str:
        """What is celebrated on a day off; empty on others."""
        recorded = self.known.get(day)
        return "" if recorded is None or recorded.is_working else recorded.name

    @cached_property
    def complete_years(self) -> frozenset[int]:
        """The years of which at least the days off in law are recorded."""
        off: dict[int, int] = {}
        for recorded in self.known.values():
            if not recorded.is_working:
                off[recorded.day.year] = off.get(recorded.day.year, 0) + 1
        return frozenset(year for year, days in off.items() if days >= STATUTORY_DAYS_OFF)

    def spans(self, year: int) -> tuple[Span, ...]:
        """What is recorded of a year, days in a row taken together."""
        spans: list[Span] = []
        for day in sorted(day for day in self.known if day.year == year):
            recorded, before = self.known[day], self.known.get(day - A_DAY)
            if spans and before is not None and spans[-1].last == before.day and _same(before, recorded):
                spans[-1] = Span(spans[-1].first, day)
            else:
                spans.append(Span(recorded, day))
        return tuple(spans)

    def is_assumed(self, day: date) -> bool:
        """Whether what is said of `day` rests on its weekday alone, because its year is not recorded."""
        return day not in self.known and day.year not in self.complete_years

    def next_working(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it: forward only and monotone (invariant 34)."""
        while not self.is_working(day):
            day += A_DAY
        return day

    def next_not_holiday(self, day: date) -> date:
        """`day` itself unless it is a recorded day off, else the first day after it that is none."""
        while self.is_holiday(day):
            day += A_DAY
        return day

    def working_days_after(self, day: date, count: int) -> date:
        """The last of `count` working days that follow `day`; `day` itself when count is 0 or less."""
        while count > 0:
            day += A_DAY
            count -= self.is_working(day)
        return day

    def missing_year(self, on: date) -> int | None:
        """The year whose holidays have to be entered: this one, or from 1 December on the next; None when all is known."""
        if on.year not in self.complete_years:
            return on.year
        if on.month == DECEMBER and on.year + 1 not in self.complete_years:
            return on.year + 1
        return None


def _same(one: KnownDay, other: KnownDay) -> bool:
    return replace(one, day=other.day) == other


def national_days() -> tuple[KnownDay, ...]:
    """What the State Council's notices that come with the product say."""
    return tuple(
        KnownDay(day.day, day.is_working, day.name, source)
        for year, (source, words) in NOTICES.items()
        for day in read_notice(words, year)
    )


_NATIONAL = {known.day: known for known in national_days()}


def calendar(own: Iterable[KnownDay] = ()) -> WorkingCalendar:
    """The national days, with what the office has entered itself taking precedence."""
    return WorkingCalendar(_NATIONAL | {known.day: known for known in own})
