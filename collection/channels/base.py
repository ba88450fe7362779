"""What a channel is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
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
    """What the provider said. `ref` is its own number for the message."""

    outcome: Outcome
    ref: str = ""
    error: str = ""


class Channel(Protocol):
    """One way out. `can_be_asked`: the provider can later be asked about a key."""

    can_be_asked: bool

    def is_set_up(self) -> bool:
        """Whether addresses and keys are there (`config/env.py`)."""

    def send(self, message: Outgoing) -> Receipt:
        """Hand the message over once. Never raises: what cannot be told for sure is UNKNOWN."""

    def ask(self, key: str) -> Receipt | None:
        """What became of a message: ACCEPTED, REFUSED, None = the provider never had it, UNKNOWN = no answer."""
