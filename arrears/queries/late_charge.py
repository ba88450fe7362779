"""违约金 of one account as of a day: what the contract lets the office claim, and what a court is likely to support."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from arrears.queries.positions import bill_lines
from arrears.rules.position import ZERO, BillPosition
from billing.models import Account, Adjustment, Allocation, Payment, ServiceContract, SpecialCase
from billing.queries.contracts import late_charge_terms
from billing.queries.late_charge import office_lpr, restraints
from billing.rules.days import Hold
from billing.rules.late_charge import Debt, LateCharge, late_charge
from billing.rules.late_charge_rules import restrained
from billing.rules.lpr import is_outdated
from disputes.models import DisputedBill


@dataclass(frozen=True, slots=True)
class BillCharge:
    """One bill and its charge."""

    bill: BillPosition
    charge: LateCharge


@dataclass(frozen=True, slots=True)
class AccountCharge:
    """The account's charge in yuan. `contract` is the one in force, None when none is on file; its clause is quoted."""

    account_id: int
    on: date
    contract: ServiceContract | None
    lines: tuple[BillCharge, ...]
    claimed: Decimal
    supported: Decimal | None
    is_lpr_outdated: bool


def account_late_charge(account: Account, on: date) -> AccountCharge:
    """The charge on every bill of the account that is or was late. A fixed number of statements.

    Days on hold and the contested part do not count (decisions 10). What a file said was paid before the books opened
    counts as paid in time: nobody knows the day. `supported` is None when the LPR table has no rate for the day.
    """
    contracts = list(ServiceContract.objects.filter(community_id=account.room.community_id, starts_on__lte=on))
    in_force = max(contracts, key=lambda contract: contract.starts_on, default=None)
    terms = restrained(late_charge_terms(contracts), restraints(account.room.community_id))
    lpr, lines = office_lpr(), []
    if any(each.rate_per_day for each in terms):
        late = [bill for bill in bill_lines([account.pk], on) if bill.due_on < on]
        debts = _debts(account, late, on)
        lines = [BillCharge(bill, late_charge(debts[bill.bill_id], terms, on, lpr=lpr)) for bill in late]
    counted = tuple(line for line in lines if line.charge.claimed)
    return AccountCharge(
        account_id=account.pk,
        on=on,
        contract=in_force,
        lines=counted,
        claimed=sum((line.charge.claimed for line in counted), ZERO),
        supported=_sum([line.charge.supported for line in counted]),
        is_lpr_outdated=is_outdated(on, lpr),
    )


def _sum(amounts: Collection[Decimal | None]) -> Decimal | None:
    """None as soon as one of them is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _debts(account: Account, bills: Collection[BillPosition], on: date) -> dict[int, Debt]:
    ids = [bill.bill_id for bill in bills]
    due = {bill.bill_id: bill.due_on for bill in bills}
    payments: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    paid = Allocation.objects.filter(bill__in=ids, value_on__lte=on)
    for bill_id, day, amount, kind in paid.values_list("bill_id", "value_on", "amount", "payment__kind"):
        payments[bill_id].append((due[bill_id] if kind == Payment.Kind.OPENING else day, amount))
    held = _intervals(
        SpecialCase.objects.filter(account=account, starts_on__lte=on).values_list("starts_on", "ends_before")
    )
    full: dict[int, list[Hold]] = defaultdict(list)
    part: dict[int, list[tuple[Hold, Decimal]]] = defaultdict(list)
    contests = DisputedBill.objects.filter(bill__in=ids, dispute__raised_on__lte=on)
    for bill_id, start, end, amount, is_full in contests.values_list(
        "bill_id", "dispute__raised_on", "dispute__resolved_on", "amount", "is_full"
    ):
        if is_full:
            full[bill_id].append(Hold(start, end))
        else:
            part[bill_id].append((Hold(start, end), amount))
    upheld = Adjustment.objects.filter(
        bill__in=ids, kind=Adjustment.Kind.DISPUTE, state=Adjustment.State.PROPOSED, effective_on__lte=on
    )
    for bill_id, start, amount in upheld.values_list("bill_id", "effective_on", "amount"):
        part[bill_id].append((Hold(start), amount))
    return {
        bill.bill_id: Debt(
            due_on=bill.due_on,
            principal=bill.billed - bill.reduced,
            payments=tuple(payments[bill.bill_id]),
            holds=(*held, *full[bill.bill_id]),
            contested=tuple(part[bill.bill_id]),
        )
        for bill in bills
    }


def _intervals(rows: Any) -> list[Hold]:
    return [Hold(start, end) for start, end in rows]
