"""How fast a long piece of work goes, and how long it still takes (ux 3.4: rows/s, remaining)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Pace:
    """Rows per second so far, and the seconds the rest takes at that pace, rounded up."""

    rows_per_second: int
    seconds_left: int


def pace(done: int, total: int, seconds: float) -> Pace | None:
    """None while nothing is done or no time has passed: a guess is no estimate."""
    if done <= 0 or seconds <= 0:
        return None
    return Pace(round(done / seconds), ceil(max(total - done, 0) * seconds / done))
