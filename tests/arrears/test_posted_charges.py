"""违约金 in the books: each period once, missed ones filled, later knowledge corrected by new entries (invariants 23–27)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.operations import PostingRefused, post_late_charges
from arrears.queries import account_late_charge, position
from arrears.rules.position import AccountFacts, BillFacts, Special
from billing.models import (
    Account,
    Adjustment,
    Allocation,
    Bill,
    ChargeEntry,
    ChargePayment,
    FeeItem,
    LateChargeRule,
    ServiceContract,
)
from billing.operations import apply_credit, record_payment, reverse_payment
from billing.queries import credits_of
from offices.models import OfficeSettings
from tests.conftest import at
from tests.factories.books import Books

LATER = at("2026-09-01")
day = date.fromisoformat


@pytest.fixture
def books(inside: Any) -> Books:
    """A community whose contract asks 0.001 a day, in an office that posts."""
    OfficeSettings.objects.create(posts_late_charge=True)
    found = Books()
    ServiceContract.objects.create(
        community=found.community, kind="regular", starts_on=day("2020-01-01"), late_charge_per_day=D("0.001")
    )
    return found


def owing(books: Books, amount: str, due: str, **changes: Any) -> Account:
    end = day(due)
    facts = BillFacts(0, end - timedelta(days=29), end, end, end - timedelta(days=29), D(amount), **changes)
    return Account.objects.get(pk=books.enter(AccountFacts(0, (facts,))).account_id)


def statutory() -> None:
    OfficeSettings.objects.update(allocation_mode="statutory")


def post(on: str) -> int:
    return post_late_charges(on=day(on), at=at(on)).entries


def pay(account: Account, amount: str, on: str, **more: Any) -> Any:
    return record_payment(account=account, amount=D(amount), value_on=day(on), kind="bank", by=None, at=LATER, **more)


def entries(account: Account) -> list[tuple[str, str, str]]:
    rows = ChargeEntry.objects.filter(bill__account=account).order_by("pk")
    return [(row.kind, str(row.until_on), str(row.amount)) for row in rows]


def paid(payment: Any) -> tuple[D, D]:
    """(principal, late charge) that a payment settles."""
    principal = sum(Allocation.objects.filter(payment=payment).values_list("amount", flat=True))
    charge = sum(ChargePayment.objects.filter(payment=payment).values_list("amount", flat=True))
    return D(principal), D(charge)


def test_each_period_is_posted_once_and_a_missed_one_is_filled(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    assert post("2024-02-29") == 1
    assert post("2024-02-29") == 0
    assert post("2024-04-30") == 1  # nothing ran at the end of March
    assert entries(who) == [("posted", "2024-02-29", "87.00"), ("posted", "2024-04-30", "183.00")]
    charge = account_late_charge(who, day("2024-05-10"))
    assert (charge.posted, charge.claimed, charge.lines[0].accrued) == (D("270.00"), D("300.00"), D("30.00"))


def test_the_database_refuses_a_second_posting_of_a_period(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    post("2024-02-29")
    row = ChargeEntry.objects.get(bill__account=who)
    row.pk = None
    with pytest.raises(IntegrityError, match="charge_once_per_period"), transaction.atomic():
        row.save()


def test_an_office_that_only_estimates_posts_nothing_and_no_contract_charges_nothing(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    OfficeSettings.objects.update(posts_late_charge=False)
    assert post("2024-02-29") == 0
    OfficeSettings.objects.update(posts_late_charge=True)
    ServiceContract.objects.update(late_charge_per_day=None)
    assert post("2024-02-29") == 0
    assert entries(who) == []


def test_a_day_to_come_is_refused(books: Books) -> None:
    with pytest.raises(PostingRefused, match="只能计到今天"):
        post_late_charges(on=day("2026-09-02"), at=LATER)


def test_a_late_known_payment_is_corrected_by_new_entries(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    post("2024-02-29")
    pay(who, "1000", "2024-02-10")  # entered after the posting
    assert post("2024-03-31") == 2
    assert entries(who) == [
        ("posted", "2024-02-29", "87.00"),
        ("correction", "2024-02-29", "-19.00"),  # 1,000 less on 19 days
        ("posted", "2024-03-31", "62.00"),
    ]


def test_a_hold_that_became_known_later_is_corrected_too(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    post("2024-02-29")
    books.hold(who, Special("legacy_issue", day("2024-02-11"), day("2024-02-21")))
    assert post("2024-02-29") == 1
    assert entries(who)[-1] == ("correction", "2024-02-29", "-30.00")


def test_a_cancelled_bill_bears_no_charge_and_what_was_paid_of_it_is_credit(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    statutory()
    post("2024-02-29")
    payment = pay(who, "100", "2024-03-01")
    assert paid(payment) == (D(13), D(87))
    Bill.objects.filter(account=who).update(voided_at=at("2024-03-05"))
    post("2024-03-31")
    assert sum(D(amount) for _kind, _until, amount in entries(who)) == 0
    assert paid(payment) == (D(13), D(0))
    assert account_late_charge(who, day("2024-03-31")).claimed == 0


def test_the_charge_outlives_the_principal_and_credit_pays_it_later(books: Books) -> None:
    who = owing(books, "3000", "2024-01-31")
    post("2024-02-29")
    payment = pay(who, "3100", "2024-03-10")
    assert paid(payment) == (D(3000), D(87))  # what was posted; the ten days of March are not yet
    assert post("2024-03-31") == 1
    assert entries(who)[-1] == ("posted", "2024-03-31", "30.00")
    assert post("2024-12-31") == 0  # nothing accrues on nothing
    apply_credit(account_ids=[who.pk], on=day("2024-04-01"))
    assert paid(payment) == (D(3000), D(100))
    assert account_late_charge(who, day("2024-12-31")).claimed == D("17.00")
    assert credits_of([who.pk]) == {}
    found = position(who.pk, day("2024-12-31"))
    assert (found.open_amount, found.credit) == (0, 0)


GOLDEN = [
    ("G2 先抵本金", "property", ("1000.00", "0.00"), "2000.00", "210.00", "2210.00"),
    ("G3 法定顺序", "statutory", ("910.00", "90.00"), "2090.00", "125.40", "2215.40"),
]


@pytest.mark.parametrize(
    ("case", "mode", "split", "principal", "charge", "due"), GOLDEN, ids=[row[0] for row in GOLDEN]
)
def test_g2_and_g3_in_the_books(
    books: Books, case: str, mode: str, split: tuple[str, str], principal: str, charge: str, due: str
) -> None:
    OfficeSettings.objects.update(allocation_mode=mode)
    who = owing(books, "3000", "2024-01-31")
    post("2024-03-01")
    payment = pay(who, "1000", "2024-03-01")
    assert paid(payment) == (D(split[0]), D(split[1]))
    post("2024-04-30")
    left = position(who.pk, day("2024-04-30")).open_amount
    claimed = account_late_charge(who, day("2024-04-30")).claimed
    assert (left, claimed, left + claimed) == (D(principal), D(charge), D(due))


@pytest.mark.parametrize(("mode", "split"), [("statutory", (D(440), D(60))), ("property", (D(500), D(0)))])
def test_a4_inside_one_bill_the_offices_policy_decides(books: Books, mode: str, split: tuple[D, D]) -> None:
    OfficeSettings.objects.update(allocation_mode=mode)
    who = owing(books, "600", "2024-01-01")
    post("2024-04-10")  # 100 days: 60.00
    assert paid(pay(who, "500", "2024-04-10")) == split


def test_a3_a_fee_item_with_an_agreement_of_its_own_weighs_heavier(books: Books, inside: Any) -> None:
    ServiceContract.objects.update(late_charge_per_day=None)
    parking = FeeItem.objects.create(name="车位管理费")
    LateChargeRule.objects.create(
        fee_item=parking, starts_on=day("2020-01-01"), rate_per_day=D("0.001"), reason="车位服务协议",
        set_by=inside.people["manager"], set_at=LATER,
    )  # fmt: skip
    who = owing(books, "600", "2023-12-31")
    (b1,) = Bill.objects.filter(account=who)
    b2, b3, b4 = (
        Bill.objects.create(
            account=who, fee_item=item, amount=D(amount), period_start=day(due) - timedelta(days=29), period_end=day(due),
            due_on=day(due), billed_on=day("2023-12-01"),
        )
        for item, amount, due in [
            (b1.fee_item, 600, "2024-03-31"), (parking, 300, "2024-03-31"), (b1.fee_item, 600, "2024-09-30")
        ]
    )  # fmt: skip
    post("2024-05-01")
    payment = pay(who, "1000", "2024-05-01")
    shares = dict(Allocation.objects.filter(payment=payment).values_list("bill_id", "amount"))
    assert shares == {b3.pk: D(300), b1.pk: D(600), b2.pk: D(100)}
    assert ChargeEntry.objects.get().bill_id == b3.pk  # 31 days on 300: only parking is charged
    assert ChargeEntry.objects.get().amount == D("9.30")
    assert not Allocation.objects.filter(bill=b4).exists()


def test_designation_comes_before_every_order_and_principal_before_charge_across_bills(books: Books) -> None:
    who = owing(books, "600", "2024-01-31")
    (old,) = Bill.objects.filter(account=who)
    new = Bill.objects.create(
        account=who, fee_item=old.fee_item, amount=D(600), period_start=day("2024-02-01"), period_end=day("2024-02-29"),
        due_on=day("2024-02-29"), billed_on=day("2024-02-01"),
    )  # fmt: skip
    post("2024-03-31")
    statutory()
    payment = pay(who, "610", "2024-03-31", designated_bills=[new])
    assert dict(Allocation.objects.filter(payment=payment).values_list("bill_id", "amount")) == {new.pk: D("591.40")}
    assert dict(ChargePayment.objects.filter(payment=payment).values_list("bill_id", "amount")) == {new.pk: D("18.60")}


def test_a7_a_reversal_restores_principal_and_charge_exactly(books: Books) -> None:
    statutory()
    who = owing(books, "3000", "2024-01-31")
    post("2024-03-01")
    before = (position(who.pk, day("2024-03-01")), account_late_charge(who, day("2024-03-01")).claimed)
    payment = pay(who, "1000", "2024-03-01")
    twin = reverse_payment(payment=payment, by=None, at=LATER, reason="转账被退回")
    assert paid(twin) == (D(-910), D(-90))
    today = LATER.date()
    assert position(who.pk, today).open_amount == before[0].open_amount
    assert account_late_charge(who, today).paid == 0
    assert credits_of([who.pk]) == {}


def test_a_correction_gives_back_what_was_paid_beyond_the_charge(books: Books) -> None:
    statutory()
    who = owing(books, "3000", "2024-01-31")
    post("2024-03-31")  # 180.00
    payment = pay(who, "180", "2024-03-31")
    assert paid(payment) == (D(0), D(180))
    pay(who, "2000", "2024-02-10")  # a transfer found late
    post("2024-03-31")
    charge = account_late_charge(who, day("2024-03-31"))
    assert (charge.posted, charge.paid, charge.claimed) == (D("80.00"), D("80.00"), D(0))  # 10 × 3.00 + 50 × 1.00
    assert credits_of([who.pk]) == {who.pk: D(100)}


START = date(2024, 1, 1)
offsets = st.integers(0, 300).map(lambda n: START + timedelta(days=n))
money = st.integers(100, 90_000).map(lambda cents: D(cents) / 100)
steps = st.one_of(
    st.tuples(st.just("pay"), offsets, money),
    st.tuples(st.just("reverse"), offsets, money),
    st.tuples(st.just("hold"), offsets, st.integers(0, 60)),
    st.tuples(st.just("contest"), offsets, money),
    st.tuples(st.just("reduce"), offsets, money),
    st.tuples(st.just("post"), offsets, money),
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    life=st.lists(steps, max_size=8),
    last=st.integers(301, 400),
    mode=st.sampled_from(["property", "statutory"]),
    cap=st.sampled_from(["none", "principal", "lpr_loss_130"]),
)
def test_whatever_happened_and_however_often_it_ran_the_books_say_the_closed_form(
    inside: Any, life: list[Any], last: int, mode: str, cap: str
) -> None:
    with transaction.atomic():
        OfficeSettings.objects.create(posts_late_charge=True, allocation_mode=mode)
        books = Books()
        ServiceContract.objects.create(
            community=books.community, kind="regular", starts_on=day("2020-01-01"), late_charge_per_day=D("0.001")
        )
        LateChargeRule.objects.create(
            starts_on=day("2020-01-01"), cap=cap, reason="约定", set_by=inside.people["manager"], set_at=LATER
        )
        who = owing(books, "600", "2024-01-31")
        payments = []
        for what, on, detail in life:
            if what == "pay":
                payments.append(pay(who, str(detail), str(on)))
            elif what == "reverse" and payments:
                reverse_payment(payment=payments.pop(), by=None, at=at(str(START + timedelta(days=301))), reason="退票")
            elif what == "hold":
                books.hold(who, Special("other", on, on + timedelta(days=detail)))
            elif what == "contest":
                _contest(who, on, detail)
            elif what == "reduce" and position(who.pk, LATER.date()).open_amount >= 5:
                Adjustment.objects.create(
                    bill=Bill.objects.get(account=who), kind="waiver", state="approved", amount=D(5), effective_on=on,
                    reason="减免", proposed_at=LATER,
                )  # fmt: skip
            elif what == "post":
                post(str(on))
            _nothing_is_negative_or_lost(who)
        end = START + timedelta(days=last)
        post(str(end))
        charge = account_late_charge(who, LATER.date())
        ledger = sum((D(amount) for kind, _until, amount in entries(who) if kind != "waived"), D(0))
        assert ledger == sum((line.charge.claimed for line in account_late_charge(who, end).lines), D(0))
        assert charge.posted == ledger
        assert post(str(end)) == 0
        _nothing_is_negative_or_lost(who)
        transaction.set_rollback(True)


def _contest(who: Account, on: date, amount: D) -> None:
    from disputes.models import Dispute, DisputedBill

    dispute = Dispute.objects.create(
        account=who, kind="charge", owner_words="面积不对", raised_on=on, raised_at=LATER, state="closed",
        resolved_on=on + timedelta(days=20),
    )  # fmt: skip
    DisputedBill.objects.create(
        dispute=dispute, bill=Bill.objects.get(account=who), amount=amount, is_full=amount > 300
    )


def _nothing_is_negative_or_lost(who: Account) -> None:
    """Conservation: what came in is what settles bills and charges, and credit (invariant 26)."""
    received = sum(who.payments.values_list("amount", flat=True))
    principal = sum(Allocation.objects.filter(payment__account=who).values_list("amount", flat=True))
    charged = sum(ChargePayment.objects.filter(account=who).values_list("amount", flat=True))
    assert received - principal - charged == credits_of([who.pk]).get(who.pk, 0)
    found = position(who.pk, date(2026, 12, 31))
    assert found.open_amount >= 0
    assert found.credit - credits_of([who.pk]).get(who.pk, 0) >= 0  # a reduction after a payment frees money
    due = sum(D(amount) for _kind, _until, amount in entries(who))
    assert 0 <= charged <= due or charged <= 0 <= due
