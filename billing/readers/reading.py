"""From bytes to a workbook: what the file is by its content, and the reader for it. Runs in the child."""

from __future__ import annotations

from billing.readers.books import read_book
from billing.readers.kinds import kind_of
from billing.readers.sheets import RawWorkbook
from billing.readers.texts import read_csv, read_html


def read(data: bytes) -> RawWorkbook:
    """The workbook in the bytes. Raises `FileRefused`."""
    kind = kind_of(data)
    if kind == "csv":
        return read_csv(data)
    if kind == "html":
        return read_html(data)
    return read_book(data, kind.removeprefix("zip:"))
