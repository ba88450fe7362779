"""The dashboard's figures, from the books, by the catalogue's formulas."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.queries.figures import figures
from archive.rules.metrics import percent
from arrears.rules.position import AccountFacts, BillFacts
from billing.models import BankLine, ImportBatch, Payment
from offices.models import StoredFile
from tests.conftest import at
from tests.factories.books import Books, quarter

ON = date(2026, 11, 23)


def year_bill(year: int, amount: str, **changes) -> BillFacts:
    """One bill for a whole year, due on its last day."""
    end = date(year, 12, 31)
    return BillFacts(0, date(year, 1, 1), end, end, end, D(amount), **changes)


def test_prior_year_recovery_counts_by_value_date_and_takes_reductions_off_the_opening(inside):
    bill = year_bill(
        2025,
        "110000.00",
        payments=((date(2026, 3, 1), D("20000.00")),),
        reductions=((date(2025, 12, 31), D("10000.00")), (date(2026, 4, 1), D("5000.00"))),
    )
    Books().enter(AccountFacts(0, (bill,), receipts=bill.payments))
    found = figures(ON)
    assert (found.prior.opening, found.prior.reduced, found.prior.received) == (D(100_000), D(5_000), D(20_000))
    assert percent(found.prior.rate) == "21.05%"
    assert found.prior.closing == found.arrears.amount, "the roll-forward ties to the arrears"


def test_opening_balances_are_no_receipts_of_this_year(inside):
    bill = year_bill(2025, "1000.00", payments=((date(2026, 2, 1), D("400.00")),))
    Books().enter(AccountFacts(0, (bill,), receipts=bill.payments))
    Payment.objects.update(kind="opening")
    found = figures(ON)
    assert (found.prior.opening, found.prior.received) == (D("600.00"), D("0.00"))
    assert found.receipts == 0


def test_the_current_rate_is_of_the_chosen_fee_year(inside):
    paid = year_bill(2024, "600.00", payments=((date(2025, 1, 5), D("450.00")),))
    books = Books()
    books.enter(AccountFacts(0, (paid,), receipts=paid.payments))
    books.enter(AccountFacts(0, (year_bill(2025, "500.00"),)))
    assert figures(ON).year == 2025
    assert (percent(figures(ON).current.rate), percent(figures(ON, 2024).current.rate)) == ("0.00%", "75.00%")
    assert figures(date(2025, 1, 4), 2024).current.rate == 0, "the payment had not arrived yet"


def test_households_settled_over_households_billed(inside):
    books = Books()
    settled = quarter(1, payments=((date(2024, 4, 1), D("600.00")),))
    books.enter(AccountFacts(0, (settled,), receipts=settled.payments))
    for _ in range(2):
        books.enter(AccountFacts(0, (quarter(1),)))
    found = figures(ON)
    assert (found.households.count, found.households.whole, percent(found.households.rate)) == (1, 3, "33.33%")


def test_an_office_without_bills_shows_dashes(inside):
    found = figures(ON)
    rates = (found.current.rate, found.prior.rate, found.combined, found.households.rate, found.promises.rate)
    assert {percent(rate) for rate in rates} == {"—"}
    assert len(found.months) == 12


def test_bands_tiers_and_communities_each_add_up_to_the_arrears(inside):
    first, second = Books("华庭一期"), Books("翠湖二期")
    first.enter(AccountFacts(0, (quarter(1), quarter(2))))
    second.enter(AccountFacts(0, (year_bill(2022, "1000.00"),)))
    second.enter(
        AccountFacts(0, (BillFacts(0, date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 1), ON, D("300.00")),))
    )
    found = figures(ON)
    assert found.arrears.amount == D("2500.00")
    assert sum(band.amount for band in found.ageing) == D("2500.00")
    assert sum(tier.amount for tier in found.tiers) == D("2500.00")
    assert sum(sum(bands.values()) for _name, bands in found.communities) == D("2500.00")
    assert {tier.code: tier.households for tier in found.tiers} == {"slight": 1, "moderate": 0, "severe": 2}


def test_receipts_of_the_month_and_their_part_for_earlier_years(inside):
    old = year_bill(2025, "1000.00", payments=((date(2026, 11, 2), D("300.00")), (date(2026, 10, 31), D("100.00"))))
    Books().enter(AccountFacts(0, (old,), receipts=(*old.payments, (date(2026, 11, 3), D("50.00")))))
    found = figures(ON)
    assert (found.receipts, found.receipts_prior) == (D("350.00"), D("300.00"))
    assert [month.received for month in found.months[-2:]] == [D("100.00"), D("350.00")]


def test_unclaimed_transfers_are_counted_with_the_oldest(inside):
    file = StoredFile.objects.create(
        kind="upload", sha256="0", size=1, mime="text/csv", name="流水.csv", stored_at=at("2026-11-01")
    )
    batch = ImportBatch.objects.create(
        kind="bank", file=file, file_name="流水.csv", sha256="0", uploaded_at=at("2026-11-01")
    )
    for row, (day, state) in enumerate([(5, "unclaimed"), (2, "suggested"), (1, "claimed")]):
        BankLine.objects.create(
            batch=batch, row_no=row, on=date(2026, 11, day), amount=D("10.00"), line_key=str(row), state=state
        )
    found = figures(ON).unclaimed
    assert (found.count, found.amount, found.oldest_on) == (2, D("20.00"), date(2026, 11, 2))


@pytest.mark.parametrize("households", [1, 12])
def test_the_number_of_statements_is_fixed(inside, households):
    books = Books()
    for _ in range(households):
        books.enter(AccountFacts(0, (quarter(1), quarter(2))))
    with CaptureQueriesContext(connection) as statements:
        figures(ON)
    assert len(statements) <= 20
