"""Short messages over the provider's signed HTTP interface; it can be asked about a message by our own key."""

from __future__ import annotations

import json
from typing import Any

import requests
from django.conf import settings

from collection.channels.base import Call, Delivery, Fate, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.http import not_answered, reports, said_by, signed

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease
FATES = {"DELIVERED": Fate.DELIVERED, "FAILED": Fate.BOUNCED}
FAILED = "服务商回执：发送失败"
NO_SUCH_NUMBER = "NO_SUCH_NUMBER"


class SmsChannel:
    """Contract: POST /sms/send, GET /sms/query?out_id=…, HMAC-SHA256 over timestamp, newline and body.

    Receipts come signed in the same way: [{"key": our out_id, "status": "DELIVERED" or "FAILED", "message": …, "code": …}].
    The code NO_SUCH_NUMBER (空号), there or in a refusal, says that nobody has the number.
    """

    can_be_asked = can_report = True

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
        error = f"{said['code']} {said.get('message', '')}".strip()[:200]
        return Receipt(Outcome.REFUSED, error=error, is_gone=said["code"] == NO_SUCH_NUMBER)

    def ask(self, key: str) -> Receipt | None:
        """The provider's record of the message with our key."""
        said, error = self._record(key)
        if said is None:
            return Receipt(Outcome.UNKNOWN, error=error)
        if not said["found"]:
            return None
        if said.get("status") == "FAILED":
            ref, is_gone = str(said.get("biz_id", "")), said.get("code") == NO_SUCH_NUMBER
            return Receipt(Outcome.REFUSED, ref=ref, error=FAILED, is_gone=is_gone)
        return Receipt(Outcome.ACCEPTED, ref=str(said.get("biz_id", "")))

    def fate(self, sent: Sent) -> Delivery | None:
        """From the same record, once it says more than that the message was accepted."""
        said, _error = self._record(sent.key)
        found = FATES.get(str((said or {}).get("status", "")))
        if said is None or found is None:
            return None
        if found is Fate.DELIVERED:
            return Delivery(found, key=sent.key)
        return Delivery(found, key=sent.key, error=FAILED, is_gone=said.get("code") == NO_SUCH_NUMBER)

    def hear(self, call: Call) -> Heard:
        """Signed with the gateway's key."""
        return reports(call, settings.SMS_KEY, FATES, gone=NO_SUCH_NUMBER)

    def _record(self, key: str) -> tuple[dict[str, Any] | None, str]:
        """What the provider has of a key; None and why when it did not say."""
        try:
            answer = requests.get(
                f"{settings.SMS_URL}/sms/query",
                params={"out_id": key},
                headers=signed(settings.SMS_KEY, b""),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return None, not_answered(error).error
        said = said_by(answer)
        if answer.status_code != 200 or "found" not in said:
            return None, f"HTTP {answer.status_code}"
        return said, ""
