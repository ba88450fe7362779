"""预存款 pays the bills that fall due, before anybody is reminded of them (S5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import transaction

from billing.models import Account, Allocation, Payment
from billing.operations.accounts import stamp_accounts
from billing.queries import credits_of, open_bills
from billing.rules.allocation import Debt, allocate
from offices.rules.money import ZERO


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
    debts: dict[int, list[Debt]] = defaultdict(list)
    for line in open_bills(account_ids=account_ids):
        if line.due_on <= on and line.bill_id not in spare:
            debts[line.account_id].append(Debt(line.bill_id, line.due_on, line.open))
    sources = _sources(account_ids)
    shares: list[Allocation] = []
    for account_id, due in debts.items():
        split = allocate(max(credit.get(account_id, ZERO), ZERO), due, on=on)
        shares += _draw(sources[account_id], split.shares)
    Allocation.objects.bulk_create(shares)
    helped = sorted({share.payment.account_id for share in shares})
    stamp_accounts(account_ids=helped)
    return len(helped)


class _Source:
    """A payment with something left, and the bills it already pays."""

    __slots__ = ("bills", "left", "payment")

    def __init__(self, payment: Payment) -> None:
        shares = list(payment.allocations.all())
        self.payment, self.bills = payment, {share.bill_id for share in shares}
        self.left = payment.amount - sum((share.amount for share in shares), ZERO)


def _sources(account_ids: Collection[int]) -> dict[int, list[_Source]]:
    """Payments that were not taken back, oldest first."""
    found: dict[int, list[_Source]] = defaultdict(list)
    payments = Payment.objects.filter(account_id__in=account_ids, amount__gt=0, reversals=None)
    for payment in payments.prefetch_related("allocations").order_by("value_on", "pk"):
        found[payment.account_id].append(_Source(payment))
    return found


def _draw(sources: list[_Source], shares: Collection[tuple[int, Decimal]]) -> list[Allocation]:
    """Take each bill's share from the oldest money. What one payment already pays of a bill is left as it is."""
    drawn = []
    for bill_id, wanted in shares:
        for source in sources:
            amount = min(source.left, wanted)
            if amount > 0 and bill_id not in source.bills:
                drawn.append(
                    Allocation(payment=source.payment, bill_id=bill_id, amount=amount, value_on=source.payment.value_on)
                )
                source.left -= amount
                wanted -= amount
    return drawn
