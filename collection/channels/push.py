"""Push to the owners' app: a signed webhook of whoever runs the app, who knows owners by their phone number."""

from __future__ import annotations

import json

import requests
from django.conf import settings

from collection.channels.base import Outcome, Outgoing, Receipt
from collection.channels.http import not_answered, said_by, signed

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease


class PushChannel:
    """Contract: POST the webhook with key, phone, title, text; GET it with ?key=…; signed as in `channels.http`.

    The app answers {"code": "OK", "id": …}, or NOT_BOUND for a number that nobody signed in with.
    """

    can_be_asked = True

    def is_set_up(self) -> bool:
        """Whether the app's webhook and key are known."""
        return bool(settings.PUSH_URL and settings.PUSH_KEY)

    def send(self, message: Outgoing) -> Receipt:
        """OK is ACCEPTED, another code REFUSED, 429 and a refused key LATER, all else UNKNOWN."""
        order = {
            "key": message.key,
            "phone": message.recipient,
            "title": message.sign,
            "text": message.body,
            "office": message.office_id,
        }
        body = json.dumps(order, ensure_ascii=False).encode()
        try:
            answer = requests.post(
                settings.PUSH_URL,
                data=body,
                headers=signed(settings.PUSH_KEY, body) | {"Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return not_answered(error)
        if answer.status_code in {401, 403, 429}:
            return Receipt(Outcome.LATER, error=f"HTTP {answer.status_code}")
        said = said_by(answer)
        if answer.status_code != 200 or not said.get("code"):
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        if said["code"] == "OK":
            return Receipt(Outcome.ACCEPTED, ref=str(said.get("id", "")))
        return Receipt(Outcome.REFUSED, error=f"{said['code']} {said.get('message', '')}".strip()[:200])

    def ask(self, key: str) -> Receipt | None:
        """The app's record of the message with our key."""
        try:
            answer = requests.get(
                settings.PUSH_URL,
                params={"key": key},
                headers=signed(settings.PUSH_KEY, b""),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return Receipt(Outcome.UNKNOWN, error=not_answered(error).error)
        said = said_by(answer)
        if answer.status_code != 200 or "found" not in said:
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        return Receipt(Outcome.ACCEPTED, ref=str(said.get("id", ""))) if said["found"] else None
