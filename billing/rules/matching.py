"""Whose transfer is it? Points for the room in the memo, the payer, the amount; and never a guess (domain 5.3).

The database finds what speaks for whom (`queries.matching`); here it is weighed. Nothing is weighed anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.rules.periods import Period

SUGGEST_FROM = 70  # below this a line is only shown with candidates
CERTAIN_FROM = 95  # from here lines may be accepted in bulk, by a person
EXPECTED_WITHIN = 45  # days between a claim or an instalment and the transfer that may be it
_NEAR = 7

_ROOM, _ROOM_DISPUTED = 80, 70
_WITH_ROOM = 15
_NAME, _NAME_SHARED = 45, 40
_KNOWN, _KNOWN_SHARED = 60, 55
_AMOUNT, _AMOUNT_OLDEST, _AMOUNT_RUN = 40, 35, 30
_ON_TIME = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Open bills, neighbours in order of due date, that together are exactly the amount."""

    start: date
    end: date
    count: int
    is_oldest: bool  # begins with the oldest open bill
    is_all: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """An amount that was announced: the owner's 我已转账, or an instalment of a plan; `days` from then to the transfer."""

    source: str
    due_on: date
    days: int


@dataclass(frozen=True, slots=True)
class Clues:
    """What speaks for one account, as the database found it."""

    account_id: int
    room: str = ""  # how the room is said, when the memo names it
    in_community: bool = False  # the memo names the community too
    is_payer: bool = False  # the payer bears the name of the owner or a co-owner
    is_announced: bool = False  # the owner said that this payer would transfer
    is_known: bool = False  # a person confirmed this payer and bank account for it before
    run: Run | None = None
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its points and why. `is_heard`: the memo names its room."""

    account_id: int
    score: int
    reasons: tuple[str, ...]
    is_heard: bool = False


def rank(payer: str, clues: Iterable[Clues]) -> list[Match]:
    """Everyone a transfer could be from, best first."""
    everyone = list(clues)
    heard = [each for each in everyone if each.room]
    if any(each.in_community for each in heard):
        heard = [each for each in heard if each.in_community]
    rooms = {each.account_id for each in heard}
    namesakes = sum(each.is_payer for each in everyone)
    known = sum(each.is_known for each in everyone)
    found = []
    for each in everyone:
        score, reasons = _weigh(each, payer, each.account_id in rooms, namesakes, known)
        if rooms and each.account_id not in rooms:
            # the payer's own words about the room outweigh a name that somebody else may share
            score = min(score, SUGGEST_FROM - 1)
        found.append(Match(each.account_id, min(score, 100), tuple(reasons), each.account_id in rooms))
    return sorted(found, key=lambda match: (-match.score, match.account_id))


def suggestion(ranked: Sequence[Match]) -> Match | None:
    """The one account that can be meant; None when two are equally likely or nobody is likely enough."""
    if not ranked or ranked[0].score < SUGGEST_FROM:
        return None
    if len(ranked) > 1 and ranked[1].score >= SUGGEST_FROM:
        return None
    return ranked[0]


def may_post(match: Match | None, *, post_from: int | None) -> bool:
    """Whether the rule may book it without a person: a unique suggestion at or above the office's threshold."""
    return match is not None and post_from is not None and match.score >= post_from


def _weigh(clues: Clues, payer: str, in_memo: bool, namesakes: int, known: int) -> tuple[int, list[str]]:
    reasons: list[str] = []
    score = 0
    amount, words = _amount(clues)
    if in_memo:
        reasons.append(f"附言写明 {clues.room}")
        score = _ROOM
    if clues.is_payer:
        reasons.append(f"付款人 {payer} 是业主" + ("（有同名业主）" if namesakes > 1 else ""))
        score += _WITH_ROOM if in_memo else _NAME_SHARED if namesakes > 1 else _NAME
    elif in_memo and namesakes:
        reasons.append(f"付款人 {payer} 与另一户业主同名，请核对")
        score = _ROOM_DISPUTED
    if clues.is_announced:
        reasons.append(f"业主说过由 {payer} 付款")
        score = max(score, _NAME) if not in_memo else score + (0 if clues.is_payer else _WITH_ROOM)
    if amount:
        reasons.append(words)
        score += _WITH_ROOM if in_memo else amount
    if clues.is_known:
        reasons.append("以前确认过同一付款账户" + ("（也付过别的户）" if known > 1 else ""))
        base = _KNOWN if known == 1 else _KNOWN_SHARED
        score = max(score + _WITH_ROOM, base + (amount and _WITH_ROOM)) if known == 1 else max(
            score, base + (amount and _WITH_ROOM)
        )  # fmt: skip
    return score, reasons


def _amount(clues: Clues) -> tuple[int, str]:
    """Points and words for the amount: announced, one bill, everything, the oldest together, or a run of bills."""
    if clues.expected is not None:
        said = "业主说已转账的金额" if clues.expected.source.startswith("claim") else "分期计划的一期"
        words = f"金额等于{said}（{clues.expected.due_on:%Y-%m-%d}）"
        return _AMOUNT + (_ON_TIME if abs(clues.expected.days) <= _NEAR else 0), words
    run = clues.run
    if run is None:
        return 0, ""
    if run.count == 1:
        return _AMOUNT, f"金额等于 {Period(run.start, run.end).label} 账单"
    if run.is_all:
        return _AMOUNT, f"金额等于全部 {run.count} 笔未缴账单之和"
    if run.is_oldest:
        return _AMOUNT_OLDEST, f"金额等于最早 {run.count} 笔账单之和"
    return _AMOUNT_RUN, f"金额等于 {Period(run.start, run.end).label} {run.count} 笔账单之和"
