"""What calamine does not tell of .ods: merged cells, and cells that show an error. Read from content.xml, nothing else."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field

from billing.readers.faults import Faults
from billing.readers.limits import MAX_COLUMNS, MAX_ROWS

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_REPEATS = 1000  # rows over which one written row with an error is spread


@dataclass(slots=True)
class Extras:
    """Of one sheet. `merges` are (first row, first column, last row, last column), from 0."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    faults: Faults = field(default_factory=dict)


def ods_extras(data: bytes) -> dict[str, Extras]:
    """By sheet's name; empty when the file merges nothing and shows no error."""
    from lxml import etree

    content = zipfile.ZipFile(io.BytesIO(data)).read("content.xml")
    if b"-spanned=" not in content and b'"error"' not in content:
        return {}
    found: dict[str, Extras] = {}
    extras = Extras()
    row = column = 0
    steps = etree.iterparse(io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True)
    for event, node in steps:
        if event == "start" and node.tag == f"{_TABLE}table":
            extras = found.setdefault(node.get(f"{_TABLE}name", "")[:60], Extras())
            row = column = 0
        elif event == "end" and node.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            _note(extras, node, row, column)
            column += _count(node, "number-columns-repeated")
        elif event == "end" and node.tag == f"{_TABLE}table-row":
            repeated = _count(node, "number-rows-repeated")
            if row in extras.faults:
                extras.faults |= {row + below: extras.faults[row] for below in range(1, min(repeated, _REPEATS))}
            row, column = row + repeated, 0
            node.clear()
    return found


def _note(extras: Extras, node: object, row: int, column: int) -> None:
    down, across = _count(node, "number-rows-spanned"), _count(node, "number-columns-spanned")
    if down > 1 or across > 1:
        extras.merges.append((row, column, row + down - 1, column + across - 1))
    if node.get(_KIND) == "error":  # type: ignore[attr-defined]
        shown = "".join(node.itertext())[:20] or "#ERR"  # type: ignore[attr-defined]
        last = min(column + _count(node, "number-columns-repeated"), MAX_COLUMNS)
        extras.faults.setdefault(row, {}).update(dict.fromkeys(range(column, last), shown))


def _count(node: object, name: str) -> int:
    text = node.get(_TABLE + name, "1")  # type: ignore[attr-defined]
    return min(int(text), MAX_ROWS) if text.isdigit() else 1
