"""户档案: one household with everything that ever happened to it; the ledger; the workbook."""

from datetime import date
from decimal import Decimal as D

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.operations import export_ledger
from archive.queries.households import household, household_page, search
from archive.queries.ledger import LedgerFilters, ledger
from archive.queries.timeline import timeline
from arrears.rules.position import AccountFacts
from billing.models import Account, ContactPoint
from billing.operations.payments import record_payment, reverse_payment
from billing.operations.special_cases import close_special_case, open_special_case
from collection.models import Case, Contact, Promise, Strategy
from disputes.operations import raise_dispute, resolve_dispute
from offices.models import SecurityEvent
from tests.conftest import at
from tests.factories.books import Books, quarter

ON = date(2024, 12, 1)


@pytest.fixture
def account(inside):
    """An account with two unpaid quarters and a phone."""
    facts = Books().enter(AccountFacts(0, (quarter(1), quarter(2))))
    found = Account.objects.select_related("room__community", "owner").get(pk=facts.account_id)
    ContactPoint.objects.create(owner=found.owner, kind="phone", value="13812345678", tail="5678")
    return found


def live(account, office):
    """A payment and its reversal, a hold, a dispute, a call with a promise: what a household lives through."""
    finance, collector = office.people["finance"], office.people["collector"]
    payment = record_payment(
        account=account,
        amount=D("100.00"),
        value_on=date(2024, 10, 2),
        kind="bank",
        by=finance,
        at=at("2024-10-03"),
        payer="张三",
    )
    reverse_payment(payment=payment, by=finance, at=at("2024-10-05"), reason="记错户")
    case = open_special_case(
        account=account,
        kind="other",
        starts_on=date(2024, 10, 10),
        note="家中有丧事",
        by=collector,
        at=at("2024-10-10"),
    )
    close_special_case(case=case, by=collector, at=at("2024-10-20"), reason="已过")
    dispute = raise_dispute(
        account=account, kind="service", owner_words="电梯常坏", lines={}, by=collector, at=at("2024-11-01")
    )
    resolve_dispute(dispute=dispute, ruling="withdrawn", explanation="电梯已修好", by=collector, at=at("2024-11-05"))
    call = Contact.objects.create(
        account=account,
        channel="call",
        outcome="promised",
        reached=True,
        at=at("2024-11-10"),
        by=collector,
        owner_words="月底发工资",
    )
    Promise.objects.create(
        account=account, contact=call, made_on=date(2024, 11, 10), promised_on=date(2024, 11, 30), amount=D("600.00")
    )


def test_the_timeline_tells_everything_in_one_order(account, inside):
    live(account, inside)
    told = [(event.kind, event.title) for event in reversed(timeline(account, ON))]
    kinds = [kind for kind, _title in told if kind != "import"]
    assert kinds == ["payment", "reversal", "hold", "hold", "dispute", "dispute", "call", "promise"]
    assert told[-1][1] == "承诺 2024-11-30 前缴 ¥600.00"
    assert any("记错户" in line for event in timeline(account, ON) for line in event.lines)


def test_the_timeline_as_of_a_day_knows_nothing_later(account, inside):
    live(account, inside)
    assert {event.kind for event in timeline(account, date(2024, 10, 3))} == {"import", "payment"}


def test_the_timeline_may_be_narrowed_to_one_kind(account, inside):
    live(account, inside)
    assert {event.kind for event in timeline(account, ON, only="money")} == {"import", "payment", "reversal"}


def test_the_timeline_takes_a_fixed_number_of_statements(account, inside):
    counts = []
    for _ in range(3):
        live(account, inside)
        Promise.objects.update(state="kept", settled_on=date(2024, 11, 30), received=D("600.00"))
        with CaptureQueriesContext(connection) as statements:
            timeline(account, ON)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 25


def test_the_household_as_of_a_day(account, inside):
    live(account, inside)
    assert household(account.pk, date(2024, 10, 4)).position.arrears == D("1100.00")
    assert household(account.pk, date(2024, 10, 5)).position.arrears == D("1200.00")
    held = household(account.pk, date(2024, 10, 15))
    assert (held.position.special, held.position.pursuable) == (D("1200.00"), D("0.00"))
    assert [band.amount for band in held.bands] == [D("600.00"), D("600.00")]


def test_the_list_is_narrowed_by_what_is_owed(account, inside):
    settled = quarter(1, payments=((date(2024, 4, 1), D("600.00")),))
    books = Books("翠湖二期")
    free = books.enter(AccountFacts(0, (settled,), receipts=settled.payments)).account_id
    assert [row.account.pk for row in household_page(ON, scope="arrears")[1]] == [account.pk]
    assert [row.account.pk for row in household_page(ON, scope="settled")[1]] == [free]
    assert len(household_page(ON)[1]) == 2


def test_the_list_takes_as_many_statements_for_many_as_for_few(inside):
    books, counts = Books(), []
    ledger(ON)  # the office itself is read once
    for more in (1, 12):
        for _ in range(more):
            books.enter(AccountFacts(0, (quarter(1),)))
        with CaptureQueriesContext(connection) as statements:
            household_page(ON)
            ledger(ON)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_search_finds_by_the_tail_of_a_phone_and_says_what_is_owed(account, inside):
    (hit,) = search("5678", ON)
    assert (hit.account.pk, hit.position.arrears) == (account.pk, D("1200.00"))


def test_the_ledger_has_one_row_per_household_with_its_last_contact(account, inside):
    live(account, inside)
    found = ledger(ON)
    (row,) = found.rows
    assert (row.room, row.owner, row.position.arrears, row.entries) == ("1-1-0001", "张三", D("1200.00"), 1)
    assert (row.last.method, row.last.result, row.last.response) == ("电话", "承诺缴费", "月底发工资")
    assert (row.promised_on, row.promised_amount) == (date(2024, 11, 30), D("600.00"))
    assert found.totals.arrears == D("1200.00")


def test_settled_households_stay_in_the_ledger_when_asked_for(account, inside):
    strategy = Strategy.objects.create(name="默认", effective_on=date(2024, 1, 1))
    Case.objects.create(account=account, strategy=strategy, opened_on=date(2024, 7, 1), next_action_on=ON)
    record_payment(account=account, amount=D("1200.00"), value_on=ON, kind="bank", by=None, at=at("2024-12-01"))
    assert ledger(ON).rows == ()
    (row,) = ledger(ON, LedgerFilters(scope="all")).rows
    assert row.position.arrears == 0


def workbook(office, **changes):
    asked = {
        "on": ON,
        "filters": LedgerFilters(),
        "reveal_phones": False,
        "by": office.people["legal"],
        "at": at("2024-12-01"),
    }
    return openpyxl.load_workbook(export_ledger(**{**asked, **changes}))


def test_the_workbook_holds_households_contacts_and_bills(account, inside):
    live(account, inside)
    book = workbook(inside)
    assert book.sheetnames == ["台账", "催缴记录", "欠费明细"]
    heads = [cell.value for cell in book["台账"][2]]
    row = dict(zip(heads, [cell.value for cell in book["台账"][3]], strict=True))
    assert (row["房号"], row["业主"], row["欠费（元）"], row["级别"]) == ("1-1-0001", "张三", 1200, "严重")
    assert (row["方式"], row["处理结果"], row["业主反馈"], row["催缴次数"]) == ("电话", "承诺缴费", "月底发工资", 1)
    assert row["联系电话"] == "138****5678"
    assert book["台账"].cell(4, 13).value == 1200, "the total stands below"
    assert (row["分期中（元）"], row["可催缴（元）"]) == (0, 1200)
    assert [cell.value for cell in book["欠费明细"]["J"][2:]] == [600, 600]
    assert book["催缴记录"].max_row == 3


def test_text_in_the_workbook_is_never_a_formula(account, inside):
    Contact.objects.create(
        account=account,
        channel="call",
        outcome="informed",
        reached=True,
        at=at("2024-11-10"),
        owner_words='=HYPERLINK("http://x","点我")',
    )
    cell = next(c for c in workbook(inside)["催缴记录"][3] if c.value and str(c.value).startswith("="))
    assert cell.data_type == "s"


def test_taking_the_ledger_away_is_written_down(account, inside):
    workbook(inside, reveal_phones=True)
    event = SecurityEvent.objects.get(kind="ledger_exported")
    assert (event.by, event.details["rows"], event.details["phones"]) == (inside.people["legal"], 1, True)


def test_phone_numbers_stand_in_the_workbook_only_for_those_who_may_see_them(account, inside):
    assert workbook(inside, reveal_phones=True)["台账"].cell(3, 7).value == "13812345678"


def test_another_office_with_the_same_rooms_sees_none_of_it(office, other_office):
    with office.open():
        mine = Books().enter(AccountFacts(0, (quarter(1),))).account_id
    with other_office.open():
        assert ledger(ON).rows == ()
        assert household_page(ON)[1] == []
        with pytest.raises(Account.DoesNotExist):
            household(mine, ON)
