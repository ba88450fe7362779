"""What a household owes and which step it may take, said a second time in the plainest way. No Django, no database.

Money is in cents; every question is asked anew from the facts, day by day, with nothing remembered in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

A_DAY = timedelta(days=1)
LONG_AGO = date.min


@dataclass(frozen=True)
class Step:
    """One step of the strategy (decisions 1): days to wait, fewer when things are serious, and since what."""

    kind: str
    wait: int
    urgent: int | None = None
    since_deadline: bool = False


STEPS = (
    Step("reminder", 1),
    Step("reminder", 6, 3),
    Step("call", 8, 3),
    Step("formal", 16),
    Step("follow_up", 1, since_deadline=True),
    Step("final", 15, since_deadline=True),
    Step("decision", 1, since_deadline=True),
)
PERSONAL = ("reminder", "call", "follow_up")
A_WEEK, CAP, GRACE = timedelta(days=7), 3, A_DAY


@dataclass
class Bill:
    """What is left of one bill; in the half-open intervals `contests` the owner disputes all of it, in `plans` it is
    under an instalment plan."""

    due_on: date
    left: int
    contests: list[list[date | None]] = field(default_factory=list)
    plans: list[list[date | None]] = field(default_factory=list)


@dataclass
class Money:
    """One payment: the bills it pays and what is left of it."""

    amount: int
    value_on: date
    shares: dict[int, int] = field(default_factory=dict)
    left: int = 0
    is_reversed: bool = False


@dataclass
class Case:
    """One cycle of collection. `reached` counts steps that took effect."""

    steps: tuple[Step, ...]
    opened_on: date
    cycle: int = 1
    state: str = "open"
    closed_on: date | None = None
    reached: int = 0
    reached_on: date | None = None
    deadline_on: date | None = None
    demanded: set[int] = field(default_factory=set)


@dataclass
class Promise:
    """The owner's word: so much by then."""

    made_on: date
    last_day: date
    amount: int


def covers(interval: list[date | None], day: date) -> bool:
    """Whether the day lies in [start, end)."""
    start, end = interval
    return (start or LONG_AGO) <= day and (end is None or day < end)


class Household:
    """One account: what was billed, paid, held, promised; and the case about it."""

    def __init__(self) -> None:
        self.bills: dict[int, Bill] = {}
        self.money: dict[int, Money] = {}
        self.receipts: list[tuple[date, int]] = []
        self.holds: list[tuple[list[date | None], bool]] = []
        self.promise: Promise | None = None
        self.kept_and_broken: list[str] = []
        self.case: Case | None = None
        self.contacts: list[date] = []
        self.silent_until: date | None = None
        self.taken_back: list[tuple[date, date]] = []  # when, and the due day of the bill that is open again

    # --- money

    def pay(self, key: int, amount: int, value_on: date) -> None:
        """Bills that are due come first, then the others; the oldest of each first; the rest is credit."""
        money = self.money[key] = Money(amount, value_on, left=amount)
        self.receipts.append((value_on, amount))
        for number, bill in sorted(self.bills.items(), key=lambda item: (item[1].due_on > value_on, item[1].due_on)):
            self._settle(money, number, min(money.left, bill.left))

    def reverse(self, key: int, on: date) -> None:
        """Everything it paid is owed again."""
        money = self.money[key]
        for number, share in money.shares.items():
            self.bills[number].left += share
            self.taken_back.append((on, self.bills[number].due_on))
        self.receipts.append((on, -money.amount))
        money.shares, money.left, money.is_reversed = {}, 0, True

    def use_credit(self, on: date) -> None:
        """Credit pays what has fallen due and is not disputed; one payment pays a bill once."""
        for number, bill in sorted(self.bills.items(), key=lambda item: item[1].due_on):
            if bill.due_on <= on and not self.is_contested(bill, on):
                for money in sorted(self.money.values(), key=lambda each: each.value_on):
                    if number not in money.shares:
                        self._settle(money, number, min(money.left, bill.left))

    def _settle(self, money: Money, number: int, share: int) -> None:
        if share > 0:
            money.shares[number] = money.shares.get(number, 0) + share
            money.left -= share
            self.bills[number].left -= share

    # --- standing

    def is_contested(self, bill: Bill, on: date) -> bool:
        return any(covers(each, on) for each in bill.contests)

    def is_free(self, bill: Bill, on: date) -> bool:
        return not any(covers(each, on) for each in (*bill.contests, *bill.plans))

    def is_held(self, on: date, *, for_reminder: bool = False) -> bool:
        return any(covers(interval, on) for interval, silences in self.holds if silences or not for_reminder)

    def late(self, on: date) -> list[Bill]:
        return [bill for bill in self.bills.values() if bill.left > 0 and bill.due_on < on]

    def arrears(self, on: date) -> int:
        return sum(bill.left for bill in self.late(on))

    def credit(self) -> int:
        return sum(money.left for money in self.money.values())

    def may_name(self, kind: str, on: date) -> int:
        """The cents a step of this kind may speak of: nothing contested, nothing held, credit taken off."""
        if self.is_held(on, for_reminder=kind == "reminder"):
            return 0
        free = sum(bill.left for bill in self.late(on) if self.is_free(bill, on))
        return max(free - self.credit(), 0)

    def days_late(self, bill: Bill, on: date) -> int:
        """Counted one by one: each day after the due day up to today that lies in no hold (invariant 11)."""
        days = (bill.due_on + A_DAY * n for n in range(1, (on - bill.due_on).days + 1))
        return sum(1 for day in days if not self.is_held(day) and self.is_free(bill, day))

    # --- steps

    def step(self) -> Step | None:
        """The step after the one reached."""
        case = self.case
        return case.steps[case.reached] if case and case.state == "open" and case.reached < len(case.steps) else None

    def may_take(self, on: date, *, urgent: bool) -> bool:
        """Whether the following step may be taken today; `urgent`: by the shortest wait that any tier allows."""
        case, step = self.case, self.step()
        if case is None or step is None or self.may_name(step.kind, on) <= 0:
            return False
        if self.promise is not None and on <= self.promise.last_day:
            return False
        if self.silent_until is not None and on < self.silent_until:
            return False
        if step.kind in PERSONAL and self.contacts_in_week(on) >= CAP:
            return False
        wait = timedelta(days=step.urgent if urgent and step.urgent is not None else step.wait)
        if step.since_deadline:
            if case.deadline_on is None or not case.demanded or case.deadline_on >= on or case.reached_on == on:
                return False  # and never two steps on one day
            return case.deadline_on + wait <= on
        since = case.reached_on or min(bill.due_on for bill in self.late(on))
        return since + wait <= on

    def contacts_in_week(self, on: date) -> int:
        return sum(1 for day in self.contacts if on - A_WEEK < day <= on)

    def take_effect(self, on: date, deadline_on: date | None = None, demanded: set[int] | None = None) -> None:
        """The following step was taken on that day; a letter has a deadline and demands bills."""
        case, step = self.case, self.step()
        assert case is not None
        assert step is not None
        case.reached, case.reached_on = case.reached + 1, on
        case.deadline_on = deadline_on or case.deadline_on
        if step.kind == "formal":
            case.demanded = demanded or set()

    # --- the day

    def live(self, on: date, steps: tuple[Step, ...] = STEPS) -> None:
        """What a day's work in the house comes to: credit used, promises judged, the case closed and opened.

        A case is over when nothing is late, or when all that its formal letter demanded is paid (invariants 6, 21).
        It comes back where it stood when a payment is taken back that paid what was late in it.
        """
        self.use_credit(on)
        self.judge(on)
        owes = self.arrears(on) > 0
        if self.case and self.case.state == "open" and (not owes or self.is_met()):
            self.case.state, self.case.closed_on = "settled", on
        case = self.case
        if not owes or (case and case.state != "settled"):
            return
        closed = case.closed_on if case else None
        if case and closed and not self.is_met() and any(due < closed <= back for back, due in self.taken_back):
            case.state, case.closed_on = "open", None
        else:
            self.case = Case(steps, on, cycle=case.cycle + 1 if case else 1)

    def is_met(self) -> bool:
        """Whether everything that the case's formal letter demanded is paid."""
        demanded = self.case.demanded if self.case else set()
        return bool(demanded) and all(self.bills[number].left == 0 for number in demanded)

    def came_for(self, word: Promise, *, until: date) -> int:
        """The cents that came in from the day the word was given."""
        return sum(amount for day, amount in self.receipts if word.made_on <= day <= until)

    def judge(self, on: date) -> None:
        """Kept when the money came in time, broken once when its last day is over (invariant 13)."""
        word = self.promise
        if word is None:
            return
        got = self.came_for(word, until=word.last_day)
        if got >= word.amount or on > word.last_day:
            self.kept_and_broken.append("kept" if got >= word.amount else "broken")
            self.promise = None
