"""The local provider: a process that stands for SMS gateway and clouds, the mail server, WeChat and the app, and shows what arrived.

It behaves like the real ones (signatures, refused numbers, delayed receipts, repeated keys) and never sees our database, so it
holds the truth when the fault tests count what left the house. What arrived is kept on disk, one JSON object a line.
"""

import argparse
import hashlib
import hmac
import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

from config.run.provider_arrivals import Arrivals
from config.run.provider_clouds import Call, Clouds, accepted, records
from config.run.provider_page import page
from config.run.provider_receipts import FAILED, House, Teller, fate, is_nobodys

_MOBILE = re.compile(r"1[3-9]\d{9}")
_CLOCK_TOLERANCE_SECONDS = 300
_RECEIPT_SECONDS = 1.0


@dataclass(slots=True)
class Behaviour:
    """How the provider misbehaves; each probability is between 0 and 1."""

    dedupe: bool = True  # the same out_id again is answered, not sent again
    delay: float = 0.0  # seconds before every answer
    accept_then_cut: float = 0.0  # the message is taken, the connection dies before the answer
    late: float = 0.0  # the message is taken, the answer comes after `late_seconds`
    late_seconds: float = 15.0
    error_500: float = 0.0  # nothing is taken
    throttle: float = 0.0  # 429, nothing is taken
    code: str = ""  # the clouds answer this code to every message and take nothing
    receipts_to: str = ""  # the house's address, with a slash at the end; empty: receipts are only told when asked
    receipts_token: str = ""  # the token the house gave to those who do not sign


class Provider:
    """State shared by the two servers."""

    def __init__(self, directory: Path, key: str) -> None:
        self.arrivals, self.key, self.behaviour = Arrivals(directory), key, Behaviour()
        self.token, self.clouds = uuid.uuid4().hex, Clouds(key)
        self._teller = Teller(self._house, lambda: _RECEIPT_SECONDS)

    def _house(self) -> House:
        return House(self.behaviour.receipts_to, self.key, self.behaviour.receipts_token)

    def take(self, item: dict[str, Any], *, once: bool) -> dict[str, Any]:
        """Keep what arrived, and tell of it later."""
        kept = self.arrivals.add(item, once=once)
        self._teller.take(kept)
        return kept

    def is_signed(self, timestamp: str, signature: str, body: bytes) -> bool:
        """HMAC-SHA256 over timestamp, newline, raw body; the timestamp must be fresh."""
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > _CLOCK_TOLERANCE_SECONDS:
            return False
        wanted = hmac.new(self.key.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, signature)

    def accept_sms(self, order: dict[str, Any]) -> dict[str, Any]:
        """Take a message, or refuse it in the words of a real gateway."""
        phone, sign, text, out_id = (str(order.get(name) or "") for name in ("phone", "sign", "text", "out_id"))
        if not _MOBILE.fullmatch(phone):
            return {"code": "isv.MOBILE_NUMBER_ILLEGAL", "message": f"手机号格式不正确：{phone}"}
        if not sign or not text:
            return {"code": "isv.INVALID_PARAMETERS", "message": "缺少签名或正文"}
        item = self.take(
            {
                "channel": "sms",
                "to": phone,
                "sign": sign,
                "text": text,
                "out_id": out_id,
                "office": out_id.partition("-")[0],
            },
            once=self.behaviour.dedupe,
        )
        return {"code": "OK", "biz_id": item["biz_id"]}

    def accept_cloud(self, call: Call) -> dict[str, Any]:
        """A message by template; the clouds do not drop a second one with the same key."""
        order = call.order()
        item = {
            "channel": "sms",
            "by": call.cloud,
            "to": order["phone"],
            "sign": order["sign"],
            "out_id": order["out_id"],
        }
        text = f"{order['template']}：{'，'.join(order['fields'])}"
        office = order["out_id"].partition("-")[0]
        return accepted(call, self.take(item | {"text": text, "office": office}, once=False)["biz_id"])

    def accept_push(self, order: dict[str, Any]) -> dict[str, Any]:
        """The owners' app: a number that ends in 9999 belongs to nobody who signed in."""
        phone, key = str(order.get("phone") or ""), str(order.get("key") or "")
        if not _MOBILE.fullmatch(phone) or phone.endswith("9999"):
            return {"code": "NOT_BOUND", "message": "该号码没有登录过业主 App"}
        item = {
            "channel": "push",
            "to": phone,
            "subject": str(order.get("title") or ""),
            "text": str(order.get("text") or ""),
        }
        kept = self.take(item | {"out_id": key, "office": key.partition("-")[0]}, once=self.behaviour.dedupe)
        return {"code": "OK", "id": kept["biz_id"]}

    def accept_wechat(self, order: dict[str, Any], token: str) -> dict[str, Any]:
        """The official account: openids that end in 0000 do not follow it; the same client_msg_id is sent once."""
        openid, key = str(order.get("touser") or ""), str(order.get("client_msg_id") or "")
        if token != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if not re.fullmatch(r"o[\w-]{27}", openid):
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if openid.endswith("0000"):
            return {"errcode": 43004, "errmsg": "require subscribe"}
        text = "\n".join(str(field.get("value", "")) for field in dict(order.get("data") or {}).values())
        item = {"channel": "wechat", "to": openid, "text": text, "out_id": key, "office": key.partition("-")[0]}
        return {"errcode": 0, "errmsg": "ok", "msgid": self.take(item, once=True)["biz_id"]}

    def status(self, out_id: str) -> dict[str, Any]:
        """The receipt of a message; a number ending in 0000 is one that is switched off, one in 4040 is nobody's."""
        item = self.arrivals.found(out_id)
        if item is None:
            return {"found": False}
        state = fate(item, _RECEIPT_SECONDS)
        said = {"found": True, "biz_id": item["biz_id"], "phone": item["to"], "status": state}
        return said | {"code": "NO_SUCH_NUMBER"} if state == FAILED and is_nobodys(item) else said


class _Mail:
    """aiosmtpd's handler. Addresses at bounce.example do not exist."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Refuse unknown mailboxes."""
        if address.lower().endswith("@bounce.example"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        self._provider.take(
            {
                "channel": "email",
                "to": ", ".join(envelope.rcpt_tos),
                "from": str(mail["From"] or envelope.mail_from),
                "subject": str(mail["Subject"] or ""),
                "text": body.get_content() if body else "",
                "attachments": [part.get_filename() or "" for part in mail.iter_attachments()],
                "message_id": str(mail["Message-ID"] or ""),
                "out_id": "",
                "office": str(mail["X-Office-Id"] or ""),
            },
            once=False,
        )
        return "250 2.0.0 OK"


class _Web(BaseHTTPRequestHandler):
    """The gateway's HTTP side, and the page that shows what arrived."""

    provider: Provider
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: in two, each answer waits 40 ms for the client's delayed ACK
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Receipt, list, page."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        limit = int(query["limit"]) if query.get("limit", "").isdigit() else 100
        if parts.path == "/sms/query":
            if self._signed(b""):
                self._json(200, self.provider.status(query.get("out_id", "")))
        elif parts.path == "/push":
            if self._signed(b""):
                item = self.provider.arrivals.found(query.get("key", ""))
                status = fate(item, _RECEIPT_SECONDS) if item else ""
                words = "用户已卸载 App" if status == FAILED else ""
                found = {"found": item is not None, "id": item["biz_id"] if item else ""}
                self._json(200, found | {"status": status, "message": words})
        elif parts.path == "/arrived":
            self._json(200, self.provider.arrivals.newest(office=query.get("office", ""), limit=limit))
        elif parts.path == "/":
            items = self.provider.arrivals.newest(office=query.get("office", ""), limit=limit)
            self._answer(200, "text/html; charset=utf-8", page(items).encode())
        else:
            self._json(404, {"message": "no such address"})

    def do_POST(self) -> None:
        """A message to send, or a change of behaviour."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw or b"{}")
            assert isinstance(body, dict)
        except (ValueError, AssertionError):
            self._json(400, {"message": "a JSON object is expected"})
            return
        call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, raw)
        if urlsplit(self.path).path == "/" and call.cloud:
            refusal = self.provider.clouds.refuses(call, self.provider.behaviour.code)
            if refusal:
                self._json(*refusal)
            elif not call.is_message:
                self._json(200, records(call, self.provider.arrivals.newest(office="", limit=1000), _RECEIPT_SECONDS))
            else:
                self._send(lambda: self.provider.accept_cloud(call))
        elif self.path == "/behaviour":
            for name, value in body.items():
                if hasattr(self.provider.behaviour, name):
                    setattr(self.provider.behaviour, name, value)
            self._json(200, {"ok": True})
        elif self.path == "/sms/send":
            if self._signed(raw):
                self._send(lambda: self.provider.accept_sms(body))
        elif self.path == "/push":
            if self._signed(raw):
                self._send(lambda: self.provider.accept_push(body))
        elif self.path == "/cgi-bin/stable_token":
            good = body.get("secret") == self.provider.key
            self._json(200, {"access_token": self.provider.token, "expires_in": 7200} if good else {"errcode": 40125})
        elif self.path.startswith("/cgi-bin/message/template/send?"):
            token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
            self._send(lambda: self.provider.accept_wechat(body, token))
        else:
            self._json(404, {"message": "no such address"})

    def _send(self, accept: Callable[[], dict[str, Any]]) -> None:
        how, dice = self.provider.behaviour, random.random()
        time.sleep(how.delay)
        for chance, status in ((how.throttle, 429), (how.error_500, 500)):
            if dice < chance:
                self._json(
                    status,
                    {"code": "isp.SYSTEM_ERROR" if status == 500 else "isv.BUSINESS_LIMIT_CONTROL", "message": "busy"},
                )
                return
            dice -= chance
        answer = accept()
        if dice < how.accept_then_cut:
            self.close_connection = True
            return
        if dice - how.accept_then_cut < how.late:
            time.sleep(how.late_seconds)
        self._json(200, answer)

    def _signed(self, body: bytes) -> bool:
        good = self.provider.is_signed(self.headers.get("X-Timestamp", ""), self.headers.get("X-Signature", ""), body)
        if not good:
            self._json(401, {"code": "SignatureDoesNotMatch", "message": "wrong signature or clock"})
        return good

    def _json(self, status: int, content: Any) -> None:
        self._answer(status, "application/json; charset=utf-8", json.dumps(content, ensure_ascii=False).encode())

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up waiting

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what arrived stands on the page."""


class _Server(ThreadingHTTPServer):
    """A client that dies in the middle of its request is nothing to report."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Only what is not a broken connection is worth a trace."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(directory: Path, *, key: str, sms_port: int, smtp_port: int) -> None:
    """Run both servers until SIGTERM or SIGINT; prints their addresses as one JSON line first."""
    provider = Provider(directory, key)
    web = _Server(("127.0.0.1", sms_port), type("Web", (_Web,), {"provider": provider}))
    mail = Controller(_Mail(provider), hostname="127.0.0.1", port=smtp_port or _free())
    mail.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=web.shutdown).start())
    urls = {
        "SMS_URL": f"http://127.0.0.1:{web.server_port}",
        "SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        "SMS_KEY": key,
        "WECHAT_URL": f"http://127.0.0.1:{web.server_port}",
        "PUSH_URL": f"http://127.0.0.1:{web.server_port}/push",
    }
    print(json.dumps(urls), flush=True)
    web.serve_forever(poll_interval=0.2)
    mail.stop()


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(directory: Path, *, key: str = "local-provider") -> Iterator[dict[str, str]]:
    """A provider process for the length of a `with` block, for tests. Yields `SMS_URL`, `SMTP_URL`, `SMS_KEY`."""
    command = [sys.executable, "-m", "config.run.provider", "--directory", str(directory), "--key", key]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def main() -> None:
    """Command line: `python -m config.run.provider --sms-port 8025 --smtp-port 2525`; port 0 means any."""
    import os

    from config.run.places import VAR

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=VAR / "provider")
    parser.add_argument("--key", default=os.environ.get("SMS_KEY", "local-provider"))
    parser.add_argument("--sms-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    options = parser.parse_args()
    serve(options.directory, key=options.key, sms_port=options.sms_port, smtp_port=options.smtp_port)


if __name__ == "__main__":
    main()
