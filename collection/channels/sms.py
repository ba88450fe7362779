"""Short messages over the provider's signed HTTP interface; it can be asked about a message by our own key."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import requests
from django.conf import settings

from collection.channels.base import Outcome, Outgoing, Receipt

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease


class SmsChannel:
    """Contract: POST /sms/send, GET /sms/query?out_id=…, HMAC-SHA256 over timestamp, newline and body."""

    can_be_asked = True

    def send(self, message: Outgoing) -> Receipt:
        """A clear yes is ACCEPTED, a refusal with the provider's code REFUSED, 429 LATER, all else UNKNOWN."""
        order = {"phone": message.recipient, "sign": message.sign, "text": message.body, "out_id": message.key}
        body = json.dumps(order, ensure_ascii=False).encode()
        try:
            answer = requests.post(
                f"{settings.SMS_URL}/sms/send",
                data=body,
                headers=_signed(body) | {"Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.ConnectTimeout as error:
            return Receipt(Outcome.LATER, error=_short(error))
        except requests.exceptions.ConnectionError as error:
            # Refused before a byte was sent: nothing can have left. Anything later is unknown.
            never_left = "Connection refused" in str(error) or "Name or service not known" in str(error)
            return Receipt(Outcome.LATER if never_left else Outcome.UNKNOWN, error=_short(error))
        except requests.exceptions.RequestException as error:
            return Receipt(Outcome.UNKNOWN, error=_short(error))
        if answer.status_code == 429:
            return Receipt(Outcome.LATER, error="429 服务商限流")
        if answer.status_code in {401, 403}:
            return Receipt(Outcome.LATER, error=f"{answer.status_code} 短信密钥未被接受，请管理员检查")
        said = _json(answer)
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
                headers=_signed(b""),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return Receipt(Outcome.UNKNOWN, error=_short(error))
        said = _json(answer)
        if answer.status_code != 200 or "found" not in said:
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        if not said["found"]:
            return None
        if said.get("status") == "FAILED":
            return Receipt(Outcome.REFUSED, ref=str(said.get("biz_id", "")), error="服务商回执：发送失败")
        return Receipt(Outcome.ACCEPTED, ref=str(said.get("biz_id", "")))


def _signed(body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))  # the wire's own clock: the provider refuses stale signatures
    digest = hmac.new(settings.SMS_KEY.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return {"X-Key": "shoujiaotai", "X-Timestamp": timestamp, "X-Signature": digest}


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
