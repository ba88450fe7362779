"""A provider inside the test, for runs that send thousands of times; the one of `provider` is a process of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from collection.channels import Call, Delivery, Heard, Outcome, Outgoing, Receipt, Sent

ACCEPTS, BOUNCES, CUTS_OFF, LOSES, THROTTLES, DIES = "accepts", "bounces", "cuts off", "loses", "throttles", "dies"
WAYS = (ACCEPTS, BOUNCES, CUTS_OFF, LOSES, THROTTLES, DIES)


class Killed(BaseException):
    """The process is gone: nothing in the product may catch this."""


@dataclass
class Provider:
    """Behaves in one of `WAYS`; `arrived` is what reached owners, `heard` is told of each before it is answered."""

    way: str = ACCEPTS
    can_be_asked: bool = True
    can_report: bool = False
    heard: Callable[[Outgoing], None] = lambda message: None
    arrived: Counter[str] = field(default_factory=Counter)
    asked_again: Counter[str] = field(default_factory=Counter)

    def is_set_up(self) -> bool:
        """There is nothing to set up."""
        return True

    def send(self, message: Outgoing) -> Receipt:
        """One attempt. It may arrive although the answer is lost."""
        if self.way == THROTTLES:
            return Receipt(Outcome.LATER, error="busy")
        if self.way == BOUNCES:
            return Receipt(Outcome.REFUSED, error="no such number")
        if self.way == LOSES:
            return Receipt(Outcome.UNKNOWN, error="503")
        self.heard(message)
        self.arrived[message.key] += 1
        if self.way == DIES:
            raise Killed
        if self.way == CUTS_OFF:
            return Receipt(Outcome.UNKNOWN, error="broken off")
        return Receipt(Outcome.ACCEPTED, ref=f"p-{message.key}")

    def ask(self, key: str) -> Receipt | None:
        """What became of it: accepted if it arrived, else never heard of."""
        self.asked_again[key] += 1
        return Receipt(Outcome.ACCEPTED, ref=f"p-{key}") if self.arrived[key] else None

    def fate(self, sent: Sent) -> Delivery | None:
        """It tells nothing of what became of a message."""
        return None

    def hear(self, call: Call) -> Heard:
        """It never calls."""
        return Heard()
