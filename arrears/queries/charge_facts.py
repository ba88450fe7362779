"""Every bill that is or was late, with the facts its 违约金 is computed from: paid, reduced, held, contested and when.

A fixed number of statements for any number of accounts. Here, and only here, it is said what stops the charge
(decisions 10): special cases, full contests and plans in force hold; a partial contest lowers the base.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, Sum

from arrears.models import LimitationEvent
from billing.models import Adjustment, Allocation, Bill, Payment, SpecialCase
from billing.rules.days import Hold
from billing.rules.late_charge import Debt
from disputes.models import CoveredBill, DisputedBill
from offices.rules.money import ZERO
from offices.scoping import current_office
from offices.scoping.arrays import among


@dataclass(frozen=True, slots=True)
class LateBill:
    """A bill whose due date has passed. `debt` is what the engine counts from."""

    bill_id: int
    account_id: int
    community_id: int
    fee_item_id: int
    period_start: date
    period_end: date
    due_on: date
    debt: Debt


def late_bills(account_ids: Collection[int], on: date) -> list[LateBill]:
    """Bills in the books of `on` that were due before it, oldest first within each account.

    What a file said was paid before the books opened counts as paid in time: nobody knows the day. A reduction counts from
    the beginning, as if the bill had never been higher.
    """
    rows = (
        Bill.objects.filter(account__in=among(account_ids), due_on__lt=on, billed_on__lte=on)
        .filter(Q(voided_at=None) | Q(voided_at__gte=_end_of(on)))
        .order_by("account_id", "due_on", "pk")
        .values_list(
            "pk",
            "account_id",
            "account__room__community_id",
            "fee_item_id",
            "period_start",
            "period_end",
            "due_on",
            "amount",
        )
    )
    bills = list(rows)
    due = {row[0]: row[6] for row in bills}
    reduced = dict(
        Adjustment.objects.filter(bill__in=among(due), state=Adjustment.State.APPROVED, effective_on__lte=on)
        .values_list("bill_id")
        .annotate(Sum("amount"))
    )
    payments = _payments(due, on)
    held = _special_holds(account_ids, on)
    full, part = _contests(due, on)
    demanded = _demands(due, on)
    return [
        LateBill(
            bill_id=bill_id,
            account_id=account_id,
            community_id=community_id,
            fee_item_id=fee_item_id,
            period_start=start,
            period_end=end,
            due_on=due_on,
            debt=Debt(
                due_on=due_on,
                principal=amount - reduced.get(bill_id, ZERO),
                payments=tuple(payments[bill_id]),
                holds=(*held[account_id], *full[bill_id]),
                contested=tuple(part[bill_id]),
                demanded_until=demanded.get(bill_id),
            ),
        )
        for bill_id, account_id, community_id, fee_item_id, start, end, due_on, amount in bills
    ]


def _demands(bill_ids: Collection[int], on: date) -> dict[int, date]:
    """The end of the earliest period that a formal demand effective by `on` set, per bill printed on it."""
    acts = LimitationEvent.objects.filter(bill__in=among(bill_ids), on__lte=on, demanded_until__isnull=False)
    acts = acts.exclude(withdrawn_on__lte=on)
    return dict(acts.values_list("bill_id").annotate(Min("demanded_until")))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(current_office().time_zone))


def _payments(due: dict[int, date], on: date) -> dict[int, list[tuple[date, Decimal]]]:
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    paid = Allocation.objects.filter(bill__in=among(due), value_on__lte=on)
    for bill_id, day, amount, kind in paid.values_list("bill_id", "value_on", "amount", "payment__kind"):
        found[bill_id].append((due[bill_id] if kind == Payment.Kind.OPENING else day, amount))
    return found


def _special_holds(account_ids: Collection[int], on: date) -> dict[int, list[Hold]]:
    held: dict[int, list[Hold]] = defaultdict(list)
    cases = SpecialCase.objects.filter(account__in=among(account_ids), starts_on__lte=on)
    for account_id, start, end in cases.values_list("account_id", "starts_on", "ends_before"):
        held[account_id].append(Hold(start, end))
    return held


def _contests(
    bill_ids: Collection[int], on: date
) -> tuple[dict[int, list[Hold]], dict[int, list[tuple[Hold, Decimal]]]]:
    """Days on which bills were contested whole or under a plan, and parts contested, or upheld and not yet decided (S82)."""
    full: dict[int, list[Hold]] = defaultdict(list)
    part: dict[int, list[tuple[Hold, Decimal]]] = defaultdict(list)
    contests = DisputedBill.objects.filter(bill__in=among(bill_ids), dispute__raised_on__lte=on)
    for bill_id, start, end, amount, is_full in contests.values_list(
        "bill_id", "dispute__raised_on", "dispute__resolved_on", "amount", "is_full"
    ):
        if is_full:
            full[bill_id].append(Hold(start, end))
        else:
            part[bill_id].append((Hold(start, end), amount))
    plans = CoveredBill.objects.filter(bill__in=among(bill_ids), plan__starts_on__lte=on)
    for bill_id, start, end in plans.values_list("bill_id", "plan__starts_on", "plan__ends_before"):
        full[bill_id].append(Hold(start, end))
    upheld = Adjustment.objects.filter(
        bill__in=among(bill_ids), kind=Adjustment.Kind.DISPUTE, state=Adjustment.State.PROPOSED, effective_on__lte=on
    )
    for bill_id, start, amount in upheld.values_list("bill_id", "effective_on", "amount"):
        part[bill_id].append((Hold(start), amount))
    return full, part
