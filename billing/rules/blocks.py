"""Some rows of a table, column by column: every distinct value once as JSON, and two bytes per cell that say which it is.

So cells cross from the child that reads a stranger's file, and so they are kept beside it. Nothing is unpickled.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.rules.cells import Cell

BLOCK_ROWS = 4_096
"""Rows of every block but a table's last one. Kept blocks are found by it: it stays as it is."""
_SHORT: Any = ()  # stands where a row of a text file is shorter than others


def block_of(row_no: int) -> int:
    """The first row of the block that row `row_no` is in, both counted from 1."""
    return (row_no - 1) // BLOCK_ROWS * BLOCK_ROWS + 1


def loads(text: str | bytes) -> Any:
    """JSON whose numbers are int or Decimal, never float."""
    return json.loads(text, parse_float=Decimal)


def rows_of_block(columns: list[list[Any]], numbers: bytes, height: int) -> list[list[Cell]]:
    """All rows of a block. Raises ValueError, TypeError or LookupError where it is none."""
    cells = [
        map([_cell(value) for value in values].__getitem__, _column(numbers, at, height))
        for at, values in enumerate(columns)
    ]
    rows = list(map(list, zip(*cells, strict=True))) if columns else [[] for _ in range(height)]
    if any([] in values for values in columns):
        rows = [[cell for cell in row if cell is not _SHORT] for row in rows]
    return rows


def rows_at(columns: list[list[Any]], numbers: bytes, height: int, places: Iterable[int]) -> Iterator[list[Cell]]:
    """Some rows of a block by their places in it, from 0."""
    picked = [_column(numbers, at, height) for at in range(len(columns))]
    for place in places:
        cells = [_cell(values[column[place]]) for values, column in zip(columns, picked, strict=True)]
        yield [cell for cell in cells if cell is not _SHORT]


def _column(numbers: bytes, at: int, height: int) -> array[int]:
    return array("H", numbers[2 * height * at : 2 * height * (at + 1)])


def _cell(value: Any) -> Cell:
    if not isinstance(value, list):
        return value  # type: ignore[no-any-return]
    if not value:
        return _SHORT
    return date.fromisoformat(value[1]) if value[0] == "d" else datetime.fromisoformat(value[1])
