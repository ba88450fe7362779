"""Names and phones as they stand in one cell: several owners, several numbers, notes in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from billing.rules.cells import Cell, remembered, text_of

_BETWEEN_NAMES = re.compile(r"\s*[/、,;&|＆\n]\s*|\s*(?<=[\u4e00-\u9fff])和(?=[\u4e00-\u9fff]{2,4}$)\s*")
_BETWEEN_PHONES = re.compile(r"[/、,;|\n]+")
_COMPANY = re.compile("公司|集团|工厂|商店|中心|银行|合作社|委员会|事务所|经营部|工作室|学校|医院|酒店|饭店|超市")
_AND_OTHERS = re.compile(r"等\s*[0-9一二两三四五六七八九十]*\s*人?$")
_AREA_CODE = re.compile(r"\((0\d{2,3})\)\s*-?\s*(?=[2-9])")
_NOTES = re.compile(r"[(\[【].*?[)\]】]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8})")
_LONGEST = 300  # characters of a cell that are looked at: names and numbers end before
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PERSON = re.compile(f"[{_SURNAMES}][\u4e00-\u9fff]{{1,3}}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_PLACEHOLDERS = frozenset({"18999999999", "13800000000", "11111111111", "13000000000"})


@dataclass(frozen=True, slots=True)
class Phones:
    """What could be read, in order, and what could not."""

    good: tuple[str, ...]
    bad: tuple[str, ...]


@remembered
def read_names(cell: Cell) -> tuple[str, ...]:
    """`张三/李四`, `张三、李四`, `张三 李四`, `张三(共有)李四`, `张三等2人` → the names in order, without repeats.

    The brackets of a company belong to its name; `张  三` is one person.
    """
    return _names(text_of(cell)[:_LONGEST])


@lru_cache(maxsize=16_384)
def _names(text: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for part in _BETWEEN_NAMES.split(text):
        pieces = [part] if part and _COMPANY.search(part) else _NOTES.sub("/", part or "").split("/")
        for piece in pieces:
            name = _AND_OTHERS.sub("", piece).strip(" -")
            words = name.split()
            several = len(words) > 1 and all(_PERSON.fullmatch(word) for word in words)
            names |= dict.fromkeys(words if several else [name] if name else [])
    return tuple(names)


def read_phones(*cells: Cell) -> Phones:
    """Every number of the cells, the first valid one first. `1.38E+10` has lost its digits and is bad."""
    good: dict[str, None] = {}
    bad: dict[str, None] = {}
    for cell in cells:
        text = _NOTES.sub(" ", _AREA_CODE.sub(r"\1-", text_of(cell)[:_LONGEST])).replace("+86", "").replace("o", "0")
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
