"""What the archive does: it hands out copies, and writes down that it did."""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, Any

from django.db import transaction

from archive.documents import ledger_workbook
from archive.queries.ledger import LedgerFilters, collection_entries, ledger, ledger_lines
from offices.models import User
from offices.operations.offices import note_security_event
from offices.scoping import current_office


@transaction.atomic
def export_ledger(*, on: date, filters: LedgerFilters, reveal_phones: bool, by: User | None, at: datetime) -> IO[bytes]:
    """The ledger as an .xlsx file. Who took how many rows, and whether with phone numbers, is written down (R5, R11)."""
    found = ledger(on, filters)
    ids = [row.account_id for row in found.rows]
    phones = {row.account_id: row.phone if reveal_phones else mask(row.phone) for row in found.rows}
    book = ledger_workbook(
        found, collection_entries(on, ids), ledger_lines(on, ids), office=current_office().name, phones=phones
    )
    details: dict[str, Any] = {"on": str(on), "rows": len(ids), "phones": reveal_phones}
    note_security_event(kind="ledger_exported", by=by, at=at, subject=f"{on}", details=details)
    return book


def mask(phone: str) -> str:
    """138****1234: enough to recognise a number by."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "*" * len(phone)
