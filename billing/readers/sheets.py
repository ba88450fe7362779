"""Cells as they cross from the child process: column by column, every distinct value once, as JSON and plain numbers.

A column of a bill export repeats itself: 100,000 rows know one fee item, four periods, a few thousand amounts. So a value
is written, read and typed once, and rows share it. Nothing is unpickled: the child has read a stranger's file.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, zip_longest
from math import isfinite
from typing import Any

from billing.readers.kinds import TOO_HEAVY, FileRefused
from billing.readers.limits import MAX_CELL, MAX_CELLS, MAX_TEXT
from billing.rules.cells import Cell

_CHUNK = 4_096  # rows in memory at a time
_SHORT = ()  # stands where a row of a text file is shorter than others


@dataclass(slots=True)
class Sheet:
    """One table. `merges` are (first row, first column, last row, last column), from 0."""

    name: str
    rows: list[list[Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class RawSheet:
    """A table in the child, as its reader gives it: rows come one after the other and are not kept."""

    name: str
    rows: Iterable[list[Any]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Workbook:
    """A file as read: `format` xlsx, xls, xlsb, ods, csv or html; `encoding` for text files."""

    format: str
    encoding: str
    sheets: list[Sheet]


@dataclass(slots=True)
class RawWorkbook:
    """A file in the child."""

    format: str
    encoding: str
    sheets: list[RawSheet]


class _Column:
    """The distinct values of a column, and for every cell which of them it is."""

    __slots__ = ("indexes", "places")

    def __init__(self, height: int) -> None:
        self.places: dict[Any, int] = {}
        self.indexes = array("I")
        self.add((_SHORT,) * height)

    def add(self, cells: tuple[Any, ...]) -> None:
        """The next cells downwards."""
        if bool in set(map(type, cells)):  # True is no 1 here, though it equals it
            cells = tuple(("b", cell) if isinstance(cell, bool) else cell for cell in cells)
        for value in dict.fromkeys(cells):
            self.places.setdefault(value, len(self.places))
        self.indexes.extend(map(self.places.__getitem__, cells))


def encode(workbook: RawWorkbook) -> Iterator[bytes]:
    """The workbook for the pipe: a line of JSON with every column's distinct values, then the numbers of its cells."""
    sheets, numbers = [], []
    for sheet in workbook.sheets:
        columns, height = _pack(sheet.rows)
        if not height:
            continue
        values = [[_encode_cell(value) for value in column.places] for column in columns]
        sheets.append({"name": sheet.name, "merges": sheet.merges, "height": height, "columns": values})
        numbers += [column.indexes for column in columns]
    head = {"format": workbook.format, "encoding": workbook.encoding, "sheets": sheets}
    line = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    if len(line) > MAX_TEXT:
        raise FileRefused("file_too_complex", TOO_HEAVY)
    yield line + b"\n"
    for indexes in numbers:
        yield indexes.tobytes()


def _pack(rows: Iterable[list[Any]]) -> tuple[list[_Column], int]:
    """The columns of a table, read a few thousand rows at a time, and how many rows there were."""
    columns: list[_Column] = []
    height, coming = 0, iter(rows)
    while chunk := list(islice(coming, _CHUNK)):
        wide = max(map(len, chunk))
        columns += [_Column(height) for _ in range(wide - len(columns))]
        cells = list(zip_longest(*chunk, fillvalue=_SHORT))
        for at, column in enumerate(columns):
            column.add(cells[at] if at < wide else (_SHORT,) * len(chunk))
        height += len(chunk)
        if height * len(columns) > MAX_CELLS:
            raise FileRefused("file_too_complex", TOO_HEAVY)
    return columns, height


def _encode_cell(cell: Any) -> Any:
    """A cell as JSON: days as ["d", iso], instants as ["t", iso], a short row's end as [], other things as text."""
    if cell is None or isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return cell if isfinite(cell) else str(cell)
    if isinstance(cell, str):
        return cell[:MAX_CELL]
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, tuple):
        return cell[1] if cell else []
    return str(cell)[:MAX_CELL]


def decode(raw: bytes) -> Workbook:
    """The parent's side. Numbers arrive as int or Decimal, never as float. Raises `FileRefused`, also on the child's word."""
    line, _newline, rest = raw.partition(b"\n")
    head = json.loads(line, parse_float=Decimal)
    if "refused" in head:
        raise FileRefused(head["refused"], head["message"])
    numbers = memoryview(rest)
    sheets, at = [], 0
    for sheet in head["sheets"]:
        size = 4 * sheet["height"]
        columns = []
        for values in sheet["columns"]:
            columns.append(_unpack(values, numbers[at : at + size]))
            at += size
        rows = list(map(list, zip(*columns, strict=True))) if columns else [[] for _ in range(sheet["height"])]
        if any([] in values for values in sheet["columns"]):
            rows = [[cell for cell in row if cell is not _SHORT] for row in rows]
        sheets.append(Sheet(" ".join(sheet["name"].split()), rows, [tuple(merge) for merge in sheet["merges"]]))
    return Workbook(head["format"], head["encoding"], sheets)


def _unpack(values: list[Any], numbers: memoryview) -> list[Cell]:
    return list(map([_decode_cell(value) for value in values].__getitem__, array("I", numbers.tobytes())))


def _decode_cell(value: Any) -> Cell:
    if not isinstance(value, list):
        return value  # type: ignore[no-any-return]
    if not value:
        return _SHORT  # type: ignore[return-value]
    return date.fromisoformat(value[1]) if value[0] == "d" else datetime.fromisoformat(value[1])
