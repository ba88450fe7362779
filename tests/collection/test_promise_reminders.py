"""承诺: a word the day before, once, and a verdict from value dates, once (R2, invariant 13)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import Account, Payment
from collection.models import Contact, Message, Promise
from collection.operations import plan_day, record_contact, run_day, settle_promises, withdraw_promise
from collection.queries.work import household as household_of
from collection.queries.work import work_day
from collection.rules import promises as rules
from tests.conftest import at

FIRST, PROMISED = date(2026, 4, 1), date(2026, 4, 10)
EVE = PROMISED - timedelta(days=1)


def day(on: date) -> None:
    plan_day(on=on, at=at(str(on)))


def said(office: Any, account: Account, *, on: date = FIRST, until: date = PROMISED, amount: str = "600.00") -> Promise:
    record_contact(
        account=account, by=office.people["collector"], at=at(str(on)), channel="call", outcome="promised",
        promised_on=until, promise_amount=Decimal(amount),
    )  # fmt: skip
    return Promise.objects.get(account=account, state="open")


def came_in(account: Account, amount: str, on: date) -> None:
    Payment.objects.create(
        account=account, kind=Payment.Kind.COUNTER, amount=Decimal(amount), value_on=on, recorded_at=at(str(on))
    )


@pytest.fixture
def promised(household: Any, inside: Any) -> Account:
    """A household that promised 600 yuan by 10 April."""
    account = household()
    day(FIRST)
    said(inside, account)
    return account


def words() -> list[str]:
    return list(Message.objects.filter(promise__isnull=False).values_list("body", flat=True))


@pytest.mark.django_db
class TestTheDayBefore:
    def test_the_owner_is_reminded_once_on_the_eve(self, promised: Account) -> None:
        for on in (EVE - timedelta(days=1), EVE, EVE, PROMISED):
            day(on)
            assert len(words()) == (on >= EVE)
        assert words() == [
            "尊敬的业主，您好。您约定4月10日缴纳华庭苑3-1-0001的物业费600.00元，特此提示。"
            "如有变化欢迎联系我们，如已缴费请忽略。咨询电话028-86001234。"
        ]

    def test_only_what_is_still_missing_is_named(self, promised: Account) -> None:
        came_in(promised, "200.00", FIRST + timedelta(days=2))
        day(EVE)
        assert "物业费400.00元" in words()[0]

    def test_a_promise_made_on_the_eve_is_not_repeated_to_the_owner(self, promised: Account, inside: Any) -> None:
        said(inside, promised, on=EVE)
        day(EVE)
        assert words() == []

    @pytest.mark.parametrize("what", ["kept", "withdrawn"])
    def test_a_promise_that_has_ended_is_not_mentioned(self, promised: Account, inside: Any, what: str) -> None:
        if what == "kept":
            came_in(promised, "600.00", EVE)
        else:
            withdraw_promise(
                promise=Promise.objects.get(), reason="记错", at=at(str(FIRST)), by=inside.people["collector"]
            )
        day(EVE)
        assert words() == []

    def test_without_an_address_the_collector_is_asked_to_ring(self, household: Any, inside: Any) -> None:
        account = household(phone=None)
        day(FIRST)
        said(inside, account)
        day(EVE)
        assert words() == []
        (item,) = work_day(on=EVE, at=at(str(EVE))).items
        assert (item.kind, item.why) == ("call", "明日承诺缴 600.00 元，没有发出短信提示，请致电提醒")
        assert household_of(account.pk, on=EVE, at=at(str(EVE))).may_not_call == ""
        before = EVE - timedelta(days=1)
        assert "到期前不打扰" in household_of(account.pk, on=before, at=at(str(before))).may_not_call


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("since", "state"),
    [("", "sent"), ("paid", "void"), ("part", "void"), ("withdrawn", "void")],
)
def test_the_guards_are_asked_when_it_leaves(office: Any, provider: Any, since: str, state: str) -> None:
    from tests.collection.conftest import bill, estate, move_in

    with office.open():
        place = estate()
        account = move_in(place)
        bill(place, account)
    run_day(office_id=office.id, on=FIRST, at=at(str(FIRST)))
    with office.open():
        said(office, account, on=FIRST + timedelta(days=1))
        day(EVE)
        if since == "withdrawn":
            withdraw_promise(promise=Promise.objects.get(), reason="x", at=at(str(EVE)), by=office.people["collector"])
        elif since:
            came_in(account, "600.00" if since == "paid" else "10.00", EVE)
    from collection.operations.sending import send_due_messages

    send_due_messages(office_id=office.id, at=at(str(EVE), 11), limit=10)
    with office.open():
        assert Message.objects.get(promise__isnull=False).state == state
        assert Contact.objects.filter(account=account).count() == (2 if since == "withdrawn" else 1)


MONEY = st.lists(
    st.tuples(st.integers(-3, 15), st.integers(-40_000, 80_000).map(lambda cents: Decimal(cents) / 100)), max_size=6
)


@given(payments=MONEY, amount=st.integers(1, 90_000).map(lambda cents: Decimal(cents) / 100), grace=st.integers(0, 4))
def test_a_promise_gets_exactly_one_verdict_from_what_came_in_by_value_date(
    payments: list[tuple[int, Decimal]], amount: Decimal, grace: int
) -> None:
    """Asked every day until somebody answers, as the office does: kept on the first day on which enough is in."""
    promise = rules.Promise(FIRST, FIRST + timedelta(days=5), amount, grace)
    booked = [(FIRST + timedelta(days=offset), sum_) for offset, sum_ in payments]
    answered = []
    for offset in range(20):
        on = FIRST + timedelta(days=offset)
        answer = rules.verdict(promise, [(value, sum_) for value, sum_ in booked if value <= on], on=on)
        if answer is not None:
            answered.append((on, answer))
            break
    ((on, answer),) = answered
    until = min(on, promise.last_day)
    enough = sum((sum_ for value, sum_ in booked if FIRST <= value <= until), Decimal(0)) >= amount
    assert answer == (rules.KEPT if enough else rules.BROKEN)
    assert on <= promise.last_day + timedelta(days=1)


@pytest.mark.django_db
def test_a_verdict_is_given_once_however_often_it_is_asked_for(promised: Account) -> None:
    for on in (PROMISED, PROMISED + timedelta(days=1)):
        assert settle_promises(on=on, at=at(str(on))) == {"kept": 0, "broken": 0}
    late = PROMISED + timedelta(days=2)
    assert settle_promises(on=late, at=at(str(late))) == {"kept": 0, "broken": 1}
    came_in(promised, "600.00", PROMISED)  # booked afterwards: the verdict stands, the money counts elsewhere
    assert settle_promises(on=late, at=at(str(late))) == {"kept": 0, "broken": 0}
    assert Promise.objects.get().state == "broken"
