"""A historical contact log: each line finds the household of its day, is kept once, and can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from billing.models import Account, ImportBatch, ImportRow, PastContact
from billing.operations.accounts import business_date
from billing.operations.owners_of_periods import know_former_owners
from billing.operations.verdicts import NO_ACCOUNT, OTHER_OWNER, ROOM_COLUMN, find_rooms, run
from offices.models import User
from offices.scoping import current_office_id

_FUTURE = """
UPDATE import_staged SET {reason} WHERE sort = 'data' AND (parsed->>'on')::date > %(today)s
"""
# The owner the row names, else whoever had the room on that day, else who has it now.
_ACCOUNT = """
UPDATE import_staged t SET account_id = (
  SELECT a.id FROM billing_account a JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
  WHERE a.office_id = %(office)s AND a.room_id = t.room_id
  ORDER BY o.name = ANY(t.names) DESC,
    coalesce(a.opened_on, '-infinity') <= (t.parsed->>'on')::date
      AND coalesce(a.closed_on, 'infinity') >= (t.parsed->>'on')::date DESC,
    a.closed_on IS NULL DESC, a.opened_on DESC NULLS LAST, a.id DESC LIMIT 1
) WHERE t.room_id IS NOT NULL
"""
_TWINS = """
WITH seen AS (
  SELECT sheet, row_no, first_value(row_no) OVER w AS first_row, row_number() OVER w AS twin FROM import_staged
  WHERE sort = 'data' AND account_id IS NOT NULL
  WINDOW w AS (PARTITION BY account_id, parsed->>'on', parsed->>'channel', parsed->>'person', parsed->>'text',
    parsed->>'result' ORDER BY sheet, row_no)
)
UPDATE import_staged t SET {reason} FROM seen WHERE seen.twin > 1 AND (t.sheet, t.row_no) = (seen.sheet, seen.row_no)
"""
_KNOWN = """EXISTS (
    SELECT 1 FROM billing_pastcontact p WHERE p.office_id = %(office)s AND p.account_id = t.account_id
      AND p."on" = (t.parsed->>'on')::date AND p.channel = t.parsed->>'channel' AND p.person = t.parsed->>'person'
      AND p.text = t.parsed->>'text' AND p.result = t.parsed->>'result')"""
_VERDICT = """
UPDATE import_staged t SET verdict = CASE
  WHEN t.sort <> 'data' THEN 'skipped'
  WHEN t.reasons @> '[{"level": "error"}]' THEN 'refused'
  WHEN {known} THEN 'unchanged'
  ELSE 'new' END
""".replace("{known}", _KNOWN)
_BOOK = """
INSERT INTO billing_pastcontact (office_id, account_id, "on", channel, person, text, result, batch_id)
SELECT %(office)s, t.account_id, (t.parsed->>'on')::date, t.parsed->>'channel', t.parsed->>'person', t.parsed->>'text',
  t.parsed->>'result', t.batch_id
FROM billing_importrow t
WHERE t.office_id = %(office)s AND t.batch_id = %(batch)s AND t.verdict = 'new' AND NOT {known}
""".replace("{known}", _KNOWN)


def judge_contacts(batch: ImportBatch) -> None:
    """Find the household of every line, refuse what lies in the future or stands twice, and set the verdicts."""
    find_rooms()
    know_former_owners()
    today = business_date(batch.uploaded_at)
    run(_FUTURE, "date_future", "'沟通日期 ' || (parsed->>'on') || ' 在将来，请核对年份。'", today=today)
    run(_ACCOUNT)
    run(NO_ACCOUNT, "account_missing", "'这个房屋没有业主，请先在业主登记表里补上。'", column=ROOM_COLUMN)
    words = (
        "'记录写的业主是 ' || array_to_string(t.names, '、') || '，登记的是 ' || "
        "array_to_string(people.names, '、') || '，请核对。'"
    )
    run(OTHER_OWNER, "owner_differs", words, level="warning", column="'业主姓名'")
    run(_TWINS, "row_repeated", "'与第 ' || seen.first_row || ' 行完全相同，请只保留一行。'")
    run(_VERDICT)


def book_contacts(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Keep the new lines. The accounts are locked, so that two files at once do not keep the same line twice."""
    rows = ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.NEW)
    list(Account.objects.select_for_update().filter(pk__in=rows.values("account_id")).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        return {"contacts": cursor.rowcount}


def take_back_contacts(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Forget the lines of a log; nothing depends on them."""
    PastContact.objects.filter(batch=batch).delete()
