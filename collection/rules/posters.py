"""温馨提示 on the notice board: what state one is in, the words it ships with, and what may not hang there (S33). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

WAITING, POSTED, OVERDUE, DOWN, LAPSED = "waiting", "posted", "overdue", "down", "lapsed"
STATES = (WAITING, POSTED, OVERDUE, DOWN, LAPSED)
LOCATION = "电梯轿厢及单元公告栏"
WORDS = (
    "感谢您一直以来对物业服务工作的理解和支持。\n"
    "本期物业服务费已到缴纳时间。如您尚未缴纳，可能是近日事务繁忙未及留意，请您方便时办理。\n"
    "如您已经缴纳，请忽略本提示。如对账单有疑问，或近期有不便之处，欢迎与我们联系，我们将为您核对和说明。"
)
DAYS_UP = 14
"""How long one hangs unless said otherwise."""

_PERSONAL = (
    re.compile(r"[¥￥]\s*\d[\d,.]*"),
    re.compile(r"\d[\d,.]*\s*万?元(?!\s*[/／每])"),
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    re.compile(r"\d{2,}\s*室"),
)


def state_of(*, posted_on: date | None, take_down_on: date, taken_down_on: date | None, today: date) -> str:
    """Where a poster stands today; it may hang through its take-down date, and is overdue from the day after."""
    if taken_down_on is not None:
        return DOWN
    if posted_on is not None:
        return OVERDUE if today > take_down_on else POSTED
    return LAPSED if today > take_down_on else WAITING


def personal_in(words: str, *, names: Iterable[str], rooms: Iterable[str]) -> tuple[str, ...]:
    """What in `words` says something of one household (S33): amounts, rooms, mobile numbers, and `names` of owners.

    Blanks between characters hide no name. A price for all (2.50 元/平方米) is not personal. Empty = may hang.
    """
    plain = re.sub(r"\s+", "", words)
    found = [match[0].strip() for pattern in _PERSONAL for match in pattern.finditer(words)]
    found += [name for name in names if len(name) > 1 and name in plain]
    found += [room for room in rooms if re.search(rf"(?<![\d-]){re.escape(room)}(?![\d-])", plain) and "-" in room]
    return tuple(dict.fromkeys(found))


def building_words(building: str) -> str:
    """3 → 3幢; a building that has a name of its own keeps it."""
    return f"{building}幢" if building.isdecimal() else building
