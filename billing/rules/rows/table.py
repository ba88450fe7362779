"""The body of a table: rows under the header, merged cells filled, subtotals and footers told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from billing.rules.cells import Cell, is_blank, remembered, text_of
from billing.rules.columns import Column, Header, Merge
from billing.rules.rooms import RoomKey, became_a_date, read_building, read_number, read_room, read_unit
from billing.rules.rows.reasons import Reason, error

_SUBTOTAL = re.compile(r"(小\s*计|合\s*计|总\s*计|累\s*计|本\s*页)")
_GRAND = re.compile(r"^(?!.*本\s*页).*(合\s*计|总\s*计|总\s*额|累\s*计)")
_FOOTER = re.compile(
    r"^(制表|审核|复核|打印|制单|经办|以上|说明|注[:：]|备注[:：]|填表|单位|第.{1,4}页|\*|示例|样例|例[:：])|示例数据|删除本行|仅供"
)
_INSTRUCTION = re.compile(r"[(\[]?(必填|选填|非必填|可不填|文本|数字|日期|文本格式|数字格式|日期格式)[)\]]?")
_NOTE_LENGTH = 8  # a lone text of this length that is no room is a note under the table
_LONGEST_PART = 20  # letters of a building, unit or number
Part = TypeVar("Part")
_FILLED_DOWN = ("community", "building", "unit", "number", "room", "owner", "phone")


class Body(NamedTuple):
    """One row under the header. `sort` is data, subtotal, total, heading (repeated on each page) or footer."""

    row_no: int  # as counted in the file, from 1
    sort: str
    cells: tuple[Cell, ...]
    full: tuple[Cell, ...]  # as many as the header has columns, where the row is shorter

    def at(self, column: Column | None) -> Cell:
        """The cell in a column of the header; None when the file has no such column or the row is short."""
        return None if column is None else self.full[column.index]


class FileRow(Protocol):
    """What every kind of row has: its place in the file, what it means, and why it is doubted.

    `room`, `community` and `names` are empty in kinds that do not belong to a household.
    """

    @property
    def row_no(self) -> int:
        """As counted in the file, from 1."""

    @property
    def sort(self) -> str:
        """`data`, or why the row is none."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The row as it stood."""

    @property
    def reasons(self) -> list[Reason]:
        """Errors and warnings."""

    @property
    def room(self) -> RoomKey | None:
        """The room it is about."""

    @property
    def community(self) -> str:
        """The community it names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The owners it names."""

    def document(self) -> str:
        """What the row means, as a JSON object, for storing with the row; money as text."""


def body_of(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge] = ()) -> Iterator[Body]:
    """Every row under the header that has anything in a known column."""
    known = sorted({column.index for column in header.columns})
    wide = known[-1] + 1 if known else 0
    headings = {text_of(cell) for row in rows[header.row : header.row + header.height] for cell in row} - {""}
    remark = header.by_field["remark"].index if "remark" in header.by_field else None
    filled = _fill_down(rows, header, merges)
    pick = itemgetter(*known, 0)  # one index more, so that it always gives several cells
    begins_like_data = lru_cache(maxsize=None)(partial(_begins_like_data, headings))
    many = max(4, len(known) // 2 + 1)
    for index in range(header.row + header.height, len(rows)):
        cells = filled.get(index) or tuple(rows[index])
        full = cells if len(cells) >= wide else cells + (None,) * (wide - len(cells))
        written = [
            c
            for c in pick(full)[:-1]
            if c is not None and (c.__class__ is not str or (c and (c.isalnum() or not is_blank(c))))
        ]
        if len(written) == 1 and remark is not None and not is_blank(full[remark]):
            yield Body(index + 1, "footer", cells, full)  # 说明 beside the table
        elif written:
            first = cells[0] if not is_blank(cells[0]) else next(cell for cell in cells if not is_blank(cell))
            lead = [cell if cell.__class__ is str else None for cell in (first, *written[:2])]
            is_data = len(written) >= many and begins_like_data(*lead)
            yield Body(index + 1, "data" if is_data else _sort_of(first, written, len(known), headings), cells, full)


def _begins_like_data(headings: set[str], *lead: str | None) -> bool:
    """Whether a row with most columns filled can be nothing else, by its first texts as for `_sort_of`."""
    texts = [text_of(word) for word in lead if word is not None]
    return not texts or not (
        any(_sum_in(word)[1] for word in texts[:2]) or texts[0] in headings or any(map(_instructs, lead[1:2]))
    )


def _sort_of(first: Cell, written: Sequence[Cell], known: int, headings: set[str]) -> str:
    """`first` is the first cell of the row in any column (合计 may stand under 序号), `written` those in known ones."""
    lead = [text_of(cell) for cell in (first, *written[:2]) if isinstance(cell, str)]
    if not lead:
        return "data"
    for word in lead[:2]:
        mentions, is_only, is_grand = _sum_in(word)
        if (mentions and len(written) < max(4, known // 2 + 1)) or is_only:
            return "total" if is_grand else "subtotal"
    if lead[0] in headings and all(isinstance(cell, str) and text_of(cell) in headings for cell in written):
        return "heading"
    if len(written) <= max(3, known // 2) and _FOOTER.search(" ".join(lead)):
        return "footer"
    return "footer" if _is_note(lead, written, known) else "data"


@remembered
def _sum_in(word: str) -> tuple[bool, bool, bool]:
    """Whether a word speaks of a sum, of nothing else, and of the grand total."""
    is_only = re.fullmatch(r".{0,6}(小\s*计|合\s*计|总\s*计)", word)
    return bool(_SUBTOTAL.search(word)), bool(is_only), bool(_GRAND.search(word))


def _is_note(lead: Sequence[str], written: Sequence[Cell], known: int) -> bool:
    """A lone sentence under the table, or a row that says which columns must be filled in."""
    if len(written) == 1 and known >= 4:
        return len(lead[-1]) >= _NOTE_LENGTH and read_room(lead[-1]) is None
    return len(written) > 1 and _instructs(written[0]) and all(map(_instructs, written))


@remembered
def _instructs(cell: Cell) -> bool:
    """Whether a cell says how to fill in its column."""
    return isinstance(cell, str) and bool(_INSTRUCTION.fullmatch(text_of(cell)))


def once(read: Callable[[Body], Part], header: Header, fields: Iterable[str]) -> Callable[[Body], Part]:
    """A part of a row, worked out once per distinct cells: a file of bills repeats a household for every period, and a
    period for every household. `read` is shown the cells of the fields, and no others; what it returns is not changed.
    """
    places = sorted({header.by_field[name].index for name in fields if name in header.by_field})
    wide = max((column.index for column in header.columns), default=-1) + 1

    @lru_cache(maxsize=None, typed=True)  # lives as long as a table is read; True is no 1
    def of(*cells: Cell) -> Part:
        full: list[Cell] = [None] * wide
        for place, cell in zip(places, cells, strict=False):
            full[place] = cell
        return read(Body(0, "data", (), tuple(full)))

    if not places:
        return lambda body: of()
    pick = itemgetter(*places, places[0])  # one more, so that it always gives several cells
    return lambda body: of(*pick(body.full))


def _fill_down(rows: Sequence[Sequence[Cell]], header: Header, merges: Sequence[Merge]) -> dict[int, tuple[Cell, ...]]:
    """Merged place and owner cells repeat downwards, only inside their merge: a blank elsewhere stays blank."""
    columns = {header.by_field[name].index for name in _FILLED_DOWN if name in header.by_field}
    filled: dict[int, list[Cell]] = {}
    for top, left, bottom, right in merges:
        if bottom == top or left not in columns or left != right or top < header.row + header.height:
            continue
        for index in range(top + 1, min(bottom + 1, len(rows))):
            line = filled.setdefault(index, list(rows[index]))
            line[left] = rows[top][left]
    return {index: tuple(line) for index, line in filled.items()}


def room_of(body: Body, header: Header) -> tuple[RoomKey | None, list[Reason]]:
    """The room of a row from its building, unit and number columns, or from one cell that spells it whole."""
    columns = header.by_field
    number, whole = columns.get("number"), columns.get("room")
    last = number if number is not None and not is_blank(body.at(number)) else whole or number
    cell = body.at(last)
    if is_blank(cell):
        return None, [error(last, "room_missing", "房号为空，请填写房号。")]
    if became_a_date(cell):
        text = text_of(cell)
        return None, [
            error(last, "room_is_date", f"房号被 Excel 变成了日期（{text}），请把该列设为文本格式后重新填写。")
        ]
    key = _key_of(
        body.at(columns.get("building")), body.at(columns.get("unit")), cell, body.at(columns.get("community"))
    )
    if key is None:
        return None, [
            error(last, "room_unreadable", f"看不懂房号“{text_of(cell)[:20]}”，请写成 3-2-1502 或 3栋2单元1502室。")
        ]
    return key, []


@remembered
def _key_of(building: Cell, unit: Cell, cell: Cell, community: Cell) -> RoomKey | None:
    """The key of four cells; without a building the last one spells the room whole. None when a part is too long."""
    house, text = read_building(building), text_of(cell)
    if house and "-" not in text and "栋" not in text:
        key: RoomKey | None = RoomKey(house, read_unit(unit), read_number(cell))
    else:
        key = read_room(text, community=text_of(community))
    return key if key and max(map(len, (key.building, key.unit, key.number))) <= _LONGEST_PART else None
