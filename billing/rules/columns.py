"""Where a stranger's table begins and which of its columns is which field: a score over the first rows (domain 5.1, 5.2).

The headings themselves are read in `headings`; here they become columns, and a person may correct them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from billing.rules.aliases import ALIASES, REQUIRED
from billing.rules.cells import Cell, column_letter, is_blank, text_of
from billing.rules.headings import MONEY, field_of, heading_text, is_known, may_head, meaning_of, normalise, rank_of
from billing.rules.periods import Period, period_in, year_in

SEARCHED_ROWS = 15
_GUESSED = 0.6  # how sure a heading is that only contains an alias
_SEARCHED_OF_BANK = 30  # payment apps print 16 to 24 lines above their table
_HEIGHTS = (1, 2, 3)
_UNFINISHED = 3.0  # points off where the line below a header is a line of headings too
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file and what it was taken for; an empty `field` is a column left unread.

    `confidence` is 1.0 for an exact heading or a person's choice, 0.6 for a contained one, 0 for an unread one.
    `period` is set in wide tables (a month, quarter or year per column), `item` where a fee item has its columns.
    """

    index: int
    heading: str
    field: str
    confidence: float
    period: Period | None = None
    item: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether a row has several such columns, each a bill of its own."""
        return self.period is not None or bool(self.item)

    @property
    def place(self) -> str:
        """As people find it: `I列「应收金额」`."""
        return f"{column_letter(self.index)}列「{self.heading}」"


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins and what its columns are.

    `period` is that of the sheet's name, its title or the file's name, in this order, for tables that have no
    period of their own; `year` is the year they name, for periods written without one.
    """

    row: int  # index of the first header row
    height: int
    columns: tuple[Column, ...]
    unread: tuple[Column, ...] = ()  # columns with a heading that fill no field
    by_field: dict[str, Column] = field(default_factory=dict, compare=False)
    period: Period | None = None
    year: int | None = None

    @property
    def wide(self) -> tuple[Column, ...]:
        """The columns of a wide table that are a bill each, in file order."""
        return tuple(column for column in self.columns if column.is_wide)

    @property
    def every(self) -> tuple[Column, ...]:
        """Read and unread columns in file order, for a person to correct."""
        return tuple(sorted((*self.columns, *self.unread), key=lambda column: column.index))

    @property
    def fingerprint(self) -> str:
        """Digest of the normalised headings in their order, without years: the key under which a correction is kept.

        Next year's export of the same system has the same fingerprint; one column more or moved gives another.
        """
        words = (f"{c.index}:{re.sub('(19|20)[0-9]{2}', '', normalise(c.heading))}" for c in self.every)
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()

    def missing(self, kind: str) -> list[str]:
        """What this kind of file cannot do without and does not have, in words that say what to do."""
        have = {column.field for column in self.columns}
        if self.period or any(column.period for column in self.columns):
            have |= {"period"}
        return [words for choices, words in REQUIRED[kind] if not have & set(choices)]

    def lacks_period(self, kind: str) -> bool:
        """Whether bills stand here without any period, which a person can say for the whole file."""
        if kind != "bills" or self.period is not None:
            return False
        return not any(c.period is not None or c.field in ("period", "period_start") for c in self.columns)

    def lacks_only_period(self, kind: str) -> bool:
        """Whether the period is all that is missing."""
        return self.lacks_period(kind) and len(self.missing(kind)) == 1

    def doubtful(self, kind: str) -> tuple[Column, ...]:
        """Columns without which nothing can be imported and which were only guessed: a person has to look."""
        found: list[Column] = []
        for choices, _words in REQUIRED[kind]:
            columns = [column for column in self.columns if column.field in choices]
            if columns and max(column.confidence for column in columns) <= _GUESSED:
                found += columns
        return tuple(found)


def find_header(
    rows: Sequence[Sequence[Cell]], kind: str, *, names: Sequence[str] = (), merges: Sequence[Merge] = ()
) -> Header | None:
    """The header among the first 15 rows (30 of a statement): the one to three rows whose headings are best known.

    `names` are the sheet's name and the file's name: a period or year in them serves where the table has none.
    None when fewer than two headings are known.
    """
    best: tuple[float, Header] | None = None
    searched = _SEARCHED_OF_BANK if kind == "bank" else SEARCHED_ROWS
    for index in range(min(searched, len(rows))):
        for height in _HEIGHTS:
            lines = rows[index : index + height]
            if len(lines) < height or (height > 1 and not _is_lower(lines[-1], lines[1:-1], kind)):
                continue
            header = _read_header(rows, index, height, kind, names, merges)
            score = sum(c.confidence for c in header.columns) - 5 * len(header.missing(kind)) - 0.5 * (height - 1)
            if index + height < len(rows) and _is_lower(rows[index + height], (), kind):
                score -= _UNFINISHED
            if len({column.field for column in header.columns}) >= 2 and (best is None or score > best[0]):
                best = (score, header)
    return best[1] if best else None


def _is_lower(line: Sequence[Cell], between: Sequence[Sequence[Cell]], kind: str) -> bool:
    """Whether a line may be the lowest of a header: words and periods, never a value, a good part of them known.

    The lines `between` it and the highest need not be known: they may be names of fees.
    """
    cells = [cell for cell in line if not is_blank(cell)]
    known = [text for cell in cells if is_known(text := heading_text(cell), kind)]
    enough = len(known) >= 2 or (len(cells) == 1 and known and not field_of(known[0], kind)[0])
    return bool(
        enough
        and len(known) * 3 >= len(cells)
        and all(may_head(cell, kind) for row in (*between, line) for cell in row)
    )


def _read_header(
    rows: Sequence[Sequence[Cell]], index: int, height: int, kind: str, names: Sequence[str], merges: Sequence[Merge]
) -> Header:
    titles = [text_of(cell) for row in rows[:index] for cell in row if isinstance(cell, str)]
    year = next((found for text in (*names[:1], *titles, *names[1:]) if (found := year_in(text))), None)
    columns = _merged_items(
        [
            _column(at, words, kind, year)
            for at, words in enumerate(_stacked(rows[index : index + height], index, merges))
            if words
        ]
    )
    kept = _one_per_field([column for column in columns if column.field], kind)
    if kind == "bills" and not any(column.field == "receivable" and not column.is_wide for column in kept):
        kept = _with_total(kept, columns)
    left = tuple(replace(c, field="", confidence=0.0) for c in columns if c.index not in {k.index for k in kept})
    period = None
    if kind == "bills" and not any(column.period or column.field in ("period", "period_start") for column in kept):
        places = (*names[:1], *titles, *names[1:])
        period = next((named for text in places if (named := period_in(text, year))), None)
    return _header(index, height, kept, left, period, year)


def _stacked(lines: Sequence[Sequence[Cell]], top: int, merges: Sequence[Merge]) -> list[list[str]]:
    """The headings over each column, the highest first. A heading spans its merge, or blanks that have one below."""
    width = max(map(len, lines))
    own = [[heading_text(line[at]) if at < len(line) else "" for at in range(width)] for line in lines]
    spans = {
        (row - top, column)
        for first, left, last, right in merges
        if right > left and top <= first < top + len(lines)
        for row in range(first, min(last + 1, top + len(lines)))
        for column in range(left + 1, right + 1)
    }
    full = [list(line) for line in own]
    for level in range(len(lines) - 1):
        for at in range(1, width):
            below = any(own[deeper][at] for deeper in range(level + 1, len(lines)))
            begins = any(own[higher][at] for higher in range(level))
            if not own[level][at] and ((level, at) in spans or (below and not begins)):
                full[level][at] = full[level][at - 1]
    return [list(dict.fromkeys(line[at] for line in full if line[at])) for at in range(width)]


def _column(at: int, words: Sequence[str], kind: str, year: int | None) -> Column:
    meaning = meaning_of(words, kind, year)
    return Column(at, "".join(words), meaning.field, meaning.confidence, meaning.period, meaning.item)


def _merged_items(columns: Sequence[Column]) -> list[Column]:
    """Fee items stay where several stand side by side, or where nothing else names an amount.

    A single group heading over 应收 and 实收 is no item; a lone fee's name is an amount only in a table without one.
    """
    groups = {column.item for column in columns if column.item and column.field}
    if len(groups) < 2:
        columns = [replace(c, item="") if c.field else c for c in columns]
    fees = {column.item for column in columns if column.item and not column.field}
    named = any(column.field in MONEY and normalise(column.heading) != "合计" for column in columns)
    if not fees or named:
        return list(columns)
    return [replace(c, field="receivable", confidence=0.8) if c.item in fees and not c.field else c for c in columns]


def _with_total(kept: tuple[Column, ...], columns: Sequence[Column]) -> tuple[Column, ...]:
    """合计 beside a column of arrears is what was charged; alone it is what is owed (domain 5.1)."""
    taken = {column.index for column in kept}
    total = next((c for c in columns if c.index not in taken and normalise(c.heading) == "合计"), None)
    if total is None:
        return kept
    found = (*kept, replace(total, field="receivable", confidence=0.8))
    return tuple(sorted(found, key=lambda column: column.index))


def _one_per_field(found: list[Column], kind: str) -> tuple[Column, ...]:
    """The surest column of each field; a second one is left unread. So it is for each bill of a wide table."""
    best: dict[tuple[str, Period | None, str], Column] = {}
    for column in found:
        key = (column.field, column.period, column.item)
        if key not in best or _order(column, kind) < _order(best[key], kind):
            best[key] = column
    return tuple(column for column in found if best[column.field, column.period, column.item] is column)


def _order(column: Column, kind: str) -> tuple[float, int]:
    return -column.confidence, rank_of(column.heading, kind)


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields a person may choose for a column of this kind of file, in the order of the dictionary."""
    return tuple(ALIASES[kind])


def remapped(header: Header, choices: Mapping[int, str]) -> Header:
    """The header after a person said what some columns are: column index (from 0) → field, "" = do not read.

    A choice takes the field away from the column it was inferred for; of two choices of one field the first
    column keeps it. Indexes the file does not have are ignored, so a remembered choice never breaks an upload.
    The fingerprint stays the same. Does not check `missing`: the caller does, as after `find_header`.
    """
    taken: dict[tuple[str, Period | None, str], Column] = {}
    for chosen in (True, False):
        for column in header.every:
            if (column.index in choices) is chosen:
                name = choices.get(column.index, column.field)
                changed = replace(column, field=name, confidence=1.0 if chosen else column.confidence)
                if name:
                    taken.setdefault((name, column.period, column.item), changed)
    kept = {column.index: column for column in taken.values()}
    unread = tuple(replace(c, field="", confidence=0.0) for c in header.every if c.index not in kept)
    columns = tuple(kept[index] for index in sorted(kept))
    return _header(header.row, header.height, columns, unread, header.period, header.year)


def _header(
    row: int,
    height: int,
    columns: tuple[Column, ...],
    unread: tuple[Column, ...],
    period: Period | None,
    year: int | None,
) -> Header:
    return Header(row, height, columns, unread, {c.field: c for c in columns if not c.is_wide}, period, year)


def is_summary(sheet: str) -> bool:
    """Whether a sheet's name says that it repeats or explains others: read only where no other sheet has data."""
    return bool(re.search("汇总|统计|总表|目录|说明|模板|示例", sheet))


def samples(rows: Iterable[Sequence[Cell]], index: int, count: int = 3) -> list[str]:
    """The first different values of a column as people read them, so that they can tell what it holds."""
    found: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and (text := text_of(cells[index])):
            found[text[:30]] = None
            if len(found) == count:
                break
    return list(found)
