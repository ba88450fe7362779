"""Instalment plans (S83–S88): what may be agreed, and how a plan stands against the money that came in. Pure."""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

PROPOSED, APPROVED, ACTIVE = "proposed", "approved", "active"
KEPT, BROKEN, ENDED, REFUSED = "kept", "broken", "ended", "refused"

ZERO = Decimal("0.00")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """What one office lets people agree (S86). Percent of the covered amount; months from the first day of payment."""

    max_instalments: int = 12
    max_months: int = 12
    min_down_percent: int = 0
    grace_days: int = 3
    broken_after: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One instalment: `seq` 0 is the down payment. Amount in yuan."""

    seq: int
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a schedule cannot be agreed: a stable code and what goes into its words."""

    code: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class LineStanding:
    """One instalment as of a day. `paid_on`: the value date that completed it; `received`: yuan set against it."""

    line: Line
    received: Decimal
    paid_on: date | None
    is_due: bool
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan as of a day: what came in for it, each instalment, and the state that follows, with its first day."""

    received: Decimal
    lines: tuple[LineStanding, ...]
    state: str
    since: date | None

    @property
    def following(self) -> LineStanding | None:
        """The first instalment that is not fully paid."""
        return next((line for line in self.lines if line.paid_on is None), None)

    @property
    def missed(self) -> int:
        """How many instalments are past their grace and not fully paid."""
        return sum(line.is_missed for line in self.lines)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last (民法典 202)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def even_schedule(total: Decimal, *, down: Decimal, down_on: date, count: int, first_on: date) -> tuple[Line, ...]:
    """`count` monthly instalments of equal whole cents after the down payment, the last one taking the odd cents.

    No down payment (0) gives no line for it. Raises ValueError when nothing is left to spread.
    """
    rest = total - down
    if count < 1 or rest < Decimal(count) / 100:
        raise ValueError("nothing is left for so many instalments")
    each = (rest * 100 // count) / 100
    amounts = [each] * (count - 1) + [rest - each * (count - 1)]
    lines = [Line(0, down_on, down)] if down > 0 else []
    lines += [Line(n, months_after(first_on, n - 1), amount) for n, amount in enumerate(amounts, 1)]
    return tuple(lines)


def fault_of(lines: Sequence[Line], *, total: Decimal, on: date, policy: PlanPolicy) -> Fault | None:
    """The first reason why this schedule cannot be agreed on day `on` for `total` yuan; None when it can (S86, S88)."""
    parts = [line for line in lines if line.seq > 0]
    if not parts:
        return Fault("no_lines", {})
    if len(parts) > policy.max_instalments:
        return Fault("too_many", {"limit": policy.max_instalments, "count": len(parts)})
    wrong = next((line for line in lines if line.amount <= 0), None)
    if wrong is not None:
        return Fault("amount", {"seq": wrong.seq})
    days = [line.due_on for line in lines]
    if days[0] < on:
        return Fault("in_the_past", {"day": days[0]})
    if any(later <= earlier for earlier, later in itertools.pairwise(days)):
        return Fault("order", {})
    if days[-1] > months_after(on, policy.max_months):
        return Fault("too_long", {"limit": policy.max_months, "day": months_after(on, policy.max_months)})
    agreed = sum((line.amount for line in lines), ZERO)
    if agreed != total:
        return Fault("sum", {"agreed": agreed, "total": total, "difference": abs(agreed - total)})
    down = sum((line.amount for line in lines if line.seq == 0), ZERO)
    least = (total * policy.min_down_percent / 100).quantize(Decimal("0.01"))
    if down < least:
        return Fault("down_too_small", {"least": least, "percent": policy.min_down_percent})
    return None


def standing_of(
    lines: Sequence[Line], money: Iterable[tuple[date, Decimal]], *, on: date, grace_days: int, broken_after: int
) -> Standing:
    """How the plan stands on `on`, by value dates alone (invariant 14).

    `money`: (day, yuan) of everything that made the covered bills smaller since they were agreed: payments, and
    reductions; negative when a payment was given back. It pays the instalments in their order. An instalment is
    missed when its day and the grace have passed and it is not fully paid; with the `broken_after`th missed one the
    plan is broken, from the day after that grace. Once broken it stays broken, whatever is paid later.
    """
    entries = sorted((day, amount) for day, amount in money if day <= on)
    until: list[Decimal] = []
    for line in lines:
        until.append((until[-1] if until else ZERO) + line.amount)
    total = until[-1] if until else ZERO
    broken_on = None
    for line in lines:
        day = line.due_on + timedelta(days=grace_days) + A_DAY
        if day > on or broken_on is not None:
            break
        if _missed(lines, until, entries, day, grace_days) >= broken_after:
            broken_on = day
    received = sum((amount for _day, amount in entries), ZERO)
    paid = [_paid_on(entries, goal) for goal in until]
    state, since = ACTIVE, None
    kept_on = paid[-1] if paid else None
    if broken_on is not None and (kept_on is None or kept_on >= broken_on):
        state, since = BROKEN, broken_on
    elif kept_on is not None and received >= total:
        state, since = KEPT, kept_on
    return Standing(
        received=received,
        lines=tuple(
            LineStanding(
                line=line,
                received=min(max(received - (goal - line.amount), ZERO), line.amount),
                paid_on=paid_on,
                is_due=line.due_on <= on,
                is_missed=paid_on is None and line.due_on + timedelta(days=grace_days) < on,
            )
            for line, goal, paid_on in zip(lines, until, paid, strict=True)
        ),
        state=state,
        since=since,
    )


def _missed(
    lines: Sequence[Line], until: Sequence[Decimal], entries: Sequence[tuple[date, Decimal]], day: date, grace_days: int
) -> int:
    """How many instalments were past their grace and unpaid at the beginning of `day`."""
    received = sum((amount for when, amount in entries if when < day), ZERO)
    return sum(
        line.due_on + timedelta(days=grace_days) < day and received < goal
        for line, goal in zip(lines, until, strict=True)
    )


def _paid_on(entries: Sequence[tuple[date, Decimal]], goal: Decimal) -> date | None:
    """The day from which the money in hand reached `goal` and never fell below it again."""
    received, since = ZERO, None
    by_day: dict[date, Decimal] = {}
    for day, amount in entries:
        by_day[day] = by_day.get(day, ZERO) + amount
    for day, amount in by_day.items():
        received += amount
        if received >= goal:
            since = since or day
        else:
            since = None
    return since
