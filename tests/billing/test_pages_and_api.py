"""Three doors, one room: pages, API and commands do the same, and each lets in only whom the table allows."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.models import Account, BankLine, Bill, ImportBatch, Payment, SpecialCase
from billing.operations import commit_import, upload_file
from tests.billing.conftest import BANK, BILLS, REGISTER, SAMPLES, UPLOADED

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(office: SimpleNamespace) -> SimpleNamespace:
    """The office with register, bills and statement imported, its scope closed again."""
    with office.open():
        for kind, name in (("register", REGISTER), ("bills", BILLS), ("bank", BANK)):
            with (SAMPLES / name).open("rb") as file:
                batch = upload_file(
                    kind=kind, file=file, name=name, community=None, by=office.people["finance"], at=UPLOADED
                )
            office.batch = commit_import(batch=batch, accept_good=True, by=office.people["finance"], at=UPLOADED)
            setattr(office, kind, batch.pk)
        office.account = Account.objects.get(room__building="1", room__unit="1", room__number="0101").pk
    return office


def _file(name: str) -> Any:
    return (SAMPLES / name).open("rb")


def step(answer: Any, name: str) -> str:
    """The address of a step of the batch to which an upload's answer leads."""
    return reverse(f"billing:import-{name}", args=[int(answer["Location"].split("/")[3])])


def test_finance_uploads_checks_and_commits_on_pages(office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(office.people["finance"])
    answer = client.post(reverse("billing:import-upload"), {"kind": "register", "file": _file(REGISTER)})
    assert answer.status_code == 302
    preview = client.get(answer["Location"])
    assert "480" in preview.content.decode()
    assert "业主姓名" in client.get(step(answer, "columns")).content.decode()
    client.post(step(answer, "commit"))
    answer = client.post(reverse("billing:import-upload"), {"kind": "bills", "file": _file(BILLS)})
    page = client.get(answer["Location"]).content.decode()
    assert "“待核”不是金额" in page
    assert "I列「应收金额」" in page
    assert "371,205.03" in page
    refused = client.post(step(answer, "commit"))
    assert refused.status_code == 422
    assert "8 行错误" in refused.content.decode()
    assert client.post(step(answer, "commit"), {"accept_good": "on"}).status_code == 302
    with office.open():
        assert Bill.objects.count() == 1912
    workbook = client.get(step(answer, "refused"))
    assert workbook.content[:2] == b"PK"
    assert client.get(reverse("billing:imports")).status_code == 200


def test_a_bad_upload_keeps_the_form_and_says_why(office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(office.people["finance"])
    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64))
    picture.name = "账单.xlsx"
    answer = client.post(reverse("billing:import-upload"), {"kind": "bills", "file": picture})
    assert answer.status_code == 422
    assert "这是一张图片" in answer.content.decode()
    with office.open():
        assert not ImportBatch.objects.exists()


def test_the_supervisor_signs_a_batch_off_by_name(ready: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(ready.people["supervisor"])
    assert client.post(reverse("billing:import-sign-off", args=[ready.bills])).status_code == 302
    with ready.open():
        assert ImportBatch.objects.get(pk=ready.bills).signed_off_by == ready.people["supervisor"]
        assert not Bill.objects.filter(is_reconciled=False).exists()


def test_a_transfer_is_claimed_released_and_set_aside(ready: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(ready.people["collector"])
    page = client.get(reverse("billing:bank")).content.decode()
    assert "附言写明" in page
    with ready.open():
        line = BankLine.objects.filter(state="suggested").order_by("on", "row_no").first()
    client.post(reverse("billing:bank-claim", args=[line.pk]), {"account": line.suggested_id})
    with ready.open():
        payment = Payment.objects.get(bank_line=line)
        assert (payment.amount, payment.account_id) == (line.amount, line.suggested_id)
    assert "已认领" in client.get(reverse("billing:bank") + f"?line={line.pk}").content.decode()
    client.post(reverse("billing:bank-release", args=[line.pk]), {"reason": "认错了"})
    client.post(reverse("billing:bank-aside", args=[line.pk]))
    with ready.open():
        assert Payment.objects.filter(reverses=payment).exists()
        assert BankLine.objects.get(pk=line.pk).state == "not_fees"


def test_ticked_suggestions_are_accepted_together(ready: SimpleNamespace, sign_in: Any) -> None:
    with ready.open():
        ids = list(BankLine.objects.filter(score__gte=95).values_list("pk", flat=True)[:10])
    sign_in(ready.people["finance"]).post(reverse("billing:bank-claim-many"), {"ids": ids})
    with ready.open():
        assert BankLine.objects.filter(pk__in=ids, state="claimed").count() == 10


def test_counter_payment_and_its_reversal_on_the_household_panel(ready: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(ready.people["finance"])
    address = reverse("billing:payments", args=[ready.account])
    body = {
        "amount": "1013.58",
        "value_on": "2025-03-01",
        "kind": "counter",
        "payer": "陈梅轩",
        "idempotency_key": "once",
    }
    assert client.post(address, body).status_code == 302
    client.post(address, body)  # sent twice by an impatient finger
    with ready.open():
        payment = Payment.objects.get(kind="counter")
        assert payment.allocations.get().bill.period_start.isoformat() == "2024-04-01"
    client.post(reverse("billing:payment-reverse", args=[payment.pk]), {"reason": "录错户"})
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "已冲正" in page
    assert "<html" not in page
    wrong = client.post(address, body | {"amount": "-5", "idempotency_key": ""})
    assert wrong.status_code == 422


def test_special_case_is_opened_and_closed_on_the_panel(ready: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(ready.people["supervisor"])
    address = reverse("billing:special-cases", args=[ready.account])
    answer = client.post(
        address, {"kind": "pending_transfer", "starts_on": "2026-09-01", "note": "业主称已转账，凭证见附件"}
    )
    assert answer.status_code == 302
    with ready.open():
        case = SpecialCase.objects.get(account_id=ready.account)
        assert case.ends_before.isoformat() == "2026-09-05"
    client.post(reverse("billing:special-case-close", args=[case.pk]), {"reason": "已到账"})
    assert "解除" in client.get(address).content.decode()


def test_a_reduction_needs_a_second_person(ready: SimpleNamespace, sign_in: Any) -> None:
    with ready.open():
        bill = Bill.objects.get(account_id=ready.account, period_start="2024-04-01")
    client = sign_in(ready.people["finance"])
    address = reverse("billing:reductions", args=[ready.account])
    assert client.post(address, {"bill": bill.pk, "amount": "100", "reason": "漏水停用"}).status_code == 302
    with ready.open():
        adjustment = bill.adjustments.get()
    assert (
        client.post(reverse("billing:reduction-decide", args=[adjustment.pk]), {"decision": "approve"}).status_code
        == 403
    )
    client = sign_in(ready.people["manager"])
    assert "漏水停用" in client.get(reverse("billing:reductions-pending")).content.decode()
    client.post(reverse("billing:reduction-decide", args=[adjustment.pk]), {"decision": "approve"})
    with ready.open():
        assert bill.adjustments.get().state == "approved"


PAGES = ("billing:imports", "billing:import-upload", "billing:bank", "billing:reductions-pending")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("finance", {"billing:imports", "billing:import-upload", "billing:bank"}),
        ("collector", {"billing:imports", "billing:bank"}),
        ("supervisor", {"billing:imports", "billing:bank"}),
        ("manager", {"billing:imports", "billing:bank", "billing:reductions-pending"}),
        ("legal", {"billing:imports", "billing:bank"}),
        ("admin", set()),
    ],
)
def test_who_may_see_which_page(office: SimpleNamespace, sign_in: Any, role: str, allowed: set[str]) -> None:
    client = sign_in(office.people[role])
    seen = {page for page in PAGES if client.get(reverse(page)).status_code == 200}
    assert seen == allowed


def test_a_colleague_without_the_right_changes_nothing(ready: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(ready.people["legal"])
    with ready.open():
        line = BankLine.objects.filter(state="suggested").first()
        before = Payment.objects.count()
    attempts = [
        (reverse("billing:import-undo", args=[ready.bills]), {"reason": "x"}),
        (reverse("billing:import-reverse", args=[ready.bills]), {"reason": "x"}),
        (reverse("billing:import-columns", args=[ready.bills]), {}),
        (reverse("billing:import-fix", args=[ready.bills]), {"cell:0:2:0": "x"}),
        (reverse("billing:import-commit", args=[ready.bills]), {}),
        (reverse("billing:import-discard", args=[ready.bills]), {}),
        (reverse("api:import-reverse", args=[ready.bills]), {"reason": "x"}),
        (reverse("api:import-columns", args=[ready.bills]), {}),
        (reverse("api:import-fix", args=[ready.bills]), {}),
        (reverse("billing:import-sign-off", args=[ready.bills]), {}),
        (reverse("billing:bank-claim", args=[line.pk]), {"account": line.suggested_id}),
        (
            reverse("billing:payments", args=[ready.account]),
            {"amount": "1", "value_on": "2025-01-01", "kind": "counter"},
        ),
        (
            reverse("billing:special-cases", args=[ready.account]),
            {"kind": "other", "starts_on": "2026-01-01", "note": "x"},
        ),
        (reverse("api:import-undo", args=[ready.bills]), {"reason": "x"}),
    ]
    assert [client.post(address, body).status_code for address, body in attempts] == [403] * len(attempts)
    with ready.open():
        assert Payment.objects.count() == before


def test_the_other_office_finds_nothing_of_ours(
    ready: SimpleNamespace, other_office: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(other_office.people["finance"])
    steps = (
        "import",
        "import-columns",
        "import-check",
        "import-row",
        "import-commit",
        "import-result",
        "import-refused",
    )
    for view, pk in ((view, ready.bills) for view in steps):
        assert client.get(reverse(f"billing:{view}", args=[pk])).status_code == 404
    assert client.get(reverse("api:import-detail", args=[ready.bills])).status_code == 404
    assert client.get(reverse("api:account-list")).json()["count"] == 0
    with ready.open():
        line = BankLine.objects.first()
    assert client.post(reverse("billing:bank-claim", args=[line.pk]), {"account": ready.account}).status_code == 404


def test_the_api_walks_the_same_way(office: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(office.people["finance"])
    register = client.post(reverse("api:import-list"), {"kind": "register", "file": _file(REGISTER)}).json()
    assert register["state"] == "previewed"
    client.post(reverse("api:import-commit", args=[register["id"]]), {}, content_type="application/json")
    bills = client.post(reverse("api:import-list"), {"kind": "bills", "file": _file(BILLS)}).json()
    rows = client.get(reverse("api:import-rows", args=[bills["id"]]), {"tab": "refused"}).json()
    assert rows["count"] == 8
    assert rows["results"][0]["row_no"] == 473
    no = client.post(reverse("api:import-commit", args=[bills["id"]]), {}, content_type="application/json")
    assert (no.status_code, no.json()["code"]) == (422, "rows_refused")
    yes = client.post(
        reverse("api:import-commit", args=[bills["id"]]), {"accept_good": True}, content_type="application/json"
    )
    assert yes.json()["totals"]["written"]["open"] == "371205.03"
    (account,) = client.get(reverse("api:account-list"), {"q": "3-1-502"}).json()["results"]
    assert account["room"] == "3-1-0502"
    body = {
        "account": account["id"],
        "amount": "10.00",
        "value_on": "2025-02-01",
        "kind": "counter",
        "idempotency_key": "k1",
    }
    first = client.post(reverse("api:payment-list"), body, content_type="application/json")
    again = client.post(reverse("api:payment-list"), body, content_type="application/json")
    assert first.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    reversal = client.post(
        reverse("api:payment-reverse", args=[first.json()["id"]]), {"reason": "测试"}, content_type="application/json"
    )
    assert reversal.json()["amount"] == "-10.00"


def test_the_command_says_what_it_did_and_refuses_like_the_page(office: SimpleNamespace, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("import_register", str(SAMPLES / REGISTER), office="huating", stdout=out)
    with pytest.raises(CommandError, match="8 行错误"):
        call_command("import_bills", str(SAMPLES / BILLS), office="huating", stdout=io.StringIO())
    with office.open():
        assert ImportBatch.objects.count() == 1  # the refused run left nothing
    call_command(
        "import_bills", str(SAMPLES / BILLS), office="huating", accept_good=True, by="huating-finance", stdout=out
    )
    call_command("import_bank", str(SAMPLES / BANK), office="huating", stdout=out)
    assert "第 473 行 I列「应收金额」" in out.getvalue()
    assert "371205.03：一致" in out.getvalue()
    with office.open():
        assert sum(bill.amount for bill in Bill.objects.all()) == Decimal("1481521.40")


@pytest.mark.parametrize(
    ("typed", "rooms"),
    [
        ("3-1-502", ["3-1-0502"]),
        ("3栋1单元0502", ["3-1-0502"]),
        ("３号楼一单元502室", ["3-1-0502"]),
        ("301502", ["3-1-0502"]),
        ("4-2-1504", ["4-2-1504"]),
        ("上官霞伟", ["4-2-1504"]),
        ("shangguanxiawei", ["4-2-1504"]),
        ("8225", ["4-2-1504"]),
        ("19900008225", ["4-2-1504"]),
        ("朱轩华", ["1-1-0104"]),
        ("杨子刚", ["1-1-0104"]),  # a co-owner
        ("", []),
        ("没有这个人", []),
    ],
)
def test_one_box_finds_a_household(ready: SimpleNamespace, typed: str, rooms: list[str]) -> None:
    from billing.queries import find_accounts

    with ready.open():
        assert [str(account.room) for account in find_accounts(typed)] == rooms
