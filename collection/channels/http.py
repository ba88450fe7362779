"""What the channels over HTTP have in common: the signature, what a failed call means, reading the answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import Any

import requests

from collection.channels.base import Call, Delivery, Fate, Forged, Heard, Outcome, Receipt

CLOCK_SECONDS = 300  # a signed call older or younger than that is refused; one repeated meanwhile changes nothing


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


def is_fresh(timestamp: str) -> bool:
    """Whether a timestamp of the wire, in seconds, is of these minutes."""
    return timestamp.isascii() and timestamp.isdigit() and abs(time.time() - int(timestamp)) <= CLOCK_SECONDS


def prove(call: Call, key: str) -> None:
    """Hold a call to the signature of `signed`, in constant time. Raises `Forged`; without a key nothing is proven."""
    timestamp = call.headers.get("x-timestamp", "")
    wanted = hmac.new(key.encode(), timestamp.encode() + b"\n" + call.body, hashlib.sha256).hexdigest()
    if not key or not is_fresh(timestamp) or not same(wanted, call.headers.get("x-signature", "")):
        raise Forged


def same(wanted: str, given: str) -> bool:
    """Compare two secrets in constant time; an empty one is like nothing."""
    return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode())


def objects(body: bytes) -> list[dict[str, Any]]:
    """The JSON object of a body, or the objects of its array. Raises ValueError."""
    said = json.loads(body)
    found = said if isinstance(said, list) else [said]
    if not all(isinstance(each, dict) for each in found):
        raise ValueError("objects are expected")
    return found


def reports(call: Call, key: str, fates: dict[str, Fate], *, gone: str = "") -> Heard:
    """Receipts in the signed form of our own contracts: objects of `key`, `status` and, if it failed, `message` and `code`.

    `gone`: the code that says that the address does not exist; empty: there is none.
    """
    prove(call, key)
    found = []
    for each in objects(call.body):
        fate = fates.get(str(each.get("status")))
        if fate is not None:
            is_gone = bool(gone) and fate is Fate.BOUNCED and each.get("code") == gone
            found.append(
                Delivery(fate, key=str(each.get("key", "")), error=str(each.get("message", "")), is_gone=is_gone)
            )
    return Heard(tuple(found), '{"code": "OK"}')


def rung(call: Call, token: str, *, key: str, ref: str, answer: str) -> Heard:
    """A push that proves nothing but the secret in its address: each message it names is asked about (reliability C2.8).

    `key`, `ref`: the fields that hold our key and the provider's number. Raises `Forged`.
    """
    if not same(token, call.token):
        raise Forged
    named = (Delivery(Fate.ASK, str(each.get(key) or ""), str(each.get(ref) or "")) for each in objects(call.body))
    return Heard(tuple(named), answer)
