"""What a person types into the one search box, told apart: room, phone tail, pinyin or name. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Sort = Literal["empty", "room", "phone", "latin", "name"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: its text in plain form and what it may be, likeliest first."""

    text: str
    sorts: tuple[Sort, ...]


def plain(text: str) -> str:
    """Half-width, lower case, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()


def read_search(text: str) -> Wanted:
    """`3-1-502` is a room; `5502` a room or the tail of a phone; `zxf` a name in pinyin; 张三 a name."""
    wanted = plain(text)[:60]
    if not wanted:
        return Wanted("", ("empty",))
    digits = wanted.replace(" ", "")
    if digits.isdigit():
        return Wanted(digits, ("phone",) if len(digits) >= 7 else ("room", "phone") if len(digits) >= 3 else ("room",))
    if re.fullmatch(r"[a-z' ]+", wanted):
        return Wanted(wanted.replace(" ", "").replace("'", ""), ("latin", "room") if len(wanted) <= 2 else ("latin",))
    if re.search(r"\d", wanted):
        return Wanted(wanted, ("room", "name"))
    return Wanted(wanted, ("name",))


def pinyin_keys(readings: list[list[str]]) -> str:
    """Search keys from the readings of each character (surname first): full spellings and initials, space separated.

    All readings of the first character are kept, because readers disagree on surnames (单 shan/dan, 曾 zeng/ceng);
    of the others the first one.
    """
    if not readings or not all(readings):
        return ""
    rest_full = "".join(each[0] for each in readings[1:])
    rest_initials = "".join(each[0][:1] for each in readings[1:])
    keys: dict[str, None] = {}
    for first in dict.fromkeys(readings[0]):
        keys[first + rest_full] = None
        keys[first[:1] + rest_initials] = None
    return " ".join(keys)[:200]
