"""Facts of one case → the one step it takes today, or the one reason why not (invariant 43). Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from arrears.rules.tier import LABELS
from collection.rules import steps as s
from collection.rules.guards import WEEKLY_CAP, cap_lifts_on
from collection.rules.steps import Progress, Step

NOT_DUE, BELOW_MINIMUM, SPECIAL_CASE = "NOT_DUE", "BELOW_MINIMUM", "SPECIAL_CASE"
CONTESTED, SERVICE_DISPUTE, PROMISE_OPEN = "CONTESTED", "SERVICE_DISPUTE", "PROMISE_OPEN"
UNDER_PLAN = "UNDER_PLAN"
WAITING_FOR_PERSON, WAITING_FOR_SERVICE = "WAITING_FOR_PERSON", "WAITING_FOR_SERVICE"
WAITING_FOR_PROVIDER, DEADLINE_RUNNING = "WAITING_FOR_PROVIDER", "DEADLINE_RUNNING"
NOT_RECONCILED, STALE_DATA, NO_STRATEGY = "NOT_RECONCILED", "STALE_DATA", "NO_STRATEGY"
CONTACT_CAP, CREDIT_COVERS, FORMAL_NOT_SERVED = "CONTACT_CAP", "CREDIT_COVERS", "FORMAL_NOT_SERVED"
END_OF_STEPS, POSTPONED, SETTLED = "END_OF_STEPS", "POSTPONED", "SETTLED"
FAULT = "FAULT"

# Why a step is taken today; stored with it as the rule it was decided by (invariant 44).
FIRST_STEP, DIRECT_ENTRY = "FIRST_STEP", "DIRECT_ENTRY"
DEADLINE_PASSED, WAIT_OVER = "DEADLINE_PASSED", "WAIT_OVER"

# What a person reads. Every code that a sweep can store stands here.
WORDS: dict[str, str] = {
    NOT_DUE: "距上一步未满规定间隔，%(day)s起进行「%(step)s」",
    BELOW_MINIMUM: "欠费低于「%(step)s」的起点金额",
    SPECIAL_CASE: "特殊情况核实中，「%(step)s」暂缓",
    CONTESTED: "全部欠费有争议，解决前暂缓",
    UNDER_PLAN: "分期履行中，按协议缴纳，不催缴",
    SERVICE_DISPUTE: "服务问题尚未解决，先处理服务再书面催缴",
    PROMISE_OPEN: "业主已承诺缴费，%(day)s前不打扰",
    WAITING_FOR_PERSON: "「%(step)s」待人工办理",
    WAITING_FOR_SERVICE: "「%(step)s」待送达",
    WAITING_FOR_PROVIDER: "「%(step)s」已排队，待发送结果",
    DEADLINE_RUNNING: "通知书载明的期限未过，%(day)s起进行「%(step)s」",
    NOT_RECONCILED: "账单尚未核对签认，先核对再联系业主",
    STALE_DATA: "账务数据超过新鲜期，先导入最新到账再进行「%(step)s」",
    NO_STRATEGY: "尚未设置催缴策略",
    CONTACT_CAP: "近七日联系已达上限，%(day)s起可再联系",
    CREDIT_COVERS: "预存款足以抵扣，请财务核销",
    FORMAL_NOT_SERVED: "催缴通知书尚未有效送达，不得发最后通知",
    END_OF_STEPS: "流程各步均已完成，由项目经理决定",
    POSTPONED: "已约定%(day)s再联系",
    SETTLED: "欠费已缴清",
    FAULT: "系统处理出错，已记入日志，明日重试",
}

# Why a step is taken, by the rule it was decided by.
REASONS: dict[str, str] = {
    DIRECT_ENTRY: "自 %(day)s 起逾期，%(tier)s逾期按策略直接进入「%(step)s」",
    FIRST_STEP: "自 %(day)s 起逾期，首次「%(step)s」",
    DEADLINE_PASSED: "通知书期限 %(day)s 已过 %(days)s 天，应「%(step)s」",
    WAIT_OVER: "上一步生效已 %(days)s 天，按策略应「%(step)s」",
}

# Headings under which a plan counts its households; a code without one stands under its own name.
TITLES: dict[str, str] = {
    NOT_DUE: "未到间隔",
    BELOW_MINIMUM: "低于起点金额",
    SPECIAL_CASE: "特殊情况",
    CONTESTED: "全部有争议",
    SERVICE_DISPUTE: "服务问题未解决",
    PROMISE_OPEN: "承诺期内",
    UNDER_PLAN: "分期履行中",
    WAITING_FOR_PERSON: "待人工办理",
    WAITING_FOR_SERVICE: "待送达",
    WAITING_FOR_PROVIDER: "待发送结果",
    DEADLINE_RUNNING: "通知期限内",
    NOT_RECONCILED: "账单未签认",
    STALE_DATA: "账务数据过期",
    NO_STRATEGY: "未设策略",
    CONTACT_CAP: "联系次数已满",
    CREDIT_COVERS: "预存款可抵",
    FORMAL_NOT_SERVED: "通知书未送达",
    END_OF_STEPS: "流程已走完",
    POSTPONED: "已约定再联系",
    FAULT: "处理出错",
}

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
REMINDABLE_KINDS = frozenset({s.REMINDER})


@dataclass(frozen=True, slots=True)
class Waiting:
    """An action that is planned and not finished: whom it waits for (one of the WAITING codes) and its title."""

    code: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the decision looks at; stored nowhere else, so that it can be replayed (invariant 44).

    `remindable`, `pursuable`: yuan that a reminder, or any further step, may name. `blockers`: codes of
    `arrears.rules.position.BLOCKERS`. `promise_until`: last day of silence of an open promise.
    `hold_ends_on`: first free day of the special case with a known end. `fresh_on`: first day that
    counts as fresh data, `data_on`: day of the community's last import; None = the gate is off / nothing imported.
    """

    steps: Sequence[Step]
    progress: Progress
    tier: str
    remindable: Decimal
    pursuable: Decimal
    blockers: tuple[str, ...] = ()
    waiting: Waiting | None = None
    promise_until: date | None = None
    postponed_to: date | None = None
    hold_ends_on: date | None = None
    contacts: tuple[date, ...] = ()
    weekly_cap: int = WEEKLY_CAP
    fresh_on: date | None = None
    data_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Take this step today, by the rule `code`; `why` in words; the case is looked at again on `look_again_on`."""

    code: str
    step: Step
    amount: Decimal
    why: str
    look_again_on: date


@dataclass(frozen=True, slots=True)
class Skip:
    """Not today: one code of `WORDS`, the words, and the day (always later) to look again."""

    code: str
    words: str
    look_again_on: date


def decide(facts: Facts, on: date) -> Plan | Skip:
    """One step or one reason. The order of the questions is the order in which a person would ask them."""
    if not facts.steps:
        return _skip(NO_STRATEGY, on)
    if facts.waiting is not None:
        return _skip(facts.waiting.code, on, again=on + A_WEEK, step=facts.waiting.title)
    step = s.following(facts.steps, facts.progress.reached, facts.tier)
    if step is None:
        return _skip(END_OF_STEPS, on, again=on + A_WEEK * 4)
    return _gate(facts, step, on) or _wait(facts, step, on) or _courtesy(facts, step, on) or _plan(facts, step, on)


def bounds_of(steps: Sequence[Step]) -> list[Decimal]:
    """The amounts at which a decision by these steps may change, beside zero: the minimum of each."""
    return sorted({step.minimum for step in steps})


def signature(facts: Facts, bounds: Sequence[Decimal]) -> tuple[object, ...]:
    """What `decide` can tell apart, among facts with the same steps: of an amount only which `bounds` it reaches.

    Equal signatures, equal decisions, apart from the plan's amount (a property test holds this).
    """
    return (
        facts.remindable > 0, bisect_right(bounds, facts.remindable),
        facts.pursuable > 0, bisect_right(bounds, facts.pursuable),
        facts.progress, facts.tier, facts.blockers, facts.waiting, facts.promise_until, facts.postponed_to,
        facts.hold_ends_on, facts.contacts, facts.weekly_cap, facts.fresh_on, facts.data_on,
    )  # fmt: skip


def _gate(facts: Facts, step: Step, on: date) -> Skip | None:
    """What must be put right first, whatever the calendar says."""
    amount = amount_for(facts, step.kind)
    blockers = set(facts.blockers)
    if step.kind == s.REMINDER:
        blockers.discard("special_case")  # only the flag for reminders holds a reminder back (S9)
    if {"special_case", "special_case_reminder"} & blockers:
        return _skip(SPECIAL_CASE, on, again=facts.hold_ends_on or on + A_WEEK, step=step.title)
    if "contested" in blockers and amount <= 0:
        return _skip(CONTESTED, on, again=on + A_WEEK)
    if "under_plan" in blockers and amount <= 0:
        return _skip(UNDER_PLAN, on, again=on + A_WEEK)
    if "service_dispute" in blockers and step.kind in s.LETTERS:
        return _skip(SERVICE_DISPUTE, on, again=on + A_WEEK)
    if amount <= 0 and "credit" in blockers:
        return _skip(CREDIT_COVERS, on, again=on + A_WEEK)
    if amount <= 0 and "unreconciled" in blockers:
        return _skip(NOT_RECONCILED, on, again=on + A_DAY)
    if amount < step.minimum:
        return _skip(BELOW_MINIMUM, on, again=on + A_WEEK, step=step.title)
    return None


def _wait(facts: Facts, step: Step, on: date) -> Skip | None:
    """The step's own wait, and for the final notice the law's (民法典 944②)."""
    first_day = s.takes_place_from(step, facts.progress, facts.tier)
    if first_day is None:
        return _skip(FORMAL_NOT_SERVED, on, again=on + A_WEEK)
    deadline = facts.progress.letter_deadline_on
    if on < first_day:
        running = step.counts_from_deadline and deadline is not None and on <= deadline
        return _skip(DEADLINE_RUNNING if running else NOT_DUE, on, again=first_day, step=step.title)
    if step.kind == s.FINAL and not s.formal_has_expired(facts.steps, facts.progress, on):
        return _skip(FORMAL_NOT_SERVED, on, again=on + A_WEEK)
    if step.position > 1 and facts.fresh_on and (facts.data_on is None or facts.data_on < facts.fresh_on):
        return _skip(STALE_DATA, on, again=on + A_DAY, step=step.title)
    return None


def _courtesy(facts: Facts, step: Step, on: date) -> Skip | None:
    """What was agreed with the owner, and how often anyone may be addressed."""
    if facts.promise_until is not None and on <= facts.promise_until:
        return _skip(PROMISE_OPEN, on, again=facts.promise_until + A_DAY)
    if facts.postponed_to is not None and on < facts.postponed_to:
        return _skip(POSTPONED, on, again=facts.postponed_to)
    if step.kind in s.CONTACTS:
        cap = facts.weekly_cap if step.weekly_cap is None else min(step.weekly_cap, facts.weekly_cap)
        lifts = cap_lifts_on(facts.contacts, on, cap)
        if lifts is not None:
            return _skip(CONTACT_CAP, on, again=lifts)
    return None


def _plan(facts: Facts, step: Step, on: date) -> Plan:
    progress = facts.progress
    day, days = progress.oldest_due_on, 0
    if progress.reached == 0 and step is s.direct_entry(facts.steps, facts.tier):
        code = DIRECT_ENTRY
    elif progress.reached == 0 and day is not None:
        code = FIRST_STEP
    elif step.counts_from_deadline and progress.letter_deadline_on is not None:
        code, day = DEADLINE_PASSED, progress.letter_deadline_on
        days = (on - day).days
    else:
        code, days = WAIT_OVER, (on - progress.reached_on).days if progress.reached_on else 0
    gaps = {
        "day": f"{day:%Y-%m-%d}" if day else "",
        "days": days,
        "tier": LABELS.get(facts.tier, ""),
        "step": step.title,
    }
    why = REASONS[code] % gaps
    look_again = on + timedelta(days=s.PATIENCE[step.kind])
    return Plan(code=code, step=step, amount=amount_for(facts, step.kind), why=why, look_again_on=look_again)


def amount_for(facts: Facts, kind: str) -> Decimal:
    """What a step of this kind may name: reminders may speak of more than letters and calls (S9)."""
    return facts.remindable if kind in REMINDABLE_KINDS else facts.pursuable


def _skip(code: str, on: date, *, again: date | None = None, step: str = "") -> Skip:
    again = max(again or on + A_DAY, on + A_DAY)
    return Skip(code, WORDS[code] % {"day": f"{again.month}月{again.day}日", "step": step}, again)
