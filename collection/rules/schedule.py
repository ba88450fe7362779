"""The timetable of a case: when each coming step is planned, and what that rests on (S21–S24). Pure.

Nothing here is stored: a projection is made again from the steps whenever somebody looks, so it can never be stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from collection.rules import steps as s

A_DAY = timedelta(days=1)
DONE_THE_SAME_DAY = "每一步都在计划当日办结"
NOTHING_CHANGES = "期间没有缴费、争议、新的承诺或暂缓"
SERVED_THAT_DAY = "假设当日送达，缴费期限 {days} 天"
AFTER_PROMISE = "承诺期内不联系，从 {day} 起计划"
UNTIL_LIFTED = "暂缓解除之前不推进，日期仅供参考"
NO_LETTER = "须先有书面通知载明期限"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """The step that is planned already and waits for somebody (or for its message to leave)."""

    position: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the projection of one case needs besides its steps.

    `not_before`: first day after an open promise; `is_held`: somebody stopped the case without an end in sight;
    `deadline_days`: days that the office gives with a letter of each kind; `task`: the step that is open already.
    """

    progress: s.Progress
    tier: str
    deadline_days: Mapping[str, int]
    task: OpenTask | None = None
    not_before: date | None = None
    is_held: bool = False

    def days_to_pay(self, step: s.Step) -> int:
        """What a letter of this step gives: its own number, else the office's."""
        return self.deadline_days.get(step.kind, 0) if step.deadline_days is None else step.deadline_days


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming step. `on` None: it cannot be dated yet; `is_open`: it is a task already, everything else a plan."""

    step: s.Step
    on: date | None
    is_open: bool = False
    deadline_on: date | None = None
    rests_on: tuple[str, ...] = ()


def coming_steps(
    steps: Sequence[s.Step], outlook: Outlook, *, on: date, working: Callable[[date], date]
) -> tuple[Coming, ...]:
    """Every step that the case has before it, in order, each dated as if the one before it took effect when planned.

    `working`: the day itself or the next working day; people's steps are moved to it, forward only (invariant 34).
    Dates never lie before `on`: what is late is late today.
    """
    progress, found = outlook.progress, []
    first = max(on, outlook.not_before or on)
    while (step := s.following(steps, progress.reached, outlook.tier)) is not None:
        task = outlook.task if outlook.task is not None and outlook.task.position == step.position else None
        day = task.due_on if task is not None else s.takes_place_from(step, progress, outlook.tier)
        if day is None:
            found.append(Coming(step, None, rests_on=(NO_LETTER,)))
            progress = replace(progress, reached=step.position, reached_on=None)
            continue
        if task is None:
            day = max(day, first)
            day = working(day) if step.is_by_hand else day
        done = max(day, first)
        deadline = done + timedelta(days=outlook.days_to_pay(step)) if step.kind in s.LETTERS else None
        found.append(Coming(step, day, task is not None, deadline, _rests_on(step, outlook, is_first=not found)))
        progress = s.Progress(
            step.position, done, deadline or progress.letter_deadline_on, outlook.progress.oldest_due_on
        )
        first = done
    return tuple(found)


def _rests_on(step: s.Step, outlook: Outlook, *, is_first: bool) -> tuple[str, ...]:
    found = []
    if is_first and outlook.not_before is not None:
        found.append(AFTER_PROMISE.format(day=f"{outlook.not_before.month}月{outlook.not_before.day}日"))
    if step.kind in s.LETTERS:
        found.append(SERVED_THAT_DAY.format(days=outlook.days_to_pay(step)))
    return tuple(found)


def assumptions(outlook: Outlook) -> tuple[str, ...]:
    """What the whole timetable of a case rests on, in words."""
    return (DONE_THE_SAME_DAY, NOTHING_CHANGES, *([UNTIL_LIFTED] if outlook.is_held else []))


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from the first day to the last and another person does the work meanwhile."""

    person: int
    stand_in: int
    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        """Whether the person is away on `day`, both ends included."""
        return self.starts_on <= day <= self.ends_on


def acting(person: int, absences: Iterable[Absence], day: date) -> int:
    """Who does the work of `person` on `day`: the stand-in, or whoever stands in for them.

    When the chain comes back to somebody already asked, everybody is away and the work stays with its owner.
    """
    away = {each.person: each.stand_in for each in absences if each.holds_on(day)}
    asked, who = {person}, person
    while who in away:
        who = away[who]
        if who in asked:
            return person
        asked.add(who)
    return who


def late_by(due_on: date, on: date, working_days: Callable[[date, date], int]) -> int:
    """How many working days a task is overdue: 0 on its day and before. `working_days` counts those in (from, to]."""
    return working_days(due_on, on) if due_on < on else 0
