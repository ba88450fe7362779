"""What billing prints: the refused rows of a file, to be mended and uploaded again."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from billing.models import ImportBatch, ImportRow
from billing.queries import rows_of
from billing.rules.mending import ADDED_HEADINGS, offending_columns

_SHEET_NAME = 31  # characters, as Excel allows


def refused_workbook(batch: ImportBatch) -> bytes:
    """错误行.xlsx: the refused rows under the file's own title and headings, sheet by sheet; behind them the row number
    in the file and the reason, and the cells to be mended in colour. It can be uploaded again as it is (ux 3.4).

    Every text is written as text, so that no cell of a stranger's file becomes a formula (C4.4).
    """
    out = io.BytesIO()
    layouts = {sheet["name"]: sheet for sheet in batch.layout.get("sheets", [])}
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        looks = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "bad": book.add_format({"bg_color": "#FFE3A3"}),
            "why": book.add_format({"text_wrap": True, "valign": "top", "font_color": "#B3261E"}),
        }
        groups: dict[str, list[ImportRow]] = {}
        for row in rows_of(batch, "refused").iterator():
            groups.setdefault(row.sheet, []).append(row)
        for name, rows in groups.items():
            _sheet(book.add_worksheet(name[:_SHEET_NAME] or None), layouts.get(name, {}), rows, looks)
        if not groups:
            book.add_worksheet("错误行")
    return out.getvalue()


def _sheet(sheet: Any, layout: dict[str, Any], rows: Iterable[ImportRow], looks: dict[str, Any]) -> None:
    head = layout.get("head") or [[]]
    rows = list(rows)
    width = max(len(line) for line in (*head, *(row.cells for row in rows)))
    first = layout.get("header_row", 1) - 1
    for line, cells in enumerate(head):
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(line, column, text, looks["head"] if line >= first else None)
    for top, left, bottom, right in layout.get("head_merges", []):
        text = head[top][left] if left < len(head[top]) else ""
        sheet.merge_range(top, left, bottom, right, text, looks["head"])
    for column, words in enumerate(ADDED_HEADINGS, width):
        sheet.write_string(first, column, words, looks["head"])
    for line, row in enumerate(rows, len(head)):
        cells = [row.fixes.get(str(column), cell) for column, cell in enumerate(row.cells)]
        marked = offending_columns(row.reasons, layout.get("columns", []))
        for column in range(width):
            text = str(cells[column]) if column < len(cells) else ""
            if text or column in marked:
                sheet.write_string(line, column, text, looks["bad"] if column in marked else None)
        sheet.write_number(line, width, row.row_no)
        words = "；".join(f"{r['column']} {r['message']}".strip() for r in row.reasons if r["level"] == "error")
        sheet.write_string(line, width + 1, words, looks["why"])
    sheet.set_column(width + 1, width + 1, 60)
    sheet.freeze_panes(len(head), 0)
