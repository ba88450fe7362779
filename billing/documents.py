"""What billing prints: the refused rows of a file, to be mended and uploaded again."""

from __future__ import annotations

import io

import xlsxwriter

from billing.models import ImportBatch
from billing.queries import rows_of
from billing.rules.cells import column_letter


def refused_workbook(batch: ImportBatch) -> bytes:
    """错误行.xlsx: the refused rows as they stood, with row number and reason in front.

    Every text is written as text, so that no cell of a stranger's file becomes a formula (C4.4).
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("错误行")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        headings = _headings(batch)
        for column, words in enumerate(["原行号", "原因", *headings]):
            sheet.write_string(0, column, words, bold)
        for line, row in enumerate(rows_of(batch, "refused").iterator(), 1):
            sheet.write_number(line, 0, row.row_no)
            words = "；".join(f"{r['column']} {r['message']}".strip() for r in row.reasons if r["level"] == "error")
            sheet.write_string(line, 1, words, wrap)
            for column, cell in enumerate(row.cells):
                sheet.write_string(line, column + 2, str(cell))
        sheet.set_column(1, 1, 48)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _headings(batch: ImportBatch) -> list[str]:
    """The file's own headings by place; columns that were not read keep their letter only."""
    sheets = batch.layout.get("sheets") or [{"columns": []}]
    named = {
        column["place"].split("列", 1)[0]: column["place"].split("「", 1)[1].rstrip("」")
        for column in sheets[0]["columns"]
    }
    width = max((len(row.cells) for row in rows_of(batch, "refused")[:50]), default=0)
    return [named.get(letter, letter) for letter in map(column_letter, range(width))]
