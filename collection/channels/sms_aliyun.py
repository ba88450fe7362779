"""Short messages by Alibaba Cloud (阿里云短信服务): dysmsapi 2017-05-25, SendSms, signed with ACS3-HMAC-SHA256.

Only an approved text with fields may be sent: ${home} and ${amount}. Nothing is ever sent twice by itself: the provider does
not drop a second message with the same OutId, and its record (QuerySendDetails) is kept by phone and day, comes late and
proves no absence, so a message with an unclear end goes to a person (docs/decisions/0014). What became of an accepted one is
read from that record; the push SmsReport, which nobody signs, only says when (docs/decisions/0015).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import requests
from django.conf import settings

from collection.channels.base import Call, Delivery, Fate, Heard, Outcome, Outgoing, Receipt, Sent
from collection.channels.codes import NO_SUBSCRIBER, NO_TEMPLATE, Codes
from collection.channels.http import not_answered, rung, said_by

URL = "https://dysmsapi.aliyuncs.com"
TIMEOUT_SECONDS = (3.05, 8.0)  # connect, read: together well inside the lease
FIELD_CHARACTERS = 35  # a field takes no more
_ALGORITHM = "ACS3-HMAC-SHA256"
_CHINA = ZoneInfo("Asia/Shanghai")  # the provider's days
_STATUS = {2: Fate.BOUNCED, 3: Fate.DELIVERED}
_ADMIN = "请管理员检查"

CODES = Codes(
    refused={
        "isv": "短信被拒收",
        "isv.MOBILE_NUMBER_ILLEGAL": "手机号格式不正确",
        "isv.BLACK_KEY_CONTROL_LIMIT": "短信内容含有禁止使用的词",
        "isv.SMS_CONTENT_ILLEGAL": "短信内容含有禁止发送的内容",
        "isv.PARAM_LENGTH_LIMIT": "模板变量过长",
        "isv.PARAM_NOT_SUPPORT_URL": "模板变量中不能有网址",
        "isv.TEMPLATE_PARAMS_ILLEGAL": "模板变量与其类型不符",
    },
    later={
        "isv.BUSINESS_LIMIT_CONTROL": "该号码的短信太频繁",
        "isv.DAY_LIMIT_CONTROL": "超过短信日发送限额",
        "isv.MONTH_LIMIT_CONTROL": "超过短信月发送限额",
        "isv.AMOUNT_NOT_ENOUGH": f"短信账户余额不足，{_ADMIN}",
        "isv.OUT_OF_SERVICE": f"短信服务已停机，{_ADMIN}",
        "isv.PRODUCT_UN_SUBSCRIPT": f"短信服务未开通，{_ADMIN}",
        "isv.PRODUCT_UNSUBSCRIBE": f"短信服务未开通，{_ADMIN}",
        "isv.ACCOUNT_NOT_EXISTS": f"短信账户不存在，{_ADMIN}",
        "isv.ACCOUNT_ABNORMAL": f"短信账户异常，{_ADMIN}",
        "isv.SECURITY_FROZEN_ACCOUNT": f"短信账户已冻结，{_ADMIN}",
        "isv.SMS_SIGNATURE_ILLEGAL": f"短信签名未通过审核，{_ADMIN}",
        "isv.SMS_SIGN_ILLEGAL": f"短信签名禁止使用，{_ADMIN}",
        "isv.SIGN_STATE_ILLEGAL": f"短信签名不可用，{_ADMIN}",
        "isv.SMS_SIGNATURE_SCENE_ILLEGAL": f"短信签名与模板类型不符，{_ADMIN}",
        "isv.SMS_TEMPLATE_ILLEGAL": f"短信模板未通过审核，{_ADMIN}",
        "isv.TEMPLATE_MISSING_PARAMETERS": f"短信模板的变量应为 home 和 amount，{_ADMIN}",
        "isv.DENY_IP_RANGE": f"服务器地址不在允许的地区，{_ADMIN}",
        "isp.RAM_PERMISSION_DENY": f"短信密钥没有权限，{_ADMIN}",
        "isv.RAM_PERMISSION_DENY": f"短信密钥没有权限，{_ADMIN}",
        "NoPermission": f"短信密钥没有权限，{_ADMIN}",
        "Forbidden": f"短信密钥没有权限，{_ADMIN}",
        "InvalidAccessKeyId": f"短信密钥未被接受，{_ADMIN}",
        "SignatureDoesNotMatch": f"短信密钥未被接受，{_ADMIN}",
        "IncompleteSignature": f"短信密钥未被接受，{_ADMIN}",
        "InvalidTimeStamp": f"服务器时钟不准，{_ADMIN}",
        "Throttling": "服务商限流",
    },
    gone=frozenset({"isv.MOBILE_NUMBER_ILLEGAL"}),
)


def authorization(key_id: str, key: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization of a POST to "/": every header that is given is signed, the body by its hash among them.

    `query`: percent-encoded and sorted by name. Source: Alibaba Cloud, "V3 request structure and signature".
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


class AliyunSms:
    """One message per call; our key travels as OutId and stands in the provider's receipts."""

    can_be_asked, can_report = False, True

    def is_set_up(self) -> bool:
        """Whether the access key and a template for reminders are known."""
        return bool(settings.SMS_KEY_ID and settings.SMS_KEY and settings.SMS_TEMPLATES.get("reminder"))

    def send(self, message: Outgoing) -> Receipt:
        """OK is ACCEPTED; other codes as in `CODES`; no answer, a broken one and a repeated nonce UNKNOWN."""
        template = settings.SMS_TEMPLATES.get(message.kind)
        if not template:
            return NO_TEMPLATE
        fields = {"home": message.place[:FIELD_CHARACTERS], "amount": message.amount}
        order = {
            "OutId": message.key,
            "PhoneNumbers": message.recipient,
            "SignName": settings.SMS_SIGN or message.sign,
            "TemplateCode": template,
            "TemplateParam": json.dumps(fields, ensure_ascii=False),
        }
        try:
            answer = _call("SendSms", order)
        except requests.exceptions.RequestException as error:
            return not_answered(error)
        said = said_by(answer)
        code = str(said.get("Code") or "")
        if answer.status_code == 200 and code == "OK":
            return Receipt(Outcome.ACCEPTED, ref=str(said.get("BizId", "")))
        if answer.status_code == 429:
            return CODES.receipt("Throttling", "")
        if answer.status_code >= 500 or code in {"", "OK"}:
            return Receipt(Outcome.UNKNOWN, error=f"HTTP {answer.status_code} {code}".strip()[:200])
        return CODES.receipt(code, str(said.get("Message", "")))

    def ask(self, key: str) -> Receipt | None:
        """Nobody can be asked by our key alone."""
        return Receipt(Outcome.UNKNOWN, error="阿里云短信按号码和日期记录，无法按消息编号查询")

    def fate(self, sent: Sent) -> Delivery | None:
        """QuerySendDetails by number, day and BizId: status 3 arrived, 2 did not, 1 is waiting for the operator."""
        order = {
            "PhoneNumber": sent.recipient,
            "BizId": sent.ref,
            "SendDate": sent.called_at.astimezone(_CHINA).strftime("%Y%m%d"),
            "PageSize": "10",
            "CurrentPage": "1",
        }
        try:
            said = said_by(_call("QuerySendDetails", order))
        except requests.exceptions.RequestException:
            return None
        details = dict(said.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        for each in details:
            if each.get("OutId") == sent.key and each.get("SendStatus") in _STATUS:
                fate, code = _STATUS[each["SendStatus"]], each.get("ErrCode", "")
                error = f"短信未送达（{code}）" if fate is Fate.BOUNCED else ""
                is_gone = fate is Fate.BOUNCED and code in NO_SUBSCRIBER
                return Delivery(fate, key=sent.key, ref=sent.ref, error=error, is_gone=is_gone)
        return None

    def hear(self, call: Call) -> Heard:
        """SmsReport: an array with `out_id` and `biz_id`."""
        return rung(call, settings.RECEIPTS_TOKEN, key="out_id", ref="biz_id", answer='{"code": 0, "msg": "OK"}')


def _call(action: str, order: Mapping[str, str]) -> requests.Response:
    """One signed call. Raises what `requests` raises."""
    query = urlencode(sorted(order.items()), quote_via=quote, safe="-_.~")
    url = settings.SMS_URL or URL
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),  # the wire's own clock
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": "2017-05-25",
    }
    headers["Authorization"] = authorization(settings.SMS_KEY_ID, settings.SMS_KEY, query, headers)
    return requests.post(f"{url}/?{query}", headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
