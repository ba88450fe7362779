"""A list of fee items: which are new, which differ from what is known, booked and taken back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection

from billing.models import FeeItem, ImportBatch, ImportRow
from billing.operations.updates import put_back, take_values
from billing.operations.verdicts import run
from offices.models import User
from offices.scoping import current_office_id

_VERDICT = """
UPDATE import_staged t SET verdict = CASE
  WHEN t.sort <> 'data' THEN 'skipped'
  WHEN t.reasons @> '[{"level": "error"}]' THEN 'refused'
  ELSE coalesce((
    SELECT CASE WHEN (f.unit_rate, f.cycle_months, f.note) IS DISTINCT FROM (
        coalesce((t.parsed->>'unit_rate')::numeric, f.unit_rate),
        coalesce((t.parsed->>'cycle_months')::int, f.cycle_months),
        coalesce(nullif(t.parsed->>'note', ''), f.note)) THEN 'changed' ELSE 'unchanged' END
    FROM billing_feeitem f WHERE f.office_id = %(office)s AND f.name = t.parsed->>'name'), 'new') END
"""
_BOOK = """
INSERT INTO billing_feeitem (office_id, name, unit_rate, cycle_months, note, batch_id)
SELECT %(office)s, r.parsed->>'name', (r.parsed->>'unit_rate')::numeric, (r.parsed->>'cycle_months')::int,
  r.parsed->>'note', r.batch_id
FROM billing_importrow r WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.verdict = 'new'
"""
_FIELDS = ["unit_rate", "cycle_months", "note"]


def judge_fee_items(batch: ImportBatch) -> None:
    """New, changed or known."""
    run(_VERDICT)


def book_fee_items(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Book the new items and take the file's values for the changed ones. A name booked meanwhile: IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        new = cursor.rowcount
    rows = list(ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED))
    items = _items(rows)
    if len(items) < len(rows):
        raise IntegrityError("an item was removed since the preview")
    for row in rows:
        take_values(row, items[row.parsed["name"]], _values(row.parsed))
    FeeItem.objects.bulk_update(items.values(), _FIELDS)
    ImportRow.objects.bulk_update(rows, ["parsed"], batch_size=500)
    return {"items": new, "changed": len(rows)}


def _items(rows: list[ImportRow]) -> dict[str, FeeItem]:
    names = [row.parsed["name"] for row in rows]
    return {item.name: item for item in FeeItem.objects.select_for_update().filter(name__in=names).order_by("pk")}


def _values(parsed: dict[str, Any]) -> dict[str, Any]:
    """What the file says; what it leaves blank is not touched."""
    values: dict[str, Any] = {}
    if parsed["unit_rate"] is not None:
        values["unit_rate"] = Decimal(parsed["unit_rate"])
    if parsed["cycle_months"] is not None:
        values["cycle_months"] = parsed["cycle_months"]
    if parsed["note"]:
        values["note"] = parsed["note"]
    return values


def take_back_fee_items(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Changed items get their old values, new ones go. IntegrityError when used by a bill or changed since."""
    rows = list(ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED))
    items = _items(rows)
    for row in rows:
        put_back(row, items.get(row.parsed["name"]))
    FeeItem.objects.bulk_update(items.values(), _FIELDS)
    created = list(FeeItem.objects.filter(batch=batch).values_list("name", flat=True))
    changed = ImportRow.objects.filter(
        batch__kind=ImportBatch.Kind.FEE_ITEMS,
        batch__state=ImportBatch.State.COMMITTED,
        verdict=ImportRow.Verdict.CHANGED,
        parsed__name__in=created,
    ).exclude(batch=batch)
    if changed.exists():
        raise IntegrityError("a later file changed an item of this one")
    FeeItem.objects.filter(batch=batch).delete()
