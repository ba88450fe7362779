"""Rooms: every spelling of one room gives one structured key; two rooms never share one (domain 5.2, 9 and 10)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from billing.rules.cells import Cell, remembered, text_of

_HAN = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_HAN_NUMBER = re.compile("[零〇一二两三四五六七八九十]{1,3}(?=号楼|栋|幢|座|楼|单元|门|层|区|期)")
_BUILDING, _UNIT = "\ue000", "\ue001"  # private-use marks: cannot occur in a room number
_WORDS = (
    (re.compile("号楼|#楼|[栋幢座]楼?|楼栋"), _BUILDING + "-"),
    (re.compile("单元|门洞|门"), _UNIT + "-"),
    (re.compile("(?<=[0-9A-Z])楼"), _BUILDING + "-"),
    (re.compile("#"), _BUILDING + "-"),
    (re.compile("(?<=[0-9A-Z])\\s*(号房|室|房|户|号)(?![0-9A-Z])"), ""),
    (re.compile("[\\s/\\\\_.、,:;~|]+"), "-"),
)
_LONGEST = 100  # characters of a cell: no room takes more
_DASHES = str.maketrans(dict.fromkeys("−–—―﹣‐‑‒－ー", "-"))
_TOKEN = re.compile(
    f"[0-9A-Z]*[0-9][0-9A-Z]*[{_BUILDING}{_UNIT}]?|[A-Z]{{1,2}}[{_BUILDING}{_UNIT}]?|[商铺车位库底负地下B]+[0-9A-Z]*"
)
_IN_TEXT = re.compile(
    r"(?<![0-9A-Z\-])(?P<building>[A-Z]?[0-9]{1,3}|[A-Z])\s*(?:号楼|#楼|栋|幢|座|楼|#|-)\s*-?\s*"
    r"(?:(?P<unit>[0-9]{1,2})\s*(?:单元|门|-)\s*-?\s*)?"
    r"(?P<number>[0-9]{3,4}[A-Z]?)(?![0-9\-])"
)


class RoomKey(NamedTuple):
    """Building, unit and number as three values. Never joined: A|1|101 and A1||101 are two rooms."""

    building: str
    unit: str
    number: str

    @property
    def sort_key(self) -> str:
        """Runs of digits padded to six places, so that 2 sorts before 10 and 101 finds 0101."""
        return "|".join(_pad(part) for part in (self.building, self.unit, self.number))

    @property
    def label(self) -> str:
        """As people say it: `3栋2单元1502室`."""
        unit = f"{self.unit}单元" if self.unit else ""
        building = f"{self.building}栋" if self.building else ""
        return f"{building}{unit}{self.number}室"


@remembered
def _pad(part: str) -> str:
    return re.sub(r"\d+", lambda run: run[0].zfill(6), part)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).upper().translate(_DASHES)
    return _HAN_NUMBER.sub(lambda run: _from_han(run[0]), text)


def _from_han(text: str) -> str:
    if "十" not in text:
        return "".join(_HAN[c] for c in text)
    tens, ones = text.split("十", 1)
    return str(int(_HAN.get(tens, "1")) * 10 + int(_HAN.get(ones, "0") if ones else 0))


def _shed(part: str) -> str:
    """Building and unit without leading zeros; the number keeps its own."""
    return re.sub(r"^0+(?=[0-9])", "", part)


@remembered
def read_building(cell: Cell) -> str:
    """`３号楼`, `3#`, `三栋`, 3.0 → `3`; `A1` stays `A1`."""
    text = re.sub(r"\s", "", _plain(text_of(cell)))
    return _shed(re.sub("(号楼|#楼|楼栋|[栋幢座楼#号])+$", "", text))


@remembered
def read_unit(cell: Cell) -> str:
    """`二单元`, `02` → `2`."""
    text = re.sub(r"\s", "", _plain(text_of(cell)))
    return _shed(re.sub("(单元|门洞|门|#)+$", "", text))


@remembered
def read_number(cell: Cell) -> str:
    """`1502室`, 1502.0 → `1502`; a leading zero stays."""
    text = re.sub(r"\s", "", _plain(text_of(cell)))
    return re.sub("(号房|[室房户号])$", "", text)


def became_a_date(cell: Cell) -> bool:
    """Whether Excel turned a room such as 3-2 into a date."""
    return isinstance(cell, date)


def read_room(text: str, *, community: str = "") -> RoomKey | None:
    """One cell that spells a whole room; None when it cannot be understood without guessing.

    `3栋2单元1502室`, `3#-2-1502`, `３号楼二单元1502`, `3－2－1502` are one room. `A1-101` (building A1)
    and `A-1-101` (building A, unit 1) are two. A lone `1502` has an empty building: the caller accepts
    it only where it is unique.
    """
    if len(text) > _LONGEST:
        return None
    plain = _plain(text)
    if community and plain.startswith(community.upper()):
        plain = plain[len(community) :]
    plain = re.sub("^[^0-9A-Z]*?(?:小区|花园|[苑园城府庭居里])(?=[0-9A-Z])", "", plain)
    for pattern, mark in _WORDS:
        plain = pattern.sub(mark, plain)
    tokens = [token for token in plain.split("-") if token]
    if not tokens or not all(_TOKEN.fullmatch(token) for token in tokens):
        return None
    return _assign(tokens)


def _assign(tokens: list[str]) -> RoomKey | None:
    bare = [token.rstrip(_BUILDING + _UNIT) for token in tokens]
    unit_at = next((i for i, token in enumerate(tokens) if token.endswith(_UNIT)), None)
    if any(not token for token in bare) or tokens[-1][-1] in (_BUILDING, _UNIT):
        return None
    if len(bare) == 3 and unit_at in (None, 1):
        return RoomKey(_shed(bare[0]), _shed(bare[1]), bare[2])
    if len(bare) == 2:
        return RoomKey("", _shed(bare[0]), bare[1]) if unit_at == 0 else RoomKey(_shed(bare[0]), "", bare[1])
    if len(bare) == 1:
        return RoomKey("", "", bare[0])
    return None


def rooms_in_text(text: str) -> list[RoomKey]:
    """Rooms named in a transfer's memo, in order, without repeats. Dates and amounts are not rooms."""
    plain = _plain(text)
    plain = re.sub(r"(19|20)[0-9]{2}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?)?", " ", plain)
    return list(dict.fromkeys(_mentioned(plain)))


def _mentioned(plain: str) -> Iterator[RoomKey]:
    for found in _IN_TEXT.finditer(plain):
        yield RoomKey(_shed(found["building"]), _shed(found["unit"] or ""), found["number"])


def spoken(text: str) -> list[RoomKey]:
    """What a person may mean who types `3-1-502`, `3栋1单元0502`, `502` or `301502` into the search box."""
    key = read_room(text)
    if key is None:
        return []
    if key.building or key.unit or not key.number.isdigit() or len(key.number) < 5:
        return [key]
    return [key, *_cut(key.number)]


def _cut(digits: str) -> Iterator[RoomKey]:
    for number_length in (4, 3):
        head, number = digits[:-number_length], digits[-number_length:]
        for unit_length in (2, 1, 0):
            building = head[: len(head) - unit_length]
            unit = head[len(head) - unit_length :]
            if 1 <= len(building) <= 3:
                yield RoomKey(_shed(building), _shed(unit), number)
