"""The places of 话术 and message texts, and what can be filled in, in words; pages translate them. Pure data."""

from __future__ import annotations

TALK, FIRST, AGAIN, PROMISE = "talk", "reminder", "reminder_again", "promise_reminder"
CALL, VISIT, COUNTER, BY_SMS, BY_EMAIL = "call", "visit", "counter", "sms", "email"
USES: dict[str, str] = {
    TALK: "沟通话术",
    FIRST: "首次提示",
    AGAIN: "再次提示",
    PROMISE: "承诺到期前提示",
}
SPOKEN: dict[str, str] = {CALL: "电话", VISIT: "上门", COUNTER: "来访"}
WRITTEN: dict[str, str] = {BY_SMS: "短信", BY_EMAIL: "邮件"}
CHANNELS = SPOKEN | WRITTEN
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
    "promised_on": "承诺日期",
    "promised": "承诺金额",
}
