"""What is unpaid, in the books as they stand now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from billing.rules.periods import Period
from offices.scoping import current_office_id

# One row per bill with something left to pay; reductions count once approved.
_OPEN = """
SELECT b.id, b.account_id, b.period_start, b.period_end, b.due_on, f.name, b.amount,
  b.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0) AS open
FROM billing_bill b
JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id
LEFT JOIN (
  SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
  WHERE office_id = %(office)s AND state = 'approved' GROUP BY bill_id
) r ON r.bill_id = b.id
LEFT JOIN (
  SELECT bill_id, sum(amount) AS amount FROM billing_allocation WHERE office_id = %(office)s GROUP BY bill_id
) p ON p.bill_id = b.id
WHERE b.office_id = %(office)s AND b.voided_at IS NULL
  AND b.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0) > 0
"""
_OF_THESE = """
  AND bill_id IN (SELECT id FROM billing_bill WHERE office_id = %(office)s AND account_id = ANY(%(accounts)s))"""


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A bill with something left to pay; amounts in yuan."""

    bill_id: int
    account_id: int
    period: Period
    due_on: date
    fee_item: str
    amount: Decimal
    open: Decimal


def open_bills(*, account_id: int | None = None, account_ids: Collection[int] | None = None) -> list[OpenLine]:
    """Open bills of one account, of several, or of all, in order of due date."""
    wanted = [account_id] if account_id is not None else None if account_ids is None else list(account_ids)
    if wanted is None:
        sql = _OPEN
    else:  # the aggregates too, so that one account costs one account's rows
        sql = (
            _OPEN.replace(" GROUP BY bill_id", _OF_THESE + " GROUP BY bill_id")
            + " AND b.account_id = ANY(%(accounts)s)"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            sql + " ORDER BY b.account_id, b.due_on, b.id", {"office": current_office_id(), "accounts": wanted}
        )
        return [OpenLine(r[0], r[1], Period(r[2], r[3]), r[4], r[5], r[6], r[7]) for r in cursor.fetchall()]
