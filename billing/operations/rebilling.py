"""Billing a period again after its bill was cancelled or fully refunded: allowed, with a warning, never by accident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from billing.operations.refusals import ImportRefused
from offices.rules.money import format_yuan
from offices.scoping import current_office_id

# Bills out of the way: nothing of them is paid, and they were cancelled whole by 红冲, or what had been paid was given
# back: cash over the counter, or a transfer sent back to its payer. A claim undone because it was the wrong household
# is no refund. Sought from the few reversals, not from the many bills.
_OUT_OF_THE_WAY = """
WITH touched AS MATERIALIZED (
  SELECT bill_id FROM billing_adjustment WHERE office_id = %(office)s AND state = 'approved' AND kind = 'reversal'
  UNION SELECT l.bill_id FROM billing_payment p
    JOIN billing_payment o ON o.office_id = p.office_id AND o.id = p.reverses_id
    JOIN billing_allocation l ON l.office_id = p.office_id AND l.payment_id = p.id
    LEFT JOIN billing_bankline k ON k.office_id = o.office_id AND k.id = o.bank_line_id
    WHERE p.office_id = %(office)s AND p.kind = 'reversal' AND (o.kind = 'counter' OR k.state = 'refunded')
), gone AS MATERIALIZED (
  SELECT b.id, b.account_id, f.name AS item, b.period_start, b.period_end, b.amount, r.amount >= b.amount AS is_cancelled
  FROM touched JOIN billing_bill b ON b.office_id = %(office)s AND b.id = touched.bill_id AND b.voided_at IS NULL
  JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id
  CROSS JOIN LATERAL (SELECT coalesce(sum(a.amount) FILTER (WHERE EXISTS (SELECT 1 FROM billing_adjustment k
      WHERE k.office_id = a.office_id AND k.bill_id = a.bill_id AND k.kind = 'reversal' AND k.state = 'approved')), 0)
      AS amount
    FROM billing_adjustment a WHERE a.office_id = b.office_id AND a.bill_id = b.id AND a.state = 'approved') r
  WHERE NOT EXISTS (SELECT 1 FROM billing_allocation l WHERE l.office_id = b.office_id AND l.bill_id = b.id
    GROUP BY l.bill_id HAVING sum(l.amount) <> 0)
)
"""
# Among the judged items, those whose old bill is out of the way count as new; a refunded bill is still owed, and only
# another amount takes its place …
JUDGE = (
    _OUT_OF_THE_WAY
    + """
UPDATE import_item i SET verdict = 'rebilled', booked = gone.amount FROM gone
WHERE i.verdict IN ('unchanged', 'refused') AND gone.account_id = i.account_id AND gone.item = i.item
  AND gone.period_start = i.period_start AND gone.period_end = i.period_end
  AND (gone.is_cancelled OR gone.amount <> i.receivable)
"""
)
# … and their rows say so.
TELL = """
UPDATE import_staged t SET {reason} FROM (
  SELECT sheet, row_no, min(booked) AS amount FROM import_item WHERE verdict = 'rebilled' GROUP BY 1, 2) again
WHERE (t.sheet, t.row_no) = (again.sheet, again.row_no)
"""
_VOID = (
    _OUT_OF_THE_WAY
    + """
UPDATE billing_bill b SET voided_at = %(at)s FROM gone JOIN import_booking i ON i.booked_id = gone.id
WHERE b.office_id = %(office)s AND b.id = gone.id AND (gone.is_cancelled OR gone.amount <> i.receivable)
"""
)
_FREE = """
UPDATE import_booking i SET booked_id = NULL FROM billing_bill b
WHERE b.office_id = %(office)s AND b.id = i.booked_id AND b.voided_at IS NOT NULL
"""
_CLASH = """
SELECT i.row_no, b.amount, i.receivable FROM import_booking i
JOIN billing_bill b ON b.office_id = %(office)s AND b.id = i.booked_id
WHERE b.amount <> i.receivable ORDER BY i.row_no LIMIT 1
"""
_LEAVE_OUT = "DELETE FROM import_booking WHERE booked_id IS NOT NULL"
_BRING_BACK = """
UPDATE billing_bill b SET voided_at = NULL
WHERE b.office_id = %(office)s AND b.voided_at = %(at)s AND b.account_id = ANY(%(accounts)s) AND NOT EXISTS (
  SELECT 1 FROM billing_bill n WHERE n.office_id = b.office_id AND n.account_id = b.account_id
    AND n.fee_item_id = b.fee_item_id AND n.period_start = b.period_start AND n.period_end = b.period_end
    AND n.voided_at IS NULL)
"""


def make_room(*, at: datetime) -> None:
    """Before booking: void what is cancelled, leave out what is booked alike meanwhile.

    A bill of another amount booked since the preview refuses the whole import. Raises `ImportRefused`.
    """
    facts: dict[str, Any] = {"office": current_office_id(), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_VOID, facts)
        cursor.execute(_FREE, facts)
        cursor.execute(_CLASH, facts)
        if clash := cursor.fetchone():
            raise ImportRefused(
                _("预检之后，第 %(row)s 行的账期已有账单 %(booked)s，而文件为 %(file)s。没有写入任何数据，请重新预检。")
                % {"row": clash[0], "booked": format_yuan(clash[1]), "file": format_yuan(clash[2])},
                code="changed_since_preview",
            )
        cursor.execute(_LEAVE_OUT)


def bring_back(*, voided_at: datetime, account_ids: list[int]) -> None:
    """When the new bills are taken back, the ones they had replaced stand again."""
    with connection.cursor() as cursor:
        cursor.execute(_BRING_BACK, {"office": current_office_id(), "at": voided_at, "accounts": account_ids})
