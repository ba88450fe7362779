"""Cells as they cross from the child process: a few thousand rows at a time, column by column, every distinct value once
(`billing.rules.blocks`).

A column of a bill export repeats itself: 4,000 rows know one fee item, four periods, some hundred amounts. So a value is
written, read and typed once. Rows are taken over while the next ones are being read.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice, zip_longest
from math import isfinite
from typing import Any, BinaryIO, NamedTuple, overload

from billing.readers.kinds import TOO_HEAVY, FileRefused
from billing.readers.limits import MAX_CELL, MAX_CELLS, MAX_ROWS, MAX_TEXT
from billing.rules.blocks import BLOCK_ROWS, loads, rows_of_block
from billing.rules.cells import Cell

LENGTHS = struct.Struct("<II")  # of a frame's JSON and of its numbers
_SHORT = ()  # stands where a row of a text file is shorter than others; written as []


class Rows(Sequence[list[Cell]]):
    """The rows of a table, of which only those are here that somebody has asked for; the others are still being read.

    Looking at a row raises `FileRefused` where the reader finds only then that the file cannot be read.
    """

    __slots__ = ("_height", "_read_on", "_rows")

    def __init__(self, height: int, read_on: Callable[[], None]) -> None:
        self._rows: list[list[Cell]] = []
        self._height, self._read_on = height, read_on

    def __len__(self) -> int:
        return self._height

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> list[list[Cell]]: ...

    def __getitem__(self, index: int | slice) -> list[Cell] | list[list[Cell]]:
        last = index if isinstance(index, int) else index.indices(self._height)[1] - 1
        while len(self._rows) <= last < self._height:
            self._read_on()
        return self._rows[index]

    @property
    def here(self) -> int:
        """How many rows are here."""
        return len(self._rows)

    @property
    def are_all_here(self) -> bool:
        """Whether nothing more will come."""
        return len(self._rows) >= self._height

    def add(self, rows: list[list[Cell]]) -> None:
        """What came next. Raises `ValueError` when it is more than was announced."""
        self._rows += rows
        if len(self._rows) > self._height:
            raise ValueError("more rows than announced")


class Block(NamedTuple):
    """Some rows as they came, from row `first_row` on, counted from 1: see `billing.rules.blocks`. `columns` is the JSON."""

    first_row: int
    height: int
    columns: str
    numbers: bytes


@dataclass(slots=True)
class Sheet:
    """One table. `merges` are (first row, first column, last row, last column), from 0; `blocks` are the rows that are
    here as they stood in the file; those that somebody wrote into since are `rewritten`, by their index.
    """

    name: str
    rows: Sequence[list[Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    rewritten: set[int] = field(default_factory=set)


@dataclass(slots=True)
class RawSheet:
    """A table in the child, as its reader gives it: `height` rows come one after the other and are not kept."""

    name: str
    rows: Iterable[list[Any]]
    height: int
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


def encode(workbook: RawWorkbook) -> Iterator[bytes]:
    """The workbook for the pipe, in frames: first its tables and their heights, then the blocks of their rows in order."""
    tables = [sheet for sheet in workbook.sheets if sheet.height]
    sheets = [{"name": sheet.name, "merges": sheet.merges, "height": sheet.height} for sheet in tables]
    yield frame({"format": workbook.format, "encoding": workbook.encoding, "sheets": sheets})
    written = 0
    for sheet in tables:
        height, wide, coming = 0, 0, iter(sheet.rows)
        while chunk := list(islice(coming, BLOCK_ROWS)):
            block = _block(chunk)
            height, wide = height + len(chunk), max(wide, *map(len, chunk))
            written += len(block) - 2 * wide * len(chunk)  # of texts alone
            if height * wide > MAX_CELLS or written > MAX_TEXT:
                raise FileRefused("file_too_complex", TOO_HEAVY)
            yield block


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    """A piece of what the child says: two lengths, JSON, and numbers."""
    line = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    return LENGTHS.pack(len(line), len(body)) + line + body


def _block(rows: list[list[Any]]) -> bytes:
    """Some rows: of every column the distinct values, then for every cell which of them it is."""
    columns, numbers = [], []
    for cells in zip_longest(*rows, fillvalue=_SHORT):
        if bool in set(map(type, cells)):  # True is no 1 here, though it equals it
            cells = tuple(("b", cell) if isinstance(cell, bool) else cell for cell in cells)
        places = {value: place for place, value in enumerate(dict.fromkeys(cells))}
        columns.append([_encode_cell(value) for value in places])
        numbers.append(array("H", map(places.__getitem__, cells)).tobytes())
    return frame({"rows": len(rows), "columns": columns}, b"".join(numbers))


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


def decode(stream: BinaryIO) -> Workbook:
    """The parent's side: a workbook whose rows are read from the stream when they are looked at. Numbers arrive as int or
    Decimal, never as float. Raises `FileRefused`, also on the child's word, now or when a row is looked at.
    """
    head, _line, _body = _next(stream)
    sheets: list[Sheet] = []
    waiting: list[tuple[Rows, list[Block]]] = []

    def read_on() -> None:
        said, line, body = _next(stream)
        with _believed():
            while waiting[0][0].are_all_here:
                waiting.pop(0)
            rows, blocks = waiting[0]
            if rows.here % BLOCK_ROWS:
                raise ValueError("a block was short")
            blocks.append(Block(rows.here + 1, said["rows"], line.decode(), body))
            rows.add(rows_of_block(said["columns"], body, said["rows"]))

    with _believed():
        for sheet in head["sheets"]:
            rows, blocks = Rows(min(int(sheet["height"]), MAX_ROWS), read_on), []
            waiting.append((rows, blocks))
            merges = [tuple(merge) for merge in sheet["merges"]]
            sheets.append(Sheet(" ".join(sheet["name"].split()), rows, merges, blocks))
        return Workbook(head["format"], head["encoding"], sheets)


@contextmanager
def _believed() -> Iterator[None]:
    """What the child says in another form than ours is not believed."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as malformed:
        raise FileRefused("file_too_complex", TOO_HEAVY) from malformed


def _next(stream: BinaryIO) -> tuple[dict[str, Any], bytes, bytes]:
    """The next frame: its JSON, as read and as it came, and its numbers. Raises `FileRefused` where the child refuses,
    or says no more.
    """
    with _believed():
        lengths = LENGTHS.unpack_from(stream.read(LENGTHS.size).ljust(LENGTHS.size, b"\0"))
        if not lengths[0] or max(lengths) > MAX_TEXT:
            raise ValueError("no frame")
        line, body = stream.read(lengths[0]), stream.read(lengths[1])
        head = loads(line)
        if not isinstance(head, dict):
            raise TypeError("no frame")
    if "refused" in head:
        raise FileRefused(str(head["refused"]), str(head["message"]))
    return head, line, body
