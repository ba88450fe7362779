"""Cells of a spreadsheet as text: full-width forms, stray spaces and quotes of exports taken away."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

Cell = str | int | Decimal | date | datetime | bool | None

_INVISIBLE = re.compile("[\x00\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")
# A file repeats its cells: what was understood once is remembered, by value and type (True is no 1).
remembered = lru_cache(maxsize=2**14, typed=True)
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
as_json = json.JSONEncoder(ensure_ascii=False).encode


@remembered
def json_text(text: str) -> str:
    """A text that occurs again and again, as JSON."""
    return as_json(text)


@remembered
def text_of(cell: Cell) -> str:
    """What a person reads in the cell, in one line: `１０１ ` → `101`, 101.0 → `101`, a date → ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, Decimal):
        return str(int(cell)) if cell == cell.to_integral_value() else format(cell.normalize(), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = unicodedata.normalize("NFKC", str(cell))
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip().lstrip("'").strip()


def as_shown(cell: Cell) -> str:
    """A cell for people, as it stood in the file; NUL cannot be stored."""
    if isinstance(cell, Decimal | date):
        return text_of(cell)
    return ("" if cell is None else str(cell)).replace("\x00", "")[:300].strip()


def as_written(cell: Cell) -> str:
    """What is to be kept word for word, in one line: Chinese punctuation and full-width forms stay as they are."""
    if not isinstance(cell, str):
        return text_of(cell)
    return _SPACES.sub(" ", _INVISIBLE.sub("", cell)).strip()


@remembered
def is_blank(cell: Cell) -> bool:
    """Whether nothing is written in the cell. Zero is something."""
    return cell is None or (isinstance(cell, str) and not text_of(cell))


def is_error(cell: Cell) -> bool:
    """Whether the cell shows an error of the spreadsheet instead of a value."""
    return isinstance(cell, str) and cell.strip().upper() in _ERRORS


def column_letter(index: int) -> str:
    """The column's name as Excel shows it: 0 → A, 26 → AA."""
    name, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
