"""Cells as they cross from the child process: JSON in, typed cells out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from billing.rules.cells import Cell

MAX_ROWS = 200_000
MAX_COLUMNS = 256
MAX_CELL = 2_000


@dataclass(slots=True)
class Sheet:
    """One table. `merges` are (first row, first column, last row, last column), from 0."""

    name: str
    rows: list[list[Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Workbook:
    """A file as read: `format` xlsx, xls, xlsb, ods, csv or html; `encoding` for text files."""

    format: str
    encoding: str
    sheets: list[Sheet]


def encode_cell(cell: Any) -> Any:
    """A cell as JSON: days as ["d", iso], instants as ["t", iso], other things as text."""
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, str):
        return cell[:MAX_CELL]
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell)[:MAX_CELL]


def encode(workbook: Workbook) -> bytes:
    """The whole workbook for the pipe."""
    sheets = [
        {"name": s.name, "merges": s.merges, "rows": [[encode_cell(c) for c in row] for row in s.rows]}
        for s in workbook.sheets
    ]
    return json.dumps(
        {"format": workbook.format, "encoding": workbook.encoding, "sheets": sheets}, ensure_ascii=False
    ).encode()


def decode(data: dict[str, Any]) -> Workbook:
    """The parent's side. Numbers arrive as int or Decimal, never as float."""
    sheets = [
        Sheet(s["name"], [[_cell(c) for c in row] for row in s["rows"]], [tuple(m) for m in s["merges"]])
        for s in data["sheets"]
    ]
    return Workbook(data["format"], data["encoding"], sheets)


def _cell(value: Any) -> Cell:
    if not isinstance(value, list):
        return value  # type: ignore[no-any-return]
    return date.fromisoformat(value[1]) if value[0] == "d" else datetime.fromisoformat(value[1])


def loads(raw: bytes) -> dict[str, Any]:
    """JSON with exact numbers."""
    return json.loads(raw, parse_float=Decimal)  # type: ignore[no-any-return]
