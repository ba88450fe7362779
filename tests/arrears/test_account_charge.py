"""违约金 of an account from its books: terms from the contract, days on hold out, opening payments in time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.urls import reverse

from arrears.queries import account_late_charge
from arrears.rules.position import AccountFacts, Contest, Special
from billing.models import Account, Bill, Payment, ServiceContract
from tests.factories.books import Books, quarter

ON = date(2024, 6, 30)  # the first quarter of 2024, 600 yuan, was due on 2024-03-31: 91 days


@pytest.fixture
def books(inside: Any) -> Books:
    return Books()


def contract(books: Books, rate: str | None = "0.0005", **more: Any) -> ServiceContract:
    return ServiceContract.objects.create(
        community=books.community,
        **{"kind": "regular", "starts_on": date(2020, 1, 1), "late_charge_per_day": rate and D(rate)} | more,
    )


def account(books: Books, **changes: Any) -> Account:
    return Account.objects.get(pk=books.enter(AccountFacts(0, (quarter(1, **changes),))).account_id)


def figures(who: Account, on: date = ON) -> tuple[str, str]:
    found = account_late_charge(who, on)
    return str(found.claimed), str(found.supported)


def test_91_days_at_five_per_ten_thousand_and_what_a_court_supports(books: Books) -> None:
    contract(books)
    assert figures(account(books)) == ("27.30", "6.71")  # 600 × 0.0345 × 1.3 × 91 / 365


@pytest.mark.parametrize("rate", [None, "0"])
def test_without_a_clause_nothing_is_charged(books: Books, rate: str | None) -> None:
    contract(books, rate)
    assert figures(account(books)) == ("0.00", "0.00")


def test_without_a_contract_on_file_nothing_is_charged(books: Books) -> None:
    assert account_late_charge(account(books), ON).contract is None


def test_the_next_contract_takes_over_on_its_first_day(books: Books) -> None:
    contract(books, "0.001", kind="preliminary", starts_on=date(2019, 1, 1))
    contract(books, "0.0005", starts_on=date(2024, 6, 1))
    assert figures(account(books))[0] == "45.60"  # 61 days at 0.001, 30 at 0.0005


def test_a_contract_goes_on_past_its_term_until_the_next_begins(books: Books) -> None:
    contract(books, ends_on=date(2023, 12, 31))
    assert figures(account(books))[0] == "27.30"


def test_days_on_hold_do_not_count_and_a_partial_contest_lowers_the_base(books: Books) -> None:
    contract(books)
    may = (date(2024, 5, 1), date(2024, 5, 21))
    held = books.enter(AccountFacts(0, (quarter(1),), specials=(Special("other", *may),)))
    full = account(books, contests=(Contest(*may, D("600.00"), True),))
    partial = account(books, contests=(Contest(*may, D("300.00"), False),))
    assert figures(Account.objects.get(pk=held.account_id))[0] == "21.30"
    assert figures(full)[0] == "21.30"
    assert figures(partial)[0] == "24.30"


def test_a_payment_counts_from_its_day_and_an_opening_one_as_in_time(books: Books) -> None:
    contract(books)
    who = account(books)
    bill = Bill.objects.get(account=who)
    payment = books.pay(who, date(2024, 4, 30), D("200.00"), bill=bill)
    assert figures(who)[0] == "21.20"  # 30 days on 600, 61 on 400
    Payment.objects.filter(pk=payment.pk).update(kind=Payment.Kind.OPENING)
    assert figures(who)[0] == "18.20"  # 91 days on 400


def test_a_past_day_is_charged_as_of_that_day(books: Books) -> None:
    contract(books)
    who = account(books)
    assert [figures(who, date(2024, 3, 31) + timedelta(days=n))[0] for n in (0, 1, 10)] == ["0.00", "0.30", "3.00"]


def test_page_and_api_show_it_and_never_add_it_to_the_arrears(office: Any, other_office: Any, sign_in: Any) -> None:
    with office.open():
        books = Books()
        contract(books, late_charge_clause="逾期每日按欠费的万分之五支付违约金")
        who = account(books)
    page = reverse("archive:household", args=[who.pk]) + "?on=2024-06-30"
    text = sign_in(office.people["legal"]).get(page).content.decode()
    assert "合同可主张" in text
    assert "¥27.30" in text
    assert "¥627.30" not in text
    assert "滞纳金" not in text
    api = f"/api/v1/accounts/{who.pk}/late-charge/?on=2024-06-30"
    assert sign_in(office.people["legal"]).get(api).json()["claimed"] == "27.30"
    assert sign_in(office.people["admin"]).get(api).status_code == 403
    assert sign_in(other_office.people["legal"]).get(api).status_code == 404
