"""Short messages by Alibaba Cloud and Tencent Cloud: published signatures, every class of code, a whole reminder (issue 5, C2.2)."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from collection.channels import CHANNELS, SMS_PROVIDERS, Channel, Outcome, Outgoing, available, sms_aliyun, sms_tencent
from collection.models import Action, Message
from collection.operations.days import plan_day
from collection.operations.sending import send_due_messages
from config import env
from config.run.provider_clouds import KEY_ID
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"
CLOUDS = ["aliyun", "tencent"]


def hmac_sha256(key: bytes, content: str) -> bytes:
    return hmac.new(key, content.encode(), hashlib.sha256).digest()


def test_the_signature_of_alibaba_is_the_published_one() -> None:
    """Their example with fixed values: "V3 request structure and signature"."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    signed = sms_aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers)
    assert signed == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_signature_of_a_short_message_by_alibaba_written_out() -> None:
    headers = {
        "host": "dysmsapi.aliyuncs.com",
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2026-04-01T02:00:00Z",
        "x-acs-signature-nonce": "0123456789abcdef0123456789abcdef",
        "x-acs-version": "2017-05-25",
    }
    query = "OutId=1-7&PhoneNumbers=13900000001&SignName=%E5%8D%8E%E5%BA%AD%E7%89%A9%E4%B8%9A&TemplateCode=SMS_1"
    canonical = f"""POST
/
{query}
host:dysmsapi.aliyuncs.com
x-acs-action:SendSms
x-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
x-acs-date:2026-04-01T02:00:00Z
x-acs-signature-nonce:0123456789abcdef0123456789abcdef
x-acs-version:2017-05-25

host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"""
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    wanted = hmac_sha256(b"secret", to_sign).hex()
    assert sms_aliyun.authorization("id", "secret", query, headers).endswith(f",Signature={wanted}")


def test_the_signature_of_tencent_is_the_published_one() -> None:
    """Their example with fixed values: "Signature v3"."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
    }
    key_id = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
    key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
    assert sms_tencent.authorization(key_id, key, "cvm", 1551113065, headers, body) == (
        f"TC3-HMAC-SHA256 Credential={key_id}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_the_signature_of_a_short_message_by_tencent_written_out() -> None:
    body = '{"PhoneNumberSet": ["+8613900000001"], "SignName": "华庭物业"}'.encode()
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "sms.tencentcloudapi.com",
        "x-tc-action": "SendSms",
    }
    canonical = f"""POST
/

content-type:application/json; charset=utf-8
host:sms.tencentcloudapi.com
x-tc-action:sendsms

content-type;host;x-tc-action
{hashlib.sha256(body).hexdigest()}"""
    to_sign = f"""TC3-HMAC-SHA256
1775008800
2026-04-01/sms/tc3_request
{hashlib.sha256(canonical.encode()).hexdigest()}"""
    key = b"TC3secret"
    for part in ("2026-04-01", "sms", "tc3_request"):
        key = hmac_sha256(key, part)
    wanted = hmac_sha256(key, to_sign).hex()
    signed = sms_tencent.authorization("id", "secret", "sms", 1775008800, headers, body)
    assert signed.endswith(f", Signature={wanted}")


@pytest.fixture
def cloud(request: Any, provider: Any, settings: Any, monkeypatch: Any) -> Channel:
    """The channel "sms" by one of the clouds, towards the local provider."""
    settings.SMS_KEY_ID, settings.SMS_APP_ID, settings.SMS_SIGN = KEY_ID, "1400006666", ""
    settings.SMS_TEMPLATES = {"reminder": "SMS_1", "promise": "SMS_2"}
    channel = SMS_PROVIDERS[request.param]()
    monkeypatch.setitem(CHANNELS, "sms", channel)
    return channel


both = pytest.mark.parametrize("cloud", CLOUDS, indirect=True)


def message(
    to: str = "13900000001", key: str = "1-1", kind: str = "reminder", place: str = "华庭苑1-1-101"
) -> Outgoing:
    return Outgoing(key, 1, "华庭物业", "", to, "", "物业费账单666.66元待缴", place, "666.66", kind)


@both
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("reminder", "SMS_1：华庭苑1-1-101，666.66", id="reminder"),
        pytest.param("promise", "SMS_2：华庭苑1-1-101，666.66", id="promise"),
    ],
)
def test_home_and_amount_arrive_in_the_approved_text_of_the_kind(
    cloud: Channel, provider: Any, kind: str, text: str
) -> None:
    key = f"{type(cloud).__name__}-{kind}"
    receipt = cloud.send(message(key=key, kind=kind))
    assert (receipt.outcome, receipt.error) == (Outcome.ACCEPTED, "")
    [arrived] = [item for item in provider.arrived() if item["out_id"] == key]
    assert (arrived["to"], arrived["sign"], arrived["text"]) == ("13900000001", "华庭物业", text)
    assert receipt.ref == arrived["biz_id"]


@both
def test_the_sign_of_the_installation_goes_before_the_offices_name(
    cloud: Channel, provider: Any, settings: Any
) -> None:
    settings.SMS_SIGN = "收缴台"
    cloud.send(message(key="sign-1"))
    assert provider.arrived()[0]["sign"] == "收缴台"


@both
def test_a_kind_without_an_approved_text_is_not_sent(cloud: Channel, settings: Any) -> None:
    settings.SMS_TEMPLATES = {"reminder": "SMS_1"}
    receipt = cloud.send(message(kind="promise"))
    assert (receipt.outcome, "SMS_TEMPLATES" in receipt.error) == (Outcome.REFUSED, True)


ALIYUN = [
    ("isv.BUSINESS_LIMIT_CONTROL", Outcome.LATER),
    ("isv.DAY_LIMIT_CONTROL", Outcome.LATER),
    ("isv.AMOUNT_NOT_ENOUGH", Outcome.LATER),
    ("isv.OUT_OF_SERVICE", Outcome.LATER),
    ("isv.ACCOUNT_ABNORMAL", Outcome.LATER),
    ("isv.SMS_SIGNATURE_ILLEGAL", Outcome.LATER),
    ("isv.SMS_TEMPLATE_ILLEGAL", Outcome.LATER),
    ("isp.RAM_PERMISSION_DENY", Outcome.LATER),
    ("Throttling.User", Outcome.LATER),
    ("InvalidTimeStamp.Expired", Outcome.LATER),
    ("isv.BLACK_KEY_CONTROL_LIMIT", Outcome.REFUSED),
    ("isv.PARAM_LENGTH_LIMIT", Outcome.REFUSED),
    ("isv.INVALID_PARAMETERS", Outcome.REFUSED),
    ("isp.SYSTEM_ERROR", Outcome.UNKNOWN),
    ("SignatureNonceUsed", Outcome.UNKNOWN),
    ("never.heard.of", Outcome.UNKNOWN),
]
TENCENT = [
    ("LimitExceeded.PhoneNumberThirtySecondLimit", Outcome.LATER),
    ("LimitExceeded.PhoneNumberDailyLimit", Outcome.LATER),
    ("LimitExceeded.DeliveryFrequencyLimit", Outcome.LATER),
    ("RequestLimitExceeded", Outcome.LATER),
    ("FailedOperation.InsufficientBalanceInSmsPackage", Outcome.LATER),
    ("FailedOperation.SignatureIncorrectOrUnapproved", Outcome.LATER),
    ("FailedOperation.TemplateIncorrectOrUnapproved", Outcome.LATER),
    ("UnauthorizedOperation.SmsSdkAppIdVerifyFail", Outcome.LATER),
    ("AuthFailure.SignatureExpire", Outcome.LATER),
    ("InternalError.SigVerificationFail", Outcome.LATER),
    ("FailedOperation.PhoneNumberInBlacklist", Outcome.REFUSED),
    ("FailedOperation.ContainSensitiveWord", Outcome.REFUSED),
    ("InvalidParameterValue.TemplateParameterLengthLimit", Outcome.REFUSED),
    ("UnsupportedOperation.UnsuportedRegion", Outcome.REFUSED),
    ("FailedOperation.FailResolvePacket", Outcome.UNKNOWN),
    ("InternalError.Timeout", Outcome.UNKNOWN),
]


@pytest.mark.parametrize(
    ("cloud", "code", "outcome"),
    [
        pytest.param(name, code, outcome, id=f"{name}-{code}")
        for name, table in (("aliyun", ALIYUN), ("tencent", TENCENT))
        for code, outcome in table
    ],
    indirect=["cloud"],
)
def test_what_a_code_means(cloud: Channel, provider: Any, code: str, outcome: Outcome) -> None:
    before = len(provider.arrived())
    provider.behave(code=code)
    receipt = cloud.send(message())
    assert (receipt.outcome, code in receipt.error) == (outcome, True)
    assert len(provider.arrived()) == before


@both
@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        pytest.param({"throttle": 1.0}, Outcome.LATER, id="too-many-calls"),
        pytest.param({"error_500": 1.0}, Outcome.UNKNOWN, id="server-error"),
        pytest.param({"accept_then_cut": 1.0}, Outcome.UNKNOWN, id="broken-off"),
    ],
)
def test_an_unclear_end_is_unknown(cloud: Channel, provider: Any, how: dict[str, float], outcome: Outcome) -> None:
    provider.behave(**how)
    assert cloud.send(message(key="unclear-1")).outcome is outcome


@both
@pytest.mark.parametrize("wrong", ["SMS_KEY_ID", "SMS_KEY"])
def test_a_refused_key_is_the_administrators_business_and_nothing_is_lost(
    cloud: Channel, settings: Any, wrong: str
) -> None:
    setattr(settings, wrong, "wrong")
    receipt = cloud.send(message())
    assert (receipt.outcome, "密钥未被接受" in receipt.error) == (Outcome.LATER, True)


@both
def test_a_wrong_number_is_refused(cloud: Channel) -> None:
    receipt = cloud.send(message("1380000"))
    assert (receipt.outcome, "手机号格式不正确" in receipt.error) == (Outcome.REFUSED, True)


@both
def test_nobody_listening_means_later(cloud: Channel, settings: Any) -> None:
    settings.SMS_URL = "http://127.0.0.1:9"
    receipt = cloud.send(message())
    assert (receipt.outcome, "13900000001" in receipt.error) == (Outcome.LATER, False)


@pytest.mark.parametrize("cloud", ["aliyun"], indirect=True)
def test_a_long_home_is_cut_to_what_a_field_takes(cloud: Channel, provider: Any) -> None:
    assert cloud.send(message(key="long-1", place="华" * 60)).outcome is Outcome.ACCEPTED
    assert provider.arrived()[0]["text"] == f"SMS_1：{'华' * 35}，666.66"


@both
@pytest.mark.parametrize("missing", ["SMS_KEY_ID", "SMS_KEY", "SMS_TEMPLATES"])
def test_without_keys_or_text_it_is_not_offered(cloud: Channel, settings: Any, missing: str) -> None:
    assert "sms" in available()
    setattr(settings, missing, {} if missing == "SMS_TEMPLATES" else "")
    assert "sms" not in available()


def test_the_environment_chooses_the_provider(monkeypatch: Any) -> None:
    monkeypatch.setenv("SMS_PROVIDER", "tencent")
    monkeypatch.setenv("SMS_TEMPLATES", "reminder=1234,promise=5678")
    read = env.read()
    assert (read.sms_provider, read.sms_templates) == ("tencent", {"reminder": "1234", "promise": "5678"})
    monkeypatch.setenv("SMS_PROVIDER", "pigeon")
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        env.read()


@pytest.fixture
def owes(office: Any) -> None:
    """One household with a reminder by short message in the outbox."""
    with office.open():
        place = estate()
        bill(place, move_in(place))
        plan_day(on=date.fromisoformat(ON), at=at(ON))


@both
def test_a_reminder_arrives_once(office: Any, provider: Any, cloud: Channel, owes: None) -> None:
    assert send_due_messages(office_id=office.id, at=at(ON)).sent == 1
    [arrived] = provider.arrived(str(office.id))
    assert arrived["text"].startswith("SMS_1：")
    assert arrived["text"].endswith("，666.66")
    with office.open():
        assert Action.objects.get().state == "effective"


@both
def test_a_message_with_an_unclear_end_is_never_sent_again_and_a_person_decides(
    office: Any, provider: Any, cloud: Channel, owes: None
) -> None:
    provider.behave(accept_then_cut=1.0)
    assert send_due_messages(office_id=office.id, at=at(ON)).unknown == 1
    provider.behave(accept_then_cut=0.0)
    assert send_due_messages(office_id=office.id, at=at(ON, 11), settle_seconds=0).sent == 0
    assert Counter(item["channel"] for item in provider.arrived(str(office.id))) == {"sms": 1}
    with office.open():
        assert Message.objects.get().state == "unknown"
        assert Action.objects.get().by_hand
