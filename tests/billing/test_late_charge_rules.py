"""违约金规则: who writes a version, where it is seen, what it refuses, and that no version is ever changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from arrears.queries import account_late_charge
from arrears.queries.late_charge import rule_effect
from arrears.rules.position import AccountFacts
from billing.models import Account, FeeItem, LateChargeRule, ServiceContract
from billing.operations.late_charge import LateChargeRuleRefused, set_late_charge_rule
from billing.rules.late_charge import Cap
from billing.rules.late_charge_rules import Restraint
from tests.conftest import ROLES, at
from tests.factories.books import Books, quarter

pytestmark = pytest.mark.django_db

PAGE, API = "/billing/late-charge/", "/api/v1/late-charge-rules/"
TYPED = {
    "community": "", "starts_on": "2021-01-01", "grace_days": "0", "cap": "pct", "cap_value": "2",
    "minimum": "0", "holds_stop": "on", "reason": "业主大会决定", "accepts_back_dating": "on",
}  # fmt: skip
ON = date(2024, 6, 30)  # 600 yuan due on 2024-03-31 at 0.0005: 91 days, 27.30


@pytest.fixture
def owing(office: SimpleNamespace) -> SimpleNamespace:
    with office.open(office.people["manager"]):
        books = Books()
        ServiceContract.objects.create(
            community=books.community, kind="regular", starts_on=date(2020, 1, 1), late_charge_per_day=Decimal("0.0005")
        )
        office.account = Account.objects.get(pk=books.enter(AccountFacts(0, (quarter(1),))).account_id)
        office.community = books.community
    return office


def claimed(office: SimpleNamespace) -> str:
    with office.open():
        return str(account_late_charge(office.account, ON).claimed)


def test_a_rule_typed_by_the_manager_counts_at_once_and_the_next_version_leaves_it(owing: Any, sign_in: Any) -> None:
    assert claimed(owing) == "27.30"
    client = sign_in(owing.people["manager"])
    assert client.post(PAGE, TYPED).status_code == 302
    assert claimed(owing) == "12.00"  # 2 % of 600
    page = client.get(PAGE).content.decode()
    for words in ("2021-01-01", "不超过本金的百分比", "<b>2%</b>", "业主大会决定"):
        assert words in page
    own = TYPED | {"community": str(owing.community.pk), "cap": "none", "cap_value": "", "reason": "本小区另有约定"}
    assert client.post(PAGE, own).status_code == 302
    assert claimed(owing) == "27.30"
    with owing.open():
        assert list(LateChargeRule.objects.order_by("pk").values_list("cap", "cap_value")) == [
            ("pct", Decimal("0.02")),
            ("none", Decimal(1)),
        ]


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_only_manager_and_administrator_write(owing: Any, sign_in: Any, role: str) -> None:
    client, writes = sign_in(owing.people[role]), role in {"manager", "admin"}
    page = client.get(PAGE)
    assert page.status_code == 200
    assert ("写入新版本" in page.content.decode()) is writes
    assert client.post(PAGE, TYPED).status_code == (302 if writes else 403)
    body = {
        "starts_on": "2022-01-01",
        "cap": "lpr_multiple",
        "cap_value": "4",
        "reason": "合同",
        "accepts_back_dating": True,
    }
    assert client.post(API, body, content_type="application/json").status_code == (201 if writes else 403)
    assert client.get(API).json()["count"] == (2 if writes else 0)


def test_an_outsider_neither_sees_nor_uses_it(owing: Any, other_office: Any, sign_in: Any) -> None:
    sign_in(owing.people["manager"]).post(PAGE, TYPED)
    client = sign_in(other_office.people["manager"])
    assert client.get(API).json()["count"] == 0
    assert "业主大会决定" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, TYPED | {"community": str(owing.community.pk)}).status_code == 422
    body = {"starts_on": "2036-01-01", "community_id": owing.community.pk, "reason": "合同"}
    answer = client.post(API, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "community_unknown")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"community_id": 987654321}, "community_unknown"),
        ({"reason": " "}, "reason_missing"),
        ({"cap": "pct"}, "cap_value_missing"),
        ({"cap": "lpr_multiple", "cap_value": Decimal(0)}, "cap_value_missing"),
        ({"fee_item_id": 987654321}, "fee_item_unknown"),
        ({"rate_per_day": Decimal("0.001")}, "rate_is_the_contracts"),
        ({"grace_days": -1}, "negative"),
        ({"minimum": Decimal(-1)}, "negative"),
        ({"start": "demand", "grace_days": 30}, "grace_with_demand"),
        ({"accepts_back_dating": False}, "dated_back"),
    ],
)
def test_what_is_refused_writes_nothing(owing: Any, change: dict[str, Any], code: str) -> None:
    asked = {
        "community_id": None, "starts_on": date(2021, 1, 1), "reason": "合同第八条", "accepts_back_dating": True,
    } | change  # fmt: skip
    with owing.open(), pytest.raises(LateChargeRuleRefused) as refusal:
        set_late_charge_rule(**asked, by=owing.people["manager"], at=at("2026-09-01"))
    assert refusal.value.code == code
    with owing.open():
        assert not LateChargeRule.objects.exists()


def test_a_rule_dated_back_is_written_only_on_purpose_and_past_days_say_when_it_was_entered(
    owing: Any, sign_in: Any
) -> None:
    client = sign_in(owing.people["manager"])
    typed = {name: value for name, value in TYPED.items() if name != "accepts_back_dating"}
    refused = client.post(PAGE, typed)
    assert refused.status_code == 422
    assert "过去日期的违约金测算会随之改变" in refused.content.decode()
    household = f"/households/{owing.account.pk}/?on={ON}"
    assert "才录入" not in client.get(household).content.decode()
    assert client.post(PAGE, TYPED).status_code == 302
    assert "追溯" in client.get(PAGE).content.decode()
    assert "才录入" in client.get(household).content.decode()
    assert client.get(f"/api/v1/accounts/{owing.account.pk}/late-charge/?on={ON}").json()["rules_entered_at"]
    with owing.open():
        LateChargeRule.objects.update(set_at=at("2021-01-01"))
        assert account_late_charge(owing.account, ON).rules_entered_at is None, "entered before the day: nothing to say"


def test_a_rule_may_wait_for_the_demand(owing: Any, sign_in: Any) -> None:
    client = sign_in(owing.people["manager"])
    waits = TYPED | {"start": "demand", "cap": "none", "cap_value": ""}
    shown = client.post(PAGE, waits | {"preview": "1"}, follow=True).content.decode()
    assert "1 户，1 笔账单" in shown
    assert client.post(PAGE, waits).status_code == 302
    assert claimed(owing) == "0.00"
    assert "催告期满次日" in client.get(PAGE).content.decode()


def test_parking_has_an_agreement_of_its_own_and_a_due_date_may_roll(owing: Any, sign_in: Any) -> None:
    with owing.open():
        (item,) = FeeItem.objects.all()
        other = FeeItem.objects.create(name="车位管理费")
    client = sign_in(owing.people["manager"])
    own = TYPED | {"fee_item": str(item.pk), "rate_per_day": "0.1", "cap": "none", "cap_value": ""}
    assert client.post(PAGE, own).status_code == 302
    assert claimed(owing) == "54.60"
    assert "千分之一" in client.get(PAGE).content.decode()
    assert client.post(PAGE, own | {"fee_item": str(other.pk), "rate_per_day": "0.3"}).status_code == 302
    assert claimed(owing) == "54.60"  # the rule of another item
    rolled = own | {"rolls_due_on": "on"}  # 2024-03-31 was a Sunday; the next working day is the Monday
    assert client.post(PAGE, rolled).status_code == 302
    assert claimed(owing) == "54.00"
    refused = client.post(PAGE, own | {"fee_item": ""})
    assert refused.status_code == 422
    assert "请先选择收费项目" in refused.content.decode()


def test_what_a_rule_would_change_is_shown_before_it_is_written(owing: Any, sign_in: Any) -> None:
    client = sign_in(owing.people["manager"])
    shown = client.post(PAGE, TYPED | {"preview": "1"}, follow=True).content.decode()
    for words in ("1 户，1 笔账单", "按新规则", "还没有写入"):
        assert words in shown
    with owing.open():
        assert not LateChargeRule.objects.exists()
        effect = rule_effect((None, Restraint(date(2021, 1, 1), cap=Cap.PCT, cap_value=Decimal("0.02"))), ON)
        assert (str(effect.before), str(effect.after), effect.accounts) == ("27.30", "12.00", 1)
        elsewhere = rule_effect((owing.community.pk, Restraint(date(2021, 1, 1), minimum=Decimal(60))), ON)
        assert (str(elsewhere.after), str(elsewhere.difference)) == ("0.00", "-27.30")
    assert client.post(PAGE, TYPED | {"preview": "1", "reason": ""}).status_code == 422
    assert sign_in(owing.people["collector"]).get("/arrears/late-charge/preview/").status_code == 403


def test_no_template_prints_the_administrative_word() -> None:
    root = Path(__file__).parents[2]
    found = [path.name for path in (root / "templates").rglob("*") if path.is_file() and "滞纳金" in path.read_text()]
    assert found == []
