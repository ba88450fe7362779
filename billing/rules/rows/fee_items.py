"""Rows of a list of fee items: name, price per unit, how many months one bill covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.rules.cells import Cell, as_json, text_of
from billing.rules.columns import Header, Merge
from billing.rules.rooms import RoomKey
from billing.rules.rows.reasons import Reason, error, warning
from billing.rules.rows.table import Body, body_of
from billing.rules.terms import UnclearTerm, read_cycle, read_rate


@dataclass(slots=True)
class FeeItemRow:
    """One fee item. A value that is None is not in the file and leaves what is known untouched."""

    row_no: int
    sort: str
    cells: tuple[Cell, ...]
    name: str = ""
    unit_rate: Decimal | None = None
    cycle_months: int | None = None
    note: str = ""
    reasons: list[Reason] = field(default_factory=list)
    room: RoomKey | None = None
    community: str = ""
    names: tuple[str, ...] = ()

    def document(self) -> str:
        """What the row means, for storing with it; money as text."""
        return as_json(
            {
                "name": self.name,
                "unit_rate": None if self.unit_rate is None else str(self.unit_rate),
                "cycle_months": self.cycle_months,
                "note": self.note,
            }
        )


def read_fee_items(
    rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()
) -> Iterator[FeeItemRow]:
    """Every row under the header. The second row of the same name is refused."""
    seen: dict[str, int] = {}
    for body in body_of(rows, header, merges):
        row = FeeItemRow(body.row_no, body.sort, body.cells)
        if body.sort == "data":
            _read(row, body, header, seen)
        yield row


def _read(row: FeeItemRow, body: Body, header: Header, seen: dict[str, int]) -> None:
    columns = header.by_field
    row.name = text_of(body.at(columns.get("fee_item")))
    row.note = text_of(body.at(columns.get("remark")))[:200]
    if not row.name:
        row.reasons.append(error(columns.get("fee_item"), "name_missing", "收费项目为空，请填写名称。"))
    elif len(row.name) > 40:
        row.reasons.append(error(columns.get("fee_item"), "name_too_long", "收费项目名称超过 40 个字，请缩短。"))
    elif row.name in seen:
        words = f"与第 {seen[row.name]} 行是同一收费项目，请只保留一行。"
        row.reasons.append(error(columns.get("fee_item"), "row_repeated", words))
    seen.setdefault(row.name, row.row_no)
    try:
        row.unit_rate = read_rate(body.at(columns.get("unit_rate")))
    except UnclearTerm as unclear:
        words = f"“{str(unclear)[:20]}”不是单价，请写成数字，例如 2.35。"
        row.reasons.append(error(columns.get("unit_rate"), "rate_unreadable", words))
    try:
        row.cycle_months = read_cycle(body.at(columns.get("cycle")))
    except UnclearTerm as unclear:
        words = f"看不懂计费周期“{str(unclear)[:20]}”，未导入；请写成 月、季、半年、年或月数。"
        row.reasons.append(warning(columns.get("cycle"), "cycle_unreadable", words))
