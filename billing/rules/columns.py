"""Which column of a stranger's file is which field:
headings scored against the aliases seen in real exports (domain 5.1).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from billing.rules.aliases import ALIASES, REQUIRED
from billing.rules.cells import Cell, column_letter, is_blank, text_of
from billing.rules.periods import Period, month_column

SEARCHED_ROWS = 15

_MONEY = frozenset({"receivable", "received", "waived", "arrears"})


def normalise(heading: str) -> str:
    """A heading without brackets, units and punctuation, in lower case. `记账金额(收入)` keeps its 收入."""
    text = unicodedata.normalize("NFKC", heading).lower()
    text = re.sub(r"\((?:元|¥|rmb|㎡|m2|平方米|平米|人民币|单位.*?|必填|选填|\+/-|±)\)", "", text)
    return re.sub(r"[\s()\[\]【】:/_\-—·,.*、±+]", "", text)


_FIELDS = {
    kind: {alias: name for name, line in fields.items() for alias in line.split()} for kind, fields in ALIASES.items()
}
_RANK = {
    kind: {alias: i for line in fields.values() for i, alias in enumerate(line.split())}
    for kind, fields in ALIASES.items()
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file and what it was taken for; an empty `field` is a column left unread.

    `confidence` is 1.0 for an exact heading or a person's choice, 0.6 for a contained one, 0 for an unread one.
    `period` is set in wide tables (a month per column).
    """

    index: int
    heading: str
    field: str
    confidence: float
    period: Period | None = None

    @property
    def place(self) -> str:
        """As people find it: `I列「应收金额」`."""
        return f"{column_letter(self.index)}列「{self.heading}」"


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins and what its columns are."""

    row: int  # index of the first header row
    height: int
    columns: tuple[Column, ...]
    unread: tuple[Column, ...] = ()  # columns with a heading that fill no field
    by_field: dict[str, Column] = field(default_factory=dict, compare=False)

    @property
    def wide(self) -> tuple[Column, ...]:
        """The month columns of a wide table, in file order."""
        return tuple(column for column in self.columns if column.period is not None)

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
        if self.wide:
            have |= {"period"}
        return [words for choices, words in REQUIRED[kind] if not have & set(choices)]


def field_of(heading: str, kind: str) -> tuple[str, float]:
    """The field a heading names and how sure that is: 1.0 exact, 0.6 contained; ("", 0) unknown."""
    text = normalise(heading)
    if not text:
        return "", 0.0
    if text in _FIELDS[kind]:
        return _FIELDS[kind][text], 1.0
    inside = [alias for alias in _FIELDS[kind] if len(alias) >= 3 and alias in text and len(text) <= len(alias) + 4]
    if inside:
        return _FIELDS[kind][max(inside, key=len)], 0.6
    return "", 0.0


def find_header(rows: Sequence[Sequence[Cell]], kind: str, *, year: int | None = None) -> Header | None:
    """The header among the first rows: the row (or two) whose headings are best known. None when there is none."""
    best: tuple[float, Header] | None = None
    for index in range(min(SEARCHED_ROWS, len(rows))):
        for height in (1, 2):
            if index + height > len(rows):
                continue
            header = _read_header(rows, index, height, kind, year)
            score = (
                sum(column.confidence for column in header.columns) - 5 * len(header.missing(kind)) - 0.5 * (height - 1)
            )
            if len(header.by_field) >= 2 and (best is None or score > best[0]):
                best = (score, header)
    return best[1] if best else None


def year_of_title(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The year a wide table's title names: `翠湖雅苑2023年度物业费收缴台账`."""
    for row in rows[:5]:
        for cell in row:
            if found := re.search(r"((?:19|20)\d{2})\s*年", text_of(cell)):
                return int(found[1])
    return None


def _read_header(rows: Sequence[Sequence[Cell]], index: int, height: int, kind: str, year: int | None) -> Header:
    top = rows[index]
    below = rows[index + 1] if height == 2 else ()
    if height == 2 and not _is_second_header(top, below, kind):
        return Header(index, height, ())
    found: list[Column] = []
    left: list[Column] = []
    parent = ""
    for at in range(len(top)):
        heading, child = text_of(top[at]), text_of(below[at]) if at < len(below) else ""
        parent = heading or (parent if child else "")
        column = _column(at, heading if not child else parent, child, kind, year)
        if column is not None:
            found.append(column)
        elif heading:
            left.append(Column(at, heading, "", 0.0))
    kept = _one_per_field(found, kind)
    left += [replace(column, field="", confidence=0.0) for column in found if column not in kept]
    return _header(index, height, kept, tuple(left))


def _column(at: int, heading: str, child: str, kind: str, year: int | None) -> Column | None:
    period = month_column(heading, year) if kind == "bills" else None
    if period is not None:
        name, sure = field_of(child, kind) if child else ("receivable", 0.8)
        return Column(at, f"{heading}{child}", name, sure, period) if name in _MONEY else None
    name, sure = field_of(heading + child, kind)
    if child and not name:
        name, sure = field_of(child, kind)
    return Column(at, heading + child, name, sure) if name else None


def _is_second_header(top: Sequence[Cell], below: Sequence[Cell], kind: str) -> bool:
    """A second header row holds only words, stands under empty or spanning headings, and none of its cells is data."""
    words = [text_of(cell) for cell in below if not is_blank(cell)]
    return len(words) >= 2 and all(not re.search(r"\d", word) and field_of(word, kind)[0] for word in words)


def _one_per_field(found: list[Column], kind: str) -> tuple[Column, ...]:
    """The surest column of each field; a second one is left unread. Wide money columns are all kept."""
    best: dict[str, Column] = {}
    for column in found:
        if column.period is not None:
            continue
        old = best.get(column.field)
        if old is None or _order(column, kind) < _order(old, kind):
            best[column.field] = column
    return tuple(column for column in found if column.period is not None or best[column.field] is column)


def _order(column: Column, kind: str) -> tuple[float, int]:
    return -column.confidence, _RANK[kind].get(normalise(column.heading), 99)


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields a person may choose for a column of this kind of file, in the order of the dictionary."""
    return tuple(ALIASES[kind])


def remapped(header: Header, choices: Mapping[int, str]) -> Header:
    """The header after a person said what some columns are: column index (from 0) → field, "" = do not read.

    A choice takes the field away from the column it was inferred for; of two choices of one field the first
    column keeps it. Indexes the file does not have are ignored, so a remembered choice never breaks an upload.
    The fingerprint stays the same. Does not check `missing`: the caller does, as after `find_header`.
    """
    taken: dict[tuple[str, Period | None], Column] = {}
    for chosen in (True, False):
        for column in header.every:
            if (column.index in choices) is chosen:
                name = choices.get(column.index, column.field)
                changed = replace(column, field=name, confidence=1.0 if chosen else column.confidence)
                if name:
                    taken.setdefault((name, column.period), changed)
    kept = {column.index: column for column in taken.values()}
    unread = tuple(replace(c, field="", confidence=0.0) for c in header.every if c.index not in kept)
    return _header(header.row, header.height, tuple(kept[index] for index in sorted(kept)), unread)


def _header(row: int, height: int, columns: tuple[Column, ...], unread: tuple[Column, ...]) -> Header:
    return Header(row, height, columns, unread, {c.field: c for c in columns if c.period is None})


def samples(rows: Iterable[Sequence[Cell]], index: int, count: int = 3) -> list[str]:
    """The first different values of a column as people read them, so that they can tell what it holds."""
    found: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and (text := text_of(cells[index])):
            found[text[:30]] = None
            if len(found) == count:
                break
    return list(found)
