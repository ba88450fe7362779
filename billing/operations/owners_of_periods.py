"""Whose bill a period is, in rooms that had more than one account: the owner of the period's, never the next one's.

A bill that is booked already stays where it is; a period that lies within one owner's time is that owner's, whoever the
file names; one that spans a change goes to the owner the file names, or must be split.
"""

from __future__ import annotations

from django.db import connection

from billing.operations.verdicts import ROOM_COLUMN, run

# The time of each account, both days inclusive; the first one of a room reaches back without end.
_SPANS = """
DROP TABLE IF EXISTS import_span;
CREATE TEMP TABLE import_span ON COMMIT DROP AS
SELECT a.room_id, a.id AS account_id, o.name::text AS name, a.opened_on, a.closed_on,
  CASE WHEN row_number() OVER first = 1 THEN '-infinity' ELSE coalesce(a.opened_on, '-infinity') END::date AS since,
  coalesce(a.closed_on, 'infinity')::date AS until
FROM billing_account a JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
WHERE a.office_id = %(office)s AND a.room_id IN (
  SELECT room_id FROM billing_account WHERE office_id = %(office)s GROUP BY room_id HAVING count(*) > 1)
WINDOW first AS (PARTITION BY a.room_id ORDER BY a.opened_on NULLS FIRST, a.closed_on NULLS LAST, a.id)
"""
# each bill of theirs may go to another account: all of them are items now, which can name one
_AS_ITEMS = """
UPDATE import_staged t SET fee_item = NULL, parsed = t.parsed || jsonb_build_object('items', jsonb_build_array(
  jsonb_build_object('item', t.fee_item, 'start', t.period_start, 'end', t.period_end, 'due', t.due_on,
    'receivable', t.receivable, 'received', t.received, 'reduction', t.reduction, 'note', t.note)))
WHERE t.fee_item IS NOT NULL AND t.room_id IN (SELECT room_id FROM import_span)
"""
_ASSIGN = """
UPDATE import_staged t SET parsed = jsonb_set(t.parsed || '{"changed_hands": true}', '{items}', (
  SELECT jsonb_agg(i.value || jsonb_build_object('account', coalesce((
      SELECT b.account_id FROM billing_bill b
      JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id AND f.name = i.value->>'item'
      WHERE b.office_id = %(office)s AND b.voided_at IS NULL
        AND b.account_id IN (SELECT s.account_id FROM import_span s WHERE s.room_id = t.room_id)
        AND b.period_start = (i.value->>'start')::date AND b.period_end = (i.value->>'end')::date
        AND b.amount > (SELECT coalesce(sum(r.amount), 0) FROM billing_adjustment r
          WHERE r.office_id = b.office_id AND r.bill_id = b.id AND r.state = 'approved')
      ORDER BY b.account_id = t.account_id DESC LIMIT 1
    ), (
      SELECT s.account_id FROM import_span s
      WHERE s.room_id = t.room_id AND s.since <= (i.value->>'start')::date AND s.until >= (i.value->>'end')::date
      ORDER BY s.until, s.account_id = t.account_id DESC LIMIT 1
    ), (
      SELECT s.account_id FROM import_span s
      WHERE s.room_id = t.room_id AND s.since <= (i.value->>'end')::date AND s.until >= (i.value->>'start')::date
        AND s.name = ANY(t.names) LIMIT 1
    ))) ORDER BY i.n)
  FROM jsonb_array_elements(t.parsed->'items') WITH ORDINALITY i(value, n)))
WHERE t.sort = 'data' AND jsonb_array_length(coalesce(t.parsed->'items', '[]')) > 0
  AND t.room_id IN (SELECT room_id FROM import_span)
"""
_UNDECIDED = """
UPDATE import_staged t SET {reason} FROM (
  SELECT t.sheet, t.row_no, min(i.value->>'start') AS first, min(i.value->>'end') AS last, min(s.opened_on) AS changed
  FROM import_staged t
  CROSS JOIN LATERAL jsonb_array_elements(t.parsed->'items') i
  JOIN import_span s ON s.room_id = t.room_id AND s.opened_on > (i.value->>'start')::date
    AND s.opened_on <= (i.value->>'end')::date
  WHERE t.parsed ? 'changed_hands' AND i.value->>'account' IS NULL GROUP BY 1, 2
) bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_SPANNING = """
UPDATE import_staged t SET {reason} FROM (
  SELECT t.sheet, t.row_no, min(s.opened_on) AS changed, min(a.name) AS name
  FROM import_staged t
  CROSS JOIN LATERAL jsonb_array_elements(t.parsed->'items') i
  JOIN import_span a ON a.account_id = (i.value->>'account')::bigint AND a.name = ANY(t.names)
  JOIN import_span s ON s.room_id = t.room_id AND s.opened_on > (i.value->>'start')::date
    AND s.opened_on <= (i.value->>'end')::date
  WHERE t.parsed ? 'changed_hands' GROUP BY 1, 2
) span WHERE (t.sheet, t.row_no) = (span.sheet, span.row_no)
"""
# The row belongs to the account of all its bills, if there is one; else it shows the present one.
_ROW = """
UPDATE import_staged t SET account_id = one.account_id FROM (
  SELECT t.sheet, t.row_no, min((i.value->>'account')::bigint) AS account_id
  FROM import_staged t CROSS JOIN LATERAL jsonb_array_elements(t.parsed->'items') i
  WHERE t.parsed ? 'changed_hands' GROUP BY 1, 2 HAVING count(DISTINCT i.value->>'account') = 1
) one WHERE (t.sheet, t.row_no) = (one.sheet, one.row_no)
"""
_FORMER = """
UPDATE import_staged t SET {reason} FROM (
  SELECT t.sheet, t.row_no, min(a.name) AS name, max(a.closed_on) AS closed_on
  FROM import_staged t
  CROSS JOIN LATERAL jsonb_array_elements(t.parsed->'items') i
  JOIN import_span a ON a.account_id = (i.value->>'account')::bigint AND a.closed_on IS NOT NULL
    AND NOT a.name = ANY(t.names)
  WHERE t.parsed ? 'changed_hands' GROUP BY 1, 2
) former WHERE (t.sheet, t.row_no) = (former.sheet, former.row_no)
"""


def know_former_owners() -> bool:
    """Fill `import_span`: the accounts of rooms that have more than one, with the time of each.

    Whether the file speaks of any such room.
    """
    run(_SPANS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM import_span) AND EXISTS (SELECT FROM import_staged JOIN import_span USING (room_id))"
        )
        return bool(cursor.fetchone()[0])


def assign_owners_of_periods() -> None:
    """Give every bill of such rooms to the account of its period, and say so where the file names somebody else."""
    run(_AS_ITEMS)
    run(_ASSIGN)
    run(
        _UNDECIDED,
        "period_spans_owners",
        "'账期 ' || bad.first || ' 至 ' || bad.last || ' 跨过了业主变更日 ' || bad.changed || "
        "'，看不出由谁承担。请写明业主姓名，或在变更日拆成两行。'",
        column="'账期'",
    )
    run(
        _SPANNING,
        "period_spans_owners",
        "'账期跨过了业主变更日 ' || span.changed || '，按文件所写记在 ' || span.name || ' 名下；如需分摊，请拆成两行。'",
        level="warning",
        column="'账期'",
    )
    run(_ROW)
    run(
        _FORMER,
        "former_owner",
        "'账期在业主变更之前，记在当时的业主 ' || former.name || ' 名下（账户至 ' || former.closed_on || '）。'",
        level="warning",
        column=ROOM_COLUMN,
    )
