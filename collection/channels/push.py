"""Push to the owners' app: a signed webhook of whoever runs the app, who knows owners by their phone number."""

from __future__ import annotations

import json
from typing import Any

import requests
from django.conf import settings

from collection.channels.base import Call, Delivery, Fate, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.http import not_answered, reports, said_by, signed

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease
FATES = {"DELIVERED": Fate.DELIVERED, "FAILED": Fate.BOUNCED}


class PushChannel:
    """Contract: POST the webhook with key, phone, title, text; GET it with ?key=…; signed as in `channels.http`.

    The app answers {"code": "OK", "id": …}, or NOT_BOUND for a number that nobody signed in with. Its receipts come signed
    in the same way: [{"key": …, "status": "DELIVERED" or "FAILED", "message": …}]; asked, it says `status` too.
    """

    can_be_asked = can_report = True

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
        said, error = self._record(key)
        if said is None:
            return Receipt(Outcome.UNKNOWN, error=error)
        return Receipt(Outcome.ACCEPTED, ref=str(said.get("id", ""))) if said["found"] else None

    def fate(self, sent: Sent) -> Delivery | None:
        """From the same record, once it says more than that the message is there."""
        said, _error = self._record(sent.key)
        found = FATES.get(str((said or {}).get("status", "")))
        return Delivery(found, key=sent.key, error=str((said or {}).get("message", ""))) if found else None

    def hear(self, call: Call) -> Heard:
        """Signed with the webhook's key."""
        return reports(call, settings.PUSH_KEY, FATES)

    def _record(self, key: str) -> tuple[dict[str, Any] | None, str]:
        """What the app has of a key; None and why when it did not say."""
        try:
            answer = requests.get(
                settings.PUSH_URL,
                params={"key": key},
                headers=signed(settings.PUSH_KEY, b""),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return None, not_answered(error).error
        said = said_by(answer)
        if answer.status_code != 200 or "found" not in said:
            return None, f"HTTP {answer.status_code}"
        return said, ""
