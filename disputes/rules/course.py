"""The course of a dispute: heard first, then looked into, answered, decided (S75–S82)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

OPEN, CHECKING, ANSWERING, ANSWERED, CLOSED = "open", "checking", "answering", "answered", "closed"
STATES: tuple[tuple[str, str], ...] = (
    (OPEN, "待受理"),
    (CHECKING, "核实中"),
    (ANSWERING, "待答复"),
    (ANSWERED, "已答复待确认"),
    (CLOSED, "已关闭"),
)
STATE_LABELS = dict(STATES)

UPHELD, PARTLY, REJECTED, WITHDRAWN = "upheld", "partly", "rejected", "withdrawn"
RULINGS: tuple[tuple[str, str], ...] = (
    (UPHELD, "成立"),
    (PARTLY, "部分成立"),
    (REJECTED, "不成立"),
    (WITHDRAWN, "业主撤回"),
)
RULING_LABELS = dict(RULINGS)


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of step: from which states it may be taken and where it leads (None = stays)."""

    code: str
    label: str
    hint: str
    from_states: frozenset[str]
    to_state: str | None


_UNDECIDED = frozenset({OPEN, CHECKING, ANSWERING, ANSWERED})
_TAKEN = frozenset({CHECKING, ANSWERING, ANSWERED})
# "Listen first, do not hurry to justify" (S75): explaining opens only once the objection has been accepted.
MOVES: tuple[Move, ...] = (
    Move("heard", "补充业主陈述", "业主又说了什么", _UNDECIDED, None),
    Move("accept", "受理", "由谁核实，怎么核实", frozenset({OPEN}), CHECKING),
    Move("dispatch", "派单", "请哪个部门处理，处理什么", _TAKEN, CHECKING),
    Move("found", "核实结果", "查到了什么，做了什么", frozenset({CHECKING}), ANSWERING),
    Move("explain", "解释说明", "向业主说明了哪几点，出示了什么材料", _TAKEN, None),
    Move("answer", "答复业主", "怎样答复的，业主是否满意", frozenset({CHECKING, ANSWERING}), ANSWERED),
    Move("reopen", "业主不认可，重新核实", "业主不认可的是什么", frozenset({ANSWERED}), CHECKING),
)
BY_CODE = {move.code: move for move in MOVES}


def moves_from(state: str) -> tuple[Move, ...]:
    """The steps that may be taken in `state`, in the order of the course."""
    return tuple(move for move in MOVES if state in move.from_states)


def may_rule(state: str, ruling: str) -> bool:
    """Whether `ruling` may close a dispute in `state`.

    The owner may withdraw at any time; any other ruling needs that the objection was at least accepted.
    """
    return state in (_UNDECIDED if ruling == WITHDRAWN else _TAKEN)


def is_full_contest(contested: Decimal, open_amount: Decimal) -> bool:
    """Whether a contest takes the whole of what is open on a bill (decisions 10)."""
    return open_amount > 0 and contested >= open_amount


def reduction(ruling: str, contested: Decimal, granted: Decimal | None) -> Decimal:
    """By how much a ruling lowers one contested line: proposed, and in force only when a manager approves it.

    `granted` is what a partly upheld objection gets on this line. Raises ValueError when it is missing,
    negative or more than was contested.
    """
    if ruling == UPHELD:
        return contested
    if ruling != PARTLY:
        return Decimal("0.00")
    if granted is None or granted < 0 or granted > contested:
        raise ValueError("a partly upheld line is granted something between nothing and what was contested")
    return granted


@dataclass(frozen=True, slots=True)
class Promptness:
    """How a dispute stands against the day on which feedback was promised (S78, S80)."""

    days_open: int
    days_late: int

    @property
    def is_late(self) -> bool:
        """Feedback is overdue."""
        return self.days_late > 0


def promptness(raised_on: date, promised_on: date, on: date, answered_on: date | None = None) -> Promptness:
    """Days since the objection was raised, and days by which the promised feedback is (or was) late."""
    until = answered_on or on
    return Promptness(days_open=max((on - raised_on).days, 0), days_late=max((until - promised_on).days, 0))
