"""The late charge of one bill (违约金): simple, on unpaid principal, by dated terms (民法典 585; domain 4.1, 4.2; decisions 11).

Each stretch of days counts principal × rate × days without rounding; the sum is capped, then rounded once. What the
contract lets the office *claim* stands beside what a court is *likely* to support: 1.3 times the loss at the LPR of the
day asked about (合同编通则解释 65②). Pure: no clock, no database.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.rules.days import Hold
from billing.rules.lpr import SHIPPED, LprRow, lpr_on
from offices.rules.money import ZERO, yuan

DAY_BASIS = 365
LOSS_FACTOR = Decimal("1.3")
DAY = timedelta(days=1)


class Cap(StrEnum):
    """What the charge may not exceed: nothing, the principal, a share of it, or interest on it at a multiple of the LPR."""

    NONE = "none"
    PRINCIPAL = "principal"
    PCT = "pct"
    LPR_MULTIPLE = "lpr_multiple"
    LPR_LOSS_130 = "lpr_loss_130"


class Start(StrEnum):
    """From when a late bill is charged: the day after its due date (or its grace), or the day after the period that a
    formal demand set has run out (取催告期满次日, the owner-friendly rule of domain 4.1)."""

    DUE = "due"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True)
class LateChargeTerms:
    """What a contract says, for the days from `starts_on` to `ends_on` inclusive (None: no end).

    `rate_per_day` is a fraction of the principal. With `grace_days` nothing is charged that early; afterwards from
    the end of the grace, or with `grace_retroactive` from the due date. `cap_value`: the share for PCT, the multiple for
    LPR_MULTIPLE. With `start` DEMAND only days after the demand's period are charged, none without a demand. `holds_stop`: days on hold are not charged. Below `minimum` yuan nothing is claimed.
    """

    rate_per_day: Decimal
    starts_on: date = date.min
    ends_on: date | None = None
    grace_days: int = 0
    grace_retroactive: bool = False
    cap: Cap = Cap.NONE
    cap_value: Decimal = Decimal(1)
    holds_stop: bool = True
    minimum: Decimal = ZERO
    start: Start = Start.DUE


@dataclass(frozen=True, slots=True)
class Debt:
    """One bill: what was owed after reductions, what was paid when, when it stood still, what part was contested when.

    `demanded_until`: the last day of the period that the first effective formal demand set (民法典 944②); None without one.
    """

    due_on: date
    principal: Decimal
    payments: tuple[tuple[date, Decimal], ...] = ()
    holds: tuple[Hold, ...] = ()
    contested: tuple[tuple[Hold, Decimal], ...] = ()
    demanded_until: date | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in (`after`, `until`] that were charged alike; `amount` is not rounded."""

    after: date
    until: date
    days: int
    base: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LateCharge:
    """The charge as of a day, in yuan. `principal` is what is still unpaid; `paid` what payments settled of the charge.

    `supported` is None when the LPR table knows no rate for the day: then nobody can say what a court would support.
    """

    claimed: Decimal
    supported: Decimal | None
    days: int
    principal: Decimal
    paid: Decimal
    stretches: tuple[Stretch, ...]


def late_charge(
    debt: Debt,
    terms: Sequence[LateChargeTerms],
    on: date,
    *,
    charge_first: bool = False,
    lpr: Sequence[LprRow] = SHIPPED,
) -> LateCharge:
    """The charge on `debt` as of `on`, under terms that do not overlap; 0.00 while it is not late or no terms apply.

    `charge_first`: payments settle what is accrued before the principal (民法典 561), else the principal first. Then a
    bill paid whole keeps the charge of that day: no later rule, rate or end of a grace changes it.
    """
    end = on if charge_first else _settled_on(debt, on) or on
    start = _start(debt.due_on, _latest(terms, end), end)
    principal, accrued, paid = debt.principal, Decimal(0), ZERO
    stretches: list[Stretch] = []
    payments = sorted(debt.payments)
    principal -= sum((amount for day, amount in payments if day <= start), Decimal(0))
    for after, until in itertools.pairwise(sorted(_breaks(debt, terms, start, end))):
        stretch = _stretch(debt, terms, after, until, max(principal, Decimal(0)))
        if stretch is not None:
            stretches.append(stretch)
            accrued += stretch.amount
        for _day, amount in (each for each in payments if each[0] == until):
            to_charge = ZERO
            if charge_first and amount > 0:
                so_far = _capped(debt, stretches, accrued, _latest(terms, until), lpr_on(until, lpr))
                to_charge = min(amount, max(so_far - paid, ZERO))
            paid += to_charge
            principal -= amount - to_charge
    rate = lpr_on(end, lpr)
    claimed = max(_capped(debt, stretches, accrued, _latest(terms, end), rate) - paid, ZERO)
    likely = None if rate is None else yuan(_interest(stretches, rate * LOSS_FACTOR))
    return LateCharge(
        claimed=claimed,
        supported=None if likely is None else min(claimed, max(likely - paid, ZERO)),
        days=sum(stretch.days for stretch in stretches),
        principal=max(principal, ZERO),
        paid=paid,
        stretches=_joined(stretches),
    )


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Neighbours that were charged alike as one: a day that changed nothing here is no seam in the calculation."""
    joined: list[Stretch] = []
    for each in stretches:
        last = joined[-1] if joined else None
        if last is not None and (last.until, last.base, last.rate) == (each.after, each.base, each.rate):
            joined[-1] = replace(last, until=each.until, days=last.days + each.days, amount=last.amount + each.amount)
        else:
            joined.append(each)
    return tuple(joined)


def _latest(terms: Sequence[LateChargeTerms], day: date) -> LateChargeTerms | None:
    return next((t for t in reversed(terms) if t.starts_on <= day), None)


def _settled_on(debt: Debt, on: date) -> date | None:
    """The day by which the principal was paid and since which it stayed so; None while some of it is open."""
    rest, settled = debt.principal, debt.due_on if debt.principal <= 0 else None
    for day, amount in sorted(each for each in debt.payments if each[0] <= on):
        rest -= amount
        settled = None if rest > 0 else settled or day
    return settled


def _start(due_on: date, terms: LateChargeTerms | None, on: date) -> date:
    """The last day that is not charged."""
    if terms is None or not terms.grace_days:
        return due_on
    end_of_grace = due_on + timedelta(days=terms.grace_days)
    return due_on if terms.grace_retroactive and on > end_of_grace else end_of_grace


def _breaks(debt: Debt, terms: Sequence[LateChargeTerms], start: date, on: date) -> Iterable[date]:
    """Days after which something changes, from `start` to `on`; empty when nothing is late yet."""
    if on <= start:
        return ()
    found = {start, on, *(day for day, _amount in debt.payments), *filter(None, [debt.demanded_until])}
    for hold in (*debt.holds, *(hold for hold, _amount in debt.contested)):
        found |= {hold.starts_on - DAY} | ({hold.ends_before - DAY} if hold.ends_before else set())
    for each in terms:
        found |= {each.starts_on - DAY} if each.starts_on > date.min else set()
        found |= {each.ends_on} if each.ends_on else set()
    return {day for day in found if start <= day <= on}


def _stretch(
    debt: Debt, terms: Sequence[LateChargeTerms], after: date, until: date, principal: Decimal
) -> Stretch | None:
    first = after + DAY
    term = next((t for t in terms if t.starts_on <= first and (t.ends_on is None or first <= t.ends_on)), None)
    if term is None or (term.holds_stop and any(hold.covers(first) for hold in debt.holds)):
        return None
    if term.start is Start.DEMAND and (debt.demanded_until is None or first <= debt.demanded_until):
        return None
    base = max(principal - sum((a for hold, a in debt.contested if hold.covers(first)), Decimal(0)), Decimal(0))
    days = (until - after).days
    return Stretch(after, until, days, base, term.rate_per_day, base * term.rate_per_day * days) if base else None


def _interest(stretches: Iterable[Stretch], rate_a_year: Decimal) -> Decimal:
    return sum((s.base * s.days for s in stretches), Decimal(0)) * rate_a_year / DAY_BASIS


def _capped(
    debt: Debt, stretches: Sequence[Stretch], accrued: Decimal, terms: LateChargeTerms | None, lpr: Decimal | None
) -> Decimal:
    """Rounded once. Under a cap by an LPR that nobody entered nothing is claimed."""
    if terms is None:
        return yuan(accrued)
    caps = {
        Cap.NONE: accrued,
        Cap.PRINCIPAL: debt.principal,
        Cap.PCT: debt.principal * terms.cap_value,
        Cap.LPR_MULTIPLE: _interest(stretches, (lpr or Decimal(0)) * terms.cap_value),
        Cap.LPR_LOSS_130: _interest(stretches, (lpr or Decimal(0)) * LOSS_FACTOR),
    }
    amount = yuan(min(accrued, caps[terms.cap]))
    return amount if amount >= terms.minimum else ZERO
