"""A list of service contracts: judged against those on file, booked with change history, taken back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection
from simple_history.utils import bulk_update_with_history

from billing.models import ImportBatch, ImportRow, ServiceContract
from billing.operations.updates import put_back, take_values
from billing.operations.verdicts import find_communities, run
from offices.models import User
from offices.scoping import current_office_id

_COMMUNITY = """
UPDATE import_staged SET parsed = parsed || jsonb_build_object('community', community, 'community_id', community_id)
WHERE sort = 'data'
"""
_TWINS = """
WITH seen AS (
  SELECT sheet, row_no, first_value(row_no) OVER w AS first_row, row_number() OVER w AS twin FROM import_staged
  WHERE sort = 'data' AND community_id IS NOT NULL AND NOT reasons @> '[{"level": "error"}]'
  WINDOW w AS (PARTITION BY community_id, parsed->>'kind', parsed->>'starts_on' ORDER BY sheet, row_no)
)
UPDATE import_staged t SET {reason} FROM seen WHERE seen.twin > 1 AND (t.sheet, t.row_no) = (seen.sheet, seen.row_no)
"""
# Two contracts of one kind at the same time: one of the terms is wrong, or the older one ended early.
_OVERLAPS = """
WITH known AS (
  SELECT c.community_id, c.kind, c.starts_on, c.ends_on FROM billing_servicecontract c
  WHERE c.office_id = %(office)s AND NOT EXISTS (  -- what the file says of it is more recent
    SELECT 1 FROM import_staged s WHERE s.community_id = c.community_id AND s.parsed->>'kind' = c.kind
      AND (s.parsed->>'starts_on')::date = c.starts_on)
  UNION SELECT community_id, parsed->>'kind', (parsed->>'starts_on')::date, (parsed->>'ends_on')::date
    FROM import_staged WHERE sort = 'data' AND NOT reasons @> '[{"level": "error"}]'
), bad AS (
  SELECT t.sheet, t.row_no, min(k.starts_on) AS starts_on FROM import_staged t
  JOIN known k ON k.community_id = t.community_id AND k.kind = t.parsed->>'kind'
    AND k.starts_on < (t.parsed->>'starts_on')::date AND k.ends_on >= (t.parsed->>'starts_on')::date
  WHERE t.sort = 'data' AND NOT t.reasons @> '[{"level": "error"}]' GROUP BY 1, 2
)
UPDATE import_staged t SET {reason} FROM bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
# A bill for a time in which nobody had signed anything (L6, 民法典 950): where contracts are on file at all.
_UNSIGNED = """
UPDATE import_staged t SET {reason} FROM (
  SELECT i.sheet, i.row_no, min(f.starts_on) AS starts_on
  FROM import_item i JOIN import_staged s ON (s.sheet, s.row_no) = (i.sheet, i.row_no)
  JOIN (SELECT community_id, min(starts_on) AS starts_on FROM billing_servicecontract
    WHERE office_id = %(office)s GROUP BY 1) f ON f.community_id = s.community_id AND i.period_end < f.starts_on
  GROUP BY 1, 2
) bad WHERE (t.sheet, t.row_no) = (bad.sheet, bad.row_no)
"""
_VERDICT = """
UPDATE import_staged t SET verdict = CASE
  WHEN t.sort <> 'data' THEN 'skipped'
  WHEN t.reasons @> '[{"level": "error"}]' THEN 'refused'
  ELSE coalesce((
    SELECT CASE WHEN (c.party, c.ends_on, c.unit_rate, c.late_charge_per_day, c.late_charge_clause,
        c.has_address_clause, c.has_arbitration_clause) IS DISTINCT FROM (
        coalesce(nullif(t.parsed->>'party', ''), c.party), coalesce((t.parsed->>'ends_on')::date, c.ends_on),
        coalesce((t.parsed->>'unit_rate')::numeric, c.unit_rate),
        coalesce((t.parsed->>'late_charge_per_day')::numeric, c.late_charge_per_day),
        coalesce(nullif(t.parsed->>'late_charge_clause', ''), c.late_charge_clause),
        coalesce((t.parsed->>'has_address_clause')::boolean, c.has_address_clause),
        coalesce((t.parsed->>'has_arbitration_clause')::boolean, c.has_arbitration_clause)
      ) THEN 'changed' ELSE 'unchanged' END
    FROM billing_servicecontract c WHERE c.office_id = %(office)s AND c.community_id = t.community_id
      AND c.kind = t.parsed->>'kind' AND c.starts_on = (t.parsed->>'starts_on')::date), 'new') END
"""
_BOOK = """
INSERT INTO billing_servicecontract (office_id, community_id, kind, party, starts_on, ends_on, unit_rate,
  late_charge_per_day, late_charge_clause, has_address_clause, has_arbitration_clause, batch_id)
SELECT %(office)s, (r.parsed->>'community_id')::bigint, r.parsed->>'kind', r.parsed->>'party',
  (r.parsed->>'starts_on')::date, (r.parsed->>'ends_on')::date, (r.parsed->>'unit_rate')::numeric,
  (r.parsed->>'late_charge_per_day')::numeric, r.parsed->>'late_charge_clause',
  coalesce((r.parsed->>'has_address_clause')::boolean, false),
  coalesce((r.parsed->>'has_arbitration_clause')::boolean, false), r.batch_id
FROM billing_importrow r WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.verdict = 'new'
"""
_FIELDS = [
    "party",
    "ends_on",
    "unit_rate",
    "late_charge_per_day",
    "late_charge_clause",
    "has_address_clause",
    "has_arbitration_clause",
]
_READ: dict[str, Any] = {"ends_on": date.fromisoformat, "unit_rate": Decimal, "late_charge_per_day": Decimal}
Key = tuple[int, str, date]


def judge_contracts(batch: ImportBatch) -> None:
    """Find the communities, refuse repeats, point at overlapping terms, and set the verdicts."""
    find_communities()
    run(_COMMUNITY)
    run(_TWINS, "row_repeated", "'与第 ' || seen.first_row || ' 行是同一份合同（类型和起始日相同），请只保留一行。'")
    words = "'与 ' || bad.starts_on || ' 起的同类合同期限重叠，请核对前一份的终止日。'"
    run(_OVERLAPS, "term_overlaps", words, level="warning")
    run(_VERDICT)


def doubt_bills_without_contract() -> None:
    """Bills that are being judged: a period before the community's first contract is pointed out, not refused."""
    if ServiceContract.objects.exists():
        words = "'账期早于这个小区最早的合同（' || bad.starts_on || ' 起），没有合同依据，请核对账期或补充合同。'"
        run(_UNSIGNED, "no_contract", words, level="warning", column="'账期'")


def book_contracts(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Book the new contracts and take the file's values for the changed ones, with change history.

    A contract booked or removed meanwhile raises IntegrityError.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"office": current_office_id(), "batch": batch.pk})
        new = cursor.rowcount
    rows = list(ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED))
    contracts = _contracts(rows)
    for row in rows:
        contract = contracts.get(_key(row))
        if contract is None:
            raise IntegrityError("a contract was removed since the preview")
        take_values(row, contract, _values(row.parsed))
    _save(contracts, rows, by, at)
    return {"contracts": new, "changed": len(rows)}


def _save(contracts: dict[Key, ServiceContract], rows: list[ImportRow], by: User | None, at: datetime) -> None:
    if contracts:
        bulk_update_with_history(
            list(contracts.values()), ServiceContract, _FIELDS, batch_size=500, default_user=by, default_date=at
        )
        ImportRow.objects.bulk_update(rows, ["parsed"], batch_size=500)


def _key(row: ImportRow) -> Key:
    return row.parsed["community_id"], row.parsed["kind"], date.fromisoformat(row.parsed["starts_on"])


def _contracts(rows: list[ImportRow]) -> dict[Key, ServiceContract]:
    """The contracts the rows are about, locked."""
    wanted = {_key(row) for row in rows}
    found = ServiceContract.objects.select_for_update().filter(community_id__in={key[0] for key in wanted})
    keyed = {(c.community_id, c.kind, c.starts_on): c for c in found.order_by("pk")}
    return {key: contract for key, contract in keyed.items() if key in wanted}


def _values(parsed: dict[str, Any]) -> dict[str, Any]:
    """What the file says; what it leaves blank is not touched."""
    said = {name: parsed[name] for name in _FIELDS if parsed[name] not in (None, "")}
    return {name: _READ[name](value) if name in _READ else value for name, value in said.items()}


def take_back_contracts(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Changed contracts get their old terms, new ones go. IntegrityError when one was changed since."""
    rows = list(ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED))
    contracts = _contracts(rows)
    for row in rows:
        put_back(row, contracts.get(_key(row)))
    _save(contracts, rows, by, at)
    later = ImportRow.objects.filter(
        batch__kind=batch.kind, batch__state=ImportBatch.State.COMMITTED, verdict=ImportRow.Verdict.CHANGED
    ).exclude(batch=batch)
    new = ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.NEW)
    if {_key(row) for row in later} & {_key(row) for row in new}:
        raise IntegrityError("a later file changed a contract of this one")
    ServiceContract.objects.filter(batch=batch).delete()
