"""Receipts of accepted messages (回执): in which direction they go, and when the provider is asked for one. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

NONE, BOUNCED, DELIVERED = "", "bounced", "delivered"
_ORDER = (NONE, BOUNCED, DELIVERED)

FIRST_QUESTION = timedelta(minutes=10)
LAST_QUESTION = timedelta(days=3)


def goes_forward(known: str, told: str) -> bool:
    """Whether a receipt says more than is known: accepted → bounced → delivered, never back, whatever order they come in.

    Delivered is the last word: a phone that has the message has it, and what we thought lost must not be sent again.
    """
    return _ORDER.index(told) > _ORDER.index(known)


def next_question(sent_at: datetime, at: datetime) -> datetime | None:
    """When to ask again for a receipt that has not come by `at`: after ten minutes, then at doubled ages; None: no more."""
    age = max(at - sent_at, timedelta(0))
    return None if age >= LAST_QUESTION else at + max(age, FIRST_QUESTION)
