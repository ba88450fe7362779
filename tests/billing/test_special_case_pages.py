"""Special cases and the sign-off on pages and in the API: who may do what, and what the page says (S3–S9)."""

from __future__ import annotations

import io
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.models import Account, Adjustment, Bill, SpecialCase
from billing.operations import commit_import, open_special_case, upload_file
from billing.operations.registers import developer_of
from offices.models import Community, StoredFile
from tests.conftest import at
from tests.factories.books import Books, quarter
from tests.factories.workbooks import bills, register

pytestmark = pytest.mark.django_db
TODAY = "2026-09-01"


@pytest.fixture(autouse=True)
def _today(monkeypatch: Any) -> None:
    for door in ("billing.views.special_cases", "billing.views.accounts", "billing.views.signoff", "billing.api.facts"):
        monkeypatch.setattr(f"{door}.office_now", lambda: at(TODAY), raising=False)
        monkeypatch.setattr(f"{door}.office_today", lambda: at(TODAY).date(), raising=False)


@pytest.fixture
def home(office: SimpleNamespace) -> SimpleNamespace:
    """1-1-0001 with a quarter of 600 yuan unpaid; the scope is closed again."""
    with office.open():
        books = Books()
        account = books.account("林秀英")
        books._bill(account, quarter(1))
    office.account = account.pk
    return office


def pdf(name: str = "证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7 proof", content_type="application/pdf")


def opened(home: SimpleNamespace, kind: str = "other", role: str = "collector", **given: Any) -> SpecialCase:
    with home.open():
        return open_special_case(
            account=Account.objects.get(pk=home.account), kind=kind, starts_on=at(TODAY).date(), note="业主来访",
            by=home.people[role], at=at(TODAY), **given,
        )  # fmt: skip


def reread(home: SimpleNamespace, case: SpecialCase) -> SpecialCase:
    with home.open():
        return SpecialCase.objects.get(pk=case.pk)


def test_the_page_says_in_words_what_a_case_blocks_and_what_ends_it(home: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(home.people["collector"])
    address = reverse("billing:special-cases", args=[home.account])
    body = {
        "kind": "pending_transfer", "starts_on": TODAY, "note": "业主出示截图", "claimed_amount": "600.00",
        "claimed_on": "2026-08-31", "claimed_payer": "林建国", "evidence": pdf("转账截图.pdf"),
    }  # fmt: skip
    assert client.post(address, body).status_code == 302
    page = client.get(address).content.decode()
    for words in (
        "转账未到账", "9月4日", "不打催缴电话、不发催缴通知书和最后通知书", "款项入账后自动解除", "600.00", "林建国", "转账截图.pdf",
    ):  # fmt: skip
        assert words in page, words
    with home.open():
        kept = StoredFile.objects.get()
    assert client.get(reverse("archive:file", args=[kept.pk])).content == b"%PDF-1.7 proof"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"kind": "legacy_issue", "note": "渗漏"}, "请写明由谁负责解决", id="whose-issue"),
        pytest.param({"kind": "prepaid", "note": "去年预缴"}, "请填写业主所说的预缴金额", id="how-much"),
        pytest.param({"kind": "other", "note": ""}, "必填项", id="nothing-said"),
        pytest.param({"kind": "vacancy_discount", "note": "空置"}, "选择一个有效的选项", id="a-vacancy-is-applied-for"),
    ],
)
def test_a_form_that_is_not_complete_comes_back_with_words(
    home: SimpleNamespace, sign_in: Any, body: dict[str, str], words: str
) -> None:
    answer = sign_in(home.people["collector"]).post(
        reverse("billing:special-cases", args=[home.account]), {"starts_on": TODAY} | body
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with home.open():
        assert not SpecialCase.objects.exists()


def test_proof_is_a_photo_or_a_pdf(home: SimpleNamespace, sign_in: Any) -> None:
    body = {
        "kind": "other", "starts_on": TODAY, "note": "见附件", "evidence": SimpleUploadedFile("x.exe", b"MZ nothing to see"),
    }  # fmt: skip
    answer = sign_in(home.people["collector"]).post(reverse("billing:special-cases", args=[home.account]), body)
    assert answer.status_code == 422
    assert "无法识别为照片" in answer.content.decode()


# The cast: the one who opened it, a colleague with the verb, colleagues without, another office


@pytest.mark.parametrize(
    ("role", "status"),
    [("collector", 403), ("finance", 403), ("legal", 403), ("admin", 403), ("supervisor", 302), ("manager", 302)],
)
def test_who_may_agree(home: SimpleNamespace, sign_in: Any, role: str, status: int) -> None:
    case = opened(home)
    answer = sign_in(home.people[role]).post(reverse("billing:special-case-approve", args=[case.pk]))
    assert answer.status_code == status
    assert (reread(home, case).approved_by_id is not None) is (status == 302)


def test_nobody_agrees_with_himself(home: SimpleNamespace, sign_in: Any) -> None:
    case = opened(home, role="supervisor")
    answer = sign_in(home.people["supervisor"]).post(reverse("billing:special-case-approve", args=[case.pk]))
    assert answer.status_code == 422
    assert "请由另一位有权限的同事批准" in answer.content.decode()
    assert reread(home, case).approved_by_id is None


@pytest.mark.parametrize("action", ["approve", "close", "review", "evidence", "handover"])
def test_another_office_finds_nothing(
    home: SimpleNamespace, other_office: SimpleNamespace, sign_in: Any, action: str
) -> None:
    case = opened(home, "not_handed_over")
    client = sign_in(other_office.people["manager"])
    body = {"reason": "x", "note": "x", "review_on": "2026-10-01", "handed_over_on": "2024-01-01", "evidence": pdf()}
    assert client.post(reverse(f"billing:special-case-{action}", args=[case.pk]), body).status_code == 404
    if action != "evidence":
        api = client.post(reverse(f"api:special-case-{action}", args=[case.pk]), {}, content_type="application/json")
        assert api.status_code == 404
    assert reread(home, case).closed_at is None


@pytest.mark.parametrize(
    ("action", "role", "body"),
    [
        ("close", "collector", {"reason": "已核实"}),
        ("review", "collector", {"review_on": "2026-10-01", "note": "x"}),
        ("evidence", "legal", {"evidence": "file"}),
        ("handover", "finance", {"handed_over_on": "2024-01-01", "evidence": "file"}),
    ],
)
def test_a_colleague_without_the_right_is_sent_away(
    home: SimpleNamespace, sign_in: Any, action: str, role: str, body: dict[str, Any]
) -> None:
    case = opened(home, "not_handed_over")
    body = body | ({"evidence": pdf()} if "evidence" in body else {})
    answer = sign_in(home.people[role]).post(reverse(f"billing:special-case-{action}", args=[case.pk]), body)
    assert answer.status_code == 403


def test_a_review_and_new_proof_on_the_page(home: SimpleNamespace, sign_in: Any) -> None:
    case = opened(home, "legacy_issue", issue_owner="工程部李工", review_on=date(2026, 9, 10))
    client = sign_in(home.people["supervisor"])
    body = {"review_on": "2026-10-10", "note": "开发商答应十月修"}
    assert client.post(reverse("billing:special-case-review", args=[case.pk]), body).status_code == 302
    client.post(reverse("billing:special-case-evidence", args=[case.pk]), {"evidence": pdf("维修单.pdf")})
    now = reread(home, case)
    assert (now.review_on, now.evidence_id is not None) == (date(2026, 10, 10), True)
    page = client.get(reverse("billing:special-cases", args=[home.account])).content.decode()
    assert "开发商答应十月修" in page
    assert "维修单.pdf" in page


def test_the_handover_on_the_page(home: SimpleNamespace, sign_in: Any) -> None:
    with home.open():
        account = Account.objects.get(pk=home.account)
        Account.objects.filter(pk=account.pk).update(owner=developer_of(account.room.community))
    case = opened(home, "not_handed_over", role="finance")
    client = sign_in(home.people["supervisor"])
    body = {"handed_over_on": "2024-02-01", "buyer": "赵敏", "phone": "13900001111", "evidence": pdf("交房单.pdf")}
    assert client.post(reverse("billing:special-case-handover", args=[case.pk]), body).status_code == 302
    with home.open():
        bill = Bill.objects.get(account__owner__name="赵敏")
        assert str(bill.amount) == "395.60"  # 60 of 91 days


def test_a_vacancy_is_applied_for_by_finance_and_approved_by_the_manager(home: SimpleNamespace, sign_in: Any) -> None:
    address = reverse("billing:special-case-vacancy", args=[home.account])
    body = {"vacant_from": "2024-01-01", "vacant_to": "2024-03-31", "payable_percent": "70", "note": "水表未动"}
    assert sign_in(home.people["collector"]).post(address, body | {"evidence": pdf()}).status_code == 403
    client = sign_in(home.people["finance"])
    assert client.post(address, body).status_code == 422
    assert client.post(address, body | {"evidence": pdf()}).status_code == 302
    with home.open():
        asked = Adjustment.objects.get()
    assert str(asked.amount) == "180.00"
    client = sign_in(home.people["manager"])
    client.post(reverse("billing:reduction-decide", args=[asked.pk]), {"decision": "approve"})
    with home.open():
        assert SpecialCase.objects.get().closed_at is not None


def test_the_list_shows_what_waits_for_somebody_first(home: SimpleNamespace, sign_in: Any) -> None:
    case = opened(home)
    client = sign_in(home.people["manager"])
    page = client.get(reverse("billing:special-cases-all")).content.decode()
    assert "去批准" in page
    client.post(reverse("billing:special-case-approve", args=[case.pk]))
    page = client.get(reverse("billing:special-cases-all")).content.decode()
    assert "去批准" not in page
    assert "业主来访" in page
    for tab in ("approve", "review", "unpaid", "closed"):
        assert client.get(reverse("billing:special-cases-all"), {"tab": tab}).status_code == 200


# The API


def test_the_api_opens_approves_reviews_and_closes(home: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(home.people["collector"])
    body = {"account": home.account, "kind": "other", "starts_on": TODAY, "note": "核实中"}
    case = client.post(reverse("api:special-case-list"), body, content_type="application/json")
    assert case.status_code == 201, case.content
    key = case.json()["id"]
    assert client.post(reverse("api:special-case-approve", args=[key])).status_code == 403
    client = sign_in(home.people["manager"])
    approved = client.post(reverse("api:special-case-approve", args=[key]))
    assert approved.json()["approved_by"] == home.people["manager"].pk
    again = client.post(reverse("api:special-case-approve", args=[key]))
    assert (again.status_code, again.json()["code"]) == (409, "approved_already")
    reviewed = client.post(
        reverse("api:special-case-review", args=[key]), {"review_on": "2026-10-01", "note": "还在查"},
        content_type="application/json",
    )  # fmt: skip
    assert reviewed.json()["review_on"] == "2026-10-01"
    closed = client.post(
        reverse("api:special-case-close", args=[key]), {"reason": "查清"}, content_type="application/json"
    )
    assert closed.json()["close_reason"] == "查清"


def test_the_api_takes_proof_with_a_handover_and_a_vacancy(home: SimpleNamespace, sign_in: Any) -> None:
    vacancy = {
        "account": home.account, "vacant_from": "2024-01-01", "vacant_to": "2024-03-31", "payable_percent": "70",
        "note": "水表未动",
    }  # fmt: skip
    client = sign_in(home.people["finance"])
    no = client.post(reverse("api:special-case-vacancy"), vacancy)
    assert (no.status_code, no.json()["code"]) == (409, "evidence_missing")
    assert client.post(reverse("api:special-case-vacancy"), vacancy | {"evidence": pdf()}).status_code == 201
    case = opened(home, "not_handed_over", role="finance")
    answer = sign_in(home.people["manager"]).post(
        reverse("api:special-case-handover", args=[case.pk]), {"handed_over_on": "2024-02-01", "evidence": pdf()}
    )
    assert answer.json()["owner"] == "林秀英"


def test_the_api_opens_nothing_for_an_account_of_another_office(
    home: SimpleNamespace, other_office: SimpleNamespace, sign_in: Any
) -> None:
    body = {"account": home.account, "kind": "other", "starts_on": TODAY, "note": "核实中"}
    client = sign_in(other_office.people["manager"])
    assert client.post(reverse("api:special-case-list"), body, content_type="application/json").status_code == 400


# The sign-off


@pytest.fixture
def billed(office: SimpleNamespace) -> SimpleNamespace:
    """Three rooms; of the bills one names another owner, one room has no telephone."""
    with office.open():
        for kind, file in (
            ("register", register([("0101", "林秀英", "13800000001"), ("0102", "王芳", "13800000002"), ("0103", "李强", "")])),
            ("bills", bills([(room, who, "2024-01-01", "2024-03-31", "2024-04-15", "600.00")
                             for room, who in (("0101", "林秀英"), ("0102", "张伟"), ("0103", "李强"))])),
        ):  # fmt: skip
            batch = upload_file(
                kind=kind, file=io.BytesIO(file.getvalue()), name=file.name, community=Community.objects.first(),
                by=office.people["finance"], at=at(TODAY),
            )  # fmt: skip
            commit_import(batch=batch, accept_good=True, by=office.people["finance"], at=at(TODAY))
    office.batch = batch.pk
    return office


def test_customer_service_sees_the_five_items_and_signs_by_name(billed: SimpleNamespace, sign_in: Any) -> None:
    address = reverse("billing:import-sign-off", args=[billed.batch])
    client = sign_in(billed.people["supervisor"])
    page = client.get(address).content.decode()
    for words in ("业主姓名存疑", "缺联系方式", "登记的是 王芳", "华庭supervisor 签认"):
        assert words in page, words
    only = client.get(address, {"item": "contact"}).content.decode()
    assert "王芳" not in only
    assert client.post(address).status_code == 302
    with billed.open():
        assert not Bill.objects.filter(is_reconciled=False).exists()
    assert "已于" in client.get(address).content.decode()
    again = client.post(address)
    assert (again.status_code, "已由 华庭supervisor 核对确认" in again.content.decode()) == (422, True)


@pytest.mark.parametrize("role", ["finance", "collector", "manager", "legal"])
def test_only_customer_service_signs(billed: SimpleNamespace, sign_in: Any, role: str) -> None:
    address = reverse("billing:import-sign-off", args=[billed.batch])
    client = sign_in(billed.people[role])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 403


def test_another_office_does_not_find_the_batch(
    billed: SimpleNamespace, other_office: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(other_office.people["supervisor"])
    assert client.get(reverse("billing:import-sign-off", args=[billed.batch])).status_code == 404
    assert client.get(reverse("api:import-checks", args=[billed.batch])).status_code == 404


def test_the_api_counts_the_five_items(billed: SimpleNamespace, sign_in: Any) -> None:
    found = sign_in(billed.people["supervisor"]).get(reverse("api:import-checks", args=[billed.batch])).json()
    assert [(each["name"], each["doubt"], each["missing"]) for each in found] == [
        ("name", 1, 0), ("room", 0, 0), ("period", 0, 0), ("amount", 0, 0), ("contact", 0, 1),
    ]  # fmt: skip
