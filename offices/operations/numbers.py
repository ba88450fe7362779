"""Numbers that are handed out once."""

from __future__ import annotations

from django.db import connection

from offices.scoping.context import current_office_id


def next_number(*, key: str, year: int) -> int:
    """The next number of the open office's sequence `key` in `year`, from 1.

    The row is locked until the caller's transaction ends: no number is given twice, and one that was
    given to a transaction that failed is given again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO offices_numbersequence AS s (office_id, key, year, last) VALUES (%s, %s, %s, 1)
                ON CONFLICT (office_id, key, year) DO UPDATE SET last = s.last + 1 RETURNING s.last""",
            [current_office_id(), key, year],
        )
        return int(cursor.fetchone()[0])
