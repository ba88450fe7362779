"""The places of 话术 and message texts, and what can be filled in, in words; pages translate them. Pure data."""

from __future__ import annotations

TALK, FIRST, AGAIN, PROMISE = "talk", "reminder", "reminder_again", "promise_reminder"
INSTALMENT = "instalment_reminder"
FORMAL_LETTER, FINAL_LETTER = "formal_letter", "final_letter"
CALL, VISIT, COUNTER, BY_SMS, BY_EMAIL, BY_PAPER = "call", "visit", "counter", "sms", "email", "paper"
USES: dict[str, str] = {
    TALK: "沟通话术",
    FIRST: "首次提示",
    AGAIN: "再次提示",
    PROMISE: "承诺到期前提示",
    INSTALMENT: "分期到期前提示",
    FORMAL_LETTER: "催缴通知书",
    FINAL_LETTER: "最后通知书",
}
LETTERS = (FORMAL_LETTER, FINAL_LETTER)
SPOKEN: dict[str, str] = {CALL: "电话", VISIT: "上门", COUNTER: "来访"}
WRITTEN: dict[str, str] = {BY_SMS: "短信", BY_EMAIL: "邮件"}
PRINTED: dict[str, str] = {BY_PAPER: "书面"}
CHANNELS = SPOKEN | WRITTEN | PRINTED
TIERS: dict[str, str] = {"slight": "轻微", "moderate": "中度", "severe": "严重"}
GAPS: dict[str, str] = {
    "office": "公司简称",
    "person": "联系人",
    "phone": "联系电话",
    "community": "小区",
    "room": "房号",
    "periods": "账期",
    "amount": "金额",
    "due_on": "缴费日期",
    "ways": "缴费方式",
    "promised_on": "约定日期",
    "promised": "约定金额",
    "instalment": "分期期次",
}
LETTER_GAPS: dict[str, str] = {
    "bills": "欠费明细表",
    "as_of": "截止核对日期",
    "area": "建筑面积",
    "count": "欠费笔数",
    "total": "合计金额",
    "deadline": "缴费截止日期",
    "contested": "争议中未计入的金额，没有时不印",
    "ways": "缴费方式、联系人和电话",
    "contact": "联系人",
    "phone": "联系电话",
    "laws": "法律依据的名称",
    "law_texts": "法律依据的条文",
    "measures": "逾期后的合法措施",
    "earlier_title": "前一份通知书的名称",
    "earlier_number": "前一份通知书的文号",
    "earlier_served": "前一份通知书的送达日期",
    "earlier_deadline": "前一份通知书的期限",
    "consequences": "法律后果的依据",
}


def channels_of(use: str) -> dict[str, str]:
    """How a text of this use may go to the owner."""
    return {TALK: SPOKEN, FORMAL_LETTER: PRINTED, FINAL_LETTER: PRINTED}.get(use, WRITTEN)
