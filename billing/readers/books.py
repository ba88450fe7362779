"""Workbooks: xlsx, xlsb, xls, ods by calamine. Values only; formulas give their cached value."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from billing.readers.faults import Faults, xls_faults, xlsx_faults
from billing.readers.kinds import TOO_HEAVY, FileRefused
from billing.readers.limits import MAX_COLUMNS, MAX_MERGES, MAX_ROWS
from billing.readers.opendocument import Extras, ods_extras
from billing.readers.sheets import RawSheet, RawWorkbook


def read_book(data: bytes, kind: str) -> RawWorkbook:
    """Every visible sheet with its cells, hidden ones by name. Raises `FileRefused`."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        extras = _extras(data, kind)
        sheets = [
            _read_sheet(book.get_sheet_by_name(meta.name), extras.get(meta.name[:60], Extras()))
            if meta.visible == SheetVisibleEnum.Visible
            else RawSheet(f"{meta.name[:56]}（隐藏）", [[""]], 1)  # its name only, so that it is told and not read
            for meta in book.sheets_metadata
            if "sheet" in str(meta.typ).lower()
        ]
    except FileRefused:
        raise
    except MemoryError:
        raise
    except BaseException as error:  # calamine's panics are no Exception
        words = str(error).lower()
        if "password" in words or "encrypt" in words:
            raise FileRefused("file_encrypted", "这个工作簿设了打开密码。请取消密码，保存后再上传。") from error
        raise FileRefused(
            "file_damaged", "文件已损坏或格式不支持，打不开。请用 Excel 或 WPS 另存为 .xlsx 后再上传。"
        ) from error
    return RawWorkbook(kind, "", sheets)


def _extras(data: bytes, kind: str) -> dict[str, Extras]:
    """What calamine leaves out, by sheet: error values of .xlsx, .xls and .ods, merges of .ods."""
    if kind == "ods":
        return ods_extras(data)
    look = {"xlsx": xlsx_faults, "xls": xls_faults}.get(kind)
    return {name: Extras(faults=faults) for name, faults in (look(data) if look else {}).items()}


def _read_sheet(sheet: Any, extras: Extras) -> RawSheet:
    height, width = (sheet.start[0] if sheet.start else 0) + sheet.height, sheet.total_width
    if height > MAX_ROWS:
        raise FileRefused("too_many_rows", f"工作表「{sheet.name}」超过 {MAX_ROWS:,} 行。请拆成几个文件上传。")
    if width > MAX_COLUMNS:
        raise FileRefused(
            "too_many_columns", f"工作表「{sheet.name}」超过 {MAX_COLUMNS} 列。请删除右侧无关的列后再上传。"
        )
    if len(sheet.merged_cell_ranges or ()) > MAX_MERGES:
        raise FileRefused("file_too_complex", TOO_HEAVY)
    merges = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    rows = _with_faults(_rows_of(sheet), extras.faults) if extras.faults else _rows_of(sheet)
    return RawSheet(sheet.name[:60], rows, height, merges + extras.merges)


def _rows_of(sheet: Any) -> Iterator[list[Any]]:
    """Row by row from A1: calamine fills up the empty rows above the first cell, but not the columns before it."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + row


def _with_faults(rows: Iterator[list[Any]], faults: Faults) -> Iterator[list[Any]]:
    """The rows with their error values, which calamine leaves empty."""
    for number, row in enumerate(rows):
        for at, shown in faults.get(number, {}).items():
            if at < len(row):
                row[at] = shown
        yield row
