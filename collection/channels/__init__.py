"""Ways out of the house, one file per channel. Each answers in the same three words: accepted, refused, unknown.

A channel is called outside any transaction and writes nothing; only `operations.outbox` does.
"""

from collection.channels.base import Channel, Outcome, Outgoing, Receipt
from collection.channels.email import EmailChannel
from collection.channels.sms import SmsChannel

CHANNELS: dict[str, Channel] = {"sms": SmsChannel(), "email": EmailChannel()}

__all__ = ["CHANNELS", "Channel", "Outcome", "Outgoing", "Receipt"]
