"""Billing a period again after its bill was cancelled or fully refunded: allowed, with a warning, never by accident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from billing.operations.refusals import ImportRefused
from offices.rules.money import format_yuan
from offices.scoping import current_office_id

# Nothing of `b` is paid, and …
_UNPAID = """NOT EXISTS (SELECT 1 FROM billing_allocation l WHERE l.office_id = b.office_id AND l.bill_id = b.id
    GROUP BY l.bill_id HAVING sum(l.amount) <> 0)"""
# … it was cancelled whole by 红冲, or …
_CANCELLED = """EXISTS (SELECT 1 FROM billing_adjustment a WHERE a.office_id = b.office_id AND a.bill_id = b.id
    AND a.state = 'approved' GROUP BY a.bill_id HAVING sum(a.amount) >= b.amount AND bool_or(a.kind = 'reversal'))"""
# … what had been paid was given back.
_REFUNDED = """EXISTS (SELECT 1 FROM billing_allocation l JOIN billing_payment p ON p.office_id = l.office_id
    AND p.id = l.payment_id WHERE l.office_id = b.office_id AND l.bill_id = b.id AND p.kind = 'refund')"""
# A refunded bill is still owed; only another amount takes its place.
_MAKES_ROOM = f"({_UNPAID} AND ({_CANCELLED} OR ({_REFUNDED} AND b.amount <> i.receivable)))"

# Among the judged items, those whose old bill is out of the way count as new …
JUDGE = """
UPDATE import_item i SET verdict = 'rebilled'
FROM billing_bill b JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id
WHERE i.verdict IN ('unchanged', 'refused') AND b.office_id = %(office)s AND b.voided_at IS NULL
  AND b.account_id = i.account_id AND f.name = i.item AND b.period_start = i.period_start
  AND b.period_end = i.period_end AND {makes_room}
""".replace("{makes_room}", _MAKES_ROOM)
# … and their rows say so.
TELL = """
WITH again AS (
  SELECT i.sheet, i.row_no, min(b.amount) AS amount FROM import_item i
  JOIN billing_feeitem f ON f.office_id = %(office)s AND f.name = i.item
  JOIN billing_bill b ON b.office_id = f.office_id AND b.account_id = i.account_id AND b.fee_item_id = f.id
    AND b.period_start = i.period_start AND b.period_end = i.period_end AND b.voided_at IS NULL
  WHERE i.verdict = 'rebilled' GROUP BY 1, 2
)
UPDATE import_staged t SET {reason} FROM again WHERE (t.sheet, t.row_no) = (again.sheet, again.row_no)
"""
_VOID = """
UPDATE billing_bill b SET voided_at = %(at)s FROM import_booking i
WHERE b.office_id = %(office)s AND b.id = i.booked_id AND {makes_room}
""".replace("{makes_room}", _MAKES_ROOM)
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
