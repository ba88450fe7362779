"""The two clouds that send short messages, as the local provider plays them: signature, clock, refusals, answers.

Written from the providers' descriptions and not from our adapters, so that each checks the other. The access key's id is
`KEY_ID`, its secret the local provider's key.
"""

import hashlib
import hmac
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY_ID = "local-provider"
Answer = tuple[int, dict[str, Any]]
_CLOCK_SECONDS = {"aliyun": 900, "tencent": 300}
_OF_THE_REQUEST = ("AuthFailure", "InternalError", "RequestLimitExceeded", "UnauthorizedOperation")


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to "/". Header names are in lower case."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def cloud(self) -> str:
        """Which of the two is meant; empty: neither."""
        return "aliyun" if "x-acs-action" in self.headers else "tencent" if "x-tc-action" in self.headers else ""

    def order(self) -> dict[str, Any]:
        """phone, sign, template, fields, out_id."""
        if self.cloud == "aliyun":
            said = {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}
            fields = dict(json.loads(said.get("TemplateParam", "{}")))
            names = ("PhoneNumbers", "SignName", "TemplateCode", "OutId")
            phone, sign, template, out_id = (said.get(name, "") for name in names)
            fields = [str(fields[name]) for name in ("home", "amount") if name in fields]
        else:
            said = json.loads(self.body)
            phone = str(said["PhoneNumberSet"][0]).removeprefix("+86")
            fields, out_id = [str(value) for value in said.get("TemplateParamSet", [])], said.get("SessionContext", "")
            sign, template = said.get("SignName", ""), said.get("TemplateId", "")
        return {"phone": phone, "sign": sign, "template": template, "fields": fields, "out_id": out_id}


@dataclass(slots=True)
class Clouds:
    """Both clouds. `key`: the secret."""

    key: str
    _nonces: set[str] = field(default_factory=set)

    def refuses(self, call: Call, code: str) -> Answer | None:
        """Why a call is not taken: key, signature, clock, number, text; `code` is answered to all that are well signed."""
        wrong = self._unsigned(call)
        if wrong:
            return _error(call.cloud, wrong)
        order = call.order()
        if not re.fullmatch(r"1[3-9]\d{9}", order["phone"]):
            names = {"aliyun": "isv.MOBILE_NUMBER_ILLEGAL", "tencent": "InvalidParameterValue.IncorrectPhoneNumber"}
            return _error(call.cloud, names[call.cloud])
        if len(order["fields"]) != 2 or not order["sign"]:
            names = {
                "aliyun": "isv.TEMPLATE_MISSING_PARAMETERS",
                "tencent": "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            }
            return _error(call.cloud, names[call.cloud])
        return _error(call.cloud, code) if code else None

    def _unsigned(self, call: Call) -> str:
        """The code of a wrong key, signature or clock, or of a nonce used before; empty: all is well."""
        wants = {"aliyun": _aliyun, "tencent": _tencent}[call.cloud]
        found = re.search(
            r"Credential=([^/,]+).*SignedHeaders=([^,]+), ?Signature=(\w+)", call.headers["authorization"]
        )
        aliyun = call.cloud == "aliyun"
        if not found or found[1] != KEY_ID:
            return "InvalidAccessKeyId.NotFound" if aliyun else "AuthFailure.SecretIdNotFound"
        signature, sent = wants(call, self.key, found[2].split(";"))
        if not hmac.compare_digest(signature, found[3]):
            return "SignatureDoesNotMatch" if aliyun else "AuthFailure.SignatureFailure"
        if abs(time.time() - sent) > _CLOCK_SECONDS[call.cloud]:
            return "InvalidTimeStamp.Expired" if aliyun else "AuthFailure.SignatureExpire"
        if aliyun and call.headers["x-acs-signature-nonce"] in self._nonces:
            return "SignatureNonceUsed"
        if aliyun:
            self._nonces.add(call.headers["x-acs-signature-nonce"])
        return ""


def accepted(call: Call, ref: str) -> dict[str, Any]:
    """The answer to a message that was taken."""
    if call.cloud == "aliyun":
        return {"Code": "OK", "Message": "OK", "BizId": ref, "RequestId": uuid.uuid4().hex}
    order = call.order()
    status = {"SerialNo": ref, "PhoneNumber": f"+86{order['phone']}", "SessionContext": order["out_id"], "Fee": 1}
    return _response(SendStatusSet=[{**status, "Code": "Ok", "Message": "send success", "IsoCode": "CN"}])


def _error(cloud: str, code: str) -> Answer:
    """Alibaba answers what its gateway refuses with 400, Tencent all with 200, some of it per number."""
    if cloud == "aliyun":
        status = 200 if code.startswith(("isv.", "isp.")) else 400
        return status, {"Code": code, "Message": "refused", "RequestId": uuid.uuid4().hex}
    if code.startswith(_OF_THE_REQUEST):
        return 200, _response(Error={"Code": code, "Message": "refused"})
    return 200, _response(SendStatusSet=[{"SerialNo": "", "Fee": 0, "Code": code, "Message": "refused"}])


def _response(**content: Any) -> dict[str, Any]:
    return {"Response": {**content, "RequestId": str(uuid.uuid4())}}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _mac(key: bytes, content: str) -> bytes:
    return hmac.new(key, content.encode(), hashlib.sha256).digest()


def _aliyun(call: Call, key: str, names: list[str]) -> tuple[str, float]:
    """The signature that the call should carry, and when it says it was sent."""
    lines = [f"{name}:{call.headers.get(name, '')}" for name in names]
    parts = ["POST", "/", urlsplit(call.target).query, *lines, "", ";".join(names), _sha(call.body)]
    signature = _mac(key.encode(), "ACS3-HMAC-SHA256\n" + _sha("\n".join(parts).encode())).hex()
    sent = datetime.strptime(call.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return signature, sent.timestamp()


def _tencent(call: Call, key: str, names: list[str]) -> tuple[str, float]:
    """The signature that the call should carry, and when it says it was sent."""
    lines = [f"{name}:{call.headers.get(name, '').lower()}" for name in names]
    parts = ["POST", "/", "", *lines, "", ";".join(names), _sha(call.body)]
    stamp = call.headers["x-tc-timestamp"]
    day = f"{datetime.fromtimestamp(int(stamp), UTC):%Y-%m-%d}"
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{_sha(chr(10).join(parts).encode())}"
    secret = _mac(_mac(_mac(f"TC3{key}".encode(), day), "sms"), "tc3_request")
    return _mac(secret, to_sign).hex(), float(stamp)
