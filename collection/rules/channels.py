"""What is known of each channel, as data: where its address comes from, how its words are checked, whether it sends twice. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from collection.rules import wording

CALL, SMS, EMAIL = "call", "sms", "email"


@dataclass(frozen=True, slots=True)
class Traits:
    """One channel. `address`: kind of contact point. `words`: how its text is checked.

    `dedupe_seconds`: for so long the provider drops a second message with the same key, so that an unclear one may be
    handed over again at once; 0: it never does (reliability C2.2).
    """

    address: str
    words: str = ""
    dedupe_seconds: int = 0


CHANNELS: dict[str, Traits] = {
    CALL: Traits("phone"),
    SMS: Traits("phone", wording.SMS),
    EMAIL: Traits("email", wording.REMINDER),
}
MESSAGES: tuple[str, ...] = tuple(code for code, traits in CHANNELS.items() if traits.words)
