"""Terms of fee items and contracts as offices write them: rates per day, cycles in months, yes or no (domain 4.1, L4)."""

from __future__ import annotations

import re
from decimal import Decimal

from billing.rules.cells import Cell, text_of
from offices.rules.money import NotMoney, read_number

_UNITS = {"百": 100, "千": 1000, "万": 10_000}
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_NUMBER = r"(\d+(?:\.\d+)?|[一二两三四五六七八九十])"
_WORDS = re.compile(r"([百千万])分之" + _NUMBER)
_SIGNED = re.compile(r"(\d+(?:\.\d+)?)\s*([%‰‱])")
_SIGNS = {"%": 100, "‰": 1000, "‱": 10_000}
_PER_DAY = re.compile(r"每日|每天|日|天|逾期一日")
_MONTHLY_OR_YEARLY = re.compile(r"每月|按月|月利率|月息|每年|年利率|年化|年息|/\s*[月年]")
_CAP = re.compile(r"不超过|不得超过|最高|上限|为限")
LARGEST_DAY_RATE = Decimal("0.01")  # 1 % a day is 365 % a year: nobody agrees that, it is a slip of the pen

_CYCLES = (
    (12, ("年", "一年", "每年", "按年", "年度", "年付")),
    (6, ("半年", "每半年", "按半年", "半年度", "半年付")),
    (3, ("季", "季度", "每季", "每季度", "按季", "按季度", "季付")),
    (2, ("双月", "两月", "两个月", "每两个月")),
    (1, ("月", "每月", "按月", "月度", "单月", "月付", "一个月")),
)
_MONTHS = re.compile(r"(?:每)?(\d{1,2})(?:\.0)?(?:个)?月?(?:一次)?")
_YES = re.compile(r"是|有|√|✓|✔|y|yes|true|1|已约定|约定|有约定|已有")
_NO = re.compile(r"否|无|没有|未约定|没有约定|无约定|未|不|不适用|×|x|n|no|false|0|-+|/")
_DENIED = re.compile(r"(无|没有|未|不)[^,，。;；]{0,6}(仲裁|约定|送达|条款)")


class UnclearTerm(ValueError):
    """The cell says something that cannot be read with certainty; the message is its text."""


def read_day_rate(cell: Cell) -> Decimal | None:
    """The late charge per day as a fraction of the principal; None when the cell names none.

    `0.0005`, `0.05%`, `万分之五`, `每日按千分之三计收`, `3‰`. Raises `UnclearTerm` for a rate per month or year, for several
    different rates in one text, and for one of 1 % a day or more (0.05 that meant 0.05 %). A cap (最高不超过…) is no rate.
    """
    text = text_of(cell)
    if not text:
        return None
    said = " ".join(part for part in re.split("[,，;；。]", text) if not _CAP.search(part)) or text
    found = {_number(number) / _UNITS[unit] for unit, number in _WORDS.findall(said)}
    found |= {Decimal(number) / _SIGNS[sign] for number, sign in _SIGNED.findall(said)}
    if not found:
        try:
            number = read_number(text)
        except NotMoney:
            return None
        found = set() if number is None else {number}
    if not found or found == {Decimal(0)}:
        return None
    if len(found) > 1 or (_MONTHLY_OR_YEARLY.search(text) and not _PER_DAY.search(text)):
        raise UnclearTerm(text)
    (rate,) = found
    if not 0 < rate < LARGEST_DAY_RATE:
        raise UnclearTerm(text)
    return rate.quantize(Decimal("0.000001"))


def _number(text: str) -> Decimal:
    return Decimal(_DIGITS[text]) if text in _DIGITS else Decimal(text)


def read_cycle(cell: Cell) -> int | None:
    """How many months one bill covers: 月 1, 季 3, 半年 6, 年 12, `6个月`; None when blank. Raises `UnclearTerm`."""
    text = re.sub(r"[\s()]|缴费|缴纳|收取|收费|一缴|结算", "", text_of(cell))
    if not text:
        return None
    for months, words in _CYCLES:
        if text in words:
            return months
    if (counted := _MONTHS.fullmatch(text)) and 1 <= int(counted[1]) <= 60:
        return int(counted[1])
    raise UnclearTerm(text_of(cell))


def read_rate(cell: Cell) -> Decimal | None:
    """A price per unit in yuan, up to four decimals: `2.35`, `2.35元/㎡·月`; None when blank. Raises `UnclearTerm`."""
    text = text_of(cell)
    bare = re.sub(r"(元)?\s*[/每].*$", "", text) if re.match(r"[\d.]+\s*元?\s*[/每]", text) else text
    try:
        number = read_number(bare)
    except NotMoney as unreadable:
        raise UnclearTerm(text) from unreadable
    if number is None:
        return None
    if not 0 <= number < 1_000_000:
        raise UnclearTerm(text)
    return number.quantize(Decimal("0.0001"))


def read_agreed(cell: Cell) -> bool:
    """Whether a clause is agreed: 有, 是, √, or the clause itself; 无, 否, 未约定 or blank is no. Raises `UnclearTerm`.

    Doubt is never read as yes: what is not agreed may not be relied on (S63).
    """
    text = text_of(cell).lower()
    if not text or _NO.fullmatch(text) or _DENIED.search(text):
        return False
    if _YES.fullmatch(text) or len(text) >= 6:
        return True
    raise UnclearTerm(text_of(cell))


def read_arbitration(cell: Cell) -> bool:
    """Whether disputes go to arbitration. A text that speaks of courts alone is no; of both, it is unclear (仲裁法 16).

    Raises `UnclearTerm`.
    """
    text = text_of(cell)
    if not text or _DENIED.search(text):
        return False
    speaks_of = ("仲裁" in text, bool(re.search("法院|诉讼|起诉", text)))
    if speaks_of == (True, True):
        raise UnclearTerm(text)
    if any(speaks_of):
        return speaks_of[0]
    if len(text) >= 6:
        raise UnclearTerm(text)
    return read_agreed(cell)


def spell_day_rate(rate: Decimal | None) -> str:
    """A late charge per day as people say it: `0.05%（万分之五）`, `0.015%`; empty for none."""
    if rate is None:
        return ""
    per_ten_thousand = rate * 10_000
    whole = {value: word for word, value in _DIGITS.items() if word not in ("两", "十")}
    named = ""
    if per_ten_thousand in whole:
        named = f"（万分之{whole[int(per_ten_thousand)]}）"
    elif per_ten_thousand / 10 in whole:
        named = f"（千分之{whole[int(per_ten_thousand / 10)]}）"
    return f"{(rate * 100).normalize():f}%{named}"
