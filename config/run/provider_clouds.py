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
from zoneinfo import ZoneInfo

from config.run.provider_receipts import ACCEPTED, DELIVERED, FAILED, fate, is_nobodys

_CHINA = ZoneInfo("Asia/Shanghai")
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

    @property
    def is_message(self) -> bool:
        """Whether a message is to be sent; otherwise its fate is asked for."""
        action = self.headers.get("x-acs-action") or self.headers.get("x-tc-action")
        return action == "SendSms"

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
        if not call.is_message:
            return None
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


def records(call: Call, items: list[dict[str, Any]], after: float) -> dict[str, Any]:
    """The answer to QuerySendDetails (a number on a day of China) or PullSmsSendStatusByPhoneNumber (within a week)."""
    if call.cloud == "aliyun":
        asked = {name: values[0] for name, values in parse_qs(urlsplit(call.target).query).items()}
        mine = [i for i in items if i.get("by") == "aliyun" and i["to"] == asked["PhoneNumber"]]
        day = asked["SendDate"]
        mine = [i for i in mine if f"{datetime.fromisoformat(i['at']).astimezone(_CHINA):%Y%m%d}" == day]
        codes = {ACCEPTED: (1, ""), FAILED: (2, "MK:0012"), DELIVERED: (3, "DELIVERED")}
        found = []
        for item in mine:
            if asked.get("BizId") in {None, item["biz_id"]}:
                status, code = codes[fate(item, after)]
                code = "MK:0001" if status == 2 and is_nobodys(item) else code
                found.append({"PhoneNum": item["to"], "OutId": item["out_id"], "SendStatus": status, "ErrCode": code})
        details = {"SmsSendDetailDTO": found}
        return {"Code": "OK", "Message": "OK", "TotalCount": str(len(found)), "SmsSendDetailDTOs": details}
    order = json.loads(call.body)
    if order["EndTime"] - order["BeginTime"] > 7 * 86400:
        return _response(Error={"Code": "InvalidParameterValue.EndTimeInvalid", "Message": "refused"})
    mine = [i for i in items if i.get("by") == "tencent" and f"+86{i['to']}" == order["PhoneNumber"]]
    told = []
    for item in mine:
        state = fate(item, after)
        sent = datetime.fromisoformat(item["at"]).timestamp()
        if order["BeginTime"] <= sent <= order["EndTime"] and state != ACCEPTED:
            status = (
                ("SUCCESS", "DELIVRD") if state == DELIVERED else ("FAIL", "MK:0001" if is_nobodys(item) else "UNDELIV")
            )
            told.append({"SerialNo": item["biz_id"], "ReportStatus": status[0], "Description": status[1]})
    return _response(PullSmsSendStatusSet=told)


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
