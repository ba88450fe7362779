"""What the board can do, the API can do: the same operations, the same rights."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.models import BankLine, Payment
from billing.operations import open_special_case
from billing.queries import credits_of
from tests.billing.test_bank import DAY, NOW
from tests.billing.test_bank_pages import bank

pytestmark = pytest.mark.django_db
__all__ = ["bank"]  # the fixture


@pytest.fixture
def post(office: SimpleNamespace, sign_in: Any) -> Any:
    """Send a body as somebody; returns (status, answer)."""

    def send(role: str, name: str, *args: int, **body: Any) -> tuple[int, Any]:
        client = sign_in(office.people[role])
        answer = client.post(reverse(f"api:{name}", args=args), body, content_type="application/json")
        return answer.status_code, answer.json()

    return send


def test_a_transfer_is_split_undone_and_sent_back(bank: Any, post: Any, office: Any) -> None:
    line = bank.stranger.pk
    short = [{"account": bank.one.pk, "amount": "20.00"}, {"account": bank.two.pk, "amount": "20.00"}]
    status, answer = post("finance", "bank-line-split", line, parts=short)
    assert (status, answer["code"]) == (409, "split_does_not_add_up")
    status, made = post("finance", "bank-line-split", line, parts=[short[0], short[1] | {"amount": "30.00"}])
    assert (status, [each["amount"] for each in made]) == (201, ["20.00", "30.00"])
    assert post("finance", "bank-line-release", line, reason="拆错了")[1]["state"] == "unclaimed"
    status, answer = post("finance", "bank-line-refund", line, refunded_on=f"{DAY}", note="误转，原路退回")
    assert (status, answer["state"]) == (200, "refunded")
    with office.open():
        assert sum(Payment.objects.values_list("amount", flat=True)) == 0


def test_together_in_bulk_and_aside(bank: Any, post: Any) -> None:
    status, made = post("finance", "bank-line-accept", lines=[], certain=True)
    assert (status, [each["bank_line"] for each in made]) == (201, [bank.sure.pk])
    lines = [bank.likely.pk, bank.stranger.pk]
    status, made = post("finance", "bank-line-together", lines=lines, account=bank.two.pk)
    assert (status, [each["account"] for each in made]) == (201, [bank.two.pk] * 2)
    assert post("finance", "bank-line-accept", lines=lines)[1] == [], "decided meanwhile: left alone"
    assert post("finance", "bank-line-aside", bank.sure.pk)[1]["code"] == "claimed_already"


def test_what_was_closed_is_undone_by_finance_only(bank: Any, post: Any) -> None:
    post("finance", "bank-line-claim", bank.sure.pk, account=bank.one.pk)
    status, day = post("finance", "bank-day-list", on=f"{DAY}")
    assert (status, day["total"], day["claimed"], day["unclaimed"]) == (201, "1250.00", "600.00", "650.00")
    assert post("finance", "bank-day-list", on=f"{DAY}")[0] == 409, "once"
    assert post("collector", "bank-line-release", bank.sure.pk, reason="试试")[1]["code"] == "day_closed"
    assert post("finance", "bank-line-release", bank.sure.pk, reason="认错了")[0] == 200


def test_receipt_and_refund_of_credit(bank: Any, post: Any, office: Any, sign_in: Any) -> None:
    body = {"account": bank.one.pk, "amount": "700.00", "value_on": f"{DAY}", "kind": "counter"}
    _status, paid = post("finance", "payment-list", **body)
    status, receipt = post("finance", "payment-receipt", paid["id"])
    assert (status, receipt["number"].startswith("收〔")) == (201, True)
    assert post("finance", "payment-receipt", paid["id"])[1]["id"] == receipt["id"], "the one that exists"
    paper = sign_in(office.people["finance"]).get(reverse("api:receipt-pdf", args=[receipt["id"]]))
    assert hashlib.sha256(paper.content).hexdigest() == receipt["pdf_sha256"]
    asked = {
        "account": bank.one.pk,
        "amount": "100.00",
        "value_on": f"{DAY}",
        "reason": "退预存",
        "idempotency_key": "r1",
    }
    for _click in range(2):
        assert post("finance", "payment-refund", **asked)[0] == 201
    assert post("finance", "payment-refund", **asked | {"amount": "1.00"})[1]["code"] == "idempotency_key_taken"
    with office.open():
        assert credits_of([bank.one.pk]) == {}


def test_proof_is_added_to_an_open_case(bank: Any, office: Any, sign_in: Any) -> None:
    with office.open():
        case = open_special_case(
            account=bank.one, kind="legacy_issue", starts_on=DAY, note="漏水未修", issue_owner="工程部",
            review_on=NOW.date() + timedelta(days=7), by=office.people["finance"], at=NOW,
        )  # fmt: skip
    client = sign_in(office.people["finance"])
    where = reverse("api:special-case-evidence", args=[case.pk])
    assert client.post(where, {"evidence": SimpleUploadedFile("证明.pdf", b"%PDF-1.4 proof")}).json()["evidence"]
    assert client.post(where, {}).status_code == 400


WRITES = [
    ("bank-line-split", "stranger", {"parts": [{"account": 1, "amount": "50.00"}]}),
    ("bank-line-refund", "stranger", {"refunded_on": f"{DAY}", "note": "退回"}),
    ("bank-line-together", "", {"lines": [1], "account": 1}),
    ("bank-line-accept", "", {"certain": True}),
    ("bank-line-aside", "stranger", {}),
    ("bank-day-list", "", {"on": f"{DAY}"}),
    ("payment-refund", "", {"account": 1, "amount": "1.00", "value_on": f"{DAY}", "reason": "退"}),
]


@pytest.mark.parametrize(("name", "line", "body"), WRITES, ids=[name for name, _line, _body in WRITES])
def test_who_may_only_read_changes_nothing(name: str, line: str, body: Any, bank: Any, post: Any, office: Any) -> None:
    args = [getattr(bank, line).pk] if line else []
    assert post("manager", name, *args, **body)[0] == 403
    with office.open():
        assert not Payment.objects.exists()
        assert set(BankLine.objects.values_list("state", flat=True)) <= {"suggested", "unclaimed"}
