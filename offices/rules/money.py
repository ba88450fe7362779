"""Money: Decimal yuan with two places, rounded once, HALF_UP, here. Pure: no Django, no database, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("999999999999.99")  # numeric(14, 2), and the last group of 大写

Amount = Decimal | int | str

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_GROUP_UNITS = ("", "万", "亿")
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))

_BLANKS = frozenset({"", "-", "--", "/", "\\", "无", "空", "n/a", "none", "null"})
_CURRENCY = re.compile(r"(人民币|rmb|cny|￥|¥|元|圆|整|正)", re.IGNORECASE)
_PLAIN = re.compile(r"(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_DASHES = str.maketrans(dict.fromkeys("−–—―﹣‐‑‒", "-"))


class NotMoney(ValueError):
    """The text cannot be read as an amount; the message is the text itself."""


def yuan(value: Amount) -> Decimal:
    """The amount in yuan, quantised to the cent, HALF_UP. Raises TypeError for a float: it has already lost cents."""
    if isinstance(value, float):
        raise TypeError("Money is never a float; read it with Decimal(repr(x)) at the border.")
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Sequence[Decimal]) -> Decimal:
    """Sum of amounts, 0.00 when there are none."""
    return sum(amounts, ZERO)


def format_yuan(amount: Amount, *, symbol: bool = True) -> str:
    """`¥1,234.50`, `-¥600.00`; without symbol `1,234.50`."""
    rounded = yuan(amount)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{'¥' if symbol else ''}{abs(rounded):,.2f}"


def in_words(amount: Amount) -> str:
    """The amount in Chinese capitals, to stand directly after 人民币: `壹仟肆佰零玖元伍角`.

    元 takes 整 when nothing follows; 角 and 分 never do (支付结算办法, 附一). Raises ValueError
    when the amount has more digits than the product stores.
    """
    rounded = yuan(amount)
    if abs(rounded) > LARGEST:
        raise ValueError(f"{rounded} has too many digits.")
    whole, cents = divmod(int(abs(rounded) * 100), 100)
    tens, ones = divmod(cents, 10)
    words = "负" if rounded < 0 else ""
    if whole or not cents:
        words += (_whole_in_words(whole) or "零") + "元"
    if not cents:
        return words + "整"
    if tens:
        words += _DIGITS[tens] + "角"
    elif whole:
        words += "零"
    return words + (_DIGITS[ones] + "分" if ones else "")


def _whole_in_words(number: int) -> str:
    words, gap = "", False
    for power in (2, 1, 0):
        group = number // 10_000**power % 10_000
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_in_words(group) + _GROUP_UNITS[power]
        gap = False
    return words


def _group_in_words(group: int) -> str:
    words, gap = "", False
    for weight, unit in _PLACES:
        digit = group // weight % 10
        if not digit:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + unit
        gap = False
    return words


def read_number(cell: object) -> Decimal | None:
    """The exact number in a spreadsheet cell; None when the cell is blank (blank is not zero).

    Reads full-width digits, `￥1,234.5元`, `(123.45)`, `1 234.50`, minus signs of every kind.
    Raises `NotMoney` for anything else: 待核, #REF!, dates, commas in the wrong place.
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise NotMoney(str(cell))
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, float):
        return Decimal(repr(cell))
    if not isinstance(cell, str):
        raise NotMoney(str(cell))
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES)
    text = re.sub(r"[\s'\u200b\ufeff]", "", text)
    if text.lower() in _BLANKS:
        return None
    text = _CURRENCY.sub("", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1], True
    if text[:1] in "+-":
        text, negative = text[1:], negative != text.startswith("-")
    if not (_PLAIN.fullmatch(text) or _GROUPED.fullmatch(text)):
        raise NotMoney(cell.strip())
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise NotMoney(cell.strip()) from error
    return -number if negative else number


@lru_cache(maxsize=2**14, typed=True)
def parse_money(cell: object) -> Decimal | None:
    """The amount in a cell, rounded to the cent; None when blank. Raises `NotMoney`,
    also when it is too large to store.
    """
    number = read_number(cell)
    if number is None:
        return None
    if abs(number) > LARGEST:
        raise NotMoney(str(cell))
    return yuan(number)


def split_evenly(amount: Decimal, parts: int) -> list[Decimal]:
    """`parts` amounts that sum to `amount`; the last takes the remainder (golden A6: 1,000 in 3 = 333.33, 333.33,
    333.34).
    """
    if parts < 1:
        raise ValueError("There must be at least one part.")
    return split_by_weight(amount, [Decimal(1)] * parts)


def split_by_weight(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Shares of `amount` in proportion to `weights`, to the cent; the last takes the remainder (golden A1)."""
    whole = sum(weights, Decimal(0))
    if whole <= 0:
        raise ValueError("The weights must sum to more than zero.")
    shares: list[Decimal] = []
    for weight in weights[:-1]:
        # never more than is left: many tiny shares rounded up must not make the last one negative
        left = amount - total(shares)
        share = yuan(amount * weight / whole)
        shares.append(min(share, left) if amount >= 0 else max(share, left))
    return [*shares, yuan(amount - total(shares))]
