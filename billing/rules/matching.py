"""Whose transfer is it? Points for the room in the memo, the payer's name, the amount;
and never a guess (domain 5.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.rules.rooms import RoomKey, rooms_in_text
from offices.rules.money import ZERO, format_yuan

SUGGEST_FROM = 70  # below this a line is only shown with candidates
CERTAIN_FROM = 95  # from here lines may be accepted in bulk, by a person

_ROOM, _ROOM_DISPUTED = 80, 70
_WITH_ROOM = 15
_NAME, _NAME_SHARED = 45, 40
_AMOUNT, _AMOUNT_SUM = 40, 35
_KNOWN_PAYER = 60


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill with something left to pay."""

    label: str
    open: Decimal


@dataclass(frozen=True, slots=True)
class Debtor:
    """An account as matching sees it. `bills` in order of due date."""

    account_id: int
    room: RoomKey
    names: tuple[str, ...]
    bills: tuple[OpenBill, ...] = ()

    @property
    def open(self) -> Decimal:
        """All that is unpaid."""
        return sum((bill.open for bill in self.bills), ZERO)


@dataclass(frozen=True, slots=True)
class Line:
    """An incoming transfer."""

    amount: Decimal
    payer: str
    memo: str
    payer_account: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its points and why."""

    account_id: int
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All accounts of an office, findable by room and by name; `known` is payer and account tail → account ids."""

    by_room: Mapping[str, Sequence[Debtor]]
    by_name: Mapping[str, Sequence[Debtor]]
    known: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)


def ledger_of(debtors: Iterable[Debtor], known: Mapping[tuple[str, str], frozenset[int]] | None = None) -> Ledger:
    """Index the accounts. A short room (without its unit) is found only where it is unique."""
    by_room: dict[str, list[Debtor]] = {}
    by_name: dict[str, list[Debtor]] = {}
    for debtor in debtors:
        by_room.setdefault(debtor.room.sort_key, []).append(debtor)
        if debtor.room.unit:
            short = RoomKey(debtor.room.building, "", debtor.room.number)
            by_room.setdefault(short.sort_key, []).append(debtor)
        for name in debtor.names:
            by_name.setdefault(_squeeze(name), []).append(debtor)
    return Ledger(by_room, by_name, known or {})


def candidates(line: Line, ledger: Ledger) -> list[Match]:
    """Everyone it could be, best first."""
    named_rooms = [debtor for key in rooms_in_text(line.memo) for debtor in ledger.by_room.get(key.sort_key, ())]
    payers = list(ledger.by_name.get(_squeeze(line.payer), ()))
    usual = ledger.known.get((_squeeze(line.payer), line.payer_account), frozenset())
    everyone = {debtor.account_id: debtor for debtor in (*named_rooms, *payers)}
    found = [_score(line, debtor, named_rooms, payers, usual) for debtor in everyone.values()]
    if named_rooms:  # the payer's own words about the room outweigh a name that somebody else may share
        heard = {debtor.account_id for debtor in named_rooms}
        found = [
            m if m.account_id in heard else Match(m.account_id, min(m.score, SUGGEST_FROM - 1), m.reasons)
            for m in found
        ]
    return sorted(found, key=lambda match: (-match.score, match.account_id))


def suggestion(line: Line, ledger: Ledger) -> Match | None:
    """The one account a person is asked to confirm; None when two are equally likely or nobody is likely enough."""
    ranked = candidates(line, ledger)
    if not ranked or ranked[0].score < SUGGEST_FROM:
        return None
    if len(ranked) > 1 and ranked[1].score >= min(ranked[0].score, SUGGEST_FROM):
        return None
    return ranked[0]


def _score(line: Line, debtor: Debtor, rooms: list[Debtor], payers: list[Debtor], usual: frozenset[int]) -> Match:
    reasons: list[str] = []
    in_memo = any(debtor.account_id == other.account_id for other in rooms)
    is_payer = any(debtor.account_id == other.account_id for other in payers)
    amount_words, amount_points = _amount(line.amount, debtor)
    score = 0
    if in_memo:
        reasons.append(f"附言写明 {debtor.room.label}")
        score = _ROOM
    if is_payer:
        shared = len({other.account_id for other in payers}) > 1
        reasons.append(f"付款人 {line.payer} 是业主" + ("（有同名业主）" if shared else ""))
        score += _WITH_ROOM if in_memo else _NAME_SHARED if shared else _NAME
    elif in_memo and payers:
        reasons.append(f"付款人 {line.payer} 与另一户业主同名，请核对")
        score = _ROOM_DISPUTED
    if amount_points:
        reasons.append(amount_words)
        score += _WITH_ROOM if in_memo else amount_points
    if debtor.account_id in usual and len(usual) == 1:
        reasons.append("以前确认过同一付款账户")
        score = max(score + _WITH_ROOM, _KNOWN_PAYER + (amount_points and _WITH_ROOM))
    return Match(debtor.account_id, min(score, 100), tuple(reasons))


def _amount(amount: Decimal, debtor: Debtor) -> tuple[str, int]:
    """Whether the amount is one bill, everything, or the oldest bills together."""
    for bill in debtor.bills:
        if bill.open == amount:
            return f"金额等于 {bill.label} 账单", _AMOUNT
    if debtor.bills and debtor.open == amount:
        return f"金额等于全部欠费 {format_yuan(amount)}", _AMOUNT
    running = ZERO
    for count, bill in enumerate(debtor.bills, 1):
        running += bill.open
        if running == amount:
            return f"金额等于最早 {count} 笔账单之和", _AMOUNT_SUM
    return "", 0


def _squeeze(name: str) -> str:
    return name.replace(" ", "")
