"""WeChat official account (公众号): template messages to owners who follow it, by the documented HTTP interface.

The account drops a second message with the same `client_msg_id` for ten minutes, so an unclear one is handed over again
inside that window (`rules.channels`); afterwards nobody can be asked, and a person decides.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import requests
from django.conf import settings
from lxml import etree

from collection.channels.base import Call, Delivery, Fate, Forged, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.http import is_fresh, not_answered, said_by, same

TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease
FIELD_CHARACTERS = 20  # a field of kind "thing" takes no more
_TOKEN_GONE = {40001, 40014, 42001}
_LATER = {40037: "模板消息编号不正确，请管理员检查", 45009: "接口调用超过当日限额", 45011: "接口调用太频繁"}
_FAILED = {"failed:user block": "业主拒收公众号消息", "failed: system failed": "公众号消息未送达"}
_REFUSED = {40003: "业主未绑定公众号", 43004: "业主未关注公众号", 43101: "业主拒收公众号消息"}


@dataclass(slots=True)
class _Token:
    """The account's access token and until when it is used, on the process's own clock."""

    value: str = ""
    until: float = 0.0


class WechatChannel:
    """The template has three fields: thing1 the home, amount2 the amount, thing3 what it is about."""

    can_be_asked = can_report = False

    def __init__(self) -> None:
        self._token = _Token()

    def is_set_up(self) -> bool:
        """Whether the account, its secret and the template are known."""
        return bool(settings.WECHAT_APP_ID and settings.WECHAT_SECRET and settings.WECHAT_TEMPLATE)

    def send(self, message: Outgoing) -> Receipt:
        """errcode 0 is ACCEPTED; not bound or not following is REFUSED; limits and tokens LATER; all else UNKNOWN."""
        try:
            token = self._fresh_token()
        except requests.exceptions.RequestException as error:
            return Receipt(Outcome.LATER, error=not_answered(error).error)  # nothing was handed over yet
        if not token:
            return Receipt(Outcome.LATER, error="公众号密钥未被接受，请管理员检查")
        order = {
            "touser": message.recipient,
            "template_id": settings.WECHAT_TEMPLATE,
            "client_msg_id": message.key,
            "data": {
                "thing1": {"value": message.place[:FIELD_CHARACTERS]},
                "amount2": {"value": f"{message.amount}元"},
                "thing3": {"value": "物业费账单待缴，如已缴费请忽略"},
            },
        }
        try:
            answer = requests.post(
                f"{settings.WECHAT_URL}/cgi-bin/message/template/send",
                params={"access_token": token},
                json=order,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            return not_answered(error)
        return self._meant(answer)

    def _meant(self, answer: requests.Response) -> Receipt:
        said = said_by(answer)
        code = said.get("errcode")
        if answer.status_code != 200 or not isinstance(code, int):
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
        if code == 0:
            return Receipt(Outcome.ACCEPTED, ref=str(said.get("msgid", "")))
        if code in _TOKEN_GONE:
            self._token = _Token()
            return Receipt(Outcome.LATER, error=f"{code} access_token")
        if code in _REFUSED:
            return Receipt(Outcome.REFUSED, error=f"{_REFUSED[code]}（{code}）")
        if code in _LATER:
            return Receipt(Outcome.LATER, error=f"{_LATER[code]}（{code}）")
        return Receipt(Outcome.UNKNOWN, error=f"{code} {said.get('errmsg', '')}"[:200])

    def ask(self, key: str) -> Receipt | None:
        """Nobody can be asked."""
        return Receipt(Outcome.UNKNOWN, error="公众号消息无法查询结果")

    def fate(self, sent: Sent) -> Delivery | None:
        """Nobody can be asked."""
        return None

    def hear(self, call: Call) -> Heard:
        """The account's server address: its check by `echostr`, and the event TEMPLATESENDJOBFINISH, by its MsgID."""
        named = {name: call.query.get(name, "") for name in ("timestamp", "nonce")}
        pieces = sorted((settings.RECEIPTS_TOKEN, *named.values()))
        wanted = hashlib.sha1("".join(pieces).encode(), usedforsecurity=False).hexdigest()  # the account's own rule
        is_theirs = same(wanted, call.query.get("signature", "")) and is_fresh(named["timestamp"])
        if not settings.RECEIPTS_TOKEN or not is_theirs:
            raise Forged
        if not call.body:
            return Heard((), call.query.get("echostr", ""), "text/plain")
        event = _fields(call.body)
        found = ()
        if event.get("Event") == "TEMPLATESENDJOBFINISH" and event.get("MsgID"):
            status = event.get("Status", "")
            fate = Fate.DELIVERED if status == "success" else Fate.BOUNCED
            words = "" if fate is Fate.DELIVERED else _FAILED.get(status, f"公众号消息未送达（{status}）")
            found = (Delivery(fate, ref=event["MsgID"], error=words),)
        return Heard(found, "success", "text/plain")

    def _fresh_token(self) -> str:
        """The stable token: asking for it does not spoil the one another process holds. Empty: refused."""
        if time.monotonic() >= self._token.until:
            asked = {
                "grant_type": "client_credential",
                "appid": settings.WECHAT_APP_ID,
                "secret": settings.WECHAT_SECRET,
            }
            answer = requests.post(
                f"{settings.WECHAT_URL}/cgi-bin/stable_token",
                json=asked,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            said = said_by(answer)
            if answer.status_code != 200 or not said.get("access_token"):
                return ""
            life = max(int(said.get("expires_in", 0)) - 300, 60)
            self._token = _Token(str(said["access_token"]), time.monotonic() + life)
        return self._token.value


def _fields(body: bytes) -> dict[str, str]:
    """The elements of an event. Raises ValueError. Entities are left as they stand, so nothing grows and nothing is fetched."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    return {str(each.tag): (each.text or "").strip() for each in root}
