"""违约金 in the books: what is posted, waived, paid and open, bill by bill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from billing.models import Account, Bill, ChargeEntry, ChargePayment, ChargeWaiver
from billing.rules.periods import Period
from offices.models import Membership, User
from offices.permissions import Role, holds
from offices.queries import office_settings
from offices.rules.money import ZERO
from offices.scoping import current_office_id
from offices.scoping.arrays import among

_KINDS = ChargeEntry.Kind


@dataclass(slots=True)
class Ledger:
    """The late charge of one bill. `posted` includes corrections; `until_on` is the last day posted."""

    bill_id: int
    account_id: int
    posted: Decimal = ZERO
    waived: Decimal = ZERO
    paid: Decimal = ZERO
    until_on: date | None = None
    by_day: dict[date, Decimal] = field(default_factory=dict)
    counts: dict[tuple[str, date], int] = field(default_factory=dict)

    @property
    def open(self) -> Decimal:
        """What is still to be paid, in yuan."""
        return self.posted - self.waived - self.paid

    def open_by(self, day: date) -> Decimal:
        """The part of it that was posted for days up to `day`: money of that day settles no later charge."""
        posted = sum((amount for until, amount in self.by_day.items() if until <= day), ZERO)
        return max(min(posted - self.waived - self.paid, self.open), ZERO)

    def enter(self, kind: str, until_on: date, amount: Decimal) -> None:
        """Count one more entry."""
        key = kind, until_on
        self.counts[key] = self.counts.get(key, 0) + 1
        if kind == _KINDS.WAIVED:
            self.waived -= amount
            return
        self.posted += amount
        self.by_day[until_on] = self.by_day.get(until_on, ZERO) + amount
        self.until_on = max(until_on, self.until_on or until_on)


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A bill with late charge left to pay."""

    account_id: int
    period: Period
    due_on: date
    fee_item: str
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class ChargeTotal:
    """What the whole late charge of a bill comes to up to and including a day, in yuan, before payments and waivers."""

    account_id: int
    bill_id: int
    until_on: date
    total: Decimal


def ledgers(account_ids: Collection[int], on: date | None = None) -> dict[int, Ledger]:
    """Bill → its ledger, for every bill of these accounts that has one, as of `on` or as it stands. Two statements."""
    entries = ChargeEntry.objects.filter(bill__account__in=among(account_ids))
    payments = ChargePayment.objects.filter(account__in=among(account_ids))
    if on is not None:
        entries, payments = entries.filter(booked_on__lte=on), payments.filter(value_on__lte=on)
    found: dict[int, Ledger] = {}
    rows = entries.values_list("bill_id", "bill__account_id", "kind", "until_on", "amount")
    for bill_id, account_id, kind, until_on, amount in rows:
        found.setdefault(bill_id, Ledger(bill_id, account_id)).enter(kind, until_on, amount)
    for bill_id, account_id, amount in payments.values_list("bill_id", "account_id").annotate(Sum("amount")):
        found.setdefault(bill_id, Ledger(bill_id, account_id)).paid = amount
    return found


def open_charges(account_ids: Collection[int]) -> dict[int, list[ChargeLine]]:
    """Account → its bills with late charge left to pay, also those whose principal is paid (invariant 27)."""
    open_ones = {bill_id: ledger for bill_id, ledger in ledgers(account_ids).items() if ledger.open > 0}
    found: dict[int, list[ChargeLine]] = defaultdict(list)
    if not open_ones:
        return found
    bills = Bill.objects.filter(pk__in=among(open_ones), voided_at=None)
    for bill in bills.select_related("fee_item").order_by("due_on", "pk"):
        found[bill.account_id].append(
            ChargeLine(
                account_id=bill.account_id,
                period=Period(bill.period_start, bill.period_end),
                due_on=bill.due_on,
                fee_item=bill.fee_item.name,
                ledger=open_ones[bill.pk],
            )
        )
    return found


def waivers_of(account: Account | None) -> QuerySet[ChargeWaiver]:
    """Waivers of one account, or of all, newest first."""
    rows = ChargeWaiver.objects.select_related(
        "account__room", "account__owner", "bill__fee_item", "evidence", "proposed_by", "decided_by"
    )
    return rows if account is None else rows.filter(account=account)


def waiver_limit(by: User) -> Decimal | None:
    """What a person may approve at most, in yuan, by their role in the open office; None: no limit."""
    role = Membership.objects.filter(user=by, office_id=current_office_id(), is_active=True).values_list(
        "role", flat=True
    )
    held = role.first()
    if held is None or not holds(held, "waiver.approve"):
        return ZERO
    settings = office_settings()
    return settings.waiver_limit_supervisor if held == Role.SUPERVISOR else settings.waiver_limit_manager
