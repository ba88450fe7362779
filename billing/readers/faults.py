"""Error values (`#REF!`) of .xlsx and .xls, which calamine gives as empty: a bill must not vanish because a formula broke."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any

_MARK = b't="e"'
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"[^>]*?t="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>(#[^<]{1,20})</v>')
_CHUNK = 1 << 20
# A cell that holds an error, or a formula whose last result was one, as the records of .xls have them.
_SIGN_OF_XLS = re.compile(rb"\x05\x02\x08\x00|\x02.[\x00\x07\x0f\x17\x1d\x24\x2a]...\xff\xff", re.DOTALL)
Faults = dict[int, dict[int, str]]  # row → column → the error as shown, from 0


def xlsx_faults(data: bytes) -> dict[str, Faults]:
    """By sheet, the cells that show an error. Costs one look through the file when there are none."""
    book = zipfile.ZipFile(io.BytesIO(data))
    found: dict[str, Faults] = {}
    for name, part in _parts(book).items():
        if part in book.namelist() and _has_fault(book, part):
            faults: Faults = found.setdefault(name[:60], {})
            for letters, number, shown in _CELL.findall(book.read(part)):
                faults.setdefault(int(number) - 1, {})[_index(letters)] = shown.decode("ascii", "replace")
    return found


def xls_faults(data: bytes) -> dict[str, Faults]:
    """The same of a legacy .xls. Only a file that bears the sign of one is read a second time."""
    if not _SIGN_OF_XLS.search(data):
        return {}
    import xlrd

    with xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True) as book:
        return {sheet.name[:60]: _faults_of(sheet) for sheet in book}


def _faults_of(sheet: Any) -> Faults:
    from xlrd import XL_CELL_ERROR, error_text_from_code

    found: Faults = {}
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == XL_CELL_ERROR:
                shown = error_text_from_code.get(sheet.cell_value(row, column), "#ERR!")
                found.setdefault(row, {})[column] = shown
    return found


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → its part of the archive."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    workbook = etree.fromstring(book.read("xl/workbook.xml"), parser)
    links = etree.fromstring(book.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = [node for node in workbook.iter() if etree.QName(node).localname == "sheet"]
    places = ((node.get("name", ""), next((v for k, v in node.items() if k.endswith("}id")), "")) for node in sheets)
    return {name: posixpath.normpath(posixpath.join("xl", targets.get(link, ""))).lstrip("/") for name, link in places}


def _has_fault(book: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if _MARK in tail + chunk:
                return True
            tail = chunk[-len(_MARK) :]
    return False


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
