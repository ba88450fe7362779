"""Ways out of the house, one file per channel. Each answers in the same three words: accepted, refused, unknown.

A channel is called outside any transaction and writes nothing; only `operations.outbox` does.
"""

from django.conf import settings

from collection.channels.base import (
    Call,
    Channel,
    Delivery,
    Fate,
    Forged,
    Heard,
    Outcome,
    Outgoing,
    Receipt,
    Sent,
)
from collection.channels.email import EmailChannel
from collection.channels.push import PushChannel
from collection.channels.sms import SmsChannel
from collection.channels.sms_aliyun import AliyunSms
from collection.channels.sms_tencent import TencentSms
from collection.channels.wechat import WechatChannel

SMS_PROVIDERS: dict[str, type[Channel]] = {"gateway": SmsChannel, "aliyun": AliyunSms, "tencent": TencentSms}
CHANNELS: dict[str, Channel] = {
    "sms": SMS_PROVIDERS[settings.SMS_PROVIDER](),
    "email": EmailChannel(),
    "wechat": WechatChannel(),
    "push": PushChannel(),
}


def available() -> list[str]:
    """The channels that this installation is set up for."""
    return [code for code, channel in CHANNELS.items() if channel.is_set_up()]


__all__ = [
    "CHANNELS",
    "SMS_PROVIDERS",
    "Call",
    "Channel",
    "Delivery",
    "Fate",
    "Forged",
    "Heard",
    "Outcome",
    "Outgoing",
    "Receipt",
    "Sent",
    "available",
]
