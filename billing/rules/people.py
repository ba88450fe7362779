"""Names and phones as they stand in one cell: several owners, several numbers, notes in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from billing.rules.cells import Cell, remembered, text_of

_BETWEEN_NAMES = re.compile(r"\s*[/、,;&|＆\n]\s*|\s*(?<=[\u4e00-\u9fff])和(?=[\u4e00-\u9fff]{2,4}$)\s*")
_BETWEEN_PHONES = re.compile(r"[/、,;|\n]+")
_NOTES = re.compile(r"[(\[【].*?[)\]】]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_PLACEHOLDERS = frozenset({"18999999999", "13800000000", "11111111111", "13000000000"})


@dataclass(frozen=True, slots=True)
class Phones:
    """What could be read, in order, and what could not."""

    good: tuple[str, ...]
    bad: tuple[str, ...]


@remembered
def read_names(cell: Cell) -> tuple[str, ...]:
    """`张三/李四`, `张三、李四`, `张三(共有)` → the names in order, without repeats."""
    parts = _BETWEEN_NAMES.split(_NOTES.sub("", text_of(cell)))
    return tuple(dict.fromkeys(part.strip() for part in parts if part and part.strip(" -")))


def read_phones(*cells: Cell) -> Phones:
    """Every number of the cells, the first valid one first. `1.38E+10` has lost its digits and is bad."""
    good: dict[str, None] = {}
    bad: dict[str, None] = {}
    for cell in cells:
        text = _NOTES.sub(" ", text_of(cell)).replace("+86", "").replace("o", "0")
        for part in _pieces(text):
            number = read_phone(part)
            (good if number else bad)[number or part] = None
    return Phones(tuple(good), tuple(bad))


def _pieces(text: str) -> list[str]:
    """Split at separators; at spaces only where they do not group the digits of one number."""
    pieces: list[str] = []
    for chunk in filter(None, (part.strip() for part in _BETWEEN_PHONES.split(text))):
        pieces += [chunk] if read_phone(chunk) else chunk.split()
    return pieces


def read_phone(text: str | Decimal | int) -> str:
    """One number in the form in which it is dialled; empty when it is not a Chinese number."""
    digits = re.sub(r"[\s.]", "", text_of(text))
    bare = digits.replace("-", "")
    if _MOBILE.fullmatch(bare):
        return "" if bare in _PLACEHOLDERS else bare
    if landline := _LANDLINE.fullmatch(digits):
        return f"{landline[1]}-{landline[2]}"
    return digits if _LOCAL.fullmatch(digits) else ""


def is_mobile(number: str) -> bool:
    """Whether a short message can reach it."""
    return bool(_MOBILE.fullmatch(number))


def read_email(cell: Cell) -> str:
    """The address, lower case; empty when it is not one."""
    text = text_of(cell)
    return text.lower() if _EMAIL.fullmatch(text) else ""


def same_people(ours: set[str], theirs: tuple[str, ...]) -> bool:
    """Whether the file names at least one of the registered owners, ignoring spaces."""
    return bool({name.replace(" ", "") for name in ours} & {name.replace(" ", "") for name in theirs})
