"""Positions of a whole office as of any date, in one statement: the set-based twin of `arrears.rules.position`.

Payments count from their value date, reductions from the day they take effect, contests and special cases as
half-open intervals. A property test holds this SQL and the rules to the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from arrears.rules.ageing import BUCKETS, NOT_DUE
from arrears.rules.position import BillPosition, Position, Standing, blockers_of
from arrears.rules.tier import (
    ANNUAL_FROM_DAYS,
    QUARTERLY_FROM_DAYS,
    QUARTERLY_TO_DAYS,
    TierPolicy,
    tier_of,
)
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id
from offices.scoping.plans import rows_by_hash

# The bands of the ageing table as SQL, from the one place that knows them.
_BUCKET = " ".join(
    ["CASE", f"WHEN due_on >= %(on)s THEN '{NOT_DUE.code}'"]
    + [f"WHEN %(on)s - due_on <= {b.last} THEN '{b.code}'" for b in BUCKETS if b.last is not None]
    + [f"ELSE '{BUCKETS[-1].code}' END"]
)

# A bill that was cancelled and billed again stood in the books until the day that happened; courts ask for such days.
STANDS = "(b.voided_at IS NULL OR (b.voided_at AT TIME ZONE %(zone)s)::date > %(on)s)"

# One row per bill in the books, with everything the day knows of it. `{only}` narrows to some accounts, `{theirs}` to their bills.
_LINES = f"""
WITH asked AS (
  SELECT id, account_id, period_start, period_end, due_on, is_reconciled, amount
  FROM billing_bill b
  WHERE office_id = %(office)s AND {STANDS} AND billed_on <= %(on)s {{only}}
), reduced AS (
  SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
  WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s {{theirs}} GROUP BY bill_id
), paid AS (
  SELECT bill_id, sum(amount) AS amount FROM billing_allocation
  WHERE office_id = %(office)s AND value_on <= %(on)s {{theirs}} GROUP BY bill_id
), contest AS (
  SELECT l.bill_id, d.raised_on AS starts_on, d.resolved_on AS ends_before, l.amount, l.is_full
  FROM disputes_disputedbill l JOIN disputes_dispute d ON d.office_id = l.office_id AND d.id = l.dispute_id
  WHERE l.office_id = %(office)s AND d.raised_on <= %(on)s {{theirs}}
  UNION ALL  -- an upheld objection stays out of reach until its reduction is decided (S82)
  SELECT bill_id, effective_on, CASE state WHEN 'refused' THEN (decided_at AT TIME ZONE %(zone)s)::date END, amount, false
  FROM billing_adjustment
  WHERE office_id = %(office)s AND kind = 'dispute' AND state IN ('proposed', 'refused') AND effective_on <= %(on)s {{theirs}}
), contested AS (
  SELECT bill_id,
    sum(amount) FILTER (WHERE ends_before IS NULL OR ends_before > %(on)s) AS amount,
    bool_or(is_full) FILTER (WHERE ends_before IS NULL OR ends_before > %(on)s) AS is_full,
    range_agg(daterange(starts_on, CASE WHEN ends_before < starts_on THEN starts_on ELSE ends_before END)) FILTER (WHERE is_full) AS days
  FROM contest GROUP BY bill_id
), special AS (
  SELECT account_id,
    bool_or(ends_before IS NULL OR ends_before > %(on)s) AS is_held,
    bool_or(blocks_reminder AND (ends_before IS NULL OR ends_before > %(on)s)) AS is_reminder_held,
    range_agg(daterange(starts_on, ends_before)) AS days
  FROM billing_specialcase b
  WHERE office_id = %(office)s AND starts_on <= %(on)s {{only}} GROUP BY account_id
), line AS (
  SELECT a.id AS bill_id, a.account_id, a.period_start, a.period_end, a.due_on, a.is_reconciled, a.amount AS billed,
    coalesce(r.amount, 0) AS reduced, coalesce(p.amount, 0) AS paid,
    greatest(a.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0), 0) AS open_amount,
    greatest(coalesce(r.amount, 0) + coalesce(p.amount, 0) - a.amount, 0) AS overpaid,
    CASE WHEN a.due_on < %(on)s THEN greatest(a.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0), 0) ELSE 0 END AS arrears,
    coalesce(c.amount, 0) AS claimed, coalesce(c.is_full, false) AS is_full,
    coalesce(s.is_held, false) AS is_held, coalesce(s.is_reminder_held, false) AS is_reminder_held,
    coalesce(c.days, '{{{{}}}}'::datemultirange) + coalesce(s.days, '{{{{}}}}'::datemultirange) AS held_days
  FROM asked a
  LEFT JOIN reduced r ON r.bill_id = a.id
  LEFT JOIN paid p ON p.bill_id = a.id
  LEFT JOIN contested c ON c.bill_id = a.id
  LEFT JOIN special s ON s.account_id = a.account_id
), weighed AS (
  SELECT *, CASE WHEN is_full THEN arrears ELSE least(arrears, claimed) END AS contested,
    CASE WHEN arrears = 0 THEN 0 ELSE (%(on)s - due_on) - coalesce((
      SELECT sum(upper(part) - lower(part)) FROM unnest(held_days * datemultirange(daterange(due_on + 1, %(on)s + 1))) part
    ), 0) END::int AS days_overdue
  FROM line
), gross AS (
  SELECT *, CASE WHEN is_held THEN arrears - contested ELSE 0 END AS held,
    CASE WHEN is_reconciled AND NOT is_reminder_held THEN arrears - contested ELSE 0 END AS remindable_gross,
    CASE WHEN is_reconciled AND NOT is_held THEN arrears - contested ELSE 0 END AS pursuable_gross,
    arrears > 0 AND contested = arrears AS is_fully_contested
  FROM weighed
), money AS (
  SELECT account_id, sum(amount) AS amount FROM billing_payment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {{only}} GROUP BY account_id
), settled AS (
  SELECT account_id, sum(paid) - sum(overpaid) AS amount FROM gross GROUP BY account_id
), credit AS (
  SELECT account_id, greatest(coalesce(m.amount, 0) - coalesce(s.amount, 0), 0) AS amount
  FROM money m FULL JOIN settled s USING (account_id)
), net AS (
  SELECT g.*, {_BUCKET} AS bucket,
    remindable_gross - least(remindable_gross, greatest(c.amount - (sum(remindable_gross) OVER earlier - remindable_gross), 0))
      AS remindable,
    pursuable_gross - least(pursuable_gross, greatest(c.amount - (sum(pursuable_gross) OVER earlier - pursuable_gross), 0))
      AS pursuable
  FROM gross g JOIN credit c USING (account_id)
  WINDOW earlier AS (PARTITION BY account_id ORDER BY due_on, bill_id)
)
"""

_BILLS = (
    _LINES
    + """
SELECT bill_id, account_id, period_start, period_end, due_on, is_reconciled, billed, reduced, paid, open_amount, overpaid,
  arrears, contested, is_fully_contested, held, remindable, pursuable, days_overdue, bucket
FROM net {where} ORDER BY account_id, due_on, bill_id
"""
)

_ACCOUNTS = (
    _LINES
    + f"""
, marked AS (
  SELECT *, NOT is_fully_contested OR bool_and(is_fully_contested) FILTER (WHERE arrears > 0) OVER (PARTITION BY account_id)
      AS is_counted, period_end - period_start + 1 AS length
  FROM net
), total AS (
  SELECT account_id, sum(billed) AS billed, sum(reduced) AS reduced, sum(paid) AS paid, sum(open_amount) AS open_amount,
    sum(arrears) AS arrears, sum(held) AS special, sum(contested) AS contested,
    coalesce(sum(arrears) FILTER (WHERE NOT is_reconciled), 0) AS unreconciled,
    sum(remindable) AS remindable, sum(pursuable) AS pursuable,
    min(due_on) FILTER (WHERE arrears > 0) AS oldest_due_on,
    max(days_overdue) AS days_overdue,
    count(DISTINCT (period_start, period_end)) FILTER (WHERE arrears > 0) AS periods_owed,
    sum(arrears - contested) AS free,
    coalesce(sum(arrears - contested) FILTER (WHERE is_reconciled), 0) AS signed,
    coalesce(max(days_overdue) FILTER (WHERE arrears > 0 AND is_counted), 0) AS counted_days,
    coalesce(sum(arrears) FILTER (WHERE arrears > 0 AND is_counted), 0) AS counted_amount,
    count(DISTINCT (period_start, period_end))
      FILTER (WHERE arrears > 0 AND is_counted AND length >= {ANNUAL_FROM_DAYS}) AS annual,
    count(DISTINCT (period_start, period_end))
      FILTER (WHERE arrears > 0 AND is_counted AND length BETWEEN {QUARTERLY_FROM_DAYS} AND {QUARTERLY_TO_DAYS}) AS quarterly
  FROM marked GROUP BY account_id
)
SELECT c.account_id, coalesce(billed, 0), coalesce(reduced, 0), coalesce(paid, 0), coalesce(open_amount, 0),
  coalesce(t.arrears, 0), coalesce(special, 0), coalesce(contested, 0), coalesce(unreconciled, 0), c.amount,
  coalesce(remindable, 0), coalesce(pursuable, 0), oldest_due_on, coalesce(days_overdue, 0), coalesce(periods_owed, 0),
  (SELECT {_BUCKET} FROM (SELECT oldest_due_on AS due_on) oldest WHERE oldest_due_on IS NOT NULL),
  coalesce(free, 0), coalesce(signed, 0), coalesce(counted_days, 0), coalesce(counted_amount, 0),
  coalesce(annual, 0), coalesce(quarterly, 0),
  coalesce(s.is_held, false), coalesce(s.is_reminder_held, false),
  EXISTS (SELECT FROM disputes_dispute d WHERE d.office_id = %(office)s AND d.account_id = c.account_id AND d.kind = 'service'
    AND d.raised_on <= %(on)s AND (d.resolved_on IS NULL OR d.resolved_on > %(on)s))
FROM credit c LEFT JOIN total t USING (account_id) LEFT JOIN special s ON s.account_id = c.account_id
{{where}} ORDER BY c.account_id
"""
)

FEW = 50
"""So many accounts are looked up one by one; more are joined as sets."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """One band of the ageing table of the open office."""

    code: str
    label: str
    amount: Decimal
    bills: int
    accounts: int


def tier_policy() -> TierPolicy:
    """Where the open office draws the lines between the tiers."""
    settings = office_settings()
    return TierPolicy(
        moderate_after_days=settings.moderate_after_days,
        severe_after_days=settings.severe_after_days,
        severe_from_amount=settings.severe_from_amount,
    )


def positions(on: date, account_ids: Collection[int] | None = None, *, in_arrears: bool = False) -> list[Position]:
    """Every account with a bill or a payment as of `on` (or those asked for), in the order of their ids.

    `in_arrears` leaves out accounts with nothing past due. One statement, whatever the number of accounts.
    """
    where = "WHERE t.arrears > 0" if in_arrears else ""
    policy = tier_policy()
    return [_position(row, on, policy) for row in _rows(_ACCOUNTS, on, account_ids, where)]


def position(account_id: int, on: date) -> Position:
    """One account as of `on`; all zero when nothing was ever billed or paid."""
    found = positions(on, [account_id])
    return found[0] if found else Position(account_id=account_id, on=on)


def bill_lines(
    account_ids: Collection[int] | None, on: date, *, only_open: bool = False, due_by: date | None = None
) -> list[BillPosition]:
    """The bills of these accounts (None: of all) as of `on`, oldest due date first within each account.

    `due_by` leaves out bills due after that day. Credit is offset over all bills all the same.
    """
    wanted = ["open_amount > 0"] if only_open else []
    wanted += ["due_on <= %(due_by)s"] if due_by else []
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    return [BillPosition(*row) for row in _rows(_BILLS, on, account_ids, where, due_by=due_by)]


def ageing(on: date) -> list[Ageing]:
    """The arrears of the open office by band; the bands add up to the arrears (invariant 41)."""
    sql = _LINES + "SELECT bucket, sum(arrears), count(*), count(DISTINCT account_id) FROM net {where} GROUP BY bucket"
    found = {row[0]: row[1:] for row in _rows(sql, on, None, "WHERE arrears > 0")}
    return [Ageing(b.code, b.label, *found.get(b.code, (Decimal("0.00"), 0, 0))) for b in BUCKETS]


def ageing_by_community(on: date) -> list[tuple[str, dict[str, Decimal]]]:
    """Arrears by community and band code, communities in their order; bands without arrears are left out."""
    sql = (
        _LINES
        + """SELECT m.name, bucket, sum(arrears) FROM net
        JOIN billing_account c ON c.office_id = %(office)s AND c.id = net.account_id
        JOIN billing_room r ON r.office_id = %(office)s AND r.id = c.room_id
        JOIN offices_community m ON m.office_id = %(office)s AND m.id = r.community_id
        {where} GROUP BY m.position, m.name, bucket ORDER BY m.position, m.name"""
    )
    found: dict[str, dict[str, Decimal]] = {}
    for name, bucket, amount in _rows(sql, on, None, "WHERE arrears > 0"):
        found.setdefault(name, {})[bucket] = amount
    return list(found.items())


def _rows(
    sql: str, on: date, account_ids: Collection[int] | None, where: str, *, due_by: date | None = None
) -> Iterable[Any]:
    only = "" if account_ids is None else "AND b.account_id = ANY(%(accounts)s)"
    theirs = "" if account_ids is None else "AND bill_id IN (SELECT id FROM asked)"
    facts: dict[str, Any] = {
        "office": current_office_id(),
        "on": on,
        "zone": current_office().time_zone,
        "accounts": list(account_ids or ()),
        "due_by": due_by,
    }
    are_few = account_ids is not None and len(account_ids) <= FEW
    sql = sql.format(only=only, theirs=theirs, where=where)
    with connection.cursor() as cursor:
        if not are_few:
            return rows_by_hash(cursor, sql, facts)
        cursor.execute(sql, facts)
        return cursor.fetchall()


def _position(row: tuple[Any, ...], on: date, policy: TierPolicy) -> Position:
    (account_id, billed, reduced, paid, open_amount, arrears, special, contested, unreconciled, credit,
     remindable, pursuable, oldest_due_on, days, periods_owed, bucket,
     free, signed, counted_days, counted_amount, annual, quarterly, is_held, is_reminder_held, is_service) = row  # fmt: skip
    tier = tier_of(days=counted_days, amount=counted_amount, annual=annual, quarterly=quarterly, policy=policy)
    return Position(
        account_id=account_id,
        on=on,
        billed=billed,
        reduced=reduced,
        paid=paid,
        open_amount=open_amount,
        arrears=arrears,
        special=special,
        contested=contested,
        unreconciled=unreconciled,
        credit=credit,
        remindable=remindable,
        pursuable=pursuable,
        oldest_due_on=oldest_due_on,
        days_overdue=days,
        bucket=bucket or "",
        periods_owed=periods_owed,
        tier=tier.code if tier else "",
        tier_reason=tier.reason if tier else "",
        blockers=blockers_of(
            Standing(
                arrears=arrears,
                free=free,
                signed=signed,
                credit=credit,
                is_special=is_held,
                is_reminder_held=is_reminder_held,
                is_service_disputed=is_service,
                is_unreconciled=unreconciled > 0,
            )
        ),
    )
