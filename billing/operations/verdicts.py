"""Verdicts over a whole file at once: which room, which account, what is new, what contradicts the books."""

from __future__ import annotations

from typing import Any

from django.db import connection

from billing.models import ImportBatch
from billing.operations import rebilling
from billing.operations.places import find_places
from billing.operations.staging import BILLS_OF
from offices.scoping import current_office_id
from offices.scoping.plans import joined_by_hash

_REASON = (
    "reasons || jsonb_build_array(jsonb_build_object("
    "'column', {column}, 'code', '{code}', 'level', '{level}', 'message', {words}))"
)
ROOM_COLUMN = "'房号'"

# 1. the community a row names
_UNKNOWN_COMMUNITY = """
UPDATE import_staged SET {reason}
WHERE sort = 'data' AND community_id IS NULL
"""
# 2. the room and its account: see places
NO_ACCOUNT = "UPDATE import_staged SET {reason} WHERE sort = 'data' AND room_id IS NOT NULL AND account_id IS NULL"
# nearly every row names the first owner; all owners are looked up only for the others
OTHER_OWNER = """
WITH doubtful AS (
  SELECT DISTINCT a.id FROM import_staged t
  JOIN billing_account a ON a.office_id = %(office)s AND a.id = t.account_id
  JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
  WHERE NOT t.is_first_owner AND cardinality(t.names) > 0 AND o.name <> ALL(t.names)
), people AS (
  SELECT a.id, array_agg(o.name::text) AS names, bool_or(o.kind = 'developer') AS is_developer
  FROM doubtful d JOIN billing_account a ON a.office_id = %(office)s AND a.id = d.id
  LEFT JOIN billing_coowner c ON c.office_id = a.office_id AND c.account_id = a.id
  JOIN billing_owner o ON o.office_id = a.office_id AND o.id IN (a.owner_id, c.owner_id)
  GROUP BY a.id
)
UPDATE import_staged t SET {reason} FROM people
WHERE t.account_id = people.id AND cardinality(t.names) > 0 AND NOT people.names && t.names AND NOT people.is_developer
  AND NOT EXISTS (SELECT 1 FROM import_span s WHERE s.room_id = t.room_id AND s.name = ANY(t.names))
"""
# 4. the bills of each row
_ITEMS = """
CREATE TEMP TABLE import_item ON COMMIT DROP AS
SELECT sheet, row_no, coalesce(account, account_id) AS account_id, fee_item AS item, period_start, period_end,
  due_on, receivable, received, reduction, NULL::text AS verdict, NULL::numeric AS booked
FROM ({bills}) i;
ANALYZE import_item
"""
_GOOD = """t.sort = 'data' AND t.account_id IS NOT NULL AND NOT t.reasons @> '[{"level": "error"}]'"""
_TWINS_FOUND = """
DROP TABLE IF EXISTS import_twin;
CREATE TEMP TABLE import_twin ON COMMIT DROP AS
WITH repeated AS (
  SELECT account_id, item, period_start, period_end, min(receivable) <> max(receivable) AS differ
  FROM import_item GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
)
SELECT sheet, row_no, differ, row_number() OVER twins AS twin, first_value(row_no) OVER twins AS first_row
FROM repeated JOIN import_item USING (account_id, item, period_start, period_end)
WINDOW twins AS (PARTITION BY account_id, item, period_start, period_end ORDER BY sheet, row_no)
"""
_TWINS = """
WITH bad AS (
  SELECT sheet, row_no, min(first_row) AS first_row FROM import_twin WHERE twin > 1 AND NOT differ GROUP BY 1, 2
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_CONFLICTS = """
WITH bad AS (SELECT sheet, row_no, min(first_row) AS first_row FROM import_twin WHERE differ GROUP BY 1, 2)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_BOOKED = """
WITH booked AS (
  SELECT b.account_id, f.name, b.period_start, b.period_end, b.amount, b.due_on
  FROM billing_bill b JOIN billing_feeitem f ON f.office_id = b.office_id AND f.id = b.fee_item_id
  WHERE b.office_id = %(office)s AND b.voided_at IS NULL
)
UPDATE import_item i SET verdict = CASE WHEN k.amount = i.receivable THEN 'unchanged' ELSE 'refused' END FROM booked k
WHERE k.account_id = i.account_id AND k.name = i.item AND k.period_start = i.period_start
  AND k.period_end = i.period_end
"""
_BOOKED_DIFFERENTLY = """
WITH bad AS (
  SELECT DISTINCT ON (i.sheet, i.row_no) i.sheet, i.row_no, i.receivable, b.amount, i.period_start,
    (SELECT coalesce(sum(l.amount), 0) FROM billing_allocation l WHERE l.office_id = b.office_id AND l.bill_id = b.id) AS paid
  FROM import_item i
  JOIN billing_feeitem f ON f.office_id = %(office)s AND f.name = i.item
  JOIN billing_bill b ON b.office_id = f.office_id AND b.account_id = i.account_id AND b.fee_item_id = f.id
    AND b.period_start = i.period_start AND b.period_end = i.period_end AND b.voided_at IS NULL
  WHERE i.verdict = 'refused' ORDER BY i.sheet, i.row_no, i.period_start
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_OVERLAPS = """
WITH bad AS (
  SELECT DISTINCT i.sheet, i.row_no FROM import_item i
  JOIN billing_feeitem f ON f.office_id = %(office)s AND f.name = i.item
  JOIN billing_bill b ON b.office_id = f.office_id AND b.account_id = i.account_id AND b.fee_item_id = f.id
    AND b.voided_at IS NULL AND b.period_start <= i.period_end AND b.period_end >= i.period_start
  WHERE i.verdict IS NULL
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
# the last bill before of the same account, item and length of period, if there is one in the books (ux 3.4)
_JUMPS = """
WITH before AS (
  SELECT DISTINCT ON (i.sheet, i.row_no, i.period_start) i.*, b.amount, b.period_end AS ended
  FROM import_item i
  JOIN billing_feeitem f ON f.office_id = %(office)s AND f.name = i.item
  JOIN billing_bill b ON b.office_id = f.office_id AND b.account_id = i.account_id AND b.fee_item_id = f.id
    AND b.voided_at IS NULL AND b.period_end < i.period_start
    AND abs((b.period_end - b.period_start) - (i.period_end - i.period_start)) <= 3
  WHERE i.verdict IS NULL ORDER BY i.sheet, i.row_no, i.period_start, b.period_end DESC
), bad AS (
  SELECT DISTINCT ON (sheet, row_no) * FROM before WHERE abs(receivable - amount) > amount * 0.30
    AND NOT EXISTS (SELECT 1 FROM import_item e WHERE e.account_id = before.account_id AND e.item = before.item
      AND e.period_start > before.ended AND e.period_end < before.period_start)
  ORDER BY sheet, row_no
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
# Periods of one account and item beside each other, in one pass over the file; only what is doubtful is kept.
_LAID = """
DROP TABLE IF EXISTS import_laid;
CREATE TEMP TABLE import_laid ON COMMIT DROP AS
WITH laid AS (
  SELECT sheet, row_no, period_start, period_end - period_start AS length, receivable,
    max(period_end) OVER before AS covered,
    lag(receivable) OVER before AS amount, lag(period_end - period_start) OVER before AS length_before
  FROM import_item WHERE verdict IS NULL
  WINDOW before AS (PARTITION BY account_id, item COLLATE "C" ORDER BY period_start
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT sheet, row_no, receivable, amount, covered >= period_start AS is_overlap FROM laid
WHERE covered >= period_start OR (abs(length - length_before) <= 3 AND abs(receivable - amount) > amount * 0.30)
"""
_OVERLAPS_IN_FILE = """
WITH bad AS (
  SELECT DISTINCT sheet, row_no FROM import_laid WHERE is_overlap
    AND NOT EXISTS (SELECT 1 FROM import_twin w WHERE (w.sheet, w.row_no) = (import_laid.sheet, import_laid.row_no))
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_JUMPS_IN_FILE = """
WITH bad AS (SELECT DISTINCT ON (sheet, row_no) * FROM import_laid WHERE NOT is_overlap ORDER BY sheet, row_no)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
  AND NOT t.reasons @> '[{"code": "amount_jumps"}]'
"""
# rows were staged as new (or skipped, where they are no data); only the others are touched
_REFUSED = """
UPDATE import_staged SET verdict = 'refused' WHERE sort = 'data' AND reasons @> '[{"level": "error"}]'
"""
_UNCHANGED = """
UPDATE import_staged t SET verdict = 'unchanged'
FROM (SELECT DISTINCT sheet, row_no FROM import_item WHERE verdict = 'unchanged') known
WHERE (t.sheet, t.row_no) = (known.sheet, known.row_no) AND t.verdict = 'new' AND NOT EXISTS (
  SELECT 1 FROM import_item i WHERE (i.sheet, i.row_no) = (t.sheet, t.row_no) AND (i.verdict IS NULL OR i.verdict = 'rebilled'))
"""
# the register
_TWIN_ROOMS = """
WITH seen AS (
  SELECT sheet, row_no, first_value(row_no) OVER w AS first_row, row_number() OVER w AS twin FROM import_staged
  WHERE sort = 'data' AND number <> '' WINDOW w AS (PARTITION BY community, sort_key ORDER BY sheet, row_no)
)
UPDATE import_staged t SET {reason} FROM seen
WHERE seen.twin > 1 AND (t.sheet, t.row_no) = (seen.sheet, seen.row_no)
"""
_NO_COMMUNITY = "UPDATE import_staged SET {reason} WHERE sort = 'data' AND community = ''"
_REGISTER_VERDICT = """
UPDATE import_staged t SET verdict = CASE
  WHEN t.sort <> 'data' THEN 'skipped'
  WHEN t.reasons @> '[{"level": "error"}]' THEN 'refused'
  WHEN t.account_id IS NULL THEN 'new'
  WHEN t.parsed ? 'takeover' THEN 'changed'
  WHEN EXISTS (
    SELECT 1 FROM billing_room r WHERE r.office_id = %(office)s AND r.id = t.room_id AND (
      r.area IS DISTINCT FROM coalesce((t.parsed->>'area')::numeric, r.area)
      OR r.handed_over_on IS DISTINCT FROM coalesce((t.parsed->>'handed_over_on')::date, r.handed_over_on)
      OR t.parsed->>'residence' NOT IN ('unknown', r.residence)
      OR t.parsed->>'address' NOT IN ('', r.address))
  ) OR EXISTS (
    SELECT 1 FROM billing_account a JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
      AND o.kind = 'person'
    CROSS JOIN LATERAL (
      SELECT 'phone' AS kind, p AS value FROM jsonb_array_elements_text(t.parsed->'phones') p
      UNION ALL SELECT 'wechat', t.parsed->>'wechat' UNION ALL SELECT 'email', t.parsed->>'email') w
    WHERE a.office_id = %(office)s AND a.id = t.account_id AND w.value <> '' AND NOT EXISTS (
      SELECT 1 FROM billing_contactpoint c
      WHERE c.office_id = %(office)s AND c.owner_id = a.owner_id AND c.kind = w.kind AND c.value = w.value)
  ) THEN 'changed'
  ELSE 'unchanged' END
"""
# the bank statement
_BANK_VERDICT = """
UPDATE import_staged t SET verdict = CASE
  WHEN t.sort <> 'data' THEN 'skipped'
  WHEN t.reasons @> '[{"level": "error"}]' THEN 'refused'
  WHEN EXISTS (SELECT 1 FROM billing_bankline b WHERE b.office_id = %(office)s
    AND b.line_key = t.parsed->>'key') THEN 'unchanged'
  ELSE 'new' END
"""


def run(sql: str, code: str = "", words: str = "", *, level: str = "error", column: str = "''", **facts: Any) -> None:
    """One statement; `words` is an SQL expression that gives the reason's message, `facts` are its parameters."""
    if code:
        reason = "reasons = " + _REASON.format(column=column, code=code, level=level, words=words)
        sql = sql.replace("{reason}", reason)
    with connection.cursor() as cursor:
        # only percent signs of parameters are ours: messages are parts of constants above
        cursor.execute(sql, {"office": current_office_id()} | facts)


def find_present_accounts() -> None:
    """Bills: the room of every row and the account that pays for it now, or the reason why there is none."""
    find_communities()
    find_places(refuse_unknown=True, refuse_ownerless=True)


def settle_bills() -> None:
    """Compare every bill with the booked ones of its account, and set the verdicts."""
    words = (
        "'文件写的业主是 ' || array_to_string(t.names, '、') || "
        "'，登记的是 ' || array_to_string(people.names, '、') || '，请核对。'"
    )
    run(OTHER_OWNER, "owner_differs", words, level="warning", column="'业主姓名'")
    run(_ITEMS.format(bills=BILLS_OF.format(key="t.sheet, t.row_no, t.account_id", table="import_staged", where=_GOOD)))
    run(_TWINS_FOUND)
    run(_TWINS, "row_repeated", "'与第 ' || bad.first_row || ' 行重复（同一房屋、项目和账期），只导入第一行。'")
    run(
        _CONFLICTS,
        "row_conflict",
        "'同一房屋、项目和账期出现多次而金额不同（最先见第 ' || bad.first_row || ' 行），请只保留正确的一行。'",
    )
    with connection.cursor() as cursor, joined_by_hash(cursor):
        _compare_with_books()


def _compare_with_books() -> None:
    """What is booked already, what is billed again, what overlaps."""
    run(_BOOKED)
    run(rebilling.JUDGE)
    words = "'这个账期原有账单 ¥' || again.amount || '，已冲销或已全额退款。导入后重新开账，原账单作废，请核对。'"
    run(rebilling.TELL, "bill_rebilled", words, level="warning", column="'账期'")
    words = (
        "'系统已有这个账期的账单 ¥' || bad.amount || '，文件为 ¥' || bad.receivable || "
        "CASE WHEN bad.paid > 0 THEN '，而且这笔账单已缴 ¥' || bad.paid ELSE '' END || "
        "'。账单不能改写：请撤销原批次，或登记减免。'"
    )
    run(_BOOKED_DIFFERENTLY, "bill_differs", words, column="'应收'")
    run(
        _OVERLAPS,
        "period_overlaps",
        "'与已有账单的账期部分重叠，请核对是否重复计费。'",
        level="warning",
        column="'账期'",
    )
    words = "'与本文件中同一房屋、同一项目的另一账期部分重叠，请核对是否重复计费（例如月表和汇总表）。'"
    jump = "'应收 ¥' || bad.receivable || '，上一账期为 ¥' || bad.amount || '，相差超过 30%%，请核对。'"
    run(_JUMPS, "amount_jumps", jump, level="warning", column="'应收'")
    run(_LAID)
    run(_JUMPS_IN_FILE, "amount_jumps", jump, level="warning", column="'应收'")
    run(_OVERLAPS_IN_FILE, "period_overlaps_in_file", words, level="warning", column="'账期'")
    run(_REFUSED)
    run(_UNCHANGED)


def find_registered() -> None:
    """Rows of a register: the room and the account that exist; repeats are refused."""
    run(_NO_COMMUNITY, "community_missing", "'没有写明小区，请填写或在上传时选择。'")
    run(_TWIN_ROOMS, "row_repeated", "'与第 ' || seen.first_row || ' 行是同一房屋，请只保留一行。'", column=ROOM_COLUMN)
    find_places(short=False)


def settle_register() -> None:
    """The verdicts of a register, after its changes of owner are known."""
    run(_REGISTER_VERDICT)


def judge_bank(batch: ImportBatch) -> None:
    """Tell lines that are already stored."""
    run(_BANK_VERDICT)


def find_communities() -> None:
    """A row that names a community nobody knows is refused."""
    run(
        _UNKNOWN_COMMUNITY,
        "community_unknown",
        "'系统里没有小区“' || left(community, 20) || '”，请先导入它的业主登记表。'",
    )


def find_rooms() -> None:
    """The community and the room of every row, or the reason why there is none."""
    find_communities()
    find_places(refuse_unknown=True)
