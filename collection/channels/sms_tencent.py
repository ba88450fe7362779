"""Short messages by Tencent Cloud (腾讯云短信): sms 2021-01-11, SendSms, signed with TC3-HMAC-SHA256.

Only an approved text with numbered fields may be sent: {1} the home, {2} the amount. The provider does not drop a second
message with the same SessionContext, and its receipts (PullSmsSendStatus) are a queue that each reader empties for all
others, so a message with an unclear end goes to a person (docs/decisions/0014). What became of an accepted one is read from
the record of its number (PullSmsSendStatusByPhoneNumber); the callback, which nobody signs, only says when
(docs/decisions/0015).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from django.conf import settings

from collection.channels.base import Call, Delivery, Fate, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.codes import NO_SUBSCRIBER, NO_TEMPLATE, Codes
from collection.channels.http import not_answered, rung, said_by

URL = "https://sms.tencentcloudapi.com"
TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease
_ALGORITHM = "TC3-HMAC-SHA256"
_AROUND_SECONDS = 86400
_STATUS = {"SUCCESS": Fate.DELIVERED, "FAIL": Fate.BOUNCED}
_ADMIN = "请管理员检查"

CODES = Codes(
    refused={
        "FailedOperation.ContainSensitiveWord": "短信内容含有敏感词",
        "FailedOperation.PhoneNumberInBlacklist": "该号码已退订或在黑名单中",
        "InvalidParameter": "短信被拒收",
        "InvalidParameterValue": "短信被拒收",
        "InvalidParameterValue.IncorrectPhoneNumber": "手机号格式不正确",
        "InvalidParameterValue.ContentLengthLimit": "短信过长",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": "模板变量中不能有网址",
        "InvalidParameterValue.TemplateParameterLengthLimit": "模板变量过长",
        "InvalidParameterValue.TemplateParameterFormatError": "模板变量与其类型不符",
        "MissingParameter": "短信被拒收",
        "UnsupportedOperation": "不支持向该号码发送短信",
    },
    later={
        "LimitExceeded": "超过短信发送限额",
        "LimitExceeded.PhoneNumberDailyLimit": "该号码当日的短信太多",
        "LimitExceeded.PhoneNumberOneHourLimit": "该号码的短信太频繁",
        "LimitExceeded.PhoneNumberSameContentDailyLimit": "该号码当日相同的短信太多",
        "LimitExceeded.PhoneNumberThirtySecondLimit": "该号码的短信太频繁",
        "RequestLimitExceeded": "服务商限流",
        "FailedOperation.InsufficientBalanceInSmsPackage": f"短信套餐余量不足，{_ADMIN}",
        "FailedOperation.SignatureIncorrectOrUnapproved": f"短信签名未通过审核，{_ADMIN}",
        "FailedOperation.TemplateIncorrectOrUnapproved": f"短信模板未通过审核，{_ADMIN}",
        "FailedOperation.TemplateUnapprovedOrNotExist": f"短信模板未通过审核，{_ADMIN}",
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": f"短信模板应有两个变量：房屋和金额，{_ADMIN}",
        "InvalidParameterValue.SdkAppIdNotExist": f"短信应用编号不存在，{_ADMIN}",
        "UnauthorizedOperation": f"短信密钥没有权限，{_ADMIN}",
        "UnauthorizedOperation.RequestIpNotInWhitelist": f"服务器地址不在白名单中，{_ADMIN}",
        "UnauthorizedOperation.SerivceSuspendDueToArrears": f"短信服务因欠费停止，{_ADMIN}",  # spelt so by the provider
        "AuthFailure": f"短信密钥未被接受，{_ADMIN}",
        "AuthFailure.SignatureExpire": f"服务器时钟不准，{_ADMIN}",
        "InternalError.RequestTimeException": f"服务器时钟不准，{_ADMIN}",
        "InternalError.SigFieldMissing": f"短信密钥未被接受，{_ADMIN}",
        "InternalError.SigVerificationFail": f"短信密钥未被接受，{_ADMIN}",
    },
    gone=frozenset({"InvalidParameterValue.IncorrectPhoneNumber"}),
)


def authorization(key_id: str, key: str, service: str, timestamp: int, headers: Mapping[str, str], body: bytes) -> str:
    """The Authorization of a POST to "/": every header that is given is signed, and the body.

    Values are signed in lower case. `timestamp`: seconds; its day in UTC is part of the key. Source: Tencent Cloud,
    "Signature v3".
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = f"TC3{key}".encode()
    for part in (day, service, "tc3_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


class TencentSms:
    """One message per call; our key travels as SessionContext and stands in the provider's answer."""

    can_be_asked, can_report = False, True

    def is_set_up(self) -> bool:
        """Whether the secret, the application's number and a template for reminders are known."""
        return bool(
            settings.SMS_KEY_ID and settings.SMS_KEY and settings.SMS_APP_ID and settings.SMS_TEMPLATES.get("reminder")
        )

    def send(self, message: Outgoing) -> Receipt:
        """Ok for the number is ACCEPTED; other codes as in `CODES`; no answer or a broken one UNKNOWN."""
        template = settings.SMS_TEMPLATES.get(message.kind)
        if not template:
            return NO_TEMPLATE
        order = {
            "PhoneNumberSet": [f"+86{message.recipient}"],
            "SmsSdkAppId": settings.SMS_APP_ID,
            "SignName": settings.SMS_SIGN or message.sign,
            "TemplateId": template,
            "TemplateParamSet": [message.place, message.amount],
            "SessionContext": message.key,
        }
        try:
            answer = _call("SendSms", order)
        except requests.exceptions.RequestException as error:
            return not_answered(error)
        return _meant(answer)

    def ask(self, key: str) -> Receipt | None:
        """Nobody can be asked by our key alone."""
        return Receipt(Outcome.UNKNOWN, error="腾讯云短信无法按消息编号查询结果")

    def fate(self, sent: Sent) -> Delivery | None:
        """PullSmsSendStatusByPhoneNumber around the call, by SerialNo: SUCCESS or FAIL."""
        called = int(sent.called_at.timestamp())
        order = {
            "BeginTime": called - _AROUND_SECONDS,
            "EndTime": called + _AROUND_SECONDS,
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": f"+86{sent.recipient}",
            "SmsSdkAppId": settings.SMS_APP_ID,
        }
        try:
            response = said_by(_call("PullSmsSendStatusByPhoneNumber", order)).get("Response")
        except requests.exceptions.RequestException:
            return None
        for each in dict(response or {}).get("PullSmsSendStatusSet") or []:
            fate = _STATUS.get(each.get("ReportStatus", ""))
            if each.get("SerialNo") == sent.ref and fate is not None:
                words = str(each.get("Description", ""))
                error = f"短信未送达（{words}）" if fate is Fate.BOUNCED else ""
                is_gone = fate is Fate.BOUNCED and words in NO_SUBSCRIBER
                return Delivery(fate, key=sent.key, ref=sent.ref, error=error, is_gone=is_gone)
        return None

    def hear(self, call: Call) -> Heard:
        """The callback of delivery: an array with `sid`."""
        return rung(call, settings.RECEIPTS_TOKEN, key="ext", ref="sid", answer='{"result": 0, "errmsg": "OK"}')


def _call(action: str, order: Mapping[str, object]) -> requests.Response:
    """One signed call. Raises what `requests` raises."""
    body = json.dumps(order, ensure_ascii=False).encode()
    url, timestamp = settings.SMS_URL or URL, int(time.time())  # the wire's own clock
    signed = {
        "content-type": "application/json; charset=utf-8",
        "host": urlsplit(url).netloc,
        "x-tc-action": action,
    }
    headers = signed | {
        "X-TC-Version": "2021-01-11",
        "X-TC-Region": settings.SMS_REGION,
        "X-TC-Timestamp": str(timestamp),
        "Authorization": authorization(settings.SMS_KEY_ID, settings.SMS_KEY, "sms", timestamp, signed, body),
    }
    return requests.post(f"{url}/", data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)


def _meant(answer: requests.Response) -> Receipt:
    """An error of the whole request, or the status of the one number in it."""
    if answer.status_code == 429:
        return CODES.receipt("RequestLimitExceeded", "")
    response = said_by(answer).get("Response")
    if answer.status_code != 200 or not isinstance(response, dict):
        return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code}")
    status = response.get("Error") or next(iter(response.get("SendStatusSet") or []), {})
    code = str(status.get("Code") or "")
    if code == "Ok":
        return Receipt(Outcome.ACCEPTED, ref=str(status.get("SerialNo", "")))
    if not code:
        return Receipt(Outcome.UNKNOWN, error="服务商的答复没有结果")
    return CODES.receipt(code, str(status.get("Message", "")))
