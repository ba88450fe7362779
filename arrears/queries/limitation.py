"""时效预警: open bills whose limitation runs out soon or has run out, and what one letter today would save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max

from arrears.models import LimitationEvent
from arrears.queries.positions import bill_lines
from arrears.rules.limitation import (
    ALERTS,
    LimitationAct,
    LimitationClock,
    Status,
    Strength,
    alert_of,
    clock_of,
    in_danger_by,
    worth,
)
from arrears.rules.position import ZERO, BillPosition
from billing.models import Account, Allocation, Payment
from disputes.models import CoveredBill

OWN_ACTS = (Payment.Kind.BANK, Payment.Kind.COUNTER)
"""Payments that are the debtor's own act (诉讼时效规定 14); what a file says was paid before us is not proof of a day."""


@dataclass(frozen=True, slots=True)
class LimitationLine:
    """One open bill with its clock."""

    bill: BillPosition
    clock: LimitationClock
    status: Status
    days_left: int


@dataclass(frozen=True, slots=True)
class LimitationRow:
    """One household of the page; its most urgent bill decides its place. `saved`: what one EMS today would save, in yuan."""

    account_id: int
    community: str
    room: str
    owner: str
    lines: tuple[LimitationLine, ...]
    saved: Decimal
    days_left: int
    alert: int | None


@dataclass(frozen=True, slots=True)
class LimitationBand:
    """One step of the alert ladder, or (days = None) what has run out: amount in yuan, bills and households."""

    days: int | None
    amount: Decimal
    bills: int
    households: int


@dataclass(frozen=True, slots=True)
class LimitationWatch:
    """The whole page as of a day: rows in order of urgency, bands over every row."""

    on: date
    rows: tuple[LimitationRow, ...]
    bands: tuple[LimitationBand, ...]
    saved: Decimal


def clocks(bills: Collection[BillPosition], on: date) -> dict[int, LimitationClock]:
    """The clock of each of these bills as of `on`. Three statements, however many bills."""
    acts = _acts([bill.bill_id for bill in bills], on)
    return {bill.bill_id: clock_of(bill.due_on, acts.get(bill.bill_id, ()), on=on) for bill in bills}


def _acts(bill_ids: Collection[int], on: date) -> dict[int, list[LimitationAct]]:
    found: dict[int, list[LimitationAct]] = defaultdict(list)
    if not bill_ids:
        return found
    events = LimitationEvent.objects.filter(bill__in=bill_ids, on__lte=on)
    for bill_id, day, kind, strength, ended_on, taken_back_on in events.values_list(
        "bill_id", "on", "kind", "strength", "ended_on", "withdrawn_on"
    ):
        is_taken_back = taken_back_on is not None and taken_back_on <= on
        found[bill_id].append(LimitationAct(day, kind, worth(Strength(strength), is_taken_back), None, ended_on))
    paid = Allocation.objects.filter(bill__in=bill_ids, value_on__lte=on, payment__kind__in=OWN_ACTS)
    paid = paid.filter(amount__gt=0).exclude(payment__reversals__value_on__lte=on)
    for bill_id, day in paid.values_list("bill_id", "value_on"):
        found[bill_id].append(LimitationAct(day, "payment", Strength.STRONG))
    signed = CoveredBill.objects.filter(bill__in=bill_ids, plan__starts_on__lte=on).annotate(
        last_due_on=Max("plan__instalments__due_on")
    )
    for bill_id, day, ended, last in signed.values_list(
        "bill_id", "plan__starts_on", "plan__ends_before", "last_due_on"
    ):
        ended = ended if ended and ended <= on else None
        found[bill_id].append(LimitationAct(day, "plan", Strength.STRONG, ended or last))
    return found


def limitation_watch(on: date) -> LimitationWatch:
    """Every open bill that has run out or is within 180 days of it. A fixed number of statements."""
    old = bill_lines(None, on, only_open=True, due_by=in_danger_by(on))
    by_account: dict[int, list[LimitationLine]] = defaultdict(list)
    found = clocks(old, on)
    for bill in old:
        clock = found[bill.bill_id]
        left = clock.days_left(on)
        if left <= ALERTS[-1]:
            by_account[bill.account_id].append(LimitationLine(bill, clock, clock.status(on), left))
    rows = sorted(_rows(by_account), key=_urgency)
    return LimitationWatch(on, tuple(rows), tuple(_bands(rows)), sum((row.saved for row in rows), ZERO))


def _rows(by_account: dict[int, list[LimitationLine]]) -> Iterable[LimitationRow]:
    accounts = Account.objects.filter(pk__in=by_account).select_related("room__community", "owner")
    for account in accounts:
        lines = by_account[account.pk]
        running = [line for line in lines if line.days_left >= 0]
        left = min((line.days_left for line in running), default=-1)
        yield LimitationRow(
            account_id=account.pk,
            community=account.room.community.name,
            room=str(account.room),
            owner=account.owner.name,
            lines=tuple(lines),
            saved=sum((line.bill.open_amount for line in running), ZERO),
            days_left=left,
            alert=alert_of(left),
        )


def _urgency(row: LimitationRow) -> tuple[bool, int, Decimal]:
    """What can still be saved first, the most urgent of it first; households with nothing left to save last."""
    return row.days_left < 0, row.days_left, -row.saved


def _bands(rows: Iterable[LimitationRow]) -> Iterable[LimitationBand]:
    lines = [line for row in rows for line in row.lines]
    for days in (*ALERTS, None):
        here = [line for line in lines if alert_of(line.days_left) == days]
        yield LimitationBand(
            days=days,
            amount=sum((line.bill.open_amount for line in here), ZERO),
            bills=len(here),
            households=len({line.bill.account_id for line in here}),
        )
