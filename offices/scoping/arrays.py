"""Many values as one parameter of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models.expressions import RawSQL


def array(values: Iterable[int | bool | Decimal | date | str | None]) -> str:
    """These values as the text of a PostgreSQL array, to be cast where it is used: `%(ids)s::bigint[]`.

    A list would become an expression with one constant for each value, and the server read ten thousand of them.
    """
    return "{" + ",".join(_element(value) for value in values) + "}"


def among(ids: Iterable[int]) -> RawSQL:
    """For `field__in=`: many ids as one parameter, where a list would become as many."""
    return RawSQL("SELECT unnest(%s::bigint[])", (array(ids),))


def _element(value: int | bool | Decimal | date | str | None) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "NULL" if value is None else str(value)
