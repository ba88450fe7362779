"""Import batches and their rows, for pages and API."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from billing.models import ImportBatch, ImportRow

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


def import_history(*, kind: str = "") -> QuerySet[ImportBatch]:
    """Every batch, newest first, with who and where."""
    batches = ImportBatch.objects.select_related("community", "uploaded_by", "committed_by", "signed_off_by", "file")
    return batches.filter(kind=kind) if kind else batches.exclude(state=ImportBatch.State.DISCARDED)


def rows_of(batch: ImportBatch, tab: str = "all") -> QuerySet[ImportRow]:
    """The rows of one tab in the order of the file."""
    return ImportRow.objects.filter(TABS.get(tab, Q()), batch=batch).order_by("sheet", "row_no")


def tabs_of(batch: ImportBatch) -> dict[str, int]:
    """How many rows each tab has."""
    rows = ImportRow.objects.filter(batch=batch)
    return {tab: rows.filter(match).count() for tab, match in TABS.items()}
