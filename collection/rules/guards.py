"""When and how often an owner may be contacted (S38, domain 3.6, invariants 24 and 35). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# The platform's outer limit; an office may only choose a narrower window inside it (decisions 24).
PLATFORM_FROM, PLATFORM_UNTIL = time(8), time(21)
DEFAULT_FROM, DEFAULT_UNTIL = time(9), time(20)

WEEKLY_CAP = 3
CAP_SPAN = timedelta(days=7)
ATTEMPTS_PER_DAY = 2
CONVERSATIONS_PER_DAY = 1
UNANSWERED_BEFORE_VISIT = 3


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
    at: datetime, *, window: Window, attempts_today: int, conversations_today: int, cap_lifts: date | None
) -> str:
    """Why nobody should ring now, in words; empty when one may."""
    allowed = window.within_platform()
    if not window.is_open(at):
        return f"现在不在允许联系的时段（{allowed.start:%H:%M}—{allowed.end:%H:%M}），请改时再联系。"
    if conversations_today >= CONVERSATIONS_PER_DAY:
        return "今日已与业主通过话，请不要重复打扰。"
    if attempts_today >= ATTEMPTS_PER_DAY:
        return f"今日已拨打 {attempts_today} 次未接，请改日再联系。"
    if cap_lifts is not None:
        return f"近七日联系已达上限，{cap_lifts.month}月{cap_lifts.day}日起可再联系。"
    return ""
