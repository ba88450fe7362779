"""Bank statements: lines kept once, suggestions for whose they are, and a person's word that makes a payment of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from billing.models import Account, BankLine, ImportBatch, Payment
from billing.operations.payments import Receipt, record_payment, reverse_payment
from billing.queries.matching import line_of, matching_ledger
from billing.rules.matching import suggestion
from offices.models import User
from offices.operations import Refusal
from offices.scoping import current_office_id

_BOOK = """
INSERT INTO billing_bankline (office_id, batch_id, row_no, "on", amount, balance, payer, payer_account, memo, line_key,
  state, score, reasons)
SELECT %(office)s, r.batch_id, r.row_no, (r.parsed->>'on')::date, (r.parsed->>'amount')::numeric,
  (r.parsed->>'balance')::numeric,
  r.parsed->>'payer', r.parsed->>'payer_account', r.parsed->>'memo', r.parsed->>'key', 'unclaimed', 0, '[]'
FROM billing_importrow r
WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.verdict = 'new'
"""


class LineRefused(Refusal):
    """The bank line cannot be claimed or released as asked."""

    code = "line_refused"


def book_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Keep the new lines of the statement; a line stored meanwhile raises IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        return {"lines": cursor.rowcount}


def take_back_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Forget the lines of a statement; the database refuses while a payment came of one."""
    BankLine.objects.filter(batch=batch).delete()


@transaction.atomic
def match_statement(*, batch: ImportBatch) -> int:
    """Suggest an account for each open line of a statement; returns how many have one. Books nothing."""
    return _suggest(list(BankLine.objects.select_for_update(of=("self",)).filter(batch=batch, state__in=_OPEN)))


@transaction.atomic
def match_open_lines() -> int:
    """The same for every open line of the office, after new bills or a new register."""
    return _suggest(list(BankLine.objects.select_for_update(of=("self",)).filter(state__in=_OPEN)))


_OPEN = (BankLine.State.UNCLAIMED, BankLine.State.SUGGESTED)


def _suggest(lines: list[BankLine]) -> int:
    ledger = matching_ledger()
    for line in lines:
        match = suggestion(line_of(line), ledger)
        line.state = BankLine.State.SUGGESTED if match else BankLine.State.UNCLAIMED
        line.suggested_id = match.account_id if match else None
        line.score = match.score if match else 0
        line.reasons = list(match.reasons) if match else []
    BankLine.objects.bulk_update(lines, ["state", "suggested", "score", "reasons"], batch_size=500)
    return sum(1 for line in lines if line.suggested_id)


@transaction.atomic
def claim_line(*, line: BankLine, account: Account, by: User | None, at: datetime) -> Payment:
    """Say whose transfer it is: the line becomes a payment of that account. Raises `LineRefused`."""
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state == BankLine.State.CLAIMED:
        raise LineRefused(_("这笔到账已经认领，请刷新页面。"), code="claimed_already")
    if line.state == BankLine.State.NOT_FEES:
        raise LineRefused(_("这笔到账已标为非物业费，请先取消标记。"), code="not_fees")
    before = Payment.objects.filter(bank_line=line).count()
    payment = record_payment(
        account=account,
        amount=line.amount,
        value_on=line.on,
        kind=Payment.Kind.BANK,
        by=by,
        at=at,
        receipt=Receipt(payer=line.payer, memo=line.memo, bank_line=line, idempotency_key=f"bank:{line.pk}:{before}"),
    )
    line.state, line.claimed_by, line.claimed_at = BankLine.State.CLAIMED, by, at
    line.save(update_fields=["state", "claimed_by", "claimed_at"])
    return payment


@transaction.atomic
def release_line(*, line: BankLine, by: User | None, at: datetime, reason: str) -> BankLine:
    """Take a claim back: its payment is reversed, the line is open again. Raises `LineRefused`."""
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state != BankLine.State.CLAIMED:
        raise LineRefused(_("这笔到账尚未认领。"), code="not_claimed")
    for payment in Payment.objects.filter(bank_line=line, reversals=None):
        reverse_payment(payment=payment, by=by, at=at, reason=reason)
    line.refresh_from_db()
    if line.suggested_id is not None:
        line.state = BankLine.State.SUGGESTED
        line.save(update_fields=["state"])
    return line


@transaction.atomic
def set_line_aside(*, line: BankLine, by: User | None, at: datetime, aside: bool = True) -> BankLine:
    """Mark an open line as no property fee (a deposit, a rent), or take the mark back. Raises `LineRefused`."""
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state == BankLine.State.CLAIMED:
        raise LineRefused(_("这笔到账已经认领，请先撤销认领。"), code="claimed_already")
    rest = BankLine.State.SUGGESTED if line.suggested_id else BankLine.State.UNCLAIMED
    line.state = BankLine.State.NOT_FEES if aside else rest
    line.claimed_by, line.claimed_at = (by, at) if aside else (None, None)
    line.save(update_fields=["state", "claimed_by", "claimed_at"])
    return line
