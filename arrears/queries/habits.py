"""Payment habits of one account as of a day (S12). Contact habits are the archive's (decisions 20)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from arrears.queries.positions import bill_lines
from arrears.rules.habits import PaidBill, PaymentHabits, habits_of
from billing.models import Adjustment, Allocation, Payment


def payment_habits(account_id: int, on: date) -> PaymentHabits:
    """How the account has paid up to `on`. Four statements.

    Bills that a file said were paid before the books opened say nothing of days; payments taken back do not count.
    """
    entries: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    unknown: set[int] = set()
    allocated = Allocation.objects.filter(bill__account=account_id, value_on__lte=on)
    for bill_id, day, amount, kind in allocated.values_list("bill_id", "value_on", "amount", "payment__kind"):
        entries[bill_id].append((day, amount))
        if kind == Payment.Kind.OPENING:
            unknown.add(bill_id)
    reduced = Adjustment.objects.filter(bill__account=account_id, state=Adjustment.State.APPROVED, effective_on__lte=on)
    for bill_id, day, amount in reduced.values_list("bill_id", "effective_on", "amount"):
        entries[bill_id].append((day, amount))
    bills = [
        PaidBill(line.due_on, line.billed, tuple(entries[line.bill_id]), line.bill_id not in unknown)
        for line in bill_lines([account_id], on)
        if line.paid > 0
    ]
    living = Payment.objects.filter(account=account_id, amount__gt=0, value_on__lte=on)
    living = living.exclude(kind=Payment.Kind.OPENING).exclude(reversals__value_on__lte=on)
    return habits_of(bills, living.values_list("value_on", "kind"))
