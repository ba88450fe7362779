"""Words that may not leave the house, on any paper or message (S29, S70, R10, domain 3.5 and 3.7). Pure.

Checked on the rendered text, not on the template: what is filled in counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from collection.rules.measures import BANNED, SEPARATORS, Ban, banned_in, dense

REMINDER, SMS, FORMAL, FINAL = "reminder", "sms", "formal", "final"

# Words that shame, or pretend to be a court. They hold for every text, as do the banned measures.
INSULTS: tuple[str, ...] = (
    "老赖",
    "无赖",
    "赖账",
    "赖皮",
    "钉子户",
    "欠费户",
    "后果自负",
    "清算你",
    "限你",
    "勒令",
)
FALSE_AUTHORITY: tuple[str, ...] = ("传票", "法警", "公安机关将", "拘留", "逮捕", "强制")
# Legal terms that contain a forbidden word and are right where they stand.
LAWFUL_TERMS: tuple[str, ...] = ("强制执行",)

# Stage 1 is friendly: no penalty, no court, no demand (S29).
NOT_FRIENDLY: tuple[str, ...] = (
    "违约金", "罚", "法院", "起诉", "诉讼", "仲裁", "律师", "法律", "拒缴", "拖欠", "催缴", "催告", "警告",
    "最后通知", "责任", "强制执行", "立即", "务必", "必须", "严重",
)  # fmt: skip
# What the providers of short messages refuse (domain 3.5).
NOT_IN_SMS: tuple[str, ...] = (
    "催款", "催缴", "催收", "还款", "贷款", "分期", "调解", "传票", "诉讼", "征信", "威胁", "维权", "¥", "￥",
    "★", "[", "]", "【", "】",
)  # fmt: skip
WRONG_WORDS: dict[str, str] = {"滞纳金": "违约金", "催收": "收缴"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may not stay: the word, why, and what to write instead."""

    code: str
    word: str
    advice: str

    def __str__(self) -> str:
        return f"「{self.word}」：{self.advice}"


def check(text: str, kind: str, *, quoted: Iterable[str] = (), bans: Iterable[Ban] = BANNED) -> tuple[Finding, ...]:
    """Everything in `text` that a message or letter of this `kind` may not say; empty = may leave.

    `quoted`: passages taken word for word from the law, which are left out of the examination. `bans`: the measures
    forbidden where the household lives (民法典 944③ and local rules). White space is ignored, so a line break inside a
    word hides nothing.
    """
    plain = dense(text)
    for passage in (*quoted, *LAWFUL_TERMS):
        if kind in {FORMAL, FINAL}:
            plain = plain.replace(dense(passage), "／")
    found = [
        Finding("forbidden_measure", word, f"不得以此催缴，依据：{ban.ground}；请删去")
        for ban, word in banned_in(plain, bans)
    ]
    found += _everywhere(plain)
    if kind in {REMINDER, SMS}:
        found += _each("not_friendly", NOT_FRIENDLY, plain, "温馨提示只作友好提醒，请删去")
    if kind == SMS:
        found += _each("sms", NOT_IN_SMS, plain, "短信服务商不允许此内容，请改写")
    if kind == FINAL and re.search(r"[!！]", plain):
        found.append(Finding("tone", "！", "最后通知措辞应严肃、规范，请改用句号"))
    return tuple(dict.fromkeys(found))


def _everywhere(plain: str) -> Iterable[Finding]:
    yield from _each("insult", INSULTS, plain, "措辞不当，请删去")
    yield from _each("false_authority", FALSE_AUTHORITY, plain, "不得冒充或暗示公权力，请删去")
    for word, better in WRONG_WORDS.items():
        if word in plain:
            yield Finding("wrong_word", word, f"请改为「{better}」")
    if re.search(r"[!！]{2,}", plain):
        yield Finding("tone", "！！", "请勿连用感叹号")


def _each(code: str, words: Iterable[str], plain: str, advice: str) -> list[Finding]:
    return [Finding(code, word, advice) for word in words if word in plain]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a word stands: line from 1, and what is around it."""

    line: int
    before: str
    word: str
    after: str


def marks(text: str, word: str) -> tuple[Mark, ...]:
    """Every place of a found word in the text as it was written, with a few characters on both sides."""
    spread = re.compile(f"[{SEPARATORS}]*".join(map(re.escape, word)))
    found = []
    for match in spread.finditer(text):
        start, end = match.span()
        line = text.count("\n", 0, start) + 1
        before, after = text[:start].rpartition("\n")[2][-12:], text[end:].partition("\n")[0][:12]
        found.append(Mark(line, before, match[0], after))
    return tuple(found)
