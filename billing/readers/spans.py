"""Merged cells of .ods, which calamine does not tell: read from content.xml, nothing else."""

from __future__ import annotations

import io
import zipfile

from billing.readers.limits import MAX_ROWS

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
Merges = list[tuple[int, int, int, int]]


def ods_merges(data: bytes) -> dict[str, Merges]:
    """By sheet: (first row, first column, last row, last column), from 0. Empty when the file merges nothing."""
    from lxml import etree

    content = zipfile.ZipFile(io.BytesIO(data)).read("content.xml")
    if b"-spanned=" not in content:
        return {}
    found: dict[str, Merges] = {}
    merges: Merges = []
    row = column = 0
    steps = etree.iterparse(io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True)
    for event, node in steps:
        if event == "start" and node.tag == f"{_TABLE}table":
            merges = found.setdefault(node.get(f"{_TABLE}name", "")[:60], [])
            row = column = 0
        elif event == "end" and node.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            down, across = _count(node, "number-rows-spanned"), _count(node, "number-columns-spanned")
            if down > 1 or across > 1:
                merges.append((row, column, row + down - 1, column + across - 1))
            column += _count(node, "number-columns-repeated")
        elif event == "end" and node.tag == f"{_TABLE}table-row":
            row, column = row + _count(node, "number-rows-repeated"), 0
            node.clear()
    return found


def _count(node: object, name: str) -> int:
    text = node.get(_TABLE + name, "1")  # type: ignore[attr-defined]
    return min(int(text), MAX_ROWS) if text.isdigit() else 1
