"""The same table as a file of every kind that finance offices send: .xlsx, .ods, text of several encodings, HTML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

import openpyxl
import xlwt

Rows = Sequence[Sequence[Any]]
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2" '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def xlsx(
    rows: Rows | Mapping[str, Rows],
    *,
    merge: Sequence[str] = (),
    hide: Sequence[str] = (),
    hide_rows: Sequence[int] = (),
) -> bytes:
    """One sheet, or several by name. `merge` are ranges such as `A1:F1`, on every sheet; `hide` are names of sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in (rows if isinstance(rows, Mapping) else {"Sheet1": rows}).items():
        sheet = book.create_sheet(name)
        for row in table:
            sheet.append(list(row))
        for area in merge:
            sheet.merge_cells(area)
        for number in hide_rows:
            sheet.row_dimensions[number].hidden = True
        sheet.sheet_state = "hidden" if name in hide else "visible"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Rows) -> bytes:
    """A legacy workbook of one sheet; texts such as `#REF!` become error cells, as in the other formats."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and cell.startswith("#"):
                sheet.row(row).set_cell_error(column, cell)
            else:
                sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Rows, *, tall: Mapping[tuple[int, int], int] | None = None) -> bytes:
    """One sheet. `tall` are cells (row, column, from 0) merged downwards over so many rows."""
    tall = tall or {}
    covered = {(top + below, left) for (top, left), height in tall.items() for below in range(1, height)}
    lines = []
    for at, row in enumerate(rows):
        cells = (_ods_cell(cell, tall.get((at, x), 1), (at, x) in covered) for x, cell in enumerate(row))
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    return ods_of(f'<table:table table:name="Sheet1">{"".join(lines)}</table:table>')


def ods_of(tables: str) -> bytes:
    """An .ods file around the XML of its tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        archive.writestr("content.xml", _ODS_HEAD + tables + _ODS_TAIL)
    return out.getvalue()


def _ods_cell(cell: Any, height: int, covered: bool) -> str:
    if covered:
        return "<table:covered-table-cell/>"
    span = f' table:number-rows-spanned="{height}" table:number-columns-spanned="1"' if height > 1 else ""
    if str(cell).startswith("#"):
        error = f'{span} office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f"<table:table-cell{error}><text:p>{cell}</text:p></table:table-cell>"
    if cell in (None, ""):
        return f"<table:table-cell{span}/>"
    if isinstance(cell, int | float | Decimal):
        return f'<table:table-cell{span} office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    if isinstance(cell, date | datetime):
        day = cell.isoformat()
        return f'<table:table-cell{span} office:value-type="date" office:date-value="{day}"><text:p>{day}</text:p></table:table-cell>'
    return f'<table:table-cell{span} office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def text(rows: Rows, *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Values side by side, lines ended as Windows does."""
    return "".join(separator.join(map(_plain, row)) + "\r\n" for row in rows).encode(encoding)


def _plain(cell: Any) -> str:
    return "" if cell is None else f'"{cell}"' if "," in str(cell) else str(cell)


def html(rows: Rows, *, encoding: str = "gb18030", tall: Mapping[tuple[int, int], int] | None = None) -> bytes:
    """What an ERP calls .xls: one HTML table. `tall` are cells (row, column) merged downwards over so many rows."""
    tall = tall or {}
    covered = {(top + below, left) for (top, left), height in tall.items() for below in range(1, height)}
    lines = []
    for at, row in enumerate(rows):
        cells = (
            f"<td rowspan={tall.get((at, x), 1)}>{escape(_plain(cell))}</td>"
            for x, cell in enumerate(row)
            if (at, x) not in covered
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    page = f"<html><head><meta charset={encoding}></head><body><table>{''.join(lines)}</table></body></html>"
    return page.encode(encoding)
