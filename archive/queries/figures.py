"""The figures of the dashboard as of a day, each by the formula of `archive.rules.metrics`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, Sum

from archive.rules.metrics import CurrentPeriod, PriorYears, combined_rate, household_rate, ratio
from arrears.queries import ageing, ageing_by_community, positions
from arrears.queries.position_sql import STANDS
from arrears.queries.positions import Ageing
from arrears.rules.position import ZERO, Position
from arrears.rules.tier import TIERS
from billing.models import Allocation, BankLine
from collection.models import Case, Contact, Promise, Step
from disputes.models import Dispute
from offices.scoping import current_office, current_office_id

# What each bill asked and got, by year of its period: `before` = up to the end of last year, opening balances included.
_YEARS = f"""
SELECT extract(year FROM b.period_start)::int AS year, sum(b.amount) AS billed,
  coalesce(sum(r.before), 0) AS reduced_before, coalesce(sum(r.during), 0) AS reduced_during,
  coalesce(sum(p.before), 0) AS paid_before, coalesce(sum(p.during), 0) AS paid_during,
  count(DISTINCT b.account_id) AS accounts,
  count(DISTINCT b.account_id) FILTER (
    WHERE b.amount - coalesce(r.before + r.during, 0) - coalesce(p.before + p.during, 0) > 0) AS owing
FROM billing_bill b
LEFT JOIN (
  SELECT bill_id, coalesce(sum(amount) FILTER (WHERE effective_on < %(new_year)s), 0) AS before,
    coalesce(sum(amount) FILTER (WHERE effective_on >= %(new_year)s), 0) AS during
  FROM billing_adjustment WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s GROUP BY bill_id
) r ON r.bill_id = b.id
LEFT JOIN (
  SELECT a.bill_id,
    coalesce(sum(a.amount) FILTER (WHERE a.value_on < %(new_year)s OR y.kind = 'opening'), 0) AS before,
    coalesce(sum(a.amount) FILTER (WHERE a.value_on >= %(new_year)s AND y.kind <> 'opening'), 0) AS during
  FROM billing_allocation a JOIN billing_payment y ON y.office_id = a.office_id AND y.id = a.payment_id
  WHERE a.office_id = %(office)s AND a.value_on <= %(on)s GROUP BY a.bill_id
) p ON p.bill_id = b.id
WHERE b.office_id = %(office)s AND {STANDS} AND b.billed_on <= %(on)s
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - a constant of ours

_MONTHS = f"""
SELECT month::date, coalesce(b.amount, 0), coalesce(p.amount, 0)
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') month
LEFT JOIN (
  SELECT date_trunc('month', b.due_on) AS month, sum(b.amount - coalesce(r.amount, 0)) AS amount FROM billing_bill b
  LEFT JOIN (
    SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
    WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s GROUP BY bill_id
  ) r ON r.bill_id = b.id
  WHERE b.office_id = %(office)s AND {STANDS} AND b.billed_on <= %(on)s AND b.due_on >= %(first)s
  GROUP BY 1
) b USING (month)
LEFT JOIN (
  SELECT date_trunc('month', value_on) AS month, sum(amount) AS amount FROM billing_payment
  WHERE office_id = %(office)s AND kind <> 'opening' AND value_on BETWEEN %(first)s AND %(on)s GROUP BY 1
) p USING (month)
ORDER BY 1
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True)
class Month:
    """Net receivable by due date and receipts by value date of one month."""

    first: date
    receivable: Decimal
    received: Decimal


@dataclass(frozen=True, slots=True)
class TierShare:
    """One tier now: every household in arrears stands in exactly one."""

    code: str
    households: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of things, their money, and a share; unused parts are None."""

    count: int
    amount: Decimal = ZERO
    rate: Decimal | None = None
    whole: int = 0
    oldest_on: date | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the dashboard. `year` is the fee year of 本期."""

    on: date
    year: int | None
    years: tuple[int, ...]
    current: CurrentPeriod
    prior: PriorYears
    combined: Decimal | None
    households: Counted
    arrears: Counted
    contested: Decimal
    special: Decimal
    pursuable: Decimal
    receipts: Decimal
    receipts_prior: Decimal
    promises: Counted
    contacts: Counted
    disputes: Counted
    disputes_late: int
    unclaimed: Counted
    ageing: tuple[Ageing, ...]
    communities: tuple[tuple[str, dict[str, Decimal]], ...]
    tiers: tuple[TierShare, ...]
    stages: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    months: tuple[Month, ...]


def figures(on: date, year: int | None = None) -> Figures:
    """The figures as of `on`; `year` chooses the fee year of 本期, by default the latest one billed."""
    rows = _years(on)
    years = tuple(row["year"] for row in rows)
    year = year if year in years else (years[-1] if years else None)
    current, prior = _current(rows, year), _prior(rows, on)
    late = positions(on, in_arrears=True)
    chosen = next((row for row in rows if row["year"] == year), None)
    liable, owing = (chosen["accounts"], chosen["owing"]) if chosen else (0, 0)
    month = on.replace(day=1)
    disputes = Dispute.objects.filter(raised_on__lte=on).filter(Q(resolved_on=None) | Q(resolved_on__gt=on))
    months = _months(on)
    return Figures(
        on=on,
        year=year,
        years=years,
        current=current,
        prior=prior,
        combined=combined_rate(current, prior),
        households=Counted(liable - owing, rate=household_rate(liable - owing, liable), whole=liable),
        arrears=Counted(len(late), _total(late, "arrears")),
        contested=_total(late, "contested"),
        special=_total(late, "special"),
        pursuable=_total(late, "pursuable"),
        receipts=months[-1].received,
        receipts_prior=_prior_receipts(on, month),
        promises=_promises(on, month),
        contacts=_contacts(on, month),
        disputes=Counted(disputes.values("account_id").distinct().count(), _total(late, "contested")),
        disputes_late=disputes.filter(promised_feedback_on__lt=on).exclude(state="answered").count(),
        unclaimed=_unclaimed(on),
        ageing=tuple(ageing(on)),
        communities=tuple(ageing_by_community(on)),
        tiers=_tiers(late),
        stages=_stages(),
        reasons=tuple(disputes.order_by().values_list("kind").annotate(n=Count("pk")).order_by("-n", "kind")),
        months=months,
    )


def _as_of(on: date) -> dict[str, Any]:
    return {"office": current_office_id(), "zone": current_office().time_zone, "on": on}


def _years(on: date) -> list[dict[str, Any]]:
    facts = _as_of(on) | {"new_year": on.replace(month=1, day=1)}
    with connection.cursor() as cursor:
        cursor.execute(_YEARS, facts)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _current(rows: list[dict[str, Any]], year: int | None) -> CurrentPeriod:
    row = next((row for row in rows if row["year"] == year), None)
    if row is None:
        return CurrentPeriod(ZERO, ZERO, ZERO, ZERO)
    return CurrentPeriod(
        receivable=row["billed"],
        reduced=row["reduced_before"] + row["reduced_during"],
        received_before=row["paid_before"],
        received_in=row["paid_during"],
    )


def _prior(rows: list[dict[str, Any]], on: date) -> PriorYears:
    """Bills of the years before the one of `on`; what was paid or waived before 1 January is not in the opening."""
    earlier = [row for row in rows if row["year"] < on.year]
    return PriorYears(
        opening=sum((row["billed"] - row["reduced_before"] - row["paid_before"] for row in earlier), ZERO),
        reduced=sum((row["reduced_during"] for row in earlier), ZERO),
        received=sum((row["paid_during"] for row in earlier), ZERO),
    )


def _months(on: date) -> tuple[Month, ...]:
    """Twelve months up to the one of `on`."""
    last = on.replace(day=1)
    first = date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, _as_of(on) | {"first": first, "last": last})
        return tuple(Month(*row) for row in cursor.fetchall())


def _prior_receipts(on: date, since: date) -> Decimal:
    """What came in this month for bills of earlier years."""
    shares = Allocation.objects.filter(
        bill__period_start__lt=on.replace(month=1, day=1), value_on__gte=since, value_on__lte=on
    ).exclude(payment__kind="opening")
    return shares.aggregate(total=Sum("amount"))["total"] or ZERO


def _promises(on: date, since: date) -> Counted:
    due = Promise.objects.filter(promised_on__gte=since, promised_on__lte=on, state__in=["kept", "broken"])
    found = due.aggregate(
        n=Count("pk"), kept=Count("pk", filter=Q(state="kept")), amount=Sum("amount", filter=Q(state="kept"))
    )
    return Counted(found["kept"], found["amount"] or ZERO, ratio(found["kept"], found["n"]), found["n"])


def _contacts(on: date, since: date) -> Counted:
    tried = Contact.objects.filter(channel__in=["call", "visit"], at__date__gte=since, at__date__lte=on, corrects=None)
    found = tried.aggregate(n=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    return Counted(found["reached"], ZERO, ratio(found["reached"], found["n"]), found["n"])


def _unclaimed(on: date) -> Counted:
    lines = BankLine.objects.filter(state__in=BankLine.OPEN, on__lte=on)
    found = lines.order_by().aggregate(n=Count("pk"), amount=Sum("amount"), oldest=Min("on"))
    return Counted(found["n"], found["amount"] or ZERO, oldest_on=found["oldest"])


def _tiers(late: list[Position]) -> tuple[TierShare, ...]:
    found = []
    for code, _label in TIERS:
        mine = [p for p in late if p.tier == code]
        found.append(TierShare(code, len(mine), _total(mine, "arrears")))
    return tuple(found)


def _stages() -> tuple[tuple[str, int], ...]:
    """Open cases by the kind of the last step that took effect; `waiting` before the first."""
    rows = (
        Case.objects.filter(state=Case.State.OPEN)
        .order_by()
        .values_list("strategy_id", "reached")
        .annotate(n=Count("pk"))
    )

    kinds = {(step.strategy_id, step.position): step.kind for step in Step.objects.all()}
    found: dict[str, int] = {}
    for strategy, reached, n in rows:
        kind = kinds.get((strategy, reached), "waiting") if reached else "waiting"
        found[kind] = found.get(kind, 0) + n
    order = ["waiting", "reminder", "call", "formal", "follow_up", "final", "decision"]
    return tuple((kind, found.get(kind, 0)) for kind in order)


def _total(late: list[Position], name: str) -> Decimal:
    return sum((getattr(p, name) for p in late), ZERO)
