"""到账核对 as people work it: by keys, on a desk or a phone, with and without scripts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from billing.models import BankDay, BankLine, Payment, PaymentReceipt
from billing.operations import claim_line, close_bank_day
from tests.billing.test_bank import DAY, NOW, Bank

D = Decimal

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(office: SimpleNamespace) -> Bank:
    """Two households that owe 600 each, and three transfers: one certain, one likely, one of a stranger."""
    with office.open():
        bank = Bank()
        bank.one = bank.household("张三", "1", "1", "0101")  # type: ignore[attr-defined]
        bank.two = bank.household("李四", "1", "1", "0102")  # type: ignore[attr-defined]
        bank.sure = bank.line("600.00", payer="张三", memo="1-1-0101物业费")  # type: ignore[attr-defined]
        bank.likely = bank.line("600.00", payer="李四")  # type: ignore[attr-defined]
        bank.stranger = bank.line("50.00", payer="路人")  # type: ignore[attr-defined]
        bank.match(bank.sure)  # type: ignore[attr-defined]
        return bank


@pytest.fixture
def finance(office: SimpleNamespace, sign_in: Any) -> Any:
    return sign_in(office.people["finance"])


def of(line: BankLine) -> BankLine:
    return BankLine.objects.get(pk=line.pk)


def test_the_board_shows_reasons_what_will_be_settled_and_the_keys(bank: Any, finance: Any) -> None:
    page = finance.get(reverse("billing:bank")).content.decode()
    for words in ("附言写明 1栋1单元0101室", "将冲抵", "2024年1月—3月", "data-enter", 'data-key="s"', 'data-key="b"'):
        assert words in page
    panel = finance.get(
        reverse("billing:bank") + f"?line={bank.likely.pk}&part=panel", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in panel
    assert "付款人 李四 是业主" in panel


def test_after_a_claim_the_next_line_is_shown_and_u_takes_it_back(bank: Any, finance: Any, office: Any) -> None:
    answer = finance.post(
        reverse("billing:bank-claim", args=[bank.sure.pk]),
        {"account": bank.one.pk, "state": "suggested"},
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert f'data-panel-of="{bank.likely.pk}"' in page
    assert 'data-key="u"' in page
    assert f"line={bank.likely.pk}" in answer["HX-Replace-Url"]
    finance.post(reverse("billing:bank-release", args=[bank.sure.pk]), {"reason": "认领后立即撤销"})
    with office.open():
        assert of(bank.sure).state == "suggested"


def test_a_refusal_is_said_on_the_board(bank: Any, finance: Any) -> None:
    where = reverse("billing:bank-split", args=[bank.sure.pk])
    parts = {"account": [bank.one.pk, bank.two.pk], "amount": ["300", "200"]}
    answer = finance.post(where, parts, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "相差 ¥100.00" in answer.content.decode()
    answer = finance.post(where, parts | {"amount": ["三百", "300"]}, follow=True)
    assert "不是金额" in answer.content.decode()


def test_split_together_and_by_designated_bill(bank: Any, finance: Any, office: Any) -> None:
    finance.post(
        reverse("billing:bank-split", args=[bank.sure.pk]),
        {"account": [bank.one.pk, bank.two.pk], "amount": ["￥500.00", "100元"]},
    )
    board = finance.get(
        reverse("billing:bank") + f"?ids={bank.likely.pk}&ids={bank.stranger.pk}&q=1-1-0102"
    ).content.decode()
    assert "2 笔到账，共 ¥650.00" in board
    ids = [bank.likely.pk, bank.stranger.pk]
    finance.post(reverse("billing:bank-together"), {"account": bank.two.pk, "ids": ids})
    with office.open():
        assert sorted(Payment.objects.values_list("amount", flat=True)) == [D(50), D(100), D(500), D(600)]
        assert {of(line).state for line in (bank.sure, bank.likely, bank.stranger)} == {"claimed"}


def test_all_that_is_certain_is_accepted_at_once_and_the_rest_stays(bank: Any, finance: Any, office: Any) -> None:
    finance.post(reverse("billing:bank-claim-many"), {"certain": "1"})
    with office.open():
        assert (of(bank.sure).state, of(bank.likely).state) == ("claimed", "suggested")


def test_a_refund_is_finances_and_a_mark_is_anybodys_who_matches(
    bank: Any, finance: Any, office: Any, client: Any
) -> None:
    facts = {"refunded_on": "2026-09-01", "note": "误转，原路退回"}
    where = reverse("billing:bank-refund", args=[bank.stranger.pk])
    finance.post(where, {"note": "误转"})
    with office.open():
        assert of(bank.stranger).state == "unclaimed"
    finance.post(where, facts)
    with office.open():
        assert (of(bank.stranger).state, of(bank.stranger).refunded_on) == ("refunded", date(2026, 9, 1))
    client.force_login(office.people["collector"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("billing:bank-refund", args=[bank.likely.pk]), facts).status_code == 403
    client.post(reverse("billing:bank-aside", args=[bank.likely.pk]))
    with office.open():
        assert of(bank.likely).state == "not_fees"


def test_a_day_is_closed_by_finance_and_says_by_whom(bank: Any, finance: Any, office: Any, client: Any) -> None:
    page = finance.get(reverse("billing:bank-days")).content.decode()
    assert "1,250.00" in page
    finance.post(reverse("billing:bank-day-close"), {"on": "2026-08-31"})
    with office.open():
        assert BankDay.objects.get().closed_by == office.people["finance"]
        claim_line(line=bank.sure, account=bank.one, by=office.people["collector"], at=NOW)
    page = finance.get(reverse("billing:bank-days")).content.decode()
    assert str(office.people["finance"]) in page
    assert "结后有变动" in page
    client.force_login(office.people["collector"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("billing:bank-day-close"), {"on": "2026-08-31"}).status_code == 403
    answer = client.post(reverse("billing:bank-release", args=[bank.sure.pk]), {"reason": "认错户"}, follow=True)
    assert "只能由财务撤销" in answer.content.decode()


def test_no_page_grows_with_the_number_of_lines(bank: Any, finance: Any, office: Any) -> None:
    with office.open():
        BankLine.objects.bulk_create(
            BankLine(
                batch=bank.batch, row_no=n, on=DAY, amount=D(n), payer=f"路人{n}", memo="转账", line_key=f"many{n}"
            )
            for n in range(100, 700)
        )
    page = finance.get(reverse("billing:bank") + "?state=unclaimed").content.decode()
    assert page.count("data-row=") == 50


def test_a_receipt_is_opened_from_the_claimed_transfer_and_credit_given_back(
    bank: Any, finance: Any, office: Any
) -> None:
    with office.open():
        payment = claim_line(line=bank.sure, account=bank.two, by=office.people["finance"], at=NOW)
        extra = claim_line(line=bank.stranger, account=bank.two, by=office.people["finance"], at=NOW)
        close_bank_day(on=DAY, by=office.people["finance"], at=NOW)
    answer = finance.post(reverse("billing:receipt-issue", args=[payment.pk]), follow=True)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    with office.open():
        assert PaymentReceipt.objects.get().payment == payment
        assert not extra.allocations.exists()
    page = finance.get(reverse("billing:refund", args=[bank.two.pk])).content.decode()
    assert "¥50.00" in page
    facts = {"amount": "50.01", "value_on": "2026-09-01", "reason": "业主要求退回"}
    refused = finance.post(reverse("billing:refund", args=[bank.two.pk]), facts)
    assert refused.status_code == 422
    finance.post(reverse("billing:refund", args=[bank.two.pk]), facts | {"amount": "50.00"})
    with office.open():
        assert Payment.objects.get(kind="refund").amount == D("-50.00")
