"""Bells answered once per slot: two beats, a late one or a flushed Redis do no harm (reliability C2.5)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from offices.scoping import current_office_id


def claim_slot(*, bell: str, slot: datetime) -> bool:
    """Answer this slot, unless it or a later one has been answered. The claim lives and dies with the open transaction.

    So there is no lease and nothing to take over: a worker that dies leaves no claim, and whoever comes at the same
    moment waits for the row and then finds it answered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offices_bell AS b (office_id, name, slot) VALUES (%s, %s, %s) "
            "ON CONFLICT (office_id, name) DO UPDATE SET slot = excluded.slot WHERE b.slot < excluded.slot RETURNING id",
            [current_office_id(), bell, slot],
        )
        return cursor.fetchone() is not None
