"""The facts that bank matching decides on: found by the database in one statement, whatever the number of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from billing.models import Account, BankLine
from billing.rules.matching import EXPECTED_WITHIN, Clues, Expected, Match, Run, rank
from billing.rules.rooms import RoomKey, rooms_in_text
from offices.rules.money import ZERO, NotMoney, parse_money
from offices.scoping import current_office_id
from offices.scoping.plans import prepared

# Who may have sent each line, and what speaks for it. The rooms of the memos are read by the rules and
# come in as three parts; a room said without its unit is every room of that building and number.
_CLUES = """
WITH line AS MATERIALIZED (
  SELECT l.id, l.amount, l."on", l.memo, replace(l.payer, ' ', '') AS payer, l.payer_account, b.community_id
  FROM billing_bankline l JOIN billing_importbatch b ON b.office_id = l.office_id AND b.id = l.batch_id
  WHERE l.office_id = %(office)s AND l.id = ANY(%(lines)s)
), room AS MATERIALIZED (
  SELECT r.id, r.building, r.unit, r.number, r.community_id, c.name AS community, split_part(r.sort_key, '|', 1) AS b,
    split_part(r.sort_key, '|', 2) AS u, split_part(r.sort_key, '|', 3) AS n
  FROM billing_room r JOIN offices_community c ON c.office_id = r.office_id AND c.id = r.community_id
  WHERE r.office_id = %(office)s
), heard AS (
  SELECT m.line_id, a.id AS account_id, r.id AS room_id, position(r.community IN l.memo) > 0 AS in_community
  FROM unnest(%(heard)s::bigint[], %(b)s::text[], %(u)s::text[], %(n)s::text[]) AS m(line_id, b, u, n)
  JOIN line l ON l.id = m.line_id
  JOIN room r ON r.b = m.b AND r.n = m.n AND (m.u = '' OR m.u = r.u)
    AND (l.community_id IS NULL OR l.community_id = r.community_id)
  JOIN billing_account a ON a.office_id = %(office)s AND a.room_id = r.id AND a.closed_on IS NULL
), owned AS MATERIALIZED (
  SELECT a.id AS account_id, replace(o.name, ' ', '') AS name
  FROM billing_account a JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
  WHERE a.office_id = %(office)s
  UNION
  SELECT s.account_id, replace(o.name, ' ', '')
  FROM billing_coowner s JOIN billing_owner o ON o.office_id = s.office_id AND o.id = s.owner_id
  WHERE s.office_id = %(office)s
), confirmed AS MATERIALIZED (
  SELECT DISTINCT p.account_id, replace(k.payer, ' ', '') AS payer, k.payer_account
  FROM billing_payment p JOIN billing_bankline k ON k.office_id = p.office_id AND k.id = p.bank_line_id
  WHERE p.office_id = %(office)s AND p.amount > 0 AND k.payer <> '' AND NOT k.is_auto_posted
    AND NOT EXISTS (SELECT FROM billing_payment r WHERE r.office_id = p.office_id AND r.reverses_id = p.id)
), expected AS (
  SELECT DISTINCT ON (l.id, e.account_id) l.id AS line_id, e.account_id, e.source, e.due_on, l."on" - e.due_on AS days
  FROM line l JOIN billing_expectedamount e ON e.office_id = %(office)s AND e.withdrawn_at IS NULL
    AND e.amount = l.amount AND e.due_on BETWEEN l."on" - %(within)s::int AND l."on" + %(within)s::int
  ORDER BY l.id, e.account_id, abs(l."on" - e.due_on), e.source
), clue AS (
  SELECT line_id, account_id, room_id, in_community, false AS is_payer, false AS is_announced, false AS is_known FROM heard
  UNION ALL
  SELECT l.id, o.account_id, NULL, false, true, false, false FROM line l JOIN owned o ON o.name = l.payer
  WHERE l.payer <> ''
  UNION ALL
  SELECT l.id, s.account_id, NULL, false, false, true, false FROM line l JOIN billing_specialcase s
    ON s.office_id = %(office)s AND s.kind = 'pending_transfer' AND s.closed_at IS NULL
    AND replace(s.claimed_payer, ' ', '') = l.payer
  WHERE l.payer <> ''
  UNION ALL
  SELECT l.id, c.account_id, NULL, false, false, false, true FROM line l JOIN confirmed c
    ON c.payer = l.payer AND c.payer_account = l.payer_account
  UNION ALL
  SELECT line_id, account_id, NULL, false, false, false, false FROM expected
), pair AS MATERIALIZED (
  SELECT line_id, account_id, max(room_id) AS room_id, bool_or(in_community) AS in_community,
    bool_or(is_payer) AS is_payer, bool_or(is_announced) AS is_announced, bool_or(is_known) AS is_known
  FROM clue GROUP BY line_id, account_id
), bill AS MATERIALIZED (
  SELECT b.id, b.account_id, b.period_start, b.period_end, b.due_on, b.amount
  FROM billing_bill b JOIN (SELECT DISTINCT account_id FROM pair) mine ON mine.account_id = b.account_id
  WHERE b.office_id = %(office)s AND b.voided_at IS NULL
), settled AS (
  SELECT bill_id, sum(amount) AS amount FROM (
    SELECT p.bill_id, p.amount FROM billing_allocation p JOIN bill ON bill.id = p.bill_id WHERE p.office_id = %(office)s
    UNION ALL
    SELECT r.bill_id, r.amount FROM billing_adjustment r JOIN bill ON bill.id = r.bill_id
    WHERE r.office_id = %(office)s AND r.state = 'approved'
  ) each GROUP BY bill_id
), owing AS MATERIALIZED (
  SELECT account_id, period_start, period_end, amount, row_number() OVER sequence AS n,
    sum(amount) OVER sequence AS running, count(*) OVER (PARTITION BY account_id) AS bills
  FROM (
    SELECT b.id, b.account_id, b.period_start, b.period_end, b.due_on, b.amount - coalesce(s.amount, 0) AS amount
    FROM bill b LEFT JOIN settled s ON s.bill_id = b.id
  ) rest WHERE amount > 0
  WINDOW sequence AS (PARTITION BY account_id ORDER BY due_on, id)
), run AS (
  SELECT DISTINCT ON (p.line_id, p.account_id) p.line_id, p.account_id, f.period_start, t.period_end,
    t.n - f.n + 1 AS bills, f.n = 1 AS is_oldest, f.n = 1 AND t.n = t.bills AS is_all
  FROM pair p JOIN line l ON l.id = p.line_id
  JOIN owing f ON f.account_id = p.account_id
  JOIN owing t ON t.account_id = p.account_id AND t.n >= f.n AND t.running - f.running + f.amount = l.amount
  ORDER BY p.line_id, p.account_id, t.n > f.n, f.n > 1, f.n
)
SELECT p.line_id, p.account_id, m.building, m.unit, m.number, p.in_community, p.is_payer, p.is_announced, p.is_known,
  r.period_start, r.period_end, r.bills, r.is_oldest, r.is_all, e.source, e.due_on, e.days
FROM pair p
LEFT JOIN run r ON r.line_id = p.line_id AND r.account_id = p.account_id
LEFT JOIN expected e ON e.line_id = p.line_id AND e.account_id = p.account_id
LEFT JOIN room m ON m.id = p.room_id
ORDER BY p.line_id, p.account_id
"""
# From here the planner may not loop: it cannot know how many rows the steps above have, and a wrong guess costs minutes.
_MANY = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """What of a line is read by the rules before the database is asked."""

    line_id: int
    payer: str
    memo: str


def ranked_candidates(headings: Sequence[Heading]) -> Iterator[tuple[int, list[Match]]]:
    """(line id, everyone it could be from, best first) of each line that could be from anybody; one statement."""
    heard = [
        (each.line_id, *key.sort_key.split("|")) for each in headings for key in rooms_in_text(each.memo) if each.memo
    ]
    asked: dict[str, Any] = {
        "office": current_office_id(),
        "lines": [each.line_id for each in headings],
        "heard": [each[0] for each in heard],
        "b": [each[1] for each in heard],
        "u": [each[2] for each in heard],
        "n": [each[3] for each in heard],
        "within": EXPECTED_WITHIN,
    }
    payers = {each.line_id: each.payer for each in headings}
    with connection.cursor() as cursor:
        rows = prepared(cursor, _CLUES, asked, by_hash=len(headings) > _MANY)
    for line_id, found in groupby(rows, key=lambda row: row[0]):
        yield line_id, rank(payers[line_id], map(_clues, found))


def _clues(row: Sequence[Any]) -> Clues:
    _line, account_id, building, unit, number, in_community, is_payer, announced, known, *amounts = row
    start, end, count, is_oldest, is_all, source, due_on, days = amounts
    return Clues(
        account_id,
        room=RoomKey(building, unit, number).label if number is not None else "",
        in_community=in_community,
        is_payer=is_payer,
        is_announced=announced,
        is_known=known,
        run=Run(start, end, count, is_oldest, is_all) if count else None,
        expected=Expected(source, due_on, days) if source else None,
    )


def candidates_of(*lines: BankLine, limit: int = 5) -> list[tuple[Account, Match]]:
    """Who a transfer may be from, best first, with points and reasons; of several lines, each account's best."""
    best: dict[int, Match] = {}
    for _line, ranked in ranked_candidates([Heading(line.pk, line.payer, line.memo) for line in lines]):
        for match in ranked:
            if match.account_id not in best or best[match.account_id].score < match.score:
                best[match.account_id] = match
    top = sorted(best.values(), key=lambda match: (-match.score, match.account_id))[:limit]
    accounts = Account.objects.select_related("room", "room__community", "owner").in_bulk([m.account_id for m in top])
    return [(accounts[match.account_id], match) for match in top]


def bank_lines(*, state: str = "", text: str = "") -> QuerySet[BankLine]:
    """Transfers of one state, newest statement last; `text` is a payer, a memo or an amount."""
    lines = BankLine.objects.select_related("suggested__room", "suggested__owner", "claimed_by", "batch").order_by(
        "on", "row_no", "pk"
    )
    if state in BankLine.State.values:
        lines = lines.filter(state=state)
    if text := text.strip():
        wanted = Q(payer__icontains=text) | Q(memo__icontains=text)
        with suppress(NotMoney):
            wanted |= Q(amount=parse_money(text))
        lines = lines.filter(wanted)
    return lines


def bank_day() -> dict[str, dict[str, object]]:
    """Count and sum of every state, so that all received = claimed + open + set aside; and the whole."""
    found = {
        row["state"]: row
        for row in BankLine.objects.order_by().values("state").annotate(count=Count("pk"), amount=Sum("amount"))
    }
    day: dict[str, dict[str, object]] = {
        state: {"count": found.get(state, {}).get("count", 0), "amount": found.get(state, {}).get("amount", ZERO)}
        for state in BankLine.State.values
    }
    day["all"] = {
        "count": sum(r["count"] for r in found.values()),
        "amount": sum((r["amount"] for r in found.values()), ZERO),
    }
    return day
