"""预存款 pays the bills that fall due, before anybody is reminded of them (S5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import transaction

from billing.models import Account, Allocation, ChargePayment, Payment
from billing.operations.accounts import stamp_accounts
from billing.queries import credits_of
from billing.queries.debts import owed_bills
from billing.rules.allocation import allocate
from offices.models import OfficeSettings
from offices.rules.money import ZERO, total


@transaction.atomic
def apply_credit(*, account_ids: Collection[int], on: date, spare: Collection[int] = ()) -> int:
    """Set the credit of these accounts against their bills due by `on`; returns how many accounts it helped.

    `spare`: bills that must not be paid out of credit without the owner's consent, because they are contested
    (domain 4.3). Each share keeps the value date of the payment it comes from, so it is taken back with it.
    """
    if not account_ids:
        return 0
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=account_ids).order_by("pk"))
    credit = credits_of(account_ids)
    mode = OfficeSettings.objects.values_list("allocation_mode", flat=True).first() or "property"
    sources = _sources(account_ids)
    shares: list[Allocation] = []
    charges: list[ChargePayment] = []
    for account_id, owed in owed_bills(account_ids, on).items():
        due = [bill.debt(on) for bill in owed if bill.due_on <= on and bill.bill_id not in spare]
        split = allocate(max(credit.get(account_id, ZERO), ZERO), due, on=on, mode=mode)  # type: ignore[arg-type]
        for bill_id, part in split.parts:
            shares += _draw(sources[account_id], bill_id, part.principal)
            charges += _draw_charge(sources[account_id], bill_id, part.late)
    Allocation.objects.bulk_create(shares)
    ChargePayment.objects.bulk_create(charges)
    helped = sorted({s.payment.account_id for s in shares} | {c.account_id for c in charges})
    stamp_accounts(account_ids=helped)
    return len(helped)


class _Source:
    """A payment with something left, and the bills it already pays."""

    __slots__ = ("bills", "charged", "left", "payment")

    def __init__(self, payment: Payment) -> None:
        shares, charges = list(payment.allocations.all()), list(payment.charge_payments.all())
        self.payment, self.bills = payment, {share.bill_id for share in shares}
        self.charged = Counter(part.bill_id for part in charges)
        self.left = payment.amount - total([s.amount for s in shares]) - total([c.amount for c in charges])


def _sources(account_ids: Collection[int]) -> dict[int, list[_Source]]:
    """Payments that were not taken back, oldest first."""
    found: dict[int, list[_Source]] = defaultdict(list)
    payments = Payment.objects.filter(account_id__in=account_ids, amount__gt=0, reversals=None)
    for payment in payments.prefetch_related("allocations", "charge_payments").order_by("value_on", "pk"):
        found[payment.account_id].append(_Source(payment))
    return found


def _draw(sources: list[_Source], bill_id: int, wanted: Decimal) -> list[Allocation]:
    """Take a bill's share from the oldest money. What one payment already pays of a bill is left as it is."""
    drawn = []
    for source in sources:
        amount = min(source.left, wanted)
        if amount > 0 and bill_id not in source.bills:
            drawn.append(
                Allocation(payment=source.payment, bill_id=bill_id, amount=amount, value_on=source.payment.value_on)
            )
            source.left -= amount
            wanted -= amount
    return drawn


def _draw_charge(sources: list[_Source], bill_id: int, wanted: Decimal) -> list[ChargePayment]:
    """The same for the late charge of a bill."""
    drawn = []
    for source in sources:
        amount = min(source.left, wanted)
        if amount > 0:
            drawn.append(
                ChargePayment(
                    payment=source.payment,
                    bill_id=bill_id,
                    account_id=source.payment.account_id,
                    amount=amount,
                    nth=source.charged[bill_id],
                    value_on=source.payment.value_on,
                )
            )
            source.left -= amount
            wanted -= amount
    return drawn
