"""The limitation clock of one bill (诉讼时效): two dates, and why (民法典 188, 189, 195, 诉讼时效规定 8, 14, 19; domain 3.2).

The *safe* date counts strong evidence only; the *arguable* one medium evidence too. Both are creditor-safe: the last day
is the day of the month on which the clock began, three years on, without the roll over a holiday. Pure: no clock, no database.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

YEARS = 3
OUTER_YEARS = 20  # 民法典 188②: never longer than this after the harm, whatever happened since

ALERTS = (30, 90, 180)  # days before the safe date at which a bill appears on the page


class Strength(StrEnum):
    """What an act is worth before a court (table of domain 3.2)."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    NONE = "none"


class Status(StrEnum):
    """Where a bill stands. EXPIRED is not uncollectable: the debtor must raise it (民法典 192, 193)."""

    RUNNING = "running"
    ARGUABLE = "arguable"
    EXPIRED = "expired"


KINDS = {
    "service": "送达通知书",
    "payment": "部分缴费",
    "plan": "签订分期协议",
    "acknowledgement": "书面确认欠款",
    "mediation": "申请调解",
    "payment_order": "申请支付令",
    "suit": "起诉",
}
# Acts by which the debtor agrees to perform; only these begin a clock anew that has run out (诉讼时效规定 19).
ACKNOWLEDGEMENTS = frozenset({"plan", "acknowledgement"})


@dataclass(frozen=True, slots=True)
class LimitationAct:
    """One act on the bill. The clock runs anew from `runs_from` (a plan: its last instalment, or the day it was voided,
    民法典 189), otherwise from `on`; with a procedure, arguably only from its end (`ended_on`, 民法典 195, 诉讼时效规定 12).
    """

    on: date
    kind: str
    strength: Strength
    runs_from: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class LimitationClock:
    """The clock of one bill as of a day. `revived`: it had run out, and the debtor agreed to pay all the same."""

    safe_until: date
    arguable_until: date
    revived: bool
    last_act: LimitationAct | None

    def status(self, on: date) -> Status:
        """Where the bill stands on a day."""
        if on <= self.safe_until:
            return Status.RUNNING
        return Status.ARGUABLE if on <= self.arguable_until else Status.EXPIRED

    def days_left(self, on: date) -> int:
        """Days to the safe date; negative when it has passed."""
        return (self.safe_until - on).days


def worth(strength: Strength, is_taken_back: bool) -> Strength:
    """What an act is worth once the letter behind it was taken back: money was asked for, but on a wrong paper."""
    return Strength.MEDIUM if is_taken_back and strength == Strength.STRONG else strength


def years_after(day: date, years: int) -> date:
    """The same day of the month some years on, or the month's last (民法典 202)."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


def clock_of(due_on: date, acts: Iterable[LimitationAct] = (), *, on: date | None = None) -> LimitationClock:
    """The clock of a bill due on `due_on`, knowing the acts up to and including `on` (None: all of them)."""
    known = sorted((act for act in acts if on is None or act.on <= on), key=lambda act: act.on)
    safe, is_revived = _run(due_on, known, {Strength.STRONG}, to_the_end=False)
    arguable, _revived = _run(due_on, known, {Strength.STRONG, Strength.MEDIUM}, to_the_end=True)
    counted = [act for act in known if act.strength in (Strength.STRONG, Strength.MEDIUM)]
    return LimitationClock(safe, max(safe, arguable), is_revived, counted[-1] if counted else None)


def _run(due_on: date, acts: list[LimitationAct], strengths: set[Strength], *, to_the_end: bool) -> tuple[date, bool]:
    """(last day, whether it was revived) when only acts of these strengths count."""
    outer = years_after(due_on, OUTER_YEARS)
    until, is_revived = years_after(due_on, YEARS), False
    for act in acts:
        if act.strength not in strengths:
            continue
        if act.on > until:
            if act.kind not in ACKNOWLEDGEMENTS:
                continue  # nothing is left to interrupt
            is_revived = True
        start = act.runs_from or act.on
        if to_the_end and act.ended_on is not None:
            start = max(start, act.ended_on)
        until = max(until, years_after(start, YEARS)) if not is_revived else years_after(start, YEARS)
    return min(until, outer), is_revived


def alert_of(days_left: int) -> int | None:
    """The alert a bill stands in: the smallest of `ALERTS` not below its days left; None when it has time, or has run out."""
    if days_left < 0:
        return None
    return next((limit for limit in ALERTS if days_left <= limit), None)


def in_danger_by(on: date) -> date:
    """Bills due after this day cannot run out within the widest alert, whatever happened to them."""
    horizon = on + timedelta(days=ALERTS[-1])
    return years_after(horizon, -YEARS) + timedelta(days=1)  # 29 February runs out on the 28th
