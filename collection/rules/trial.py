"""What another strategy would make of a case: where it would stand, its next step and day, before and after. Pure.

The same decision over the same facts, asked twice (invariants 28, 43). A case never loses or repeats a step by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from collection.rules import decide as d
from collection.rules import steps as s
from collection.rules.strategies import heard_by, stands_at

UP, DOWN, SOONER, LATER, SAME = "up", "down", "sooner", "later", "same"
EFFECTS: dict[str, str] = {UP: "升级", DOWN: "降级", SOONER: "提前", LATER: "推后", SAME: "不变"}

GOES, CARRIES, DROPS, STAYS = "goes", "carries", "drops", "stays"
FATES: dict[str, str] = {
    GOES: "按新版本继续",
    CARRIES: "在办事项照办，之后按新版本继续",
    DROPS: "在办事项取消，按新版本重新安排",
    STAYS: "在办事项已发出或已拟文，办结前留在原版本",
}


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that is planned and not finished. Fixed: a letter stands on it or a message has left."""

    kind: str
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next for a case: the title and kind of the step (empty: none any more), from which day, and why."""

    title: str
    kind: str
    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Move:
    """One case under another strategy: its fate, where it would stand, its outlook before and after.

    `position`: of the last step that counts as heard; `next_position`: of the one that follows, 0 = none. `put_off`: not
    looked at before that day.
    """

    fate: str
    position: int
    next_position: int
    put_off: date
    before: Outlook
    after: Outlook

    @property
    def effect(self) -> str:
        """升级 and 降级 by the seriousness of the next step, 提前 and 推后 by its day."""
        old, new = _rank(self.before.kind), _rank(self.after.kind)
        if old != new:
            return UP if new > old else DOWN
        if self.before.on != self.after.on:
            return SOONER if self.after.on < self.before.on else LATER
        return SAME


def move(
    facts: d.Facts,
    steps: Sequence[s.Step],
    *,
    effective: Mapping[str, int],
    open_step: OpenStep | None,
    looks_on: date,
    on: date,
) -> Move:
    """What becomes of a case that goes over to `steps` on `on`.

    `effective`: how many steps of each kind took effect in its cycle; `looks_on`: the day on which it is looked at
    again now. A case that has been put off to a later day stays put off.
    """
    before = d.decide(facts, on)
    put_off = max(looks_on, on) if isinstance(before, d.Plan) else on
    position = _position(
        tuple(step.kind for step in facts.steps),
        facts.progress.reached,
        frozenset(effective.items()),
        tuple(step.kind for step in steps),
    )
    moved = replace(facts, steps=steps, progress=replace(facts.progress, reached=position))
    following = s.following(steps, position, facts.tier)
    fate = GOES
    if open_step is not None:
        fits = following is not None and following.kind == open_step.kind
        fate = CARRIES if fits else STAYS if open_step.is_fixed else DROPS
    if fate == DROPS:
        moved = replace(moved, waiting=None)
    now = _outlook(facts, before, put_off)
    if fate == STAYS:
        return Move(fate, facts.progress.reached, 0, put_off, now, now)
    after = _outlook(moved, d.decide(moved, on), put_off)
    return Move(fate, position, following.position if following else 0, put_off, now, after)


@lru_cache(maxsize=1024)
def _position(old: tuple[str, ...], reached: int, effective: frozenset[tuple[str, int]], new: tuple[str, ...]) -> int:
    """Few ways of having come this far are shared by many cases."""
    return stands_at(new, heard_by(old, reached, dict(effective)), s.SEVERITY)


def _outlook(facts: d.Facts, answer: d.Plan | d.Skip, put_off: date) -> Outlook:
    if isinstance(answer, d.Plan):
        return Outlook(answer.step.title, answer.step.kind, put_off, answer.why)
    step = s.following(facts.steps, facts.progress.reached, facts.tier)
    return Outlook(step.title if step else "", step.kind if step else "", answer.look_again_on, answer.words)


def _rank(kind: str) -> int:
    return s.SEVERITY.index(kind) if kind else len(s.SEVERITY)
