"""What a channel is given and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Outcome(Enum):
    """The only answers there are. UNKNOWN: it may or may not have left, so nobody may simply send again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. `key` is the same at every attempt: "<office id>-<message id>".

    `place`, `amount`: the home and the yuan it speaks of, for channels that send fields instead of a text. `kind`: of the
    step, or "promise"; such channels keep an approved text for each.
    """

    key: str
    office_id: int
    sign: str
    sender: str
    recipient: str
    subject: str
    body: str
    place: str = ""
    amount: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said. `ref` is its own number for the message; `is_gone`: the address does not exist (空号)."""

    outcome: Outcome
    ref: str = ""
    error: str = ""
    is_gone: bool = False


class Fate(Enum):
    """What became of a message after it was accepted. ASK: somebody says there is news, without proof of who says it."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One receipt (回执): the fate of the message with our `key`, or with the provider's own number `ref`.

    `is_gone`: it did not arrive because the address does not exist (空号), so nothing ever will.
    """

    fate: Fate
    key: str = ""
    ref: str = ""
    error: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """An accepted message, as far as a provider wants to hear of it to tell its fate. `called_at`: on the wire's clock."""

    key: str
    ref: str
    recipient: str
    called_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody sent to a channel's address for receipts. Header names are in lower case; `token` stood in the address."""

    token: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """The receipts in a call, and the words with which its provider wants to be thanked."""

    deliveries: tuple[Delivery, ...] = ()
    answer: str = "{}"
    content_type: str = "application/json"


class Forged(Exception):
    """A call that does not prove to come from the provider."""


class Channel(Protocol):
    """One way out. `can_be_asked`: the provider can later be asked about a key; `can_report`: about an accepted message's fate."""

    can_be_asked: bool
    can_report: bool

    def is_set_up(self) -> bool:
        """Whether addresses and keys are there (`config/env.py`)."""

    def send(self, message: Outgoing) -> Receipt:
        """Hand the message over once. Never raises: what cannot be told for sure is UNKNOWN."""

    def ask(self, key: str) -> Receipt | None:
        """What became of a message: ACCEPTED, REFUSED, None = the provider never had it, UNKNOWN = no answer."""

    def fate(self, sent: Sent) -> Delivery | None:
        """Whether an accepted message arrived, if `can_report`; None: not known yet, or no answer."""

    def hear(self, call: Call) -> Heard:
        """Read a call to the address for receipts. Raises `Forged`; ValueError when it cannot be read."""
