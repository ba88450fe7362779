"""Whether one message may leave at this very moment (S34, S38, invariants 15, 16, 34–36, 45). Pure.

The guards are asked in order, and the first that objects decides: what should not leave at all is taken back, what this
channel may not carry goes another way, and what is only too early waits and goes first when its time has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from collection.rules.guards import WEEKLY_CAP, Hours, cap_lifts_on
from collection.rules.measures import BANNED, Ban
from collection.rules.wording import check

A_DAY = timedelta(days=1)


class Way(Enum):
    """What happens to the message now."""

    GO = "go"
    BACK = "back"  # taken back; the case is looked at again
    OTHER = "other"  # not by this channel: the step's next one, or a person
    WAIT = "wait"  # until `Verdict.until`, then before everything newer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, the guard that said so, and why in words. `until` belongs to WAIT."""

    way: Way
    code: str = ""
    words: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the guards look at, read under the locks right before the call.

    `at`: the moment, in the office's zone. `amount`: what the text speaks of; `named`: what may be named now, `arrears`:
    what is overdue (yuan). `blockers`: codes of `arrears.rules.position.BLOCKERS`. `contacts`: days on which the owner
    was reached over any account and channel. `refused`: the owner does not accept this channel, or the address turned out
    to be wrong. `fresh_on`, `data_on`: as in `rules.decide.Facts`.
    """

    at: datetime
    is_planned: bool
    is_first_step: bool
    amount: Decimal
    named: Decimal
    arrears: Decimal
    tolerance: Decimal
    text: str
    text_kind: str
    bans: tuple[Ban, ...] = BANNED
    blockers: tuple[str, ...] = ()
    has_promise: bool = False
    refused: str = ""
    hours: Hours = field(default_factory=Hours)
    contacts: tuple[date, ...] = ()
    cap: int = WEEKLY_CAP
    fresh_on: date | None = None
    data_on: date | None = None


Guard = Callable[[Facts], Verdict | None]


def may_leave(facts: Facts) -> Verdict:
    """The first objection, or GO."""
    return next((verdict for guard in GUARDS if (verdict := guard(facts)) is not None), Verdict(Way.GO))


def _cancelled(facts: Facts) -> Verdict | None:
    return None if facts.is_planned else Verdict(Way.BACK, "cancelled", "该步骤已取消")


def _paid(facts: Facts) -> Verdict | None:
    return Verdict(Way.BACK, "paid", "已缴清") if facts.arrears <= facts.tolerance else None


def _claimed_or_held(facts: Facts) -> Verdict | None:
    """What the owner says to have paid, and every other special case that silences reminders too (S9)."""
    if "special_case_reminder" in facts.blockers:
        return Verdict(Way.BACK, "special_case", "业主称已付款或情况待核实，暂不提示")
    return None


def _under_plan(facts: Facts) -> Verdict | None:
    return Verdict(Way.BACK, "under_plan", "已签订分期协议，按期履行中") if "under_plan" in facts.blockers else None


def _contested(facts: Facts) -> Verdict | None:
    if "contested" in facts.blockers and facts.named <= 0:
        return Verdict(Way.BACK, "contested", "全部欠费有争议，解决前不提示")
    return None


def _promised(facts: Facts) -> Verdict | None:
    return Verdict(Way.BACK, "promised", "业主已承诺缴费") if facts.has_promise else None


def _another_amount(facts: Facts) -> Verdict | None:
    if facts.named == facts.amount:
        return None
    return Verdict(Way.BACK, "amount", f"可提示金额已变为 {facts.named} 元")


def _channel_refused(facts: Facts) -> Verdict | None:
    return Verdict(Way.OTHER, "refused", facts.refused) if facts.refused else None


def _words(facts: Facts) -> Verdict | None:
    found = check(facts.text, facts.text_kind, bans=facts.bans)
    return Verdict(Way.OTHER, "wording", f"文字未通过检查：{found[0]}") if found else None


def _old_data(facts: Facts) -> Verdict | None:
    """Beyond the first reminder nothing leaves on money data that is too old (invariant 45): asked again tomorrow."""
    if facts.is_first_step or facts.fresh_on is None:
        return None
    if facts.data_on is not None and facts.data_on >= facts.fresh_on:
        return None
    return _wait(facts, facts.at.date() + A_DAY, "stale", "账务数据超过新鲜期，导入后再发")


def _too_often(facts: Facts) -> Verdict | None:
    lifts = cap_lifts_on(facts.contacts, facts.at.date(), facts.cap)
    return None if lifts is None else _wait(facts, lifts, "cap", "该业主近七日联系已达上限")


def _not_now(facts: Facts) -> Verdict | None:
    opening = facts.hours.next_opening(facts.at)
    if opening is None:
        return Verdict(Way.OTHER, "hours", "业主不希望被打扰的时段覆盖了全部联系时段")
    return None if opening == facts.at else Verdict(Way.WAIT, "hours", "不在允许联系的时段", opening)


def _wait(facts: Facts, day: date, code: str, words: str) -> Verdict:
    """Wait for the first opening of `day`, which is later than today."""
    start = datetime.combine(day, datetime.min.time(), tzinfo=facts.at.tzinfo)
    opening = facts.hours.next_opening(start)
    if opening is None:
        return Verdict(Way.OTHER, "hours", "业主不希望被打扰的时段覆盖了全部联系时段")
    return Verdict(Way.WAIT, code, words, opening)


GUARDS: tuple[Guard, ...] = (
    _cancelled,
    _paid,
    _claimed_or_held,
    _under_plan,
    _contested,
    _promised,
    _another_amount,
    _channel_refused,
    _words,
    _old_data,
    _too_often,
    _not_now,
)
