"""What the payer said the money is for: a year, months, a fee item in the memo. It wins (民法典 560 第一款; domain 4.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from billing.rules.dates import NotADate
from billing.rules.periods import Period, read_period

_YEAR = r"(?<!\d)(?:20)?(?P<year>\d{2})年"
_SAID = re.compile(
    _YEAR + r"度?(?P<rest>\d{1,2}月?[-~至到—]\d{1,2}月|第?[一二三四1-4]季度?|[上下]半年|\d{1,2}月)?(?!\d)"
)
_DASHES = str.maketrans(dict.fromkeys("−–—―﹣‐‑‒－", "-"))


@dataclass(frozen=True, slots=True)
class Named:
    """An open bill as people speak of it."""

    bill_id: int
    period: Period
    fee_item: str


def designated(memo: str, bills: Sequence[Named]) -> tuple[int, ...]:
    """The bills that the memo means, in the order given; empty when it means none of them or all alike.

    `2024年物业费` means the property fee of that year, `25年10-12月` three months of everything, `停车费` the parking.
    """
    text = unicodedata.normalize("NFKC", memo).translate(_DASHES)
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)  # a space between digits keeps two numbers apart
    periods = _periods(text)
    items = {bill.fee_item for bill in bills if _says(text, bill.fee_item)}
    if not periods and not items:
        return ()
    meant = tuple(
        bill.bill_id
        for bill in bills
        if (not items or bill.fee_item in items) and (not periods or any(_within(bill.period, p) for p in periods))
    )
    return meant if len(meant) < len(bills) else ()


def _periods(text: str) -> list[Period]:
    found = []
    for said in _SAID.finditer(text):
        try:
            period = read_period(f"20{said['year']}年{said['rest'] or ''}")
        except NotADate:
            continue
        if period is not None:
            found.append(period)
    return found


def _says(text: str, item: str) -> bool:
    """`物业管理费` is meant by 物业管理 or 物业, `停车费` by 停车."""
    plain = unicodedata.normalize("NFKC", item)
    return any(
        word in text for word in {plain, plain.removesuffix("费"), plain.removesuffix("管理费")} if len(word) > 1
    )


def _within(inner: Period, outer: Period) -> bool:
    return (outer.start <= inner.start and inner.end <= outer.end) or (
        inner.start <= outer.start and outer.end <= inner.end
    )
