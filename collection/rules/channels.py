"""What is known of each channel, as data: where its address comes from, how its words are checked, whether it sends twice. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collection.rules import wording

CALL, SMS, EMAIL, WECHAT, PUSH = "call", "sms", "email", "wechat", "push"
VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Traits:
    """One channel. `address`: kind of contact point, `pattern`: what such an address looks like. `words`: how its text is
    checked. `texts`: whose texts it speaks.

    `dedupe_seconds`: for so long the provider drops a second message with the same key, so that an unclear one may be
    handed over again at once; 0: it never does (reliability C2.2).
    """

    address: str
    words: str = ""
    texts: str = ""
    pattern: str = ""
    dedupe_seconds: int = 0


_MOBILE = r"1[3-9]\d{9}"

CHANNELS: dict[str, Traits] = {
    CALL: Traits("phone"),
    SMS: Traits("phone", wording.SMS, SMS, _MOBILE),
    EMAIL: Traits("email", wording.REMINDER, EMAIL),
    # A WeChat number cannot be written to, only an openid: that of an owner who follows the official account.
    WECHAT: Traits("wechat", wording.SMS, SMS, r"o[\w-]{27}", dedupe_seconds=600),
    PUSH: Traits("phone", wording.SMS, SMS, _MOBILE),
}
MESSAGES: tuple[str, ...] = tuple(code for code, traits in CHANNELS.items() if traits.words)


def is_address(channel: str, kind: str, value: str) -> bool:
    """Whether a contact point can be written to over a channel."""
    traits = CHANNELS[channel]
    return traits.address == kind and (not traits.pattern or re.fullmatch(traits.pattern, value) is not None)
