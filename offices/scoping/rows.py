"""Rows of the open office read and stored without what the object-relational mapper costs for every statement.

That price, half a millisecond, is nothing beside one page, but most of the night of a small office.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

from offices.scoping.context import current_actor, current_office_id
from offices.scoping.plans import prepared

M = TypeVar("M", bound=models.Model)


Table = tuple[type[models.Model], str]
"""A table and a condition in SQL, as `rows_of` takes them."""

_together: ContextVar[Mapping[Table, list[Any]]] = ContextVar("rows_read_together", default={})  # noqa: B039 - never written into


def rows_of(model: type[M], condition: str = "true", **facts: Any) -> list[M]:
    """The open office's rows of a table under a condition in SQL (over `facts`), in the order of their ids. One statement."""
    found = _together.get().get((model, condition))
    if found is not None:
        return list(found)
    sql, names, converters = _reading(model)
    with connection.cursor() as cursor:
        rows = prepared(cursor, sql.format(condition=condition), {"office": current_office_id(), **facts})
    return [model.from_db(connection.alias, names, _converted(row, converters)) for row in rows]


@contextmanager
def read_together(*tables: Table) -> Iterator[None]:
    """Read these small tables in one statement: inside, `rows_of` answers from them. For work that changes none of them."""
    with connection.cursor() as cursor:
        found = prepared(cursor, _reading_together(tables), {"office": current_office_id()})[0]
    token = _together.set(dict(zip(tables, map(_from_json, tables, found), strict=True)))
    try:
        yield
    finally:
        _together.reset(token)


def insert_rows(
    model: type[models.Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    recorded_at: datetime | None = None,
) -> None:
    """Store these rows, all with the same columns, in one statement; what they leave out takes the model's defaults.

    `recorded_at`: the model keeps a history, in which they begin at that instant, by whoever opened the scope. It is the same
    statement, so that there is no row without its history. A key that is taken raises IntegrityError, as ever.
    """
    found = list(rows)
    if not found:
        return
    actor = current_actor()
    facts = {
        "office": current_office_id(),
        "rows": json.dumps(found, default=str, ensure_ascii=False),
        "at": recorded_at,
        "by": actor and actor.pk,
    }
    sql, defaults = _inserting(model, tuple(found[0]), recorded_at is not None)
    with connection.cursor() as cursor:
        prepared(cursor, sql, facts | defaults)


def _converted(row: Sequence[Any], converters: Sequence[tuple[int, Any, Any]]) -> Sequence[Any]:
    if not converters:
        return row
    values = list(row)
    for place, convert, expression in converters:
        values[place] = convert(values[place], expression, connection)
    return values


@lru_cache(maxsize=64)
def _reading(model: type[models.Model]) -> tuple[str, list[str], list[tuple[int, Any, Any]]]:
    """The statement with a place for its condition, the attributes that its columns fill, and what turns them into Python."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    sql = f'SELECT {columns} FROM "{model._meta.db_table}" WHERE office_id = %(office)s AND {{condition}} ORDER BY id'  # noqa: S608 - names of ours
    converters = [
        (place, convert, field.get_col(model._meta.db_table))
        for place, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
    return sql, [field.attname for field in fields], converters


@lru_cache(maxsize=8)
def _reading_together(tables: tuple[Table, ...]) -> str:
    """A column for each table: its rows as JSON lists, numbers and moments as the texts that the model's fields read."""
    columns = []
    for model, condition in tables:
        values = ", ".join(
            f'"{field.column}"' + "::text" * isinstance(field, models.DecimalField)
            for field in model._meta.concrete_fields
        )
        columns.append(
            f"(SELECT json_agg(json_build_array({values}) ORDER BY id)::text "  # noqa: S608 - names of ours
            f'FROM "{model._meta.db_table}" WHERE office_id = %(office)s AND {condition})'
        )
    return f"SELECT {', '.join(columns)}"


def _from_json(table: Table, rows: str | None) -> list[models.Model]:
    model = table[0]
    names, told_as_text = _columns(model)
    found = json.loads(rows or "[]")
    for row in found:
        for place, read in told_as_text:
            row[place] = read(row[place])
    return [model.from_db(connection.alias, names, row) for row in found]


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """The attributes that the columns fill, and what reads those that JSON has as texts only."""
    fields = model._meta.concrete_fields
    texts = (models.DateField, models.TimeField, models.DecimalField)
    return [field.attname for field in fields], [
        (place, field.to_python) for place, field in enumerate(fields) if isinstance(field, texts)
    ]


@lru_cache(maxsize=64)
def _inserting(model: type[models.Model], given: tuple[str, ...], is_recorded: bool) -> tuple[str, dict[str, Any]]:
    """The statement, and the defaults that it is asked with."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    types = {
        name: field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
        for name, field in fields.items()
    }
    defaults = {
        f"default_{name}": json.dumps(value) if isinstance(value, (dict, list)) else value
        for name, field in fields.items()
        if name not in given and not field.primary_key and (value := field.get_default()) is not None
    }
    columns = {"office_id": "%(office)s::bigint"} | {name: f"r.{name}" for name in given}
    columns |= {(name := key.removeprefix("default_")): f"%({key})s::{types[name]}" for key in defaults}
    record = ", ".join(f"{name} {types[name]}" for name in given)
    insert = (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) '  # noqa: S608 - names of ours
        f"SELECT {', '.join(columns.values())} FROM json_to_recordset(%(rows)s::json) AS r({record})"
    )
    if not is_recorded:
        return insert, defaults
    history = model.history.model  # type: ignore[attr-defined]
    told = ", ".join(field.column for field in history.tracked_fields)
    return (
        f"WITH fresh AS ({insert} RETURNING *) "  # noqa: S608 - names of ours
        f'INSERT INTO "{history._meta.db_table}" ({told}, history_date, history_type, history_user_id) '
        f"SELECT {told}, %(at)s::timestamptz, '+', %(by)s::bigint FROM fresh"
    ), defaults
