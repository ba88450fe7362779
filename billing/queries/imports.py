"""Import batches and their rows, for pages and API."""

from __future__ import annotations

from django.db import connection
from django.db.models import Count, Q, QuerySet

from billing.models import ImportBatch, ImportRow
from billing.queries.cells import with_cells
from offices.models import Job
from offices.rules.pace import Pace, pace
from offices.scoping import current_office_id

_JOBS = ("import_read", "import_reread", "import_commit")
# tab → which rows it shows; the order is the order on the page
TABS: dict[str, Q] = {
    "refused": Q(verdict="refused"),
    "warned": Q(reasons__contains=[{"level": "warning"}]) & ~Q(verdict="refused"),
    "new": Q(verdict="new"),
    "changed": Q(verdict="changed"),
    "unchanged": Q(verdict="unchanged"),
    "skipped": Q(verdict="skipped"),
    "all": Q(),
}


_REASONS = """
SELECT said->>'code', min(said->>'message'), count(DISTINCT r.id)
FROM billing_importrow r CROSS JOIN LATERAL jsonb_array_elements(r.reasons) said
WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND said->>'level' = %(level)s
  AND (r.verdict = 'refused') = (%(tab)s = 'refused')
GROUP BY 1 ORDER BY 3 DESC, 1
"""


def import_history(*, put_aside: bool = False) -> QuerySet[ImportBatch]:
    """Every batch, newest first, with who and where; `put_aside`: also those that were discarded or could not be read."""
    batches = ImportBatch.objects.select_related("community", "uploaded_by", "committed_by", "signed_off_by", "file")
    return batches if put_aside else batches.exclude(state=ImportBatch.State.DISCARDED)


def rows_of(batch: ImportBatch, tab: str = "all", code: str = "") -> QuerySet[ImportRow]:
    """The rows of one tab in the order of the file; with a `code`, those that were given this reason."""
    rows = ImportRow.objects.filter(TABS.get(tab, Q()), batch=batch).order_by("sheet", "row_no")
    return rows.filter(reasons__contains=[{"code": code}]) if code else rows


def tabs_of(batch: ImportBatch) -> dict[str, int]:
    """How many rows each tab has, in one look."""
    counts = {tab: Count("pk", filter=match) if match else Count("pk") for tab, match in TABS.items()}
    return ImportRow.objects.filter(batch=batch).aggregate(**counts)


def reasons_of(batch: ImportBatch, tab: str) -> list[tuple[str, str, int]]:
    """(code, one of its messages, rows) of what was found in the rows of a tab, the most frequent first."""
    level = {"refused": "error", "warned": "warning"}.get(tab)
    if level is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, {"office": current_office_id(), "batch": batch.pk, "tab": tab, "level": level})
        return [(code, words, rows) for code, words, rows in cursor.fetchall()]


def row_at(batch: ImportBatch, sheet: str, row_no: int) -> ImportRow | None:
    """One row by its place in the file, with its cells."""
    rows = ImportRow.objects.filter(batch=batch, sheet=sheet, row_no=row_no).select_related("fixed_by")
    return next(iter(with_cells(rows)), None)


def import_job(batch: ImportBatch) -> Job | None:
    """The last piece of work the worker was asked for: reading the file, in steps of a hundred, or booking its rows."""
    return Job.objects.filter(kind__in=_JOBS, parameters__batch=batch.pk).order_by("-pk").first()


def commit_pace(job: Job | None) -> Pace | None:
    """How fast the worker goes by its own word; None before its first, and while the rows are not counted yet."""
    if job is None or job.kind != "import_commit" or job.started_at is None or job.heartbeat_at is None:
        return None
    return pace(job.done, job.total, (job.heartbeat_at - job.started_at).total_seconds())
