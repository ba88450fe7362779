"""The rows of the check as a table under the file's own headings: what stands in a cell, what was written instead."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from billing.models import ImportBatch, ImportRow
from billing.queries import with_cells
from billing.rules.mending import offending_columns

_SHOWN = 8
# Rarely what a row is refused for: shown only when there is room.
_ASIDE = frozenset(
    {"phone", "phone2", "wechat", "email", "address", "area", "remark", "late_charge", "summary", "payer_account"}
)


def groups_of(batch: ImportBatch, rows: Iterable[ImportRow], *, editable: bool) -> list[dict[str, Any]]:
    """The rows of one page, sheet by sheet: headings and lines. `editable` gives the cells in question an input."""
    layouts = [(number, sheet) for number, sheet in enumerate(batch.layout.get("sheets", []))]
    by_name = {sheet["name"]: (number, sheet["columns"]) for number, sheet in layouts}
    groups = []
    for name, members in groupby(with_cells(rows), key=lambda row: row.sheet):
        number, columns = by_name.get(name, (0, []))
        lines = list(members)
        bad = {row.pk: set(offending_columns(row.reasons, columns)) for row in lines}
        heads = _heads(columns, set().union(*bad.values()))
        groups.append(
            {
                "sheet": name,
                "number": number,
                "heads": heads,
                "lines": [_line(row, number, heads, bad[row.pk], editable) for row in lines],
            }
        )
    return groups


def _heads(columns: list[dict[str, Any]], bad: set[int]) -> list[dict[str, Any]]:
    plain = [column for column in columns if not column["is_wide"]]
    wanted = sorted(plain, key=lambda column: (column["field"] in _ASIDE, column["index"]))[:_SHOWN]
    shown = {column["index"] for column in wanted} | bad
    return [column for column in columns if column["index"] in shown]


def _line(row: ImportRow, number: int, heads: list[dict[str, Any]], bad: set[int], editable: bool) -> dict[str, Any]:
    return {
        "row": row,
        "cells": [cell_of(row, number, head, editable=editable and head["index"] in bad) | {"is_bad": head["index"] in bad}
                  for head in heads],
    }  # fmt: skip


def cell_of(row: ImportRow, number: int, head: dict[str, Any], *, editable: bool) -> dict[str, Any]:
    """One cell: as in the file (`old`), as it counts (`value`), and the name of its input, if it may be written."""
    index = head["index"]
    old = str(row.cells[index]) if index < len(row.cells) else ""
    fixed = row.fixes.get(str(index))
    return {
        "head": head,
        "old": old,
        "value": old if fixed is None else fixed,
        "is_fixed": fixed is not None,
        "name": f"cell:{number}:{row.row_no}:{index}" if editable else "",
    }
