"""Which strategy a household gets, what a strategy may not say, and where a case stands in another one. Pure.

S19, S25, S27, S35, S56, S89; 民法典 944②; decisions 1 to 3; invariants 1, 6, 8, 28.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arrears.rules.payers import COMPANY, DEVELOPER, PERSON
from arrears.rules.segments import HARDSHIP, HIGH_VALUE

# Most telling first: of several strategies that fit an owner by segment, the one for the earliest here is taken.
SEGMENTS: tuple[str, ...] = (
    HARDSHIP, DEVELOPER, COMPANY, HIGH_VALUE, "undelivered", "vacant", "rented", "self", PERSON,
)  # fmt: skip
_RANK = {code: rank for rank, code in enumerate(SEGMENTS)}


@dataclass(frozen=True, slots=True)
class Scope:
    """A published version and whom it is for. No community: all; no segment: every owner.

    In force from `effective_on` until its name has a later effective version, or until the day before `ended_on`.
    """

    id: int
    name: str
    version: int
    effective_on: date
    community_id: int | None = None
    segment: str = ""
    ended_on: date | None = None

    def fits(self, community_id: int | None, segments: Collection[str]) -> bool:
        """Whether it is for a household of that community whose owner belongs to those segments."""
        return self.community_id in (None, community_id) and (not self.segment or self.segment in segments)


def in_force(scopes: Iterable[Scope], on: date) -> tuple[Scope, ...]:
    """Of every name the newest version that has begun by `on`, unless that one has ended."""
    newest: dict[str, Scope] = {}
    for scope in scopes:
        if scope.effective_on > on:
            continue
        known = newest.get(scope.name)
        if known is None or (known.effective_on, known.version) < (scope.effective_on, scope.version):
            newest[scope.name] = scope
    return tuple(scope for scope in newest.values() if scope.ended_on is None or on < scope.ended_on)


def choose(scopes: Iterable[Scope], *, community_id: int | None, segments: Collection[str]) -> Scope | None:
    """The most specific of the versions in force that fits: segment before community before the whole office.

    What an owner is weighs more than where they live; between segments their order in `SEGMENTS` decides, between
    equals the one that began last.
    """
    fitting = [scope for scope in scopes if scope.fits(community_id, segments)]
    return max(fitting, key=_specific, default=None)


def _specific(scope: Scope) -> tuple[bool, int, bool, date, int, int]:
    rank = -_RANK.get(scope.segment, len(_RANK))
    return bool(scope.segment), rank, scope.community_id is not None, scope.effective_on, scope.version, scope.id


def heard_by(kinds: Sequence[str], reached: int, effective: Mapping[str, int]) -> dict[str, int]:
    """How many steps of each kind an owner has heard: those up to the position reached, or all that took effect.

    `kinds`: of the strategy's steps in their order. `effective`: how many steps of each kind took effect in this
    cycle, whatever version they belonged to.
    """
    passed = Counter(kinds[:reached])
    return {kind: max(passed[kind], effective.get(kind, 0)) for kind in {*passed, *effective}}


def stands_at(kinds: Sequence[str], heard: Mapping[str, int], severity: Sequence[str]) -> int:
    """The position in another strategy of an owner who has heard this much; 0 = nothing yet.

    By kind: everything friendlier than the most serious step heard lies behind; of that kind itself as many as were
    heard. So nobody hears a step twice, none more serious is passed over, and nobody falls back (invariants 1, 6, 8).
    """
    top = max((severity.index(kind) for kind, count in heard.items() if count), default=-1)
    counted: Counter[str] = Counter()
    position = 0
    for number, kind in enumerate(kinds, start=1):
        rank = severity.index(kind)
        counted[kind] += 1
        if rank < top or (rank == top and counted[kind] <= heard[kind]):
            position = number
    return position
