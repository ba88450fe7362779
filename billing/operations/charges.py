"""违约金 is booked: what a rule computed becomes entries, each period once; later knowledge becomes corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from billing.models import ChargeEntry, ChargePayment, ImportBatch, Payment
from billing.operations.accounts import business_date, stamp_accounts
from billing.queries.charges import ChargeTotal, Ledger, ledgers
from offices.models import User
from offices.rules.money import ZERO
from offices.scoping import current_office_id
from offices.scoping.arrays import among, array
from offices.scoping.plans import for_many

_KINDS = ChargeEntry.Kind


@dataclass(frozen=True, slots=True)
class Booked:
    """How many entries were written, and what they come to."""

    entries: int = 0
    amount: Decimal = ZERO

    def __add__(self, other: Booked) -> Booked:
        return Booked(self.entries + other.entries, self.amount + other.amount)


class Entry(NamedTuple):
    """A `ChargeEntry` to be written."""

    bill_id: int
    kind: str
    until_on: date
    nth: int
    amount: Decimal


@transaction.atomic
def book_charges(*, totals: Sequence[ChargeTotal], by: User | None, at: datetime) -> Booked:
    """Bring each bill's posted charge to its totals, those of one bill in the order of their days (decisions 11).

    A day after the last posted one is a new period; an earlier one is corrected by a new entry. What was paid of a charge
    that no longer stands becomes credit again. The accounts are locked by the caller. A fixed number of statements.
    """
    accounts = {total.account_id for total in totals}
    with for_many(len(accounts)):
        books = ledgers(accounts)
    on, entries = business_date(at), []
    for total in totals:
        ledger = books.setdefault(total.bill_id, Ledger(total.bill_id, total.account_id))
        amount = total.total - ledger.posted
        if not amount:
            continue
        is_new = ledger.until_on is None or total.until_on > ledger.until_on
        kind = _KINDS.POSTED if is_new else _KINDS.CORRECTION
        entries.append(_entry(ledger, kind, total.until_on, amount))
    over = [ledger for ledger in books.values() if ledger.open < 0]
    _release(over, on)
    entries += [
        _entry(ledger, _KINDS.WAIVED, ledger.until_on or on, -ledger.open) for ledger in over if ledger.open < 0
    ]
    _store(entries, on, by, at)
    return Booked(len(entries), sum((entry.amount for entry in entries), ZERO))


def _entry(ledger: Ledger, kind: str, until_on: date, amount: Decimal) -> Entry:
    nth = 0 if kind == _KINDS.POSTED else ledger.counts.get((kind, until_on), 0) + 1
    ledger.enter(kind, until_on, amount)
    return Entry(ledger.bill_id, kind, until_on, nth, amount)


_STORE = """
INSERT INTO billing_chargeentry (office_id, bill_id, kind, until_on, nth, amount, booked_on, booked_by_id, booked_at)
SELECT %(office)s, e.*, %(on)s, %(by)s, %(at)s
FROM unnest(%(bills)s::bigint[], %(kinds)s::text[], %(days)s::date[], %(nths)s::int[], %(amounts)s::numeric[]) e
"""


def _store(entries: Sequence[Entry], on: date, by: User | None, at: datetime) -> None:
    """They come by ten thousands: one statement, without an object each."""
    if not entries:
        return
    names = ("bills", "kinds", "days", "nths", "amounts")
    facts: dict[str, Any] = {"office": current_office_id(), "on": on, "by": by and by.pk, "at": at}
    facts |= {name: array(column) for name, column in zip(names, zip(*entries, strict=True), strict=True)}
    with connection.cursor() as cursor:
        cursor.execute(_STORE, facts)


def _release(over: Iterable[Ledger], on: date) -> None:
    """Give back what was paid beyond the charge, the latest money first; it is credit of the account from `on`."""
    wanted = {ledger.bill_id: ledger for ledger in over if ledger.paid > 0}
    if not wanted:
        return
    paid: dict[tuple[int, int], list[ChargePayment]] = defaultdict(list)
    for row in ChargePayment.objects.filter(
        bill__in=among(wanted), payment__amount__gt=0, payment__reversals=None
    ).order_by("-value_on", "-pk"):
        paid[row.bill_id, row.payment_id].append(row)
    rows = []
    for (bill_id, payment_id), parts in paid.items():
        ledger = wanted[bill_id]
        amount = min(sum((part.amount for part in parts), ZERO), -ledger.open)
        if amount > 0:
            ledger.paid -= amount
            day = max(on, *(part.value_on for part in parts))
            rows.append(_part(payment_id, bill_id, ledger.account_id, len(parts), -amount, day))
    ChargePayment.objects.bulk_create(rows)
    stamp_accounts(account_ids=sorted({ledger.account_id for ledger in wanted.values()}))


def _part(payment_id: int, bill_id: int, account_id: int, nth: int, amount: Decimal, value_on: date) -> ChargePayment:
    return ChargePayment(
        payment_id=payment_id, bill_id=bill_id, account_id=account_id, nth=nth, amount=amount, value_on=value_on
    )


def take_back_charge_payments(*, twins: dict[int, Payment]) -> None:
    """What reversed payments settled of late charge is open again, from the day of each one's twin (golden A7)."""
    paid: dict[tuple[int, int], list[ChargePayment]] = defaultdict(list)
    for row in ChargePayment.objects.filter(payment__in=twins).order_by("pk"):
        paid[row.payment_id, row.bill_id].append(row)
    ChargePayment.objects.bulk_create(
        _part(twins[payment_id].pk, bill_id, parts[0].account_id, 0, -left, twins[payment_id].value_on)
        for (payment_id, bill_id), parts in paid.items()
        if (left := sum((part.amount for part in parts), ZERO))
    )


def forget_charges(*, batch: ImportBatch) -> None:
    """The charge of bills that are taken back with their import. What was paid or waived of it keeps them from going."""
    ChargeEntry.objects.filter(bill__batch=batch, waiver=None).delete()
