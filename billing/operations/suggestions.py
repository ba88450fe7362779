"""Whose each open line seems to be, written beside the line for people; nothing is booked here."""

from __future__ import annotations

import json
from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from billing.models import BankLine
from billing.queries.matching import Heading, ranked_candidates
from billing.rules.matching import Match, suggestion
from offices.scoping import current_office_id

_SUGGEST = """
UPDATE billing_bankline l SET suggested_id = m.account, score = m.score, reasons = m.reasons::jsonb,
  state = m.state
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(accounts)s::bigint[], %(scores)s::smallint[], %(reasons)s::text[])
  AS m(id, state, account, score, reasons)
WHERE l.office_id = %(office)s AND l.id = m.id
  AND (l.state, l.suggested_id, l.score, l.reasons) IS DISTINCT FROM (m.state, m.account, m.score, m.reasons::jsonb)
"""


def suggest(lines: QuerySet[BankLine]) -> dict[int, Match]:
    """Weigh the lines again and keep what comes of it: line id → the one account that can be meant.

    Three statements, whatever the number of lines; in the caller's transaction.
    """
    rows = lines.select_for_update(of=("self",)).order_by("pk").values_list("pk", "payer", "memo")
    headings = [Heading(*row) for row in rows]
    if not headings:
        return {}
    found = {line_id: suggestion(ranked) for line_id, ranked in ranked_candidates(headings)}
    matches = [found.get(line.line_id) for line in headings]
    with connection.cursor() as cursor:
        cursor.execute(
            _SUGGEST,
            {
                "office": current_office_id(),
                "ids": [line.line_id for line in headings],
                "states": ["suggested" if match else "unclaimed" for match in matches],
                "accounts": [match.account_id if match else None for match in matches],
                "scores": [match.score if match else 0 for match in matches],
                "reasons": [json.dumps(match.reasons if match else (), ensure_ascii=False) for match in matches],
            },
        )
    return {line_id: match for line_id, match in found.items() if match is not None}


def suggest_again(account_ids: Collection[int]) -> None:
    """What these accounts owe has changed: lines that were suggested for them are weighed again."""
    suggest(BankLine.objects.filter(suggested_id__in=account_ids, state=BankLine.State.SUGGESTED))
