"""Receipts of the local provider: what became of a message, told to the house in the form of whoever sent it.

Written from the providers' descriptions and not from our adapters, so that each checks the other. Like theirs, a receipt that
is not answered with 200 is told again twice, and then never more.
"""

import hashlib
import hmac
import json
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

_CHINA = ZoneInfo("Asia/Shanghai")
ACCEPTED, DELIVERED, FAILED = "ACCEPTED", "DELIVERED", "FAILED"
_NOBODY_HOME = {"sms": ("0000", "4040"), "push": "8888", "wechat": "1111", "email": "@full.example"}
_NO_SUCH_NUMBER = "4040"  # nobody has such a number


def fate(item: dict[str, Any], after: float) -> str:
    """What became of a message `after` seconds: numbers that end in 0000 are switched off, and so on for each channel."""
    age = (datetime.now(UTC) - datetime.fromisoformat(item["at"])).total_seconds()
    if age < after:
        return ACCEPTED
    return FAILED if item["to"].endswith(_NOBODY_HOME[item["channel"]]) else DELIVERED


def is_nobodys(item: dict[str, Any]) -> bool:
    """Whether the message went to a number that nobody has (空号)."""
    return bool(item["channel"] == "sms" and item["to"].endswith(_NO_SUCH_NUMBER))


@dataclass(frozen=True, slots=True)
class House:
    """Where the house listens for receipts, and the secrets it gave its providers. No `url`: nothing is told."""

    url: str = ""
    key: str = ""
    token: str = ""


def told(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]] | None:
    """Address, body and headers of a message's receipt; None where nothing is ever told (a mail that arrived)."""
    form = _FORMS.get(item.get("by") or item["channel"])
    return form(item, state, house) if form else None


class Teller:
    """Tells receipts from a thread of its own, each once the message is old enough. `wait`: seconds before a repetition."""

    def __init__(self, house: Callable[[], House], after: Callable[[], float], *, wait: float = 60.0) -> None:
        self._house, self._after, self._wait = house, after, wait
        self._due: queue.Queue[tuple[dict[str, Any], int]] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def take(self, item: dict[str, Any]) -> None:
        """A message was accepted; one that comes while nobody listens is never told of."""
        if self._house().url:
            self._due.put((item, 0))

    def _run(self) -> None:
        while True:
            item, tries = self._due.get()
            while (state := fate(item, self._after())) == ACCEPTED:
                time.sleep(0.05)
            house = self._house()
            call = told(item, state, house)
            if call and house.url and not _posted(*call) and tries < 2:
                threading.Timer(self._wait * (5 * tries + 1), self._due.put, [(item, tries + 1)]).start()


def _posted(url: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        with urlopen(Request(url, data=body, headers=headers, method="POST"), timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, TimeoutError, OSError):
        return False


def _signed(channel: str, said: dict[str, str], house: House) -> tuple[str, bytes, dict[str, str]]:
    body, timestamp = json.dumps([said], ensure_ascii=False).encode(), str(int(time.time()))
    signature = hmac.new(house.key.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Timestamp": timestamp, "X-Signature": signature}
    return f"{house.url}receipts/{channel}/", body, headers


def _own(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]]:
    words = "用户关机或停机" if item["channel"] == "sms" else "用户已卸载 App"
    said = {"key": item["out_id"], "status": state, "message": words if state == FAILED else ""}
    if is_nobodys(item):
        said |= {"message": "空号", "code": "NO_SUCH_NUMBER"}
    return _signed(item["channel"], said, house)


def _mail(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]] | None:
    if state != FAILED:
        return None
    said = {"message_id": item["message_id"], "status": "5.2.2", "message": "mailbox full"}
    return _signed("email", said, house)


def _aliyun(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]]:
    sent = datetime.fromisoformat(item["at"]).astimezone(_CHINA)
    report = {
        "phone_number": item["to"],
        "send_time": f"{sent:%Y-%m-%d %H:%M:%S}",
        "report_time": f"{datetime.now(_CHINA):%Y-%m-%d %H:%M:%S}",
        "success": state == DELIVERED,
        "err_code": "DELIVERED" if state == DELIVERED else "MK:0001" if is_nobodys(item) else "MK:0012",
        "err_msg": "",
        "sms_size": "1",
        "biz_id": item["biz_id"],
        "out_id": item["out_id"],
    }
    return _cloud(report, house)


def _tencent(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]]:
    report = {
        "user_receive_time": f"{datetime.now(_CHINA):%Y-%m-%d %H:%M:%S}",
        "nationcode": "86",
        "mobile": item["to"],
        "report_status": "SUCCESS" if state == DELIVERED else "FAIL",
        "errmsg": "DELIVRD" if state == DELIVERED else "MK:0001" if is_nobodys(item) else "UNDELIV",
        "description": "",
        "sid": item["biz_id"],
    }
    return _cloud(report, house)


def _cloud(report: dict[str, Any], house: House) -> tuple[str, bytes, dict[str, str]]:
    body = json.dumps([report]).encode()
    return f"{house.url}receipts/sms/{house.token}/", body, {"Content-Type": "application/json"}


def _wechat(item: dict[str, Any], state: str, house: House) -> tuple[str, bytes, dict[str, str]]:
    timestamp, nonce = str(int(time.time())), item["biz_id"][:9]
    signature = hashlib.sha1(  # the account's own rule
        "".join(sorted((house.token, timestamp, nonce))).encode(), usedforsecurity=False
    ).hexdigest()
    status = "success" if state == DELIVERED else "failed:user block"
    body = (
        f"<xml><ToUserName><![CDATA[gh_local]]></ToUserName><FromUserName><![CDATA[{item['to']}]]></FromUserName>"
        f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{item['biz_id']}</MsgID>"
        f"<Status><![CDATA[{status}]]></Status></xml>"
    )
    address = f"{house.url}receipts/wechat/?signature={signature}&timestamp={timestamp}&nonce={nonce}"
    return address, body.encode(), {"Content-Type": "text/xml"}


_FORMS: dict[str, Callable[[dict[str, Any], str, House], tuple[str, bytes, dict[str, str]] | None]] = {
    "sms": _own,
    "push": _own,
    "email": _mail,
    "wechat": _wechat,
    "aliyun": _aliyun,
    "tencent": _tencent,
}
