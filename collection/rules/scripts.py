"""话术: what a collector may say, and what messages say (S20, S30, S34, domain 3.5). Versioned data. Pure.

A text belongs to a use, a channel, a tier and a reason; an empty one of the last three means any. The most specific one
that fits is chosen, and of two equally specific ones the office's own comes before the one shipped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collection.rules import letters
from collection.rules.measures import BANNED, Ban
from collection.rules.places import (
    AGAIN,
    BY_EMAIL,
    BY_SMS,
    FINAL_LETTER,
    FIRST,
    GAPS,
    INSTALMENT,
    LETTERS,
    PROMISE,
    TALK,
)
from collection.rules.wording import FINAL, FORMAL, REMINDER, SMS, Finding, check

AVOID = "不争辩、不催促、不谈停水停电门禁等任何限制，不向他人透露欠费情况。"
# To whoever answers and is neither an owner nor let in by one: not a word of what it is about (个人信息保护法 25).
ASK_BACK = "您好，我是{office}的工作人员，有事想与{owner}本人联系，麻烦您转告回电 {phone}，谢谢。"
LONGEST_SMS = 500  # characters with the sign, after filling in; longer ones are refused by the providers


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its place. `version` 0: as shipped, otherwise the office's own. Words have gaps like {room}."""

    use: str
    channel: str
    tier: str
    reason: str
    words: str
    subject: str = ""
    version: int = 0

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Where it belongs; there is one text in force per place."""
        return self.use, self.channel, self.tier, self.reason


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a reminder speaks of, and who signs it. `ways`: how to pay, one way per line.

    `promised_on`, `promised`: the day and yuan agreed, of a promise or of one `instalment` of a plan, named as people do.
    """

    office: str
    person: str
    phone: str
    community: str
    room: str
    periods: str
    amount: Decimal
    due_on: date
    ways: tuple[str, ...] = ()
    promised_on: date | None = None
    promised: Decimal = Decimal("0.00")
    instalment: str = ""

    def fields(self) -> dict[str, str]:
        """The gaps of the templates above."""
        return {
            "office": self.office,
            "person": self.person or "客服中心",
            "phone": self.phone or "物业服务中心",
            "community": self.community,
            "room": self.room,
            "periods": self.periods,
            "amount": f"{self.amount:.2f}",
            "due_on": f"{self.due_on.year}年{self.due_on.month}月{self.due_on.day}日",
            "promised_on": f"{self.promised_on.month}月{self.promised_on.day}日" if self.promised_on else "约定日期",
            "promised": f"{self.promised:.2f}",
            "instalment": self.instalment or "款项",
            "ways": "\n".join(f"  {number}. {way}" for number, way in enumerate(self.ways, 1)) or "  物业服务中心前台",
        }


def ask_back(bearer: Bearer, owner: str) -> str:
    """What may be said to somebody who may not be told: please have the owner call back."""
    return ASK_BACK.format(owner=owner, **bearer.fields())


EXAMPLE = Bearer(
    office="示例物业",
    person="周敏",
    phone="028-86001234",
    community="示例花园",
    room="3-1-0502",
    periods="2026年1月至6月",
    amount=Decimal("1333.32"),
    due_on=date(2026, 6, 30),
    ways=("转账至物业服务企业账户，附言请写房号", "到物业服务中心前台缴纳"),
    promised_on=date(2026, 8, 15),
    promised=Decimal("1333.32"),
    instalment="第 2 期",
)
# Without these a written text says too little to be understood, or too much to be friendly (S34, S49, S50).
_NEEDED: dict[str, tuple[str, ...]] = {
    FIRST: ("room", "amount", "phone"),
    AGAIN: ("room", "amount", "phone"),
    PROMISE: ("room", "promised", "phone"),
    INSTALMENT: ("room", "instalment", "promised_on", "promised", "phone"),
}
_GAP = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)


def filled(text: Text, bearer: Bearer) -> tuple[str, str]:
    """Subject and words with this household's facts in them. The text must be free of `faults`."""
    fields = bearer.fields()
    return tuple(_GAP.sub(lambda gap: fields[gap[1]], part) for part in (text.subject, text.words))  # type: ignore[return-value]


def as_read(text: Text) -> tuple[str, str]:
    """Subject and words as the invented household would read them. The text must be free of `faults`."""
    return ("", letters.in_words(text.words)) if text.use in LETTERS else filled(text, EXAMPLE)


def choose(texts: Iterable[Text], *, use: str, channel: str, tier: str, reason: str) -> Text | None:
    """The text for this moment: reason counts for more than tier, tier more than channel, own more than shipped."""
    wanted = (channel, tier, reason)
    fitting = [
        text
        for text in texts
        if text.use == use and all(has in {"", want} for has, want in zip(text.place[1:], wanted, strict=True))
    ]
    return max(fitting, key=_specificity, default=None)


def _specificity(text: Text) -> tuple[bool, bool, bool, int]:
    return bool(text.reason), bool(text.tier), bool(text.channel), text.version


def in_force(own: Iterable[Text], shipped: Iterable[Text]) -> tuple[Text, ...]:
    """One text per place: the office's own where it has one, else the shipped one."""
    found = {text.place: text for text in shipped}
    found |= {text.place: text for text in own}
    return tuple(found.values())


def kind_of(text: Text) -> str:
    """By which rules of wording the text is read: a text that may meet a first reminder is held to the friendliest."""
    if text.channel == BY_SMS:
        return SMS
    if text.use in LETTERS:
        return FINAL if text.use == FINAL_LETTER else FORMAL
    if text.use != TALK or text.tier in {"", "slight"}:
        return REMINDER
    return FORMAL


def faults(text: Text) -> tuple[str, ...]:
    """What keeps the text from being used at all, apart from its wording: unknown or missing gaps, length, links."""
    if text.use in LETTERS:
        return letters.faults(text.use, text.words)
    whole = text.subject + text.words
    names = _GAP.findall(whole)
    found = [
        f"没有「{{{name}}}」这个字段，可用：{'、'.join(GAPS)}。" for name in dict.fromkeys(names) if name not in GAPS
    ]
    if re.search(r"[{}]", _GAP.sub("", whole)):
        found.append("花括号必须成对，里面写字段名，例如 {room}。")
    if not text.words.strip():
        found.append("请写内容。")
    if found or text.use == TALK:
        return tuple(found)
    found += [f"缺少「{{{name}}}」（{GAPS[name]}）。" for name in _NEEDED.get(text.use, ()) if name not in names]
    if "请忽略" not in whole:
        found.append("缺少「如已缴费请忽略」，业主可能已经缴费。")
    if text.channel == BY_EMAIL and not text.subject.strip():
        found.append("邮件须有标题。")
    if text.channel == BY_SMS and _ADDRESS.search(whole):
        found.append("短信不能带链接。")
    if text.channel == BY_SMS and len(filled(text, EXAMPLE)[1]) + len(EXAMPLE.office) + 2 > LONGEST_SMS:
        found.append(f"短信连同签名不能超过 {LONGEST_SMS} 字。")
    return tuple(found)


def findings(text: Text, bans: Iterable[Ban] = BANNED) -> tuple[Finding, ...]:
    """Words that may not be used, in the text as written and as an owner would read it. `bans`: as for `check`."""
    read = (text.subject, text.words) if faults(text) else (text.subject, text.words, *as_read(text))
    return check("\n".join(read), kind_of(text), bans=bans)


def periods_in_words(periods: Sequence[tuple[date, date]]) -> str:
    """The span from the first day to the last, in whole months: 2024年1月至12月."""
    if not periods:
        return ""
    start, end = min(first for first, _ in periods), max(last for _, last in periods)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.year}年{start.month}月"
    if start.year == end.year:
        return f"{start.year}年{start.month}月至{end.month}月"
    return f"{start.year}年{start.month}月至{end.year}年{end.month}月"
