"""预存款: money received that settles no bill yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import connection

from offices.scoping import current_office_id

_CREDIT = """
SELECT p.account_id, sum(p.amount - coalesce(a.amount, 0) - coalesce(c.amount, 0)) AS credit
FROM billing_payment p
LEFT JOIN (
  SELECT payment_id, sum(amount) AS amount FROM billing_allocation WHERE office_id = %(office)s GROUP BY payment_id
) a ON a.payment_id = p.id
LEFT JOIN (
  SELECT payment_id, sum(amount) AS amount FROM billing_chargepayment WHERE office_id = %(office)s GROUP BY payment_id
) c ON c.payment_id = p.id
WHERE p.office_id = %(office)s {only}
GROUP BY p.account_id HAVING sum(p.amount - coalesce(a.amount, 0) - coalesce(c.amount, 0)) > 0
"""
# Of those, the ones with something unpaid by the day, principal or late charge: one look at the bills of few accounts.
_USABLE = """
WITH credit AS ({credit})
SELECT c.account_id FROM credit c WHERE EXISTS (
  SELECT 1 FROM billing_bill b
  WHERE b.office_id = %(office)s AND b.account_id = c.account_id AND b.voided_at IS NULL AND b.due_on <= %(on)s
    AND (b.amount > coalesce((SELECT sum(amount) FROM billing_allocation a WHERE a.office_id = b.office_id AND a.bill_id = b.id), 0)
      + coalesce((SELECT sum(amount) FROM billing_adjustment r
        WHERE r.office_id = b.office_id AND r.bill_id = b.id AND r.state = 'approved'), 0)
    OR (SELECT sum(e.amount) FROM billing_chargeentry e WHERE e.office_id = b.office_id AND e.bill_id = b.id)
      > coalesce((SELECT sum(c.amount) FROM billing_chargepayment c WHERE c.office_id = b.office_id AND c.bill_id = b.id), 0)))
ORDER BY c.account_id
"""


def credits_of(account_ids: Collection[int]) -> dict[int, Decimal]:
    """Account → its credit in yuan; accounts without any are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CREDIT.format(only="AND p.account_id = ANY(%(ids)s)"),
            {"office": current_office_id(), "ids": list(account_ids)},
        )
        return dict(cursor.fetchall())


def accounts_with_credit(on: date) -> list[int]:
    """Accounts whose credit could pay a bill that is due by `on`."""
    with connection.cursor() as cursor:
        cursor.execute(_USABLE.format(credit=_CREDIT.format(only="")), {"office": current_office_id(), "on": on})
        return [row[0] for row in cursor.fetchall()]
