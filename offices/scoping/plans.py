"""What PostgreSQL's planner should know of statements over many rows, and cannot guess.

Statistics are gathered some time after an import. Until then an office just moved in looks as if it had no rows, and
plans made for none take minutes for a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def joined_by_hash(cursor: Any) -> Iterator[None]:
    """Joins inside read each side once, whatever the planner believes about their size. Needs an open transaction."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


def rows_by_hash(cursor: Any, sql: str, facts: Any) -> list[Any]:
    """The rows of one statement planned like that."""
    cursor.execute("SET LOCAL enable_nestloop = off; " + sql, facts)
    rows: list[Any] = cursor.fetchall()
    cursor.execute("SET LOCAL enable_nestloop = on")
    return rows


def forget_plans(cursor: Any) -> None:
    """Call before a statement that writes many rows into a table that refers to one just filled.

    The check of a reference keeps its first plan for the whole session; made while the table was empty, it reads
    the table from end to end for every row.
    """
    cursor.execute("DISCARD PLANS")
