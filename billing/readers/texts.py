"""Text files: csv and tsv in UTF-8 or GB18030, and HTML tables that an ERP named .xls."""

from __future__ import annotations

import csv
import io

from billing.readers.kinds import FileRefused
from billing.readers.limits import MAX_COLUMNS, MAX_ROWS
from billing.readers.sheets import RawSheet, RawWorkbook

_SEPARATORS = ",\t;|"
_BAD_ENCODING = "看不懂文件的文字编码。请用 Excel 或 WPS 打开，另存为“CSV UTF-8”或 .xlsx 后再上传。"


def decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding: a byte-order mark, else strict UTF-8, else strict GB18030. Raises `FileRefused`."""
    tries = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _readable(text):
            return text, encoding
    raise FileRefused("encoding_unknown", _BAD_ENCODING)


def _readable(text: str) -> bool:
    """Strict GB18030 accepts much that is no Chinese: control characters and rare blocks give it away."""
    sample = text[:20_000]
    control = sum(1 for c in sample if ord(c) < 32 and c not in "\t\r\n\x0b\x0c")
    strange = sum(1 for c in sample if "\ue000" <= c <= "\uf8ff" or c == "\ufffd" or "\u0250" <= c <= "\u03ff")
    return not control and strange <= len(sample) // 50


def read_csv(data: bytes) -> RawWorkbook:
    """One sheet; the separator is the one that occurs most in the first lines."""
    text, encoding = decode(data)
    head = text[:20_000]
    separator = max(_SEPARATORS, key=lambda c: head.count(c) - (head.count(",") if c == "\t" and "\t," in head else 0))
    csv.field_size_limit(1_000_000)
    rows: list[list[object]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(rows) >= MAX_ROWS:
                raise FileRefused("too_many_rows", f"文件超过 {MAX_ROWS:,} 行。请拆成几个文件上传。")
            rows.append(_narrow(list(row)))
    except csv.Error as error:
        raise FileRefused("file_damaged", "CSV 文件格式有误，读不下去。请用 Excel 打开检查后另存为 .xlsx。") from error
    return RawWorkbook("csv", encoding, [RawSheet("CSV", rows, len(rows))])


def _narrow(row: list[object]) -> list[object]:
    """The row, whose columns beyond the last readable one are empty. Raises `FileRefused`."""
    if len(row) > MAX_COLUMNS and any(str(cell).strip() for cell in row[MAX_COLUMNS:]):
        raise FileRefused("too_many_columns", f"文件超过 {MAX_COLUMNS} 列。请删除右侧无关的列后再上传。")
    return row[:MAX_COLUMNS]


def read_html(data: bytes) -> RawWorkbook:
    """Every table with more than one row; rowspan and colspan become merges."""
    from lxml import html

    text, encoding = decode(data)
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    tables = html.document_fromstring(text.encode("utf-8"), parser=parser).xpath("//table[not(.//table)]")
    sheets = [_read_table(table, f"表{number}") for number, table in enumerate(tables, 1)]
    return RawWorkbook("html", encoding, [sheet for sheet in sheets if len(sheet.rows) > 1])


def _read_table(table: object, name: str) -> RawSheet:
    rows: list[list[object]] = []
    merges: list[tuple[int, int, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for at, line in enumerate(table.xpath(".//tr")[:MAX_ROWS]):  # type: ignore[attr-defined]
        row: list[object] = []
        for cell in line.xpath("./td|./th"):
            while (at, len(row)) in taken:
                row.append("")
            left, down, across = len(row), _span(cell, "rowspan"), _span(cell, "colspan")
            row += [cell.text_content().strip(), *[""] * (across - 1)]
            if down > 1 or across > 1:
                merges.append((at, left, at + down - 1, left + across - 1))
                taken |= {(at + i, left + j) for i in range(1, down) for j in range(across)}
        rows.append(_narrow(row))
    return RawSheet(name, rows, len(rows), merges)


def _span(cell: object, name: str) -> int:
    text = cell.get(name, "1")  # type: ignore[attr-defined]
    return min(max(int(text), 1), 1000) if text.isdigit() else 1
