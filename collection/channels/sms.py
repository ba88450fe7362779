"""Short messages over the provider's signed HTTP interface; it can be asked about a message by our own key."""

from __future__ import annotations

import json

import requests
from django.conf import settings

from collection.channels.base import Outcome, Outgoing, Receipt
from collection.channels.http import not_answered, said_by, signed

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease


class SmsChannel:
    """Contract: POST /sms/send, GET /sms/query?out_id=…, HMAC-SHA256 over timestamp, newline and body."""

    can_be_asked = True

    def is_set_up(self) -> bool:
        """Every installation has a gateway for short messages; while it is away they wait."""
        return True

    def send(self, message: Outgoing) -> Receipt:
        """A clear yes is ACCEPTED, a refusal with the provider's code REFUSED, 429 LATER, all else UNKNOWN."""
        order = {"phone": message.recipient, "sign": message.sign, "text": message.body, "out_id": message.key}
        body = json.dumps(order, ensure_ascii=False).encode()
        try:
            answer = requests.post(
                f"{settings.SMS_URL}/sms/send",
                data=body,
                headers=signed(settings.SMS_KEY, body) | {"Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return not_answered(error)
        if answer.status_code == 429:
            return Receipt(Outcome.LATER, error="429 服务商限流")
        if answer.status_code in {401, 403}:
            return Receipt(Outcome.LATER, error=f"{answer.status_code} 短信密钥未被接受，请管理员检查")
        said = said_by(answer)
        if answer.status_code != 200 or not said.get("code"):
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        if said["code"] == "OK":
            return Receipt(Outcome.ACCEPTED, ref=str(said.get("biz_id", "")))
        return Receipt(Outcome.REFUSED, error=f"{said['code']} {said.get('message', '')}".strip()[:200])

    def ask(self, key: str) -> Receipt | None:
        """The provider's record of the message with our key."""
        try:
            answer = requests.get(
                f"{settings.SMS_URL}/sms/query",
                params={"out_id": key},
                headers=signed(settings.SMS_KEY, b""),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return Receipt(Outcome.UNKNOWN, error=not_answered(error).error)
        said = said_by(answer)
        if answer.status_code != 200 or "found" not in said:
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        if not said["found"]:
            return None
        if said.get("status") == "FAILED":
            return Receipt(Outcome.REFUSED, ref=str(said.get("biz_id", "")), error="服务商回执：发送失败")
        return Receipt(Outcome.ACCEPTED, ref=str(said.get("biz_id", "")))
