"""Which cells of a refused row have to be mended, and what we write beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Columns that we ourselves add to the workbook of refused rows; they say nothing about the table.
ADDED_HEADINGS = ("原行号", "原因")

# A reason names its column as the file does (`I列「应收金额」`), or by what it means where no file is at hand.
_MEANINGS: dict[str, tuple[str, ...]] = {
    "房号": ("number", "room", "building", "unit"),
    "业主姓名": ("owner",),
    "应收": ("receivable", "arrears"),
    "账期": ("period", "period_start", "period_end"),
    "小区": ("community",),
}
# Reasons of a whole row: what makes two rows the same.
_WHOLE_ROW = {
    "community_unknown": ("community",),
    "row_repeated": ("number", "room", "period", "period_start", "period_end"),
    "row_conflict": ("number", "room", "period", "period_start", "period_end", "receivable", "arrears"),
}


def offending_columns(reasons: Sequence[Mapping[str, str]], columns: Sequence[Mapping[str, Any]]) -> list[int]:
    """Indexes of the cells that the errors of a row speak of, in file order; `columns` as in the batch's layout."""
    found: set[int] = set()
    for reason in reasons:
        if reason.get("level") != "error":
            continue
        named = reason.get("column", "")
        fields = _MEANINGS.get(named, ()) or _WHOLE_ROW.get(reason.get("code", ""), ())
        found |= {int(c["index"]) for c in columns if (named and c["place"] == named) or c["field"] in fields}
    return sorted(found)
