"""What the channels over HTTP have in common: the signature, what a failed call means, reading the answer."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import Any

import requests

from collection.channels.base import Outcome, Receipt


def signed(key: str, body: bytes) -> dict[str, str]:
    """Headers with HMAC-SHA256 over timestamp, newline and body; a stale one is refused by the other side."""
    timestamp = str(int(time.time()))  # the wire's own clock
    digest = hmac.new(key.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return {"X-Key": "shoujiaotai", "X-Timestamp": timestamp, "X-Signature": digest}


def not_answered(error: Exception) -> Receipt:
    """LATER when not a byte can have been sent; anything else is UNKNOWN. Its words keep no phone or token of the address."""
    words = re.sub(r"\?\S*", "", f"{type(error).__name__}: {error}")[:200]
    never_left = isinstance(error, requests.exceptions.ConnectTimeout) or (
        isinstance(error, requests.exceptions.ConnectionError)
        and ("Connection refused" in str(error) or "Name or service not known" in str(error))
    )
    return Receipt(Outcome.LATER if never_left else Outcome.UNKNOWN, error=words)


def said_by(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
