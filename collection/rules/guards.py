"""When and how often an owner may be contacted (S38, domain 3.6, invariants 24 and 35). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from offices.rules.days import WorkingCalendar

# The platform's outer limit; an office may only choose a narrower window inside it (decisions 24).
PLATFORM_FROM, PLATFORM_UNTIL = time(8), time(21)
DEFAULT_FROM, DEFAULT_UNTIL = time(9), time(20)

WEEKLY_CAP = 3
CAP_SPAN = timedelta(days=7)
ATTEMPTS_PER_DAY = 2
CONVERSATIONS_PER_DAY = 1
UNANSWERED_BEFORE_VISIT = 3

# Nobody rings or stands at the door at noon unless the office says otherwise (domain 3.6).
CALL_REST_FROM, CALL_REST_UNTIL = time(12), time(14)
_STEPS_AHEAD = 400  # a window that does not open within months does not open at all


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the office's own clock during which owners may be contacted: half-open [start, end)."""

    start: time = DEFAULT_FROM
    end: time = DEFAULT_UNTIL

    def within_platform(self) -> Window:
        """The window cut to the platform's limit; a window that is then empty becomes the default one."""
        start, end = max(self.start, PLATFORM_FROM), min(self.end, PLATFORM_UNTIL)
        return Window(start, end) if start < end else Window()

    def is_open(self, at: datetime) -> bool:
        """Whether `at` (in the office's zone) lies in the window: 20:00:00 does not, 19:59:59 does."""
        allowed = self.within_platform()
        return allowed.start <= at.time() < allowed.end

    def next_opening(self, at: datetime) -> datetime:
        """The first instant from `at` on at which contact is allowed; `at` itself when it is."""
        if self.is_open(at):
            return at
        allowed = self.within_platform()
        day = at if at.time() < allowed.start else at + timedelta(days=1)
        return datetime.combine(day.date(), allowed.start, tzinfo=at.tzinfo)


@dataclass(frozen=True, slots=True)
class Rest:
    """A part of the day in which nobody is addressed, half-open [start, end): the noon rest, or the owner's own wish."""

    start: time
    end: time

    def covers(self, at: datetime) -> bool:
        """Whether `at` lies in it."""
        return self.start <= at.time() < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """When one channel may reach one owner: the window, less the rests, less public holidays unless `calendar` is None."""

    window: Window = Window()
    rests: tuple[Rest, ...] = ()
    calendar: WorkingCalendar | None = None

    def next_opening(self, at: datetime) -> datetime | None:
        """The first instant from `at` on at which contact is allowed, by the zone of `at`; None: there is none for months."""
        for _step in range(_STEPS_AHEAD):
            later = self._later(at)
            if later == at:
                return at
            at = later
        return None

    def _later(self, at: datetime) -> datetime:
        if self.calendar is not None and self.calendar.is_holiday(at.date()):
            return datetime.combine(self.calendar.next_not_holiday(at.date()), time.min, tzinfo=at.tzinfo)
        for rest in self.rests:
            if rest.covers(at):
                return datetime.combine(at.date(), rest.end, tzinfo=at.tzinfo)
        return self.window.next_opening(at)


def cap_lifts_on(contacts: Iterable[date], on: date, cap: int = WEEKLY_CAP) -> date | None:
    """The day from which one more contact fits under the cap; None when it fits today.

    `contacts`: days of earlier contacts over all channels. The span is rolling: on any day, at most
    `cap` contacts in the seven days that end with it. A cap of 0 means never by itself: tomorrow is
    looked at again.
    """
    recent = sorted(day for day in contacts if on - CAP_SPAN < day <= on)
    if len(recent) < cap:
        return None
    if cap <= 0:
        return on + timedelta(days=1)
    return max(recent[len(recent) - cap] + CAP_SPAN, on + timedelta(days=1))


def call_refusal(
    at: datetime,
    *,
    hours: Hours,
    attempts_today: int,
    conversations_today: int,
    cap_lifts: date | None,
    is_unwanted: bool = False,
) -> str:
    """Why nobody should ring now, in words; empty when one may. `is_unwanted`: the owner does not want to be rung up."""
    if is_unwanted:
        return "业主表示不接受电话联系，请改用其同意的方式。"
    closed = _closed(at, hours)
    if closed:
        return f"{closed}，请改时再联系。"
    if conversations_today >= CONVERSATIONS_PER_DAY:
        return "今日已与业主通过话，请不要重复打扰。"
    if attempts_today >= ATTEMPTS_PER_DAY:
        return f"今日已拨打 {attempts_today} 次未接，请改日再联系。"
    if cap_lifts is not None:
        return f"近七日联系已达上限，{cap_lifts.month}月{cap_lifts.day}日起可再联系。"
    return ""


def visit_objection(at: datetime, *, hours: Hours, is_unwanted: bool = False) -> str:
    """Why nobody should stand at the door at `at`, in words; empty when one may. `is_unwanted`: the owner wants no visits."""
    return "业主表示不接受上门" if is_unwanted else _closed(at, hours)


def is_night(at: datetime) -> bool:
    """Outside the platform's limit: nobody is visited then, whatever the office allows."""
    return not Window(PLATFORM_FROM, PLATFORM_UNTIL).is_open(at)


def _closed(at: datetime, hours: Hours) -> str:
    allowed = hours.window.within_platform()
    if hours.calendar is not None and hours.calendar.is_holiday(at.date()):
        return f"{at.month}月{at.day}日是{hours.calendar.holiday_name(at.date())}假期"
    if not hours.window.is_open(at):
        return f"{at:%H:%M} 不在允许联系的时段（{allowed.start:%H:%M}—{allowed.end:%H:%M}）"
    for rest in hours.rests:
        if rest.covers(at):
            return f"{rest.start:%H:%M}—{rest.end:%H:%M} 请勿打扰业主"
    return ""
