"""What one heading of a stranger's table names: a field, a period of a wide table, a fee item (domain 5.1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from billing.rules.aliases import ALIASES
from billing.rules.cells import Cell, text_of
from billing.rules.periods import Period, period_and_rest

MONEY = frozenset({"receivable", "received", "waived", "arrears"})
_LONGEST = 80  # characters of a heading
_PRIOR = re.compile("往期|往年|往月|上年|历年|以前|历史|陈欠")
_THIS = re.compile("本期|本年|本月|当期|当年|当月|费用清单|费用明细|收费明细|金额|合计|总计|小计|累计|其中")
_THIS_PERIOD = re.compile("^(?:本期|本年度?|本月|本次|当期|当月|当年)")
_FEE = re.compile("(?![^费]*(?:缴|欠|交|收|计|付|退))[\u4e00-\u9fff]{1,8}(?:费|基金|主体金)")


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


@lru_cache(maxsize=4096)
def field_of(heading: str, kind: str) -> tuple[str, float]:
    """The field a heading names and how sure that is: 1.0 exact; 0.9 without its brackets, without 本期 before an amount,
    or with 交 for 缴; 0.6 contained; ("", 0) unknown.
    """
    known = _FIELDS[kind]
    text = normalise(heading)
    if not text:
        return "", 0.0
    if text in known:
        return known[text], 1.0
    bare = normalise(re.sub(r"[(（【\[].*?[)）】\]]", "", heading))
    for variant in (bare, _THIS_PERIOD.sub("", bare), _THIS_PERIOD.sub("", bare).replace("交", "缴")):
        if variant in known and (variant == bare or known[variant] in MONEY):
            return known[variant], 0.9
    inside = [alias for alias in known if len(alias) >= 3 and alias in text and len(text) <= len(alias) + 4]
    if inside:
        return known[max(inside, key=len)], 0.6
    return "", 0.0


def rank_of(heading: str, kind: str) -> int:
    """The place of a heading in its line of the dictionary: of two columns for one field the earlier word wins."""
    return _RANK[kind].get(normalise(heading), 99)


def heading_text(cell: Cell) -> str:
    """A heading as people read it; a month that Excel made a date, or a bare year, is written out."""
    if isinstance(cell, date) and cell.day == 1:
        return f"{cell.year}年{cell.month}月"
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool) and cell == int(cell) and 1990 <= cell < 2100:
        return f"{int(cell)}年"
    return text_of(cell)[:_LONGEST]


def may_head(cell: Cell, kind: str) -> bool:
    """Whether a cell may stand in a lower row of a header: words, a period, a known heading; never a value."""
    text = heading_text(cell)
    if isinstance(cell, int | Decimal | date) and text == text_of(cell)[:_LONGEST]:
        return False
    return not re.search(r"\d", text) or is_known(text, kind)


def is_known(text: str, kind: str) -> bool:
    """Whether a heading names a field, or a period of a bill table."""
    return bool(field_of(text, kind)[0]) or (kind == "bills" and period_and_rest(text, 2000) is not None)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`field` is empty when unknown; `period` and `item` are set for the columns of wide tables."""

    field: str = ""
    confidence: float = 0.0
    period: Period | None = None
    item: str = ""


def meaning_of(words: Sequence[str], kind: str, year: int | None) -> Meaning:
    """The meaning of a column from its headings, the highest first: [2023年, 1月, 应收], [管理费, 费用合计].

    `year` is the year of the title, for months that name none. A fee item is only proposed: the caller keeps it
    where several stand side by side.
    """
    if kind != "bills":
        return _plain(words, kind)
    period, rest = _period_of(words, year)
    if period is not None:
        return _of_period(period, rest)
    return _of_bills(list(words))


def _plain(words: Sequence[str], kind: str) -> Meaning:
    """The joined heading, else its lowest part that says something."""
    for text in ("".join(words), *reversed(words)):
        name, sure = field_of(text, kind)
        if name:
            return Meaning(name, sure)
    return Meaning()


def _period_of(words: Sequence[str], year: int | None) -> tuple[Period | None, list[str]]:
    """The narrowest period the words name, and the words without it."""
    period: Period | None = None
    rest: list[str] = []
    for word in words:
        found = period_and_rest(word, period.start.year if period else year)
        if found is not None and (not found[1] or field_of(found[1], "bills")[0] in MONEY):
            period = found[0]
            word = found[1]
        if word:
            rest.append(word)
    return period, rest


def _of_period(period: Period, rest: list[str]) -> Meaning:
    if not rest:
        return Meaning("receivable", 0.8, period)
    name, sure = field_of(rest[-1], "bills")
    if name in MONEY:
        return Meaning(name, sure, period, _item(rest[:-1]))
    if _FEE.fullmatch(rest[-1]):
        return Meaning("receivable", 0.8, period, rest[-1])
    return Meaning("", 0.0, period)


def _of_bills(words: list[str]) -> Meaning:
    name, sure = field_of("".join(words), "bills")
    if len(words) == 1 or sure == 1.0:
        return Meaning(name, sure) if name or not _FEE.fullmatch(words[0]) else Meaning("", 0.0, None, words[0])
    own, own_sure = field_of(words[-1], "bills")
    above = words[-2]
    if own in MONEY:
        parent = field_of(above, "bills")[0]
        if parent == "late_charge":
            return Meaning("late_charge" if own == "receivable" else "", own_sure)
        if parent == "prior_arrears" or _PRIOR.search(above):
            return Meaning("prior_arrears" if own in ("receivable", "arrears") else "", own_sure)
        return Meaning(own, own_sure, None, _item(words[:-1]))
    if own in ("price", "quantity", "area"):
        return Meaning()  # of one fee among several
    return Meaning(own, own_sure) if own else Meaning(name, sure)


def _item(parents: Sequence[str]) -> str:
    """The nearest heading above that names a fee rather than a stretch of time or a sum."""
    for word in reversed(parents):
        if field_of(word, "bills")[0] or _THIS.search(word):
            return ""
        return word[:40]
    return ""
