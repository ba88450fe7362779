"""Reversing entries (冲正) for a batch that can no longer be taken back: new rows restore the balances, none is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from billing.models import Account, BankLine, Bill, ImportBatch
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.claims import release_line, set_line_aside
from billing.operations.commits import UndoRefused
from billing.operations.kinds import KINDS
from offices.models import User
from offices.scoping import current_office_id
from offices.scoping.plans import forget_plans

# What the file called paid is reversed with its allocations …
_PAYMENTS = """
INSERT INTO billing_payment (office_id, account_id, kind, amount, value_on, payer, memo, batch_id, reverses_id,
  idempotency_key, recorded_by_id, recorded_at)
SELECT p.office_id, p.account_id, 'reversal', -p.amount, greatest(%(on)s, p.value_on), p.payer, %(reason)s, p.batch_id,
  p.id, '', %(by)s, %(at)s
FROM billing_payment p
WHERE p.office_id = %(office)s AND p.batch_id = %(batch)s AND p.kind = 'opening' AND NOT EXISTS (
  SELECT 1 FROM billing_payment r WHERE r.office_id = p.office_id AND r.reverses_id = p.id)
"""
_ALLOCATIONS = """
INSERT INTO billing_allocation (office_id, payment_id, bill_id, amount, value_on)
SELECT r.office_id, r.id, l.bill_id, -l.amount, r.value_on
FROM billing_payment r JOIN billing_allocation l ON l.office_id = r.office_id AND l.payment_id = r.reverses_id
WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.kind = 'reversal'
"""
# … and what is then still open of each bill is cancelled. Money that really came in stays where it was put.
_CANCELLATIONS = """
INSERT INTO billing_adjustment (office_id, bill_id, kind, state, amount, effective_on, reason, batch_id,
  proposed_by_id, proposed_at, decided_by_id, decided_at)
SELECT b.office_id, b.id, 'reversal', 'approved', b.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0), %(on)s,
  %(reason)s, b.batch_id, %(by)s, %(at)s, %(by)s, %(at)s
FROM billing_bill b
LEFT JOIN LATERAL (SELECT sum(a.amount) AS amount FROM billing_adjustment a
  WHERE a.office_id = b.office_id AND a.bill_id = b.id AND a.state = 'approved') r ON true
LEFT JOIN LATERAL (SELECT sum(l.amount) AS amount FROM billing_allocation l
  WHERE l.office_id = b.office_id AND l.bill_id = b.id) p ON true
WHERE b.office_id = %(office)s AND b.batch_id = %(batch)s AND b.voided_at IS NULL
  AND b.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0) > 0
"""
_CANCELLED = """
SELECT count(*), coalesce(sum(amount), 0) FROM billing_adjustment
WHERE office_id = %(office)s AND batch_id = %(batch)s AND kind = 'reversal' AND decided_at = %(at)s
"""


class _CouldBeUndone(Exception):
    """The savepoint in which the plain undo was tried is given up."""


@transaction.atomic
def reverse_import(*, batch: ImportBatch, by: User | None, at: datetime, reason: str) -> ImportBatch:
    """Restore the balances a committed batch changed, by entries of today with a reason (S3).

    Bills: what the file called paid is reversed, and the open rest of every bill is cancelled (红冲). Bank: claims are
    released and the lines set aside. Only while the plain undo is refused. Raises `UndoRefused`.
    """
    if not reason.strip():
        raise UndoRefused(_("请填写冲正原因。"), code="reason_missing")
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != ImportBatch.State.COMMITTED:
        raise UndoRefused(_("只能冲正已导入的批次。"), code="not_committed")
    if batch.kind not in _REVERSE:
        raise UndoRefused(
            _("登记类文件没有可以冲正的金额。请在户档案里逐户更正，或办理业主变更。"), code="not_reversible"
        )
    if not _is_blocked(batch, by, at):
        raise UndoRefused(_("这批数据还没有被使用，请直接撤销。"), code="undo_instead")
    written = _REVERSE[batch.kind](batch, by, at, reason.strip()[:200])
    batch.state, batch.undone_at, batch.undone_by = ImportBatch.State.REVERSED, at, by
    batch.totals = batch.totals | {"reversed": written, "undo_reason": reason.strip()[:200]}
    batch.save(update_fields=["state", "undone_at", "undone_by", "totals"])
    return batch


def _is_blocked(batch: ImportBatch, by: User | None, at: datetime) -> bool:
    """Whether the plain undo would be refused: tried, and given up either way."""
    try:
        with transaction.atomic():
            KINDS[batch.kind].take_back(batch, by=by, at=at)
            raise _CouldBeUndone
    except _CouldBeUndone:
        return False
    except IntegrityError:
        return True


def _reverse_bills(batch: ImportBatch, by: User | None, at: datetime, reason: str) -> dict[str, Any]:
    accounts = list(Bill.objects.filter(batch=batch).values_list("account_id", flat=True).distinct())
    list(Account.objects.select_for_update().filter(pk__in=accounts).order_by("pk").values_list("pk"))
    facts: dict[str, Any] = {
        "office": current_office_id(),
        "batch": batch.pk,
        "on": business_date(at),
        "by": by.pk if by else None,
        "at": at,
        "reason": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAYMENTS, facts)
        payments = cursor.rowcount
        forget_plans(cursor)
        cursor.execute(_ALLOCATIONS, facts)
        cursor.execute(_CANCELLATIONS, facts)
        cursor.execute(_CANCELLED, facts)
        bills, amount = cursor.fetchone()
    stamp_accounts(account_ids=accounts)
    return {"bills": bills, "amount": str(amount), "payments": payments}


def _reverse_lines(batch: ImportBatch, by: User | None, at: datetime, reason: str) -> dict[str, Any]:
    lines = list(
        BankLine.objects.filter(batch=batch).exclude(state__in=[BankLine.State.NOT_FEES, BankLine.State.REFUNDED])
    )
    claimed = [line for line in lines if line.state == BankLine.State.CLAIMED]
    for line in claimed:
        release_line(line=line, by=by, at=at, reason=reason)
    for line in lines:
        set_line_aside(line=line, by=by, at=at, note=reason)
    return {"lines": len(lines), "payments": len(claimed)}


_REVERSE: dict[str, Callable[[ImportBatch, User | None, datetime, str], dict[str, Any]]] = {
    ImportBatch.Kind.BILLS: _reverse_bills,
    ImportBatch.Kind.BANK: _reverse_lines,
}
