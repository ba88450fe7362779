"""Which contract binds the owners, where people see it, and the empty tables an office may fill in (L4, 民法典 939–948)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from archive.queries import household, timeline
from billing.documents import TEMPLATES, template_workbook
from billing.models import FeeItem, ImportBatch, PastContact, ServiceContract
from billing.operations import ImportRefused, commit_import, upload_file
from billing.queries.terms import contract_in_force
from billing.rules.columns import find_header
from billing.rules.terms import spell_day_rate
from collection.models import Contact
from offices.models import Community
from tests.conftest import ROLES, at
from tests.factories.workbooks import register

pytestmark = pytest.mark.django_db

UPLOADED = at("2026-09-01")


@pytest.fixture
def home(office: SimpleNamespace) -> SimpleNamespace:
    """Two rooms of 华庭苑, its preliminary contract and the one of the owners."""
    finance = office.people["finance"]
    with office.open(finance):
        file = register([("101", "朱轩华", "13900000101"), ("102", "刘秀", "13900000102")])
        batch = upload_file(kind="register", file=file, name="登记表.xlsx", community=None, by=finance, at=UPLOADED)
        commit_import(batch=batch, accept_good=False, by=finance, at=UPLOADED)
        community = Community.objects.get()
        ServiceContract.objects.create(
            community=community, kind="preliminary", party="华庭置业", starts_on=date(2016, 5, 1), ends_on=date(2021, 4, 30),
            late_charge_per_day=Decimal("0.0005"), unit_rate=Decimal("1.85"),
        )  # fmt: skip
        ServiceContract.objects.create(
            community=community, kind="regular", party="华庭苑业主委员会", starts_on=date(2021, 1, 1),
            ends_on=date(2025, 12, 31), late_charge_per_day=Decimal("0.0003"), unit_rate=Decimal("2.35"),
            late_charge_clause="逾期按日万分之三支付违约金", has_address_clause=True,
        )  # fmt: skip
        FeeItem.objects.create(name="物业服务费", unit_rate=Decimal("2.35"), cycle_months=3)
    return office


@pytest.mark.parametrize(
    ("day", "kind", "is_continued"),
    [
        ("2016-04-30", None, False),
        ("2016-05-01", "preliminary", False),
        ("2021-01-01", "regular", False),
        ("2025-12-31", "regular", False),
        ("2026-01-01", "regular", True),
    ],
    ids=["before-any", "preliminary", "the-owners-own-ends-the-preliminary-one", "last-day", "goes-on-without-a-term"],
)
def test_the_contract_in_force(home: SimpleNamespace, day: str, kind: str | None, is_continued: bool) -> None:
    with home.open():
        line = contract_in_force(Community.objects.get(), date.fromisoformat(day))
        assert (line.contract.kind, line.is_continued) == (kind, is_continued) if line else kind is None


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("0.0005", "0.05%（万分之五）"),
        ("0.003", "0.3%（千分之三）"),
        ("0.00015", "0.015%"),
        ("0.002", "0.2%（千分之二）"),
    ],
)
def test_a_rate_in_words(rate: str, words: str) -> None:
    assert spell_day_rate(Decimal(rate)) == words
    assert spell_day_rate(None) == ""


@pytest.mark.parametrize("role", ROLES)
def test_everybody_of_the_office_sees_the_contract(home: SimpleNamespace, sign_in: Any, role: str) -> None:
    client = sign_in(home.people[role])
    page = client.get("/billing/contracts/").content.decode()
    for words in (
        "华庭苑业主委员会",
        "每日 0.03%（万分之三）",
        "逾期按日万分之三支付违约金",
        "寄到约定地址即为送达",
        "向人民法院起诉",
    ):
        assert words in page
    assert "3 个月" in page
    assert client.get("/api/v1/contracts/").json()["count"] == 2
    assert client.get("/api/v1/fee-items/").json()["results"][0]["unit_rate"] == "2.3500"


def test_an_outsider_sees_nothing_of_it(home: SimpleNamespace, other_office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(other_office.people["manager"])
    assert "华庭苑" not in client.get("/billing/contracts/").content.decode()
    assert client.get("/api/v1/contracts/").json()["count"] == 0


def test_the_household_and_the_office_show_the_contract(home: SimpleNamespace, sign_in: Any) -> None:
    with home.open():
        account = Community.objects.get().rooms.get(number="101").accounts.get()
        assert household(account.pk, date(2020, 1, 1)).contract.contract.kind == "preliminary"  # as of the day
    page = sign_in(home.people["collector"]).get(f"/households/{account.pk}/").content.decode()
    assert "华庭苑业主委员会" in page
    page = sign_in(home.people["admin"]).get("/settings/communities/").content.decode()
    assert 'hx-get="/billing/contracts/"' in page
    panel = sign_in(home.people["admin"]).get("/billing/contracts/", HTTP_HX_REQUEST="true").content.decode()
    assert "华庭苑业主委员会" in panel
    assert "<html" not in panel


def test_imported_history_stands_in_the_timeline_and_counts_nowhere(home: SimpleNamespace) -> None:
    with home.open():
        account = Community.objects.get().rooms.get(number="101").accounts.get()
        batch = ImportBatch.objects.get()
        PastContact.objects.create(
            account=account,
            on=date(2023, 11, 5),
            channel="电话",
            person="王敏",
            text="称楼道灯坏",
            result="拒缴",
            batch=batch,
        )
        (event,) = timeline(account, date(2026, 9, 1), only="contact")
        assert (event.kind, event.title, event.by) == ("past", "导入的历史记录 电话", "王敏")
        assert event.lines == ("称楼道灯坏", "结果：拒缴", "来自文件 登记表.xlsx，不计入联系次数")
        assert household(account.pk, date(2026, 9, 1)).contacts == Contact.objects.count() == 0


@pytest.mark.parametrize("kind", TEMPLATES)
def test_an_empty_table_is_understood_by_the_importer(home: SimpleNamespace, sign_in: Any, kind: str) -> None:
    data = sign_in(home.people["finance"]).get(f"/billing/imports/templates/{kind}.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    header = find_header(rows, kind)
    assert header is not None
    assert not header.missing(kind)
    assert [column.confidence for column in header.columns] == [1.0] * len(TEMPLATES[kind])
    with home.open(), pytest.raises(ImportRefused) as refusal:
        upload_file(
            kind=kind, file=io.BytesIO(template_workbook(kind)), name="空.xlsx", community=None,
            by=home.people["finance"], at=UPLOADED,
        )  # fmt: skip
    assert refusal.value.code == "no_rows"


def test_there_is_no_template_of_a_bank_statement(home: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(home.people["finance"]).get("/billing/imports/templates/bank.xlsx").status_code == 404
