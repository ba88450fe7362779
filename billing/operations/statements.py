"""Bank statements: lines kept once, and suggestions for whose they are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from billing.models import BankLine, ImportBatch
from billing.operations.claims import claim_suggested
from billing.queries.matching import Heading, ranked_candidates
from billing.rules.matching import Match, may_post, suggestion
from offices.models import User
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
_SUGGEST = """
UPDATE billing_bankline l SET suggested_id = m.account, score = m.score, reasons = m.reasons::jsonb,
  state = m.state
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(accounts)s::bigint[], %(scores)s::smallint[], %(reasons)s::text[])
  AS m(id, state, account, score, reasons)
WHERE l.office_id = %(office)s AND l.id = m.id
  AND (l.state, l.suggested_id, l.score, l.reasons) IS DISTINCT FROM (m.state, m.account, m.score, m.reasons::jsonb)
"""


def book_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Keep the new lines of the statement; a line stored meanwhile raises IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        return {"lines": cursor.rowcount}


def take_back_lines(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Forget the lines of a statement; the database refuses while a payment came of one."""
    BankLine.objects.filter(batch=batch).delete()


@transaction.atomic
def match_statement(*, batch: ImportBatch, at: datetime) -> int:
    """Suggest an account for each open line of a statement and, where the office allows it, book what is certain
    (domain 5.3); returns how many lines have a suggestion or were booked.
    """
    return _match(BankLine.objects.filter(batch=batch, state__in=_OPEN), at)


@transaction.atomic
def match_open_lines(*, at: datetime) -> int:
    """The same for every open line of the office, after new bills or a new register."""
    return _match(BankLine.objects.filter(state__in=_OPEN), at)


_OPEN = (BankLine.State.UNCLAIMED, BankLine.State.SUGGESTED)


def _match(lines: QuerySet[BankLine], at: datetime) -> int:
    """A fixed number of statements, whatever the number of lines."""
    rows = lines.select_for_update(of=("self",)).order_by("pk").values_list("pk", "payer", "memo")
    headings = [Heading(*row) for row in rows]
    found: dict[int, Match] = {}
    for line_id, ranked in ranked_candidates(headings):
        match = suggestion(ranked)
        if match is not None:
            found[line_id] = match
    matches = [(line.line_id, found.get(line.line_id)) for line in headings]
    with connection.cursor() as cursor:
        cursor.execute(
            _SUGGEST,
            {
                "office": current_office_id(),
                "ids": [line_id for line_id, _match in matches],
                "states": ["suggested" if match else "unclaimed" for _id, match in matches],
                "accounts": [match.account_id if match else None for _id, match in matches],
                "scores": [match.score if match else 0 for _id, match in matches],
                "reasons": [json.dumps(match.reasons if match else (), ensure_ascii=False) for _id, match in matches],
            },
        )
    post_from = office_settings().auto_post_from
    certain = [line_id for line_id, match in found.items() if may_post(match, post_from=post_from)]
    if certain:
        claim_suggested(line_ids=certain, by=None, at=at)
    return len(found)
