"""Which step of the strategy a case takes next, and from when (S19–S25, S56, decisions 1, 2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

REMINDER, CALL, FORMAL = "reminder", "call", "formal"
FOLLOW_UP, FINAL, DECISION = "follow_up", "final", "decision"

LETTERS = frozenset({FORMAL, FINAL})
BY_HAND = frozenset({CALL, FORMAL, FOLLOW_UP, FINAL, DECISION})
# Steps that reach for the owner in person or by message: the weekly cap counts and limits them.
CONTACTS = frozenset({REMINDER, CALL, FOLLOW_UP})
SERIOUS_TIERS = frozenset({"moderate", "severe"})
# From the friendliest to the most serious: a strategy never goes back, and a case moved to another one stands by it.
SEVERITY: tuple[str, ...] = (REMINDER, CALL, FORMAL, FOLLOW_UP, FINAL, DECISION)

LEAST = Decimal("0.01")  # yuan: anything owed at all

# Days a person (or the outside world) is given before the sweep looks at the case again.
PATIENCE: dict[str, int] = {REMINDER: 1, CALL: 3, FORMAL: 7, FOLLOW_UP: 3, FINAL: 7, DECISION: 14}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Waits are days after the due date, the previous step's effect, or the last printed deadline.

    `template`: use of `rules.places` whose text a reminder sends, empty = by its place in the order. `script`: reason
    whose 话术 a conversation begins with while the household's own is unknown. `tiers`: whose cases take it, empty = all. `entry_tiers`: whose cases may begin here instead of at the first step
    (S27, S35). `weekly_cap`: at most so many contacts in seven days, None = the office's number. `deadline_days`: what
    a letter prints as time to pay, None = the office's number.
    """

    position: int
    kind: str
    title: str
    after_days: int
    after_days_urgent: int | None = None
    counts_from_deadline: bool = False
    channels: tuple[str, ...] = ()
    minimum: Decimal = LEAST  # below this the letter costs more than it brings
    role: str = ""
    approver: str = ""
    task: str = ""
    template: str = ""
    script: str = ""
    tiers: tuple[str, ...] = ()
    entry_tiers: tuple[str, ...] = ()
    weekly_cap: int | None = None
    deadline_days: int | None = None

    @property
    def is_by_hand(self) -> bool:
        """A person has something to do before it can take effect."""
        return self.kind in BY_HAND

    def wait(self, tier: str) -> timedelta:
        """How long to wait; moderate and severe arrears wait less after a reminder (decisions 1)."""
        days = self.after_days
        if tier in SERIOUS_TIERS and self.after_days_urgent is not None:
            days = self.after_days_urgent
        return timedelta(days=days)


DEFAULT_STEPS: tuple[Step, ...] = (
    Step(1, REMINDER, "温馨提示", 1, channels=("sms", "email"), task="发送账单提醒，语气友好，不谈后果。"),
    Step(2, REMINDER, "再次提示", 6, 3, channels=("sms", "email"), task="再次友好提醒，附缴费方式与联系电话。"),
    Step(
        3,
        CALL,
        "电话沟通",
        8,
        3,
        role="collector",
        task="在允许时段致电，耐心倾听疑问与困难，说明欠费情况，记录结果与承诺。",
    ),
    Step(
        4,
        FORMAL,
        "催缴通知书",
        16,
        role="collector",
        approver="supervisor",
        task="批准并打印《物业费催缴通知书》，上门送达、张贴（拍照）或邮寄，保留回执。",
    ),
    Step(
        5,
        FOLLOW_UP,
        "到期回访",
        1,
        counts_from_deadline=True,
        role="collector",
        task="通知书期限已过，电话或上门回访，了解原因，说明下一步。",
    ),
    Step(
        6,
        FINAL,
        "最后通知书",
        15,
        counts_from_deadline=True,
        role="collector",
        approver="manager",
        task="项目经理批准后，以 EMS 邮寄（注明“物业费催缴最后通知”）或两人以上上门送达。",
    ),
    Step(
        7,
        DECISION,
        "经理决定",
        1,
        counts_from_deadline=True,
        role="manager",
        task="最后期限已过：决定提交法务、继续协商或暂缓，并写明理由。",
    ),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a case has come. `reached` 0 = nothing yet; dates belong to the step that was reached."""

    reached: int
    reached_on: date | None
    letter_deadline_on: date | None
    oldest_due_on: date | None


def following(steps: Sequence[Step], reached: int, tier: str = "") -> Step | None:
    """The tier's step after the one reached, whatever its wait; None when the strategy is at its end.

    A case that has heard nothing yet begins at the step its tier may enter at, if there is one (decisions 1).
    """
    entry = direct_entry(steps, tier) if not reached else None
    if entry is not None:
        return entry
    return next((step for step in steps if step.position > reached and (not step.tiers or tier in step.tiers)), None)


def direct_entry(steps: Sequence[Step], tier: str) -> Step | None:
    """The step at which cases of this tier begin instead of the first one, when the office says so (S27, S35)."""
    return next((step for step in steps if tier in step.entry_tiers), None)


def takes_place_from(step: Step, progress: Progress, tier: str) -> date | None:
    """The first day on which the step may be taken; None while what it counts from has not happened.

    Steps after a letter count from the deadline that the owner read on paper, never from an inner
    date (invariant 46), and never before the step before them took effect.
    """
    if step.counts_from_deadline:
        if progress.letter_deadline_on is None:
            return None
        day = progress.letter_deadline_on + step.wait(tier)
        return max(day, progress.reached_on) if progress.reached_on else day
    since = progress.reached_on if progress.reached else progress.oldest_due_on
    return None if since is None else since + step.wait(tier)


def next_step(steps: Sequence[Step], progress: Progress, *, tier: str, amount: Decimal, on: date) -> Step | None:
    """The one step the case may take on `on`; None means wait.

    A case forgotten for a year still hears every step, each after its own wait (S25): there is always
    exactly one following step, and it counts from the day the one before it took effect.
    """
    step = following(steps, progress.reached, tier)
    if step is None or amount < step.minimum:
        return None
    first_day = takes_place_from(step, progress, tier)
    if first_day is None or on < first_day:
        return None
    return None if step.kind == FINAL and not formal_has_expired(steps, progress, on) else step


def formal_has_expired(steps: Sequence[Step], progress: Progress, on: date) -> bool:
    """Whether an effective formal demand's printed deadline has passed (S56, 民法典 944②).

    `letter_deadline_on` is written only when a letter takes effect, so both halves are needed: a formal
    step behind the case, and a deadline before today.
    """
    formal = next((step.position for step in steps if step.kind == FORMAL), None)
    if formal is None or progress.reached < formal:
        return False
    return progress.letter_deadline_on is not None and progress.letter_deadline_on < on
