"""话术: what a collector may say, and what messages say (S20, S30, S34, domain 3.5). Versioned data. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Script:
    """Suggested words for one tier: an opening, what to ask, how to end."""

    tier: str
    opening: str
    points: tuple[str, ...]
    closing: str


SCRIPTS: dict[str, Script] = {
    "slight": Script(
        "slight",
        "您好，我是{office}的{person}，打扰您一分钟，核对一下{room}的物业费账单。",
        (
            "{periods}的账单还有 {amount} 元未收到，想确认您是否收到了账单。",
            "如果您已经缴过，请告诉我大概日期，我这边马上核对。",
            "最近对服务有什么意见，也请您直接告诉我。",
        ),
        "谢谢您，方便时缴纳就好。有事请拨 {phone}。",
    ),
    "moderate": Script(
        "moderate",
        "您好，我是{office}的{person}，想和您核对{room}的物业费。",
        (
            "{periods}共 {amount} 元已过缴费日期，想了解是遇到了困难，还是对账单或服务有疑问。",
            "有疑问我先记录下来，核实后给您答复；有困难可以申请分期。",
            "请问您大概哪一天方便缴纳？我记下来，到期前不再打扰。",
        ),
        "感谢您的理解，我记录的是：{amount} 元。有变化请拨 {phone}。",
    ),
    "severe": Script(
        "severe",
        "您好，我是{office}的{person}，就{room}较长时间未缴的物业费，想听听您的想法。",
        (
            "{periods}累计 {amount} 元，时间已经比较长，我们希望和您商量解决。",
            "请先说说您的原因，我会如实记录；属于服务问题的，先处理服务。",
            "确有困难可以申请分期；如果没有异议，请您给一个缴纳日期，我们也会按合同寄送书面通知。",
        ),
        "谢谢您听我说完，今天谈的内容我会记录。有事请拨 {phone}。",
    ),
}
AVOID = "不争辩、不催促、不谈停水停电门禁等任何限制，不向他人透露欠费情况。"

# Reminders are neutral bill notices. No link and no phone of the owner; 「如已缴费请忽略」 always (S34).
SMS_FIRST = (
    "尊敬的业主，您在{community}{room}的{periods}物业费账单{amount}元待缴，缴费日期为{due_on}。"
    "可到物业前台或转账缴纳，如已缴费请忽略。咨询电话{phone}。"
)
SMS_AGAIN = (
    "尊敬的业主，提醒您{community}{room}的{periods}物业费账单{amount}元尚待缴纳。"
    "如有疑问或困难欢迎联系我们，如已缴费请忽略。咨询电话{phone}。"
)
EMAIL_SUBJECT = "{community}{room}物业费账单提醒"
EMAIL_BODY = """尊敬的业主：

您好！{community}{room}的{periods}物业费账单共 {amount} 元待缴，最早一期的缴费日期为 {due_on}。

缴费方式：
{ways}

如果您已经缴费，请忽略本提醒，到账核对需要一至三个工作日。
如果您对账单或服务有疑问，或者目前有困难，欢迎联系我们，我们会认真核实并尽快答复您。

物业联系人：{person}  电话：{phone}

{office}
"""


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a reminder speaks of, and who signs it. `ways`: how to pay, one way per line."""

    office: str
    person: str
    phone: str
    community: str
    room: str
    periods: str
    amount: Decimal
    due_on: date
    ways: tuple[str, ...] = ()

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
            "ways": "\n".join(f"  {number}. {way}" for number, way in enumerate(self.ways, 1)) or "  物业服务中心前台",
        }


def sms(bearer: Bearer, *, again: bool) -> str:
    """The text of a short message; the sign 【…】 is put before it by the provider."""
    return (SMS_AGAIN if again else SMS_FIRST).format(**bearer.fields())


def email(bearer: Bearer) -> tuple[str, str]:
    """Subject and text of an e-mail reminder."""
    fields = bearer.fields()
    return EMAIL_SUBJECT.format(**fields), EMAIL_BODY.format(**fields)


def spoken(tier: str, bearer: Bearer) -> Script:
    """The tier's script with this household's facts in it."""
    script, fields = SCRIPTS.get(tier) or SCRIPTS["slight"], bearer.fields()
    return Script(
        script.tier,
        script.opening.format(**fields),
        tuple(point.format(**fields) for point in script.points),
        script.closing.format(**fields),
    )


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
