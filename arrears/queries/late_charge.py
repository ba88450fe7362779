"""违约金 as of a day: what the contract lets the office claim, what of it is posted, and what a court is likely to support."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from arrears.queries.charge_facts import LateBill, late_bills
from billing.models import Account, ServiceContract
from billing.queries.charges import ChargeTotal, Ledger, ledgers
from billing.queries.late_charge import Agreements, office_lpr
from billing.rules.late_charge import LateCharge, late_charge
from billing.rules.late_charge_rules import Restraint
from billing.rules.lpr import LprRow, is_outdated
from offices.models import Community
from offices.rules.money import ZERO
from offices.scoping.plans import for_many

ACCOUNTS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class BillCharge:
    """One bill and its charge in yuan. `charge` is the whole of it from the first day, `ledger` what the books say."""

    bill: LateBill
    charge: LateCharge
    ledger: Ledger

    @property
    def owed(self) -> Decimal:
        """What the office may still claim: posted and accrued to the day, less what was paid and waived."""
        return max(self.charge.claimed - self.ledger.waived - self.ledger.paid, ZERO)

    @property
    def accrued(self) -> Decimal:
        """The part of the charge that is not posted yet; below zero when the next posting corrects downwards."""
        return self.charge.claimed - self.ledger.posted

    @property
    def supported(self) -> Decimal | None:
        """What of the claim a court is likely to support; None when nobody can say."""
        likely = self.charge.supported
        return None if likely is None else min(self.owed, max(likely - self.ledger.paid, ZERO))


@dataclass(frozen=True, slots=True)
class AccountCharge:
    """The account's charge in yuan. `contract` is the one in force, None when none is on file; its clause is quoted.

    `rules_entered_at`: when a rule was entered that counts on the day but was not known yet then (a court will ask).
    """

    account_id: int
    on: date
    contract: ServiceContract | None
    lines: tuple[BillCharge, ...]
    claimed: Decimal
    supported: Decimal | None
    posted: Decimal
    waived: Decimal
    paid: Decimal
    is_lpr_outdated: bool
    rules_entered_at: datetime | None = None

    @property
    def accrued(self) -> Decimal:
        """The part of the charge that is not posted yet, over all bills."""
        return sum((line.accrued for line in self.lines), ZERO)


def account_late_charge(account: Account, on: date) -> AccountCharge:
    """The charge on every bill of the account that is or was late. A fixed number of statements.

    `claimed` is posted plus accrued to the day, less payments and waivers. `supported` is None when the LPR table has no
    rate for the day.
    """
    agreements = Agreements([account.room.community_id])
    begun = [each for each in agreements.contracts[account.room.community_id] if each.starts_on <= on]
    lines = tuple(bill_charges([account.pk], on, agreements))
    return AccountCharge(
        account_id=account.pk,
        on=on,
        contract=max(begun, key=lambda contract: contract.starts_on, default=None),
        lines=tuple(line for line in lines if line.charge.claimed or line.ledger.posted),
        claimed=sum((line.owed for line in lines), ZERO),
        supported=_sum([line.supported for line in lines if line.owed]),
        posted=sum((line.ledger.posted for line in lines), ZERO),
        waived=sum((line.ledger.waived for line in lines), ZERO),
        paid=sum((line.ledger.paid for line in lines), ZERO),
        is_lpr_outdated=is_outdated(on, office_lpr()),
        rules_entered_at=agreements.entered_after(on),
    )


def bill_charges(account_ids: Collection[int], on: date, agreements: Agreements) -> Iterator[BillCharge]:
    """The charge of every late bill of these accounts whose agreement charges at all, in a fixed number of statements."""
    return _charges(*_facts(account_ids, on), on, agreements)


def _facts(account_ids: Collection[int], on: date) -> tuple[list[LateBill], dict[int, Ledger]]:
    with for_many(len(account_ids)):
        return late_bills(account_ids, on), ledgers(account_ids, on)


def _charges(
    bills: Sequence[LateBill], books: dict[int, Ledger], on: date, agreements: Agreements
) -> Iterator[BillCharge]:
    lpr = office_lpr()
    for bill in bills:
        if agreements.charge(bill.community_id, bill.fee_item_id):
            ledger = books.get(bill.bill_id) or Ledger(bill.bill_id, bill.account_id)
            yield BillCharge(bill, _closed_form(bill, on, agreements, lpr), ledger)


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule would change of what may be claimed on a day, in yuan, over `accounts` households it touches."""

    on: date
    accounts: int
    bills: int
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """Above zero: more is claimed."""
        return self.after - self.before


def rule_effect(draft: tuple[int | None, Restraint], on: date) -> RuleEffect:
    """The claims of the office, or of the rule's community, as they are and as they would be under `draft`.

    Households are read some thousands at a time, in a fixed number of statements each.
    """
    community_id = draft[0]
    communities = [community_id] if community_id else list(Community.objects.values_list("pk", flat=True))
    now, then = Agreements(communities), Agreements(communities, draft)
    accounts = Account.objects.filter(room__community__in=communities).order_by("pk").values_list("pk", flat=True)
    touched: set[int] = set()
    bills, before, after = 0, ZERO, ZERO
    for some in batched(accounts, ACCOUNTS_AT_ONCE):
        facts = _facts(some, on)
        old = {line.bill.bill_id: line for line in _charges(*facts, on, now)}
        new = {line.bill.bill_id: line for line in _charges(*facts, on, then)}
        for bill_id in old.keys() | new.keys():
            is_now, would_be = (each[bill_id].owed if bill_id in each else ZERO for each in (old, new))
            before, after = before + is_now, after + would_be
            if is_now != would_be:
                bills += 1
                touched.add((old.get(bill_id) or new[bill_id]).bill.account_id)
    return RuleEffect(on, len(touched), bills, before, after)


def charge_totals(account_ids: Collection[int], on: date) -> list[ChargeTotal]:
    """What the books should say of these accounts up to `on`: for each bill the last posted day anew, then `on`.

    A bill that was cancelled, or is no longer charged by any agreement, comes to nothing.
    """
    with for_many(len(account_ids)):
        books = ledgers(account_ids)
        horizon = max([on, *(ledger.until_on for ledger in books.values() if ledger.until_on)])
        bills = {bill.bill_id: bill for bill in late_bills(account_ids, horizon)}
    agreements = Agreements({bill.community_id for bill in bills.values()})
    lpr, totals = office_lpr(), []
    for bill_id in dict.fromkeys((*bills, *books)):
        bill, ledger = bills.get(bill_id), books.get(bill_id)
        posted_until = ledger.until_on if ledger else None
        is_charged = bill is not None and agreements.charge(bill.community_id, bill.fee_item_id)
        for until_on in filter(None, (posted_until, on if posted_until is None or on > posted_until else None)):
            if bill is not None and is_charged:
                total = _closed_form(bill, until_on, agreements, lpr).claimed
            else:
                total = ZERO
            owner = bill or ledger
            assert owner is not None
            totals.append(ChargeTotal(owner.account_id, bill_id, until_on, total))
    return totals


def _closed_form(bill: LateBill, on: date, agreements: Agreements, lpr: Sequence[LprRow]) -> LateCharge:
    terms = agreements.terms(bill.community_id, bill.fee_item_id)
    last_day = agreements.last_day(bill.community_id, bill.fee_item_id, bill.due_on)
    return late_charge(replace(bill.debt, due_on=last_day), terms, on, lpr=lpr)


def _sum(amounts: Collection[Decimal | None]) -> Decimal | None:
    """None as soon as one of them is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def batched(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    """`ids` in lists of at most `size`."""
    each = iter(ids)
    while some := list(islice(each, size)):
        yield some
