"""The five items of S4 over a batch: how many rows are certain, doubtful or lack them; and which rows those are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from billing.models import ImportBatch, ImportRow
from billing.rules.checks import DOUBT, ITEMS, MISSING, OK

_TAKEN = (ImportRow.Verdict.NEW, ImportRow.Verdict.CHANGED, ImportRow.Verdict.UNCHANGED)


@dataclass(frozen=True, slots=True)
class CheckCount:
    """One item over all rows that were taken."""

    name: str
    label: str
    ok: int
    doubt: int
    missing: int

    @property
    def open(self) -> int:
        """Rows that somebody has to look at."""
        return self.doubt + self.missing


def check_counts(batch: ImportBatch) -> list[CheckCount]:
    """The five items in their order, in one statement; refused and skipped rows are not counted."""
    wanted = {
        f"{item.name}_{status}": Count("pk", filter=Q(**{f"checks__{item.name}": status}))
        for item in ITEMS
        for status in (OK, DOUBT, MISSING)
    }
    found = ImportRow.objects.filter(batch=batch, verdict__in=_TAKEN).aggregate(**wanted)
    return [
        CheckCount(item.name, item.label, *(found[f"{item.name}_{status}"] for status in (OK, DOUBT, MISSING)))
        for item in ITEMS
    ]


def doubtful_rows(batch: ImportBatch, name: str = "") -> QuerySet[ImportRow]:
    """Rows that were taken although an item (or the named one) is doubtful or missing, in the order of the file."""
    names = [item.name for item in ITEMS if not name or item.name == name]
    wanted = Q(pk__in=[])
    for each in names:
        wanted |= Q(**{f"checks__{each}__in": [DOUBT, MISSING]})
    rows = ImportRow.objects.filter(wanted, batch=batch, verdict__in=_TAKEN)
    return rows.select_related("account__room", "account__owner").order_by("sheet", "row_no")
