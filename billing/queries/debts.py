"""What an account owes bill by bill: principal, posted late charge, and what a day of lateness costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Bill, LateChargeRule
from billing.queries.bills import open_bills
from billing.queries.charges import Ledger, open_charges
from billing.queries.late_charge import Agreements
from billing.rules.allocation import Components, Debt
from billing.rules.periods import Period
from offices.rules.money import ZERO


@dataclass(slots=True)
class OwedBill:
    """A bill with principal (`open`) or late charge left to pay, in yuan."""

    bill_id: int
    account_id: int
    period: Period
    due_on: date
    fee_item: str
    open: Decimal
    ledger: Ledger | None = None
    burden: Decimal = Decimal(0)

    @property
    def late(self) -> Decimal:
        """The late charge that is posted and not paid."""
        return self.ledger.open if self.ledger else ZERO

    def debt(self, on: date) -> Debt:
        """What money of `on` may settle: late charge only as far as it was posted for days up to then."""
        late = self.ledger.open_by(on) if self.ledger else ZERO
        return Debt(self.bill_id, self.due_on, self.open, burden=self.burden, late=late)

    def settle(self, part: Components) -> None:
        """Take off what was just paid."""
        self.open -= part.principal
        if self.ledger:
            self.ledger.paid += part.late


def owed_bills(account_ids: Collection[int], on: date) -> dict[int, list[OwedBill]]:
    """Account → what it owes in the order of due dates, with the burdens of `on`. A fixed number of statements."""
    found: dict[int, dict[int, OwedBill]] = defaultdict(dict)
    for line in open_bills(account_ids=account_ids) if account_ids else ():
        found[line.account_id][line.bill_id] = OwedBill(
            line.bill_id, line.account_id, line.period, line.due_on, line.fee_item, line.open
        )
    for account_id, charges in open_charges(account_ids).items() if account_ids else ():
        for each in charges:
            bill = found[account_id].setdefault(
                each.ledger.bill_id,
                OwedBill(each.ledger.bill_id, account_id, each.period, each.due_on, each.fee_item, ZERO),
            )
            bill.ledger = each.ledger
    owed = {key: sorted(bills.values(), key=lambda b: (b.due_on, b.bill_id)) for key, bills in found.items()}
    _weigh([bill for bills in owed.values() for bill in bills], on)
    return owed


def _weigh(bills: Sequence[OwedBill], on: date) -> None:
    """Burdens differ inside an account only where a fee item has an agreement of its own."""
    if not bills or not LateChargeRule.objects.exclude(fee_item=None).exists():
        return
    places = {
        bill_id: (community_id, fee_item_id)
        for bill_id, community_id, fee_item_id in Bill.objects.filter(pk__in=[b.bill_id for b in bills]).values_list(
            "pk", "account__room__community_id", "fee_item_id"
        )
    }
    agreements = Agreements({community_id for community_id, _item in places.values()})
    for bill in bills:
        bill.burden = agreements.burden(*places[bill.bill_id], on)
