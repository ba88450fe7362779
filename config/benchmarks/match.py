"""Bank matching: 10,000 lines against 200,000 open bills, in a fixed number of statements (issue 3)."""

from __future__ import annotations

import io

from django.db import connection, connections, transaction
from django.utils import timezone

from billing.models import BankLine, ImportBatch
from billing.operations import match_statement
from billing.rules.rooms import rooms_in_text
from config.benchmarks.books import fill_books
from config.benchmarks.measures import Figures, benchmark, meter, run_floor
from offices.filing import store_file
from offices.models import Office, StoredFile
from offices.scoping import office_scope

LINES = 10_000
ROOMS, QUARTERS = 50_000, 4  # 200,000 open bills

# A fifth each: room in the memo; payer and one bill; payer and all bills; payer alone; a stranger.
_LINES = """
INSERT INTO billing_bankline (office_id, batch_id, row_no, "on", amount, payer, payer_account, memo, line_key, state, score, reasons)
SELECT %(office)s, %(batch)s, n, '2025-01-03'::date + (n / 500)::int, CASE n %% 5 WHEN 2 THEN t.all WHEN 1 THEN t.one ELSE 88 + n %% 900 END,
  CASE WHEN n %% 5 = 4 THEN '路人' || n ELSE o.name END, '6222' || n,
  CASE WHEN n %% 5 = 0 THEN r.building || '-' || r.unit || '-' || r.number || '物业费' ELSE '转账' END, 'line' || n, 'unclaimed', 0, '[]'
FROM (SELECT n, a.id, a.room_id, a.owner_id FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM billing_account
  WHERE office_id = %(office)s) a WHERE n <= %(lines)s) a
JOIN billing_room r ON r.office_id = %(office)s AND r.id = a.room_id
JOIN billing_owner o ON o.office_id = %(office)s AND o.id = a.owner_id
CROSS JOIN LATERAL (SELECT min(amount) AS one, sum(amount) AS all FROM billing_bill b
  WHERE b.office_id = %(office)s AND b.account_id = a.id) t
"""


@benchmark("match")
def match(office: Office, rows: int | None) -> Figures:
    """10,000 statement lines matched against 200,000 open bills; the floor is the plain joins on the same data."""
    lines = rows or LINES
    with office_scope(office.pk):
        batch = _books(office, lines)
    with connections["owner"].cursor() as cursor:  # what autovacuum does within a minute; only the owner may
        cursor.execute("ANALYZE")
    connections["owner"].close()
    with office_scope(office.pk):
        with transaction.atomic():
            seconds = _floor(office)
            transaction.set_rollback(True)
        with meter() as spent:
            found = match_statement(batch=batch, at=timezone.now())
    work = f"{lines} lines, {ROOMS * QUARTERS} open bills, {found} suggestions"
    return Figures(work, spent, seconds, {"lines_per_second": round(lines / spent.seconds)})


def _books(office: Office, lines: int) -> ImportBatch:
    now = timezone.now()
    fill_books(office, rooms=ROOMS, quarters=QUARTERS)
    file = store_file(b"lines", name="lines.csv", kind=StoredFile.Kind.UPLOAD, by=None, at=now)
    batch = ImportBatch.objects.create(
        kind="bank", state="committed", file=file, file_name="lines.csv", sha256=file.sha256, uploaded_at=now
    )
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"office": office.pk, "batch": batch.pk, "lines": lines})
    return batch


def _floor(office: Office) -> float:
    memos = BankLine.objects.values_list("pk", "memo")
    named = io.StringIO("".join(f"{pk}\t{key.sort_key}\n" for pk, memo in memos for key in rooms_in_text(memo)))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE memo_room (line_id bigint, sort_key text) ON COMMIT DROP")
        cursor.copy_expert("COPY memo_room FROM STDIN", named)
        cursor.execute("ANALYZE memo_room")
    return run_floor("match.sql", {"office": office.pk})
