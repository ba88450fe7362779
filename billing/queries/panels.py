"""What the panels of one household show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from billing.models import Account, Adjustment, Allocation, Payment, SpecialCase


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A special case on a day. `ends_on` is the last day it holds, inclusive."""

    case: SpecialCase
    ends_on: date | None
    is_active: bool


def special_cases_of(account: Account, on: date) -> list[CaseLine]:
    """Special cases of one account, those that hold on `on` first."""
    cases = SpecialCase.objects.filter(account=account).select_related("opened_by", "closed_by")
    lines = [
        CaseLine(
            case,
            case.ends_before - timedelta(days=1) if case.ends_before else None,
            case.starts_on <= on and (case.ends_before is None or case.ends_before > on),
        )
        for case in cases
    ]
    return sorted(lines, key=lambda line: not line.is_active)


def payments_of(account: Account) -> QuerySet[Payment]:
    """Payments of one account with what each settled, newest first."""
    shares = Prefetch("allocations", Allocation.objects.select_related("bill__fee_item").order_by("bill__due_on", "pk"))
    payments = Payment.objects.filter(account=account).select_related("recorded_by", "bank_line")
    return payments.prefetch_related(shares, "reversals").order_by("-value_on", "-pk")


def reductions_of(account: Account | None) -> QuerySet[Adjustment]:
    """Reductions of one account's bills, or of all, newest first."""
    rows = Adjustment.objects.select_related(
        "bill__fee_item", "bill__account__room", "bill__account__owner", "proposed_by", "decided_by"
    )
    if account is not None:
        rows = rows.filter(bill__account=account)
    return rows.order_by("-proposed_at", "-pk")
