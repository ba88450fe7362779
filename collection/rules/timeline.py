"""The steps of a draft as a list that is edited: added, moved, changed, taken out, and numbered anew each time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from collection.rules.steps import DEFAULT_STEPS, SEVERITY, Step


def numbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with positions 1, 2, 3 … in their present order."""
    return tuple(replace(step, position=number) for number, step in enumerate(steps, start=1))


def added(steps: Sequence[Step], kind: str) -> tuple[Step, ...]:
    """With one more step of that kind, as the default strategy has it, where its seriousness puts it: after its equals.

    Raises `KeyError` for a kind that does not exist.
    """
    if kind not in SEVERITY:
        raise KeyError(kind)
    rank = SEVERITY.index(kind)
    place = sum(1 for step in steps if SEVERITY.index(step.kind) <= rank)
    fresh = next(step for step in DEFAULT_STEPS if step.kind == kind)
    return numbered([*steps[:place], fresh, *steps[place:]])


def moved(steps: Sequence[Step], position: int, by: int) -> tuple[Step, ...]:
    """With one step some places further (`by` > 0) or earlier; at the ends it stays where it is."""
    target = min(max(position + by, 1), len(steps))
    rest = [step for step in steps if step.position != position]
    rest.insert(target - 1, at(steps, position))
    return numbered(rest)


def removed(steps: Sequence[Step], position: int) -> tuple[Step, ...]:
    """Without one step. Raises `KeyError` when there is none at that position."""
    gone = at(steps, position)
    return numbered([step for step in steps if step is not gone])


def changed(steps: Sequence[Step], position: int, values: dict[str, Any]) -> tuple[Step, ...]:
    """With some fields of one step changed. Raises `KeyError` when there is none at that position."""
    old = at(steps, position)
    return numbered([replace(step, **values) if step is old else step for step in steps])


def at(steps: Sequence[Step], position: int) -> Step:
    """The step at a position, or `KeyError`."""
    found = next((step for step in steps if step.position == position), None)
    if found is None:
        raise KeyError(position)
    return found
