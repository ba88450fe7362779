"""Change of owner in a register: the former account ends the day before and keeps its arrears, a new one begins.

Nothing is moved or netted between the two: bills stay with the owner of their period, credit with who paid it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError
from simple_history.utils import bulk_update_with_history

from billing.models import Account, ImportBatch, ImportRow
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.verdicts import run
from offices.models import User

# Rows that name nobody of the room's account. A handover by the developer is no sale: it needs its papers and a second
# person, so the preview only points to where it is recorded.
# The day: what the file says of the change, else its handover date where that is news, else the day of the file.
_FIND = """
DROP TABLE IF EXISTS import_takeover;
CREATE TEMP TABLE import_takeover ON COMMIT DROP AS
SELECT t.sheet, t.row_no, a.id AS account_id, a.opened_on,
  array_to_string(people.names, '、') AS before, array_to_string(t.names, '、') AS after,
  (t.parsed->>'took_over_on') IS NULL AND handover.on IS NULL AS is_assumed,
  chosen.on_day, CASE
    WHEN people.is_developer THEN 'developer'
    WHEN t.parsed->>'residence' = 'undelivered' THEN 'undelivered'
    WHEN chosen.on_day > %(today)s THEN 'future'
    WHEN chosen.on_day <= a.opened_on THEN 'early'
    ELSE '' END AS problem
FROM import_staged t
JOIN billing_account a ON a.office_id = %(office)s AND a.id = t.account_id
JOIN billing_room m ON m.office_id = a.office_id AND m.id = a.room_id
CROSS JOIN LATERAL (
  SELECT array_agg(o.name::text ORDER BY o.id = a.owner_id DESC, o.id) AS names,
    array_agg(replace(o.name, ' ', '')) AS bare, bool_or(o.kind = 'developer') AS is_developer
  FROM billing_owner o WHERE o.office_id = %(office)s AND (o.id = a.owner_id OR o.id IN (
    SELECT c.owner_id FROM billing_coowner c WHERE c.office_id = %(office)s AND c.account_id = a.id))
) people
CROSS JOIN LATERAL (
  SELECT CASE WHEN h > coalesce(a.opened_on, '-infinity') AND h IS DISTINCT FROM m.handed_over_on
    THEN h END AS on FROM (SELECT (t.parsed->>'handed_over_on')::date AS h) _
) handover
CROSS JOIN LATERAL (SELECT coalesce((t.parsed->>'took_over_on')::date, handover.on, %(filed)s::date) AS on_day) chosen
WHERE t.sort = 'data' AND cardinality(t.names) > 0 AND NOT t.reasons @> '[{"level": "error"}]'
  AND NOT people.bare && (SELECT array_agg(replace(n, ' ', '')) FROM unnest(t.names) n)
  AND NOT (people.is_developer AND (t.parsed->>'residence' = 'undelivered' OR t.parsed->>'residence' = 'unknown'
    AND (t.parsed->>'took_over_on') IS NULL AND handover.on IS NULL))
"""
_TELL = """
UPDATE import_staged t SET {reason} FROM import_takeover c
WHERE (t.sheet, t.row_no) = (c.sheet, c.row_no) AND c.problem = %(problem)s
"""
_MARK = """
UPDATE import_staged t
SET parsed = parsed || jsonb_build_object('takeover', jsonb_build_object('on', c.on_day, 'from', c.account_id))
FROM import_takeover c WHERE (t.sheet, t.row_no) = (c.sheet, c.row_no) AND c.problem = ''
"""
_OPEN = """
(SELECT coalesce(sum(b.amount), 0)
   - coalesce(sum((SELECT sum(r.amount) FROM billing_adjustment r
       WHERE r.office_id = b.office_id AND r.bill_id = b.id AND r.state = 'approved')), 0)
   - coalesce(sum((SELECT sum(p.amount) FROM billing_allocation p
       WHERE p.office_id = b.office_id AND p.bill_id = b.id)), 0)
 FROM billing_bill b WHERE b.office_id = %(office)s AND b.account_id = c.account_id AND b.voided_at IS NULL)
"""
_LATER_BILLS = """
UPDATE import_staged t SET {reason} FROM import_takeover c
JOIN LATERAL (
  SELECT count(*) AS n, sum(b.amount) AS amount FROM billing_bill b
  WHERE b.office_id = %(office)s AND b.account_id = c.account_id AND b.voided_at IS NULL AND b.period_end >= c.on_day
) later ON later.n > 0
WHERE (t.sheet, t.row_no) = (c.sheet, c.row_no) AND c.problem = ''
"""
_FORMER_PHONES = """
UPDATE import_staged t SET {reason} FROM import_takeover c
JOIN billing_account a ON a.office_id = %(office)s AND a.id = c.account_id
WHERE (t.sheet, t.row_no) = (c.sheet, c.row_no) AND c.problem = '' AND EXISTS (
  SELECT 1 FROM billing_contactpoint k WHERE k.office_id = %(office)s AND k.kind = 'phone'
    AND k.value IN (SELECT jsonb_array_elements_text(t.parsed->'phones'))
    AND (k.owner_id = a.owner_id OR k.owner_id IN (
      SELECT s.owner_id FROM billing_coowner s WHERE s.office_id = %(office)s AND s.account_id = a.id))
)
"""


def judge_takeovers(batch: ImportBatch) -> None:
    """Mark rows that bring a new owner, with the day, and say in the preview what follows; refuse impossible days."""
    today = business_date(batch.uploaded_at)
    facts: dict[str, Any] = {"today": today, "filed": min(batch.made_on or today, today)}
    run(_FIND, **facts)
    run(
        _TELL,
        "owner_differs",
        "'登记的业主是 ' || c.before || '，文件写着未交付而另有姓名，请先核实，本行不导入。'",
        column="'业主姓名'",
        problem="undelivered",
    )
    run(
        _TELL,
        "change_in_future",
        "'变更业主：变更日期 ' || c.on_day || ' 在将来，请到当日后再导入，或核对日期。'",
        column="'变更日期'",
        problem="future",
    )
    run(
        _TELL,
        "change_before_opening",
        "'变更业主：' || c.on_day || ' 不晚于 ' || c.before || ' 的接管日期 ' || c.opened_on"
        " || '。可能是旧的登记表；确有变更请在「变更日期」列写明。'",
        column="'变更日期'",
        problem="early",
    )
    run(
        _TELL,
        "handover_not_recorded",
        "'登记表写明已交付给 ' || c.after || '，而物业费仍由 ' || c.before || ' 承担。"
        "请在这户的特殊情况“开发商未移交”里登记交付（上传交房单），账单随即按天分摊。'",
        level="warning",
        column="'业主姓名'",
        problem="developer",
    )
    run(_MARK)
    run(_TELL, "owner_changed", _words(), level="warning", column="'业主姓名'", problem="")
    run(
        _LATER_BILLS,
        "bills_after_change",
        "c.before || ' 名下已有 ' || later.n || ' 笔账期在变更之后的账单（¥' || later.amount || '），"
        "不会自动转移，请核对后更正。'",
        level="warning",
        column="'变更日期'",
    )
    run(
        _FORMER_PHONES,
        "phone_of_former_owner",
        "'文件里的电话是原业主的，不会用于新业主，请补充新业主的电话。'",
        level="warning",
        column="'联系电话'",
    )


def _words() -> str:
    return (
        "'变更业主：' || c.before || ' → ' || c.after || '，自 ' || c.on_day || ' 起'"
        " || CASE WHEN c.is_assumed THEN '（文件没有变更日期，按文件日期；不对请补上「变更日期」列重新上传）' ELSE '' END"
        " || '。之前账期的欠费仍由 ' || c.before || ' 承担'"
        f" || CASE WHEN {_OPEN} > 0 THEN '（现未缴 ¥' || {_OPEN} || '）' ELSE '' END || '，不转给新业主，也不冲抵。'"
    )


def _changed_rows(batch: ImportBatch) -> list[ImportRow]:
    return list(ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED, parsed__has_key="takeover"))


def _day(row: ImportRow) -> date:
    return date.fromisoformat(row.parsed["takeover"]["on"])


def close_former_accounts(batch: ImportBatch, *, by: User | None, at: datetime) -> int:
    """End the accounts of the former owners on the day before.

    An account that somebody ended since the preview raises IntegrityError. Returns how many.
    """
    days = {row.parsed["takeover"]["from"]: _day(row) for row in _changed_rows(batch)}
    if not days:
        return 0
    accounts = list(Account.objects.select_for_update().filter(pk__in=days, closed_on=None).order_by("pk"))
    if len(accounts) < len(days):
        raise IntegrityError("an account was closed since the preview")
    for account in accounts:
        account.closed_on = days[account.pk] - timedelta(days=1)
    _save_accounts(accounts, by, at)
    return len(accounts)


def _save_accounts(accounts: list[Account], by: User | None, at: datetime) -> None:
    bulk_update_with_history(accounts, Account, ["closed_on"], batch_size=500, default_user=by, default_date=at)
    stamp_accounts(account_ids=[account.pk for account in accounts])


def reopen_former_accounts(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Give the rooms back to their former accounts, after the new ones are gone."""
    rows = _changed_rows(batch)
    if not rows:
        return
    accounts = list(Account.objects.select_for_update().filter(pk__in=[row.parsed["takeover"]["from"] for row in rows]))
    for account in accounts:
        account.closed_on = None
    _save_accounts(accounts, by, at)
    for row in rows:
        row.account_id = row.parsed["takeover"]["from"]
    ImportRow.objects.bulk_update(rows, ["account"], batch_size=500)
