"""Bank statements: lines kept once, and suggestions for whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from billing.models import BankLine, ImportBatch
from billing.operations.claims import claim_suggested
from billing.operations.suggestions import suggest
from billing.rules.matching import may_post
from offices.models import User
from offices.operations.progress import tell
from offices.queries import office_settings
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


def book_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Keep the new lines of the statement; a line stored meanwhile raises IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        tell(1, 2)  # what follows is the matching
        return {"lines": cursor.rowcount}


def take_back_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Forget the lines of a statement; the database refuses while a payment came of one."""
    BankLine.objects.filter(batch=batch).delete()


@transaction.atomic
def match_statement(*, batch: ImportBatch, at: datetime) -> int:
    """Suggest an account for each open line of a statement and, where the office allows it, book what is certain
    (domain 5.3); returns how many lines have a suggestion or were booked.
    """
    return _match(BankLine.objects.filter(batch=batch, state__in=BankLine.OPEN), at)


@transaction.atomic
def match_open_lines(*, at: datetime) -> int:
    """The same for every open line of the office, after new bills or a new register."""
    return _match(BankLine.objects.filter(state__in=BankLine.OPEN), at)


def _match(lines: QuerySet[BankLine], at: datetime) -> int:
    """A fixed number of statements, whatever the number of lines."""
    found = suggest(lines)
    post_from = office_settings().auto_post_from
    certain = [line_id for line_id, match in found.items() if may_post(match, post_from=post_from)]
    if certain:
        claim_suggested(line_ids=certain, by=None, at=at)
    return len(found)
