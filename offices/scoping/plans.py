"""What PostgreSQL's planner should know of statements over many rows, and cannot guess; and plans kept from call to call.

Statistics are gathered some time after an import. Until then an office just moved in looks as if it had no rows, and
plans made for none take minutes for a hundred thousand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connection

FEW = 50
"""So many accounts are looked up one by one; more are joined as sets."""


KEPT = "SELECT array(SELECT name::text FROM pg_prepared_statements WHERE name LIKE 'kept\\_%%')"
"""What the session keeps, as an array of names."""

# Joins read each side once, and what is sorted or hashed stays in memory.
_FOR_MANY = "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '32MB'; "
_AS_BEFORE = "SET LOCAL enable_nestloop = on; SET LOCAL work_mem = DEFAULT"


def prepared(cursor: Any, sql: str, facts: dict[str, Any], *, by_hash: bool = False, first: str = "") -> list[Any]:
    """The rows of a statement that the session plans once and then keeps: planning a large one costs more than a small office's rows.

    In every transaction the session itself is asked what it keeps, so that nothing is wrongly remembered here when a
    connection is new or a pooler gives another one; after an error it is asked again. Offices share the plan: whose rows
    are seen is looked up at each execution (`%(office)s`, and the wall's own setting). A place takes its type from its
    first use; where that says nothing (`day + %(days)s`), write a cast.

    `first`: what is done before it in the same round trip, over the same `facts`; the statement sees what is committed by then.

    `by_hash` as in `joined_by_hash`. Without it, `cursor.rowcount` is the statement's afterwards.
    """
    name, prepare, execute = _prepared(sql, by_hash)
    session: Any = connection
    if session.kept_plans is None:
        cursor.execute(KEPT, ())
        session.kept_plans = frozenset(cursor.fetchone()[0])
    try:
        cursor.execute(first + _FOR_MANY * by_hash + prepare * (name not in session.kept_plans) + execute, facts)
    except DatabaseError:
        session.kept_plans = None
        raise
    session.kept_plans |= {name}
    rows: list[Any] = cursor.fetchall() if cursor.description else []
    if by_hash:
        cursor.execute(_AS_BEFORE)
    return rows


@lru_cache(maxsize=256)
def _prepared(sql: str, by_hash: bool) -> tuple[str, str, str]:
    """The statement's name, made from its text, what prepares it, and what executes it."""
    places = _Places()
    text = sql % places
    name = f"kept_{hashlib.sha256(text.encode()).hexdigest()[:20]}{'_by_hash' * by_hash}"
    prepare = f"PREPARE {name} AS {text}; ".replace("%", "%%")
    arguments = ", ".join(f"%({fact})s" for fact in places)
    return name, prepare, f"EXECUTE {name}" + (f" ({arguments})" if arguments else "")


class _Places(dict[str, str]):
    """The number of each place of a text, in the order of their first use."""

    def __missing__(self, name: str) -> str:
        self[name] = f"${len(self) + 1}"
        return self[name]


@contextmanager
def joined_by_hash(cursor: Any) -> Iterator[None]:
    """Joins inside read each side once, whatever the planner believes about their size. Needs an open transaction."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def for_many(number: int) -> Iterator[None]:
    """Queries inside ask about so many accounts: looked up one by one while they are few, joined by hash when they are many."""
    if number <= FEW:
        yield
        return
    with connection.cursor() as cursor, joined_by_hash(cursor):
        yield


def forget_plans(cursor: Any) -> None:
    """Call before a statement that writes many rows into a table that refers to one just filled.

    The check of a reference keeps its first plan for the whole session; made while the table was empty, it reads
    the table from end to end for every row.
    """
    cursor.execute("DISCARD PLANS")
