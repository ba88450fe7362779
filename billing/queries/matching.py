"""The facts that bank matching decides on."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

from django.db.models import Count, Q, QuerySet, Sum

from billing.models import Account, BankLine, CoOwner, Payment
from billing.queries.bills import open_bills
from billing.rules.matching import Debtor, Ledger, Line, Match, OpenBill, candidates, ledger_of
from billing.rules.rooms import RoomKey
from offices.rules.money import ZERO, NotMoney, parse_money


def matching_ledger() -> Ledger:
    """All open accounts of the office with names and open bills, in four statements."""
    bills: dict[int, list[OpenBill]] = defaultdict(list)
    for line in open_bills():
        bills[line.account_id].append(OpenBill(line.period.label, line.open))
    names: dict[int, list[str]] = defaultdict(list)
    for account_id, name in CoOwner.objects.values_list("account_id", "owner__name"):
        names[account_id].append(name)
    rows = Account.objects.filter(closed_on=None).values_list(
        "pk", "owner__name", "room__building", "room__unit", "room__number"
    )
    debtors = [
        Debtor(pk, RoomKey(building, unit, number), (owner, *names[pk]), tuple(bills[pk]))
        for pk, owner, building, unit, number in rows
    ]
    return ledger_of(debtors, _known_payers())


def _known_payers() -> dict[tuple[str, str], frozenset[int]]:
    """Payer and bank account → the accounts they were confirmed for; reversed payments teach nothing."""
    known: dict[tuple[str, str], set[int]] = defaultdict(set)
    confirmed = Payment.objects.filter(bank_line__isnull=False, reversals=None).exclude(payer="")
    for payer, account, paid_for in confirmed.values_list("payer", "bank_line__payer_account", "account_id"):
        known[payer.replace(" ", ""), account].add(paid_for)
    return {key: frozenset(accounts) for key, accounts in known.items()}


def line_of(line: BankLine) -> Line:
    """A stored line as the rules see it."""
    return Line(line.amount, line.payer, line.memo, line.payer_account)


def candidates_of(line: BankLine, *, limit: int = 5) -> list[tuple[Account, Match]]:
    """Who a transfer may be from, best first, with points and reasons."""
    ranked = candidates(line_of(line), matching_ledger())[:limit]
    accounts = Account.objects.select_related("room", "room__community", "owner").in_bulk(
        [m.account_id for m in ranked]
    )
    return [(accounts[match.account_id], match) for match in ranked]


def bank_lines(*, state: str = "", text: str = "") -> QuerySet[BankLine]:
    """Transfers of one state, newest statement last; `text` is a payer, a memo or an amount."""
    lines = BankLine.objects.select_related("suggested__room", "suggested__owner", "claimed_by", "batch").order_by(
        "on", "row_no", "pk"
    )
    if state in BankLine.State.values:
        lines = lines.filter(state=state)
    if text := text.strip():
        wanted = Q(payer__icontains=text) | Q(memo__icontains=text)
        with suppress(NotMoney):
            wanted |= Q(amount=parse_money(text))
        lines = lines.filter(wanted)
    return lines


def bank_day() -> dict[str, dict[str, object]]:
    """Count and sum of every state, so that all received = claimed + open + set aside; and the whole."""
    found = {
        row["state"]: row
        for row in BankLine.objects.order_by().values("state").annotate(count=Count("pk"), amount=Sum("amount"))
    }
    day: dict[str, dict[str, object]] = {
        state: {"count": found.get(state, {}).get("count", 0), "amount": found.get(state, {}).get("amount", ZERO)}
        for state in BankLine.State.values
    }
    day["all"] = {
        "count": sum(r["count"] for r in found.values()),
        "amount": sum((r["amount"] for r in found.values()), ZERO),
    }
    return day
