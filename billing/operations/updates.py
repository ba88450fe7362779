"""Rows of a file that change what is known: the old values are noted beside the new ones, so that undo can restore them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import Model

from billing.models import ImportRow


def take_values(row: ImportRow, thing: Model, values: dict[str, Any]) -> None:
    """Give `thing` the values of the file and note in the row what stood there before. Saves neither."""
    row.parsed["before"] = {name: _noted(getattr(thing, name)) for name in values}
    row.parsed["after"] = {name: _noted(value) for name, value in values.items()}
    for name, value in values.items():
        setattr(thing, name, value)


def put_back(row: ImportRow, thing: Model | None) -> Model:
    """Give `thing` what stood there before. IntegrityError when somebody has changed it since; saves nothing."""
    if thing is None or any(_noted(getattr(thing, name)) != value for name, value in row.parsed["after"].items()):
        raise IntegrityError("changed since the import")
    for name, value in row.parsed["before"].items():
        setattr(thing, name, thing._meta.get_field(name).to_python(value))  # type: ignore[union-attr]
    return thing


def _noted(value: Any) -> Any:
    """A value as JSON; equal numbers give equal text, whatever zeros they end with."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value
