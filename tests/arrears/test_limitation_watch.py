"""时效预警: acts come from service and payments, the page counts what one letter today would save."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arrears.models import LimitationEvent
from arrears.operations import interrupt_limitation
from arrears.queries import bill_lines, clocks, limitation_watch
from arrears.rules.position import AccountFacts
from billing.models import Account, Bill, Payment
from billing.operations import claim_line, reverse_import, reverse_payment
from collection.operations.service import serve_notice
from tests.billing.test_bank import Bank
from tests.collection.cast import household, photo, rendered, served, settle_in
from tests.conftest import at
from tests.factories.books import Books, quarter

NEAR = date(2027, 1, 20)  # the first quarter of 2024 was due on 2024-03-31: 70 days left


@pytest.fixture
def books(inside: Any) -> Books:
    return Books()


def owing(books: Books, *quarters: int) -> AccountFacts:
    return books.enter(AccountFacts(0, tuple(quarter(n) for n in quarters)))


def safe_dates(account_id: int, on: date) -> list[str]:
    bills = bill_lines([account_id], on)
    found = clocks(bills, on)
    return [found[bill.bill_id].safe_until.isoformat() for bill in bills]


def test_only_what_runs_out_within_180_days_is_shown_and_can_be_saved(books: Books) -> None:
    account = owing(books, 1, 2, 3)  # due 2024-03-31, 06-30, 09-30
    watch = limitation_watch(NEAR)
    assert [row.account_id for row in watch.rows] == [account.account_id]
    assert [line.days_left for line in watch.rows[0].lines] == [70, 161]
    assert (watch.saved, watch.rows[0].alert) == (D("1200.00"), 90)
    assert [(b.days, b.amount, b.bills) for b in watch.bands] == [
        (30, 0, 0),
        (90, D("600.00"), 1),
        (180, D("600.00"), 1),
        (None, 0, 0),
    ]


def test_what_has_run_out_is_shown_last_and_no_letter_saves_it(books: Books) -> None:
    gone, soon = owing(books, 1), owing(books, 2)
    watch = limitation_watch(date(2027, 4, 1))
    assert [row.account_id for row in watch.rows] == [soon.account_id, gone.account_id]
    assert [row.saved for row in watch.rows] == [D("600.00"), 0]
    assert watch.rows[1].lines[0].status == "expired"


def test_a_signed_letter_interrupts_for_the_bills_printed_on_it_and_no_others(inside: Any) -> None:
    settle_in()
    account = household(bills=2)
    notice = served(inside, account, "2026-09-12")
    printed = set(notice.lines.values_list("bill_id", flat=True))
    later = Bill.objects.create(
        account=account, fee_item=Bill.objects.first().fee_item, period_start=date(2026, 1, 1), period_end=date(2026, 3, 31),
        due_on=date(2026, 1, 15), amount=D("600.00"), is_reconciled=True, billed_on=date(2026, 1, 1),
    )  # fmt: skip
    assert set(LimitationEvent.objects.values_list("bill_id", flat=True)) == printed
    assert set(LimitationEvent.objects.values_list("strength", "on")) == {("strong", date(2026, 9, 12))}
    assert set(LimitationEvent.objects.values_list("demanded_until", flat=True)) == {notice.deadline_on}
    on = date(2026, 10, 1)
    found = clocks(bill_lines([account.pk], on), on)
    assert {found[bill].safe_until for bill in printed} == {date(2029, 9, 12)}
    assert found[later.pk].safe_until == date(2029, 1, 15)


def test_a_part_payment_interrupts_until_the_statement_it_came_with_is_taken_back(inside: Any) -> None:
    """民法典 195(2): paying a part acknowledges the rest; a payment that was another's acknowledges nothing."""
    bank = Bank()
    finance = inside.people["finance"]
    account = bank.household("王芳", "1", "1", "0101")
    on = date(2026, 10, 1)
    before = safe_dates(account.pk, on)
    claim_line(line=bank.line("200.00"), account=account, by=finance, at=at("2026-09-01"))
    assert safe_dates(account.pk, on) == ["2029-08-31"], "three years from the value date of the transfer"
    reverse_import(batch=bank.batch, by=finance, at=at("2026-09-02"), reason="别的公司的流水")
    assert safe_dates(account.pk, on) == before
    assert before != ["2029-08-31"]


WAYS = [
    ("邻居代签", {"method": "hand_delivery", "outcome": "signed", "signer": "邻居", "signer_relation": "其他人"}, ["weak"]),
    ("张贴", {"method": "door_posting", "outcome": "posted", "photos": 1}, ["weak"]),
    ("拒签有见证", {"method": "hand_delivery", "outcome": "refused", "witness": "李芳", "photos": 1}, ["medium"]),
    ("无人在家", {"method": "hand_delivery", "outcome": "absent"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("way", "details", "strengths"), WAYS, ids=[way[0] for way in WAYS])
def test_every_way_of_service_is_worth_what_it_proves(
    inside: Any, way: str, details: Any, strengths: list[str]
) -> None:
    settle_in()
    notice = rendered(inside, household(bills=1))
    photos = [(photo(), "door")] * details.pop("photos", 0)
    serve_notice(notice=notice, served_at=at("2026-09-12", 15), by=inside.people["collector"], photos=photos, **details)
    assert list(LimitationEvent.objects.values_list("strength", flat=True)) == strengths


def test_a_letter_handed_over_after_its_own_deadline_sets_no_period(inside: Any) -> None:
    settle_in()
    notice = rendered(inside, household(bills=1))
    late = at(f"{notice.deadline_on}", 15)
    serve_notice(
        notice=notice, served_at=late, by=inside.people["collector"], method="hand_delivery", outcome="refused",
        witness="李芳", photos=[(photo(), "door")],
    )  # fmt: skip
    event = LimitationEvent.objects.get()
    assert (event.on, event.demanded_until) == (notice.deadline_on, None)


def test_a_part_payment_interrupts_for_the_bill_it_settles_until_it_is_reversed(books: Books, inside: Any) -> None:
    account = owing(books, 1, 2)
    first = Bill.objects.get(pk=account.bills[0].bill_id)
    payment = books.pay(Account.objects.get(pk=account.account_id), date(2025, 5, 6), D("100.00"), bill=first)
    assert safe_dates(account.account_id, NEAR) == ["2028-05-06", "2027-06-30"]
    assert safe_dates(account.account_id, date(2025, 5, 5)) == ["2027-03-31", "2027-06-30"]
    reverse_payment(payment=payment, reason="付款人弄错", by=inside.people["finance"], at=at("2025-06-01"))
    assert safe_dates(account.account_id, NEAR) == ["2027-03-31", "2027-06-30"]


def test_what_a_file_says_was_paid_before_proves_no_day(books: Books) -> None:
    account = owing(books, 1)
    bill = Bill.objects.get(pk=account.bills[0].bill_id)
    payment = books.pay(Account.objects.get(pk=account.account_id), date(2025, 5, 6), D("100.00"), bill=bill)
    Payment.objects.filter(pk=payment.pk).update(kind=Payment.Kind.OPENING)
    assert safe_dates(account.account_id, NEAR) == ["2027-03-31"]


def test_the_same_proof_counts_once(books: Books, inside: Any) -> None:
    bill = owing(books, 1).bills[0].bill_id
    for _again in range(2):
        interrupt_limitation(
            bill_ids=[bill], kind="mediation", strength="strong", on=date(2026, 1, 5), source="mediation:2026-7",
            by=inside.people["manager"], at=at("2026-01-05"),
        )  # fmt: skip
    assert LimitationEvent.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_bills(books: Books) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            limitation_watch(NEAR)
        return len(seen)

    owing(books, 1)
    statements()  # the first also reads the office
    few = statements()
    for _more in range(8):
        owing(books, 1, 2)
    assert statements() == few


def test_page_and_api_show_it_to_those_who_may_and_nothing_of_other_office(
    office: Any, other_office: Any, sign_in: Any
) -> None:
    with office.open():
        account = owing(Books(), 1)
    address = f"{reverse('arrears:limitation')}?on=2026-11-20"
    assert "1-1-0001" in sign_in(office.people["legal"]).get(address).content.decode()
    assert sign_in(office.people["admin"]).get(address).status_code == 403
    assert "1-1-0001" not in sign_in(other_office.people["legal"]).get(address).content.decode()
    answer = sign_in(office.people["manager"]).get("/api/v1/limitation/?on=2026-11-20").json()
    assert [(row["account_id"], row["saved"]) for row in answer["results"]] == [(account.account_id, "600.00")]
    assert answer["results"][0]["lines"][0]["limitation_safe_until"] == "2027-03-31"
