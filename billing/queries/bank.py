"""The board's questions: what a transfer would settle, the next below; and the days, beside what was closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from billing.models import BankDay, BankLine
from billing.queries.debts import OwedBill, owed_bills
from billing.rules.allocation import allocate
from billing.rules.designation import Named, designated
from billing.rules.matching import CERTAIN_FROM
from offices.queries import office_settings
from offices.rules.money import ZERO, total

_State = BankLine.State
_SORTS = {
    "claimed": (_State.CLAIMED,),
    "unclaimed": BankLine.OPEN,
    "refunded": (_State.REFUNDED,),
    "not_fees": (_State.NOT_FEES,),
}


@dataclass(frozen=True, slots=True)
class DaySums:
    """The transfers of one day as they are now, in yuan; `closed` is what was written down when the day was closed."""

    on: date
    lines: int
    claimed: Decimal
    unclaimed: Decimal
    refunded: Decimal
    not_fees: Decimal
    closed: BankDay | None = None

    @property
    def total(self) -> Decimal:
        """All that came in."""
        return self.claimed + self.unclaimed + self.refunded + self.not_fees

    @property
    def has_changed(self) -> bool:
        """Whether transfers were claimed, undone or imported after the day was closed."""
        if self.closed is None:
            return False
        return any(getattr(self.closed, name) != getattr(self, name) for name in ("lines", "total", *_SORTS))


def sums_of_day(on: date) -> DaySums:
    """One day as it is now."""
    return next(_sums(BankLine.objects.filter(on=on)), DaySums(on, 0, ZERO, ZERO, ZERO, ZERO))


def bank_days(days: list[date]) -> list[DaySums]:
    """The days given, in this order, each with its closing if it has one."""
    closed = {day.on: day for day in BankDay.objects.filter(on__in=days).select_related("closed_by")}
    found = {sums.on: sums for sums in _sums(BankLine.objects.filter(on__in=days), closed)}
    return [found[day] for day in days if day in found]


def days_with_lines() -> QuerySet[BankLine, date]:
    """Every day on which money came in, newest first."""
    return BankLine.objects.order_by("-on").values_list("on", flat=True).distinct()


def is_closed(on: date) -> bool:
    """Whether the day was closed."""
    return BankDay.objects.filter(on=on).exists()


def _sums(lines: QuerySet[BankLine], closed: dict[date, BankDay] | None = None) -> Iterator[DaySums]:
    rows = lines.order_by().values("on").annotate(
        count=Count("pk"), **{name: Sum("amount", filter=Q(state__in=states)) for name, states in _SORTS.items()}
    )  # fmt: skip
    for row in rows:
        found: dict[str, Any] = {**row}
        sums: dict[str, Decimal] = {name: found[name] or ZERO for name in _SORTS}
        yield DaySums(row["on"], row["count"], **sums, closed=(closed or {}).get(row["on"]))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a transfer would settle for one household, before anybody confirms it."""

    shares: tuple[tuple[OwedBill, Decimal], ...]
    credit: Decimal
    designated: frozenset[int]  # bills that the memo names
    bills: tuple[OwedBill, ...]  # all that is open, to choose from

    @property
    def open(self) -> Decimal:
        """All that the household owes, due or not."""
        return total([bill.open for bill in self.bills])


def settlement_previews(line: BankLine, account_ids: Sequence[int]) -> dict[int, Preview]:
    """For each household what the whole transfer would settle: the memo's designation, else the law (民法典 560)."""
    owed = owed_bills(account_ids, line.on)
    mode = office_settings().allocation_mode
    return {account_id: _preview(line, owed.get(account_id, []), mode) for account_id in account_ids}


def _preview(line: BankLine, bills: Sequence[OwedBill], mode: str) -> Preview:
    named = designated(line.memo, [Named(bill.bill_id, bill.period, bill.fee_item) for bill in bills])
    debts = [bill.debt(line.on) for bill in bills]
    split = allocate(line.amount, debts, on=line.on, designated=named, mode=mode)  # type: ignore[arg-type]
    by_id = {bill.bill_id: bill for bill in bills}
    shares = tuple((by_id[bill_id], share) for bill_id, share in split.shares)
    return Preview(shares, split.credit, frozenset(named), tuple(bills))


def after(line: BankLine, lines: QuerySet[BankLine]) -> BankLine | None:
    """The next line of a list below this one, which may have left the list; else its first."""
    below = lines.filter(Q(on__gt=line.on) | Q(on=line.on, row_no__gt=line.row_no)).exclude(pk=line.pk)
    return below.first() or lines.exclude(pk=line.pk).first()


def certain_suggestions() -> dict[str, Any]:
    """How many suggestions may be accepted in bulk, and how much that is."""
    lines = BankLine.objects.filter(state=_State.SUGGESTED, score__gte=CERTAIN_FROM)
    found = lines.aggregate(count=Count("pk"), amount=Sum("amount"))
    return {"count": found["count"], "amount": found["amount"] or ZERO}
