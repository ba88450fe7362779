"""Bank transfers: matched in a fixed number of statements, claimed whole, split or together, undone, set aside, closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Account, BankDay, BankLine, CoOwner, ImportBatch, Owner, Payment, Room, SpecialCase
from billing.operations import (
    DayRefused,
    LineRefused,
    Part,
    PaymentRefused,
    claim_line,
    claim_suggested,
    claim_together,
    close_bank_day,
    expect_amount,
    match_open_lines,
    match_statement,
    refund_line,
    release_line,
    reverse_payment,
    set_line_aside,
    split_line,
)
from billing.queries import bank_days, candidates_of, open_bills
from billing.rules.rooms import RoomKey
from offices.filing import store_file
from offices.models import OfficeSettings
from tests.conftest import at
from tests.factories.books import Books, quarter

D = Decimal
DAY = date(2026, 8, 31)
NOW = at("2026-09-01")

pytestmark = pytest.mark.django_db


class Bank(Books):
    """Books with the statement of a bank."""

    def __init__(self) -> None:
        super().__init__()
        file = store_file(b"statement", name="流水.csv", kind="upload", by=None, at=NOW)
        self.batch = ImportBatch.objects.create(
            kind="bank", state="committed", file=file, file_name="流水.csv", sha256=file.sha256, uploaded_at=NOW
        )

    def household(self, name: str, building: str, unit: str, number: str, *, quarters: int = 1) -> Account:
        """A household that owes 600 yuan for each of so many quarters of 2024."""
        account = self.account(name, (building, unit, number))
        Room.objects.filter(pk=account.room_id).update(sort_key=RoomKey(building, unit, number).sort_key)
        for n in range(1, quarters + 1):
            self._bill(account, quarter(n))
        return account

    def line(
        self, amount: str, payer: str = "路人", memo: str = "", *, on: date = DAY, account: str = "6222"
    ) -> BankLine:
        """A transfer on the statement."""
        number = BankLine.objects.count() + 1
        return BankLine.objects.create(
            batch=self.batch, row_no=number, on=on, amount=D(amount), payer=payer, payer_account=account, memo=memo,
            line_key=f"key{number}",
        )  # fmt: skip

    def match(self, line: BankLine) -> BankLine:
        """The line after its statement was matched."""
        match_statement(batch=self.batch, at=NOW)
        line.refresh_from_db()
        return line


@pytest.fixture
def bank(inside: SimpleNamespace) -> Bank:
    return Bank()


@pytest.fixture
def finance(inside: SimpleNamespace) -> Any:
    return inside.people["finance"]


def still_open(account: Account) -> list[D]:
    return [line.open for line in open_bills(account_id=account.pk)]


@pytest.mark.parametrize(
    "memo",
    [
        "3-2-1502物业费",
        "3栋2单元1502室",
        "3#-2-1502",
        "３号楼二单元1502 物业费",
        "3－2－1502",
        "三栋二单元1502",
        "3栋1502",
    ],
)
def test_a_room_in_any_spelling_finds_its_household(bank: Bank, memo: str) -> None:
    wanted = bank.household("张三", "3", "2", "1502")
    bank.household("李四", "3", "2", "1503")
    assert bank.match(bank.line("5.00", memo=memo)).suggested == wanted


def test_a_short_room_that_two_have_is_no_suggestion(bank: Bank) -> None:
    bank.household("张三", "1", "1", "0101")
    bank.household("李四", "1", "2", "0101")
    line = bank.match(bank.line("600.00", memo="1-0101"))
    assert line.suggested is None
    assert len(candidates_of(line)) == 2


def test_the_community_in_the_memo_tells_two_rooms_apart(bank: Bank) -> None:
    one = bank.household("张三", "1", "1", "0101")
    other = Books("翠湖雅苑").account("李四", ("1", "1", "0101"))
    Room.objects.filter(pk=other.room_id).update(sort_key=RoomKey("1", "1", "0101").sort_key)
    assert bank.match(bank.line("600.00", memo="1-1-0101")).suggested is None
    assert bank.match(bank.line("600.00", memo="翠湖雅苑1-1-0101")).suggested == other
    assert bank.match(bank.line("600.00", memo="华庭一期1-1-0101")).suggested == one


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("600.00", "金额等于 2024年1月—3月 账单"),
        ("2400.00", "金额等于全部 4 笔未缴账单之和"),
        ("1200.00", "金额等于最早 2 笔账单之和"),
    ],
    ids=["one-bill", "all-bills", "the-oldest-two"],
)
def test_payer_and_amount_find_the_household_with_the_reason(bank: Bank, amount: str, reason: str) -> None:
    account = bank.household("张 三", "1", "1", "0101", quarters=4)
    line = bank.match(bank.line(amount, payer="张三"))
    assert line.suggested == account
    assert reason in line.reasons


def test_a_co_owner_pays_too(bank: Bank) -> None:
    account = bank.household("张三", "1", "1", "0101")
    CoOwner.objects.create(account=account, owner=Owner.objects.create(name="李四"))
    assert bank.match(bank.line("600.00", payer="李四")).suggested == account


def test_what_was_paid_already_is_no_sum_any_more(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=2)
    claim_line(line=bank.line("250.00"), account=account, by=finance, at=NOW)
    assert bank.match(bank.line("950.00", payer="张三")).suggested == account
    assert bank.match(bank.line("1200.00", payer="张三")).suggested is None


def test_a_confirmed_payer_is_remembered_and_a_reversed_one_is_not(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=3)
    first = bank.line("600.00", payer="张三的姐姐", account="6217")
    assert bank.match(first).suggested is None
    claim_line(line=first, account=account, by=finance, at=NOW)
    again = bank.line("600.00", payer="张三的姐姐", account="6217")
    assert "以前确认过同一付款账户" in bank.match(again).reasons
    assert again.suggested == account
    release_line(line=first, by=finance, at=NOW, reason="认错户")
    assert bank.match(again).suggested is None


def test_the_amount_that_the_owner_told_us_counts_near_its_day(bank: Bank) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=2)
    expect_amount(account=account, due_on=date(2026, 8, 30), amount=D("777.00"), source="claim:1")
    line = bank.match(bank.line("777.00", payer="张三"))
    assert line.suggested == account
    assert "金额等于业主说已转账的金额（2026-08-30）" in line.reasons
    late = bank.line("777.00", payer="张三", on=date(2026, 6, 1))
    assert bank.match(late).suggested is None
    hint = bank.line("777.00")  # a stranger with just that amount is a hint, not a suggestion
    assert bank.match(hint).suggested is None
    assert [found.pk for found, _match in candidates_of(hint)] == [account.pk]


def test_the_number_of_statements_does_not_grow_with_the_lines(bank: Bank, inside: Any) -> None:
    OfficeSettings.objects.update_or_create(defaults={"auto_post_from": 95})
    households = [bank.household(f"业主{n}", "1", "1", f"{n:04}") for n in range(1, 31)]

    def spent(lines: list[BankLine]) -> int:
        with CaptureQueriesContext(connection) as seen:
            match_open_lines(at=NOW)
        assert all(BankLine.objects.get(pk=line.pk).state == "claimed" for line in lines)
        return len(seen)

    def lines(accounts: list[Account]) -> list[BankLine]:
        return [bank.line("600.00", payer=each.owner.name, memo=f"{each.room}物业费") for each in accounts]

    spent(lines(households[:1]))  # the office and its settings are read once per scope
    assert spent(lines(households[1:3])) == spent(lines(households[3:]))


def test_the_rule_books_only_what_is_unique_and_above_the_offices_threshold(bank: Bank) -> None:
    sure, likely = bank.household("张三", "1", "1", "0101"), bank.household("李四", "1", "1", "0102")
    certain = bank.line("600.00", payer="张三", memo="1-1-0101")
    doubtful = bank.line("88.00", memo="1-1-0102")
    assert bank.match(certain).state == "suggested"  # the office has not allowed it
    OfficeSettings.objects.update_or_create(defaults={"auto_post_from": 95})
    assert bank.match(certain).state == "claimed"
    assert certain.is_auto_posted
    assert bank.match(doubtful).state == "suggested"
    payment = Payment.objects.get(bank_line=certain)
    assert (payment.account, payment.recorded_by, still_open(sure), still_open(likely)) == (
        sure,
        None,
        [],
        [D("600.00")],
    )


def test_what_a_person_has_released_the_rule_does_not_book_again(bank: Bank, finance: Any) -> None:
    OfficeSettings.objects.update_or_create(defaults={"auto_post_from": 95})
    account = bank.household("张三", "1", "1", "0101")
    line = bank.match(bank.line("600.00", payer="张三", memo="1-1-0101"))
    release_line(line=line, by=finance, at=NOW, reason="业主说是押金")
    assert bank.match(line).state == "suggested"
    assert still_open(account) == [D("600.00")]


def test_one_transfer_is_split_over_households_to_the_last_cent(bank: Bank, finance: Any) -> None:
    one, two = bank.household("张三", "1", "1", "0101"), bank.household("李四", "1", "1", "0102")
    line = bank.line("1250.00", payer="张三", memo="1-1-0101和1-1-0102")
    parts = [Part(account=one, amount=D("600.00")), Part(account=two, amount=D("600.00"))]
    with pytest.raises(LineRefused, match=r"相差 ¥50\.00"):
        split_line(line=line, parts=parts, by=finance, at=NOW)
    with pytest.raises(LineRefused, match="同一户写了两次"):
        split_line(line=line, parts=[*parts, Part(account=one, amount=D("50.00"))], by=finance, at=NOW)
    assert not Payment.objects.exists()
    parts[1] = Part(account=two, amount=D("650.00"))
    payments = split_line(line=line, parts=parts, by=finance, at=NOW)
    assert sum(payment.amount for payment in payments) == line.amount
    assert still_open(one) == still_open(two) == []
    with pytest.raises(PaymentRefused, match="拆分给了几户"):
        reverse_payment(payment=payments[0], by=finance, at=NOW, reason="认错户")
    release_line(line=line, by=finance, at=NOW, reason="拆错了")
    assert still_open(one) == still_open(two) == [D("600.00")]
    again = split_line(line=line, parts=parts, by=finance, at=NOW)
    assert {payment.pk for payment in again}.isdisjoint({payment.pk for payment in payments})


def test_several_transfers_are_claimed_for_one_household_in_order_of_arrival(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=2)
    later, earlier = bank.line("700.00"), bank.line("500.00", on=date(2026, 8, 1))
    payments = claim_together(lines=[later, earlier], account=account, by=finance, at=NOW)
    assert [payment.bank_line for payment in payments] == [earlier, later]
    assert still_open(account) == []
    with pytest.raises(LineRefused, match="已经认领"):
        claim_together(lines=[later, bank.line("1.00")], account=account, by=finance, at=NOW)
    assert BankLine.objects.filter(state="unclaimed").count() == 1


def test_suggestions_are_accepted_together_and_what_was_decided_meanwhile_is_left_alone(
    bank: Bank, finance: Any
) -> None:
    bank.household("张三", "1", "1", "0101")
    bank.household("李四", "1", "1", "0102")
    first, second = bank.line("600.00", memo="1-1-0101"), bank.line("600.00", memo="1-1-0102")
    bank.match(first)
    set_line_aside(line=second, by=finance, at=NOW)
    assert len(claim_suggested(line_ids=[first.pk, second.pk], by=finance, at=NOW)) == 1
    assert BankLine.objects.get(pk=second.pk).state == "not_fees"


def test_a_claim_makes_what_was_suggested_for_the_same_household_be_weighed_again(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101")
    first, second = bank.line("600.00", payer="张三"), bank.line("600.00", payer="张三")
    assert bank.match(first).suggested == bank.match(second).suggested == account
    claim_line(line=first, account=account, by=finance, at=NOW)
    second.refresh_from_db()
    assert (second.state, second.suggested) == ("unclaimed", None)  # nothing is owed any more: a person looks at it


def test_the_year_in_the_memo_is_the_payers_designation_and_is_kept_in_words(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=4)
    payment = claim_line(line=bank.line("600.00", memo="2024年第三季度物业费"), account=account, by=finance, at=NOW)
    assert payment.designation == "2024年7月—9月 物业费"
    assert [share.bill.due_on for share in payment.allocations.select_related("bill")] == [date(2024, 9, 30)]


def test_a_transfer_can_be_set_aside_or_sent_back_and_both_taken_back(bank: Bank, finance: Any) -> None:
    rent, wrong = bank.line("3000.00", memo="房租"), bank.line("50.00", memo="转错了")
    set_line_aside(line=rent, by=finance, at=NOW, note="房租")
    with pytest.raises(LineRefused, match="退款日"):
        refund_line(line=wrong, refunded_on=date(2026, 9, 2), note="误转，原路退回", by=finance, at=NOW)
    refund_line(line=wrong, refunded_on=date(2026, 9, 1), note="误转，原路退回", by=finance, at=NOW)
    account = bank.household("张三", "1", "1", "0101")
    for line in (rent, wrong):
        with pytest.raises(LineRefused):
            claim_line(line=line, account=account, by=finance, at=NOW)
        assert release_line(line=line, by=finance, at=NOW, reason="更正").state == "unclaimed"


def test_a_day_is_closed_by_name_and_adds_up(bank: Bank, finance: Any, inside: Any) -> None:
    account = bank.household("张三", "1", "1", "0101")
    claimed, rent, wrong, _unknown = (bank.line(amount) for amount in ("600.00", "3000.00", "50.00", "7.00"))
    claim_line(line=claimed, account=account, by=finance, at=NOW)
    set_line_aside(line=rent, by=finance, at=NOW)
    refund_line(line=wrong, refunded_on=DAY, note="误转，原路退回", by=finance, at=NOW)
    day = close_bank_day(on=DAY, by=finance, at=NOW)
    assert (day.lines, day.total) == (4, D("3657.00"))
    assert (day.claimed, day.unclaimed, day.refunded, day.not_fees) == (D(600), D(7), D(50), D(3000))
    assert (day.closed_by, day.closed_at) == (finance, NOW)
    with pytest.raises(DayRefused, match="已经日结"):
        close_bank_day(on=DAY, by=finance, at=NOW)
    with pytest.raises(DayRefused, match="没有到账"):
        close_bank_day(on=date(2026, 8, 1), by=finance, at=NOW)
    with pytest.raises(DayRefused, match="还没到"):
        close_bank_day(on=date(2026, 9, 2), by=finance, at=NOW)


def test_what_is_unclaimed_on_a_closed_day_may_be_claimed_and_what_was_claimed_only_finance_undoes(
    bank: Bank, finance: Any, inside: Any
) -> None:
    account = bank.household("张三", "1", "1", "0101", quarters=2)
    claimed, open_line = bank.line("600.00"), bank.line("500.00")
    claim_line(line=claimed, account=account, by=finance, at=NOW)
    close_bank_day(on=DAY, by=finance, at=NOW)
    claim_line(line=open_line, account=account, by=inside.people["collector"], at=NOW)
    [day] = bank_days([DAY])
    assert day.has_changed
    assert (day.closed.claimed, day.claimed) == (D("600.00"), D("1100.00"))  # type: ignore[union-attr]
    with pytest.raises(LineRefused, match="财务") as refusal:
        release_line(line=claimed, by=inside.people["collector"], at=NOW, reason="认错户", may_change_closed=False)
    assert refusal.value.code == "day_closed"
    release_line(line=claimed, by=finance, at=NOW, reason="认错户")
    assert BankDay.objects.get(on=DAY).claimed == D("600.00")


def test_a_claim_of_the_owner_ends_when_the_transfer_is_claimed(bank: Bank, finance: Any) -> None:
    account = bank.household("张三", "1", "1", "0101")
    SpecialCase.objects.create(
        account=account, kind="pending_transfer", starts_on=DAY, note="业主出示截图", opened_at=at("2026-08-31"),
        claimed_amount=D("600.00"), claimed_on=DAY, claimed_payer="张三的女儿",
    )  # fmt: skip
    line = bank.match(bank.line("600.00", payer="张三的女儿"))
    assert line.suggested == account
    assert "业主说过由 张三的女儿 付款" in line.reasons
    claim_line(line=line, account=account, by=finance, at=NOW)
    assert SpecialCase.objects.get(account=account).closed_at == NOW
