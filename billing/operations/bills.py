"""Booking a batch of bills: bills, reductions and opening payments as rows of their own, in a few statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from billing.models import Account, Adjustment, Allocation, Bill, FeeItem, ImportBatch, Payment
from billing.operations import verdicts
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.charges import forget_charges
from billing.operations.contracts import doubt_bills_without_contract
from billing.operations.owners_of_periods import assign_owners_of_periods, know_former_owners
from billing.operations.rebilling import bring_back, make_room
from billing.operations.staging import BILLS_OF
from offices.models import User
from offices.operations.progress import tell
from offices.scoping import current_office_id
from offices.scoping.plans import forget_plans

_NEW = BILLS_OF.format(
    key="t.row_no, t.account_id",
    table="billing_importrow",
    where="t.office_id = %(office)s AND t.batch_id = %(batch)s AND t.verdict = 'new'",
)
# The rows are read once. Ids are drawn first, so that every later statement is a plain INSERT … SELECT.
_DRAW = f"""
SET LOCAL work_mem = '64MB';
DROP TABLE IF EXISTS import_booking;
CREATE TEMP TABLE import_booking ON COMMIT DROP AS
SELECT i.row_no, coalesce(i.account, i.account_id) AS account_id, i.fee_item, i.period_start, i.period_end,
  i.due_on, i.receivable, i.received, i.reduction, i.note, NULL::bigint AS booked_id,
  nextval((SELECT pg_get_serial_sequence('billing_bill', 'id')::regclass)) AS bill_id,
  CASE WHEN i.received > 0 THEN nextval((SELECT pg_get_serial_sequence('billing_payment', 'id')::regclass)) END AS payment_id
FROM ({_NEW}) i
"""
_NAMED_ITEMS = "SELECT DISTINCT fee_item FROM import_booking ORDER BY fee_item"
# Locked in the order of their ids, as everywhere, and stamped in the same statement.
_LOCK = """
WITH ours AS MATERIALIZED (
  SELECT a.id FROM billing_account a
  WHERE a.office_id = %(office)s AND a.id IN (SELECT account_id FROM import_booking) ORDER BY a.id FOR UPDATE
)
UPDATE billing_account a SET change_seq = change_seq + 1 FROM ours WHERE a.office_id = %(office)s AND a.id = ours.id
"""
# Asked when the accounts are locked: what a colleague has booked by then stays so.
_BOOKED = """
UPDATE import_booking i SET booked_id = b.id
FROM billing_bill b JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id
WHERE b.office_id = %(office)s AND b.account_id = i.account_id AND f.name = i.fee_item
  AND b.period_start = i.period_start AND b.period_end = i.period_end AND b.voided_at IS NULL
"""
_BILLS = """
INSERT INTO billing_bill (office_id, id, account_id, fee_item_id, period_start, period_end, due_on, amount, batch_id,
  row_no, is_reconciled, billed_on)
SELECT %(office)s, i.bill_id, i.account_id, f.id, i.period_start, i.period_end, i.due_on, i.receivable, %(batch)s,
  i.row_no, false, %(on)s
FROM import_booking i JOIN billing_feeitem f ON f.office_id = %(office)s AND f.name = i.fee_item
"""
# A vacancy reduction is part of what the period costs, so it takes effect with the period.
_REDUCTIONS = """
INSERT INTO billing_adjustment (office_id, bill_id, kind, state, amount, effective_on, reason, batch_id,
  proposed_by_id, proposed_at, decided_by_id, decided_at)
SELECT %(office)s, bill_id, CASE WHEN note LIKE '%%空置%%' OR note LIKE '%%未入住%%' THEN 'vacancy' ELSE 'waiver' END,
  'approved', reduction, period_start, coalesce(nullif(note, ''), '账单文件中的减免'), %(batch)s, %(by)s,
    %(at)s, %(by)s, %(at)s
FROM import_booking WHERE reduction > 0
"""
_PAYMENTS = """
INSERT INTO billing_payment (office_id, id, account_id, kind, amount, value_on, payer, memo, batch_id,
  idempotency_key, recorded_by_id, recorded_at)
SELECT %(office)s, payment_id, account_id, 'opening', received, %(value_on)s, '', %(memo)s, %(batch)s, '',
  %(by)s, %(at)s
FROM import_booking WHERE payment_id IS NOT NULL
"""
_ALLOCATIONS = """
INSERT INTO billing_allocation (office_id, payment_id, bill_id, amount, value_on)
SELECT %(office)s, payment_id, bill_id, least(received, receivable - reduction), %(value_on)s
FROM import_booking WHERE payment_id IS NOT NULL AND receivable > reduction
"""
_COUNT = """
SELECT count(*), count(DISTINCT account_id), coalesce(sum(receivable), 0), coalesce(sum(reduction), 0),
  coalesce(sum(received), 0)
FROM import_booking
"""


def judge_bills(batch: ImportBatch) -> None:
    """Match every row to a room, every bill to the owner of its period, compare with the books, set the verdicts."""
    verdicts.find_present_accounts()
    if know_former_owners():
        assign_owners_of_periods()
    verdicts.settle_bills()
    doubt_bills_without_contract()


def book_bills(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Book the new rows of the batch; returns what was written. A period billed meanwhile raises IntegrityError.

    Amounts the file calls paid become payments of kind OPENING,
      valued at the file's 制表日期 or else today (decisions 8).
    """
    today = business_date(at)
    facts: dict[str, Any] = {
        "office": current_office_id(),
        "batch": batch.pk,
        "on": today,
        "value_on": min(batch.made_on or today, today),
        "memo": _("导入账单时已收"),
        "by": by.pk if by else None,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, facts)
        _know_fee_items(cursor)
        cursor.execute(_LOCK, facts)
        cursor.execute(_BOOKED, facts)
        make_room(at=at)
        statements = (_BILLS, _REDUCTIONS, _PAYMENTS, _ALLOCATIONS)
        for step, statement in enumerate(statements, start=1):
            tell(step, len(statements) + 1)
            forget_plans(cursor)
            cursor.execute(statement, facts)
        cursor.execute(_COUNT)
        count, accounts, receivable, reduced, received = cursor.fetchone()
    return {
        "bills": count,
        "accounts": accounts,
        "receivable": str(receivable),
        "waived": str(reduced),
        "received": str(received),
        "open": str(receivable - reduced - received),
    }


def _know_fee_items(cursor: Any) -> None:
    cursor.execute(_NAMED_ITEMS)
    FeeItem.objects.bulk_create([FeeItem(name=name) for (name,) in cursor.fetchall()], ignore_conflicts=True)


def take_back_bills(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Dependents first; whatever else points at these rows makes the database refuse."""
    accounts = list(Bill.objects.filter(batch=batch).values_list("account_id", flat=True).distinct())
    list(Account.objects.select_for_update().filter(pk__in=accounts).order_by("pk"))
    Allocation.objects.filter(payment__batch=batch).delete()
    Payment.objects.filter(batch=batch).delete()
    Adjustment.objects.filter(batch=batch).delete()
    forget_charges(batch=batch)
    Bill.objects.filter(batch=batch).delete()
    if batch.committed_at is not None:
        bring_back(voided_at=batch.committed_at, account_ids=accounts)
    stamp_accounts(account_ids=accounts)
