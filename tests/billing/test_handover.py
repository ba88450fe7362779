"""The handover (S7): whose bill it is before and after, and that nothing is lost between the two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import Account, Bill, Owner
from billing.operations import SpecialCaseRefused, record_handover
from billing.operations.registers import developer_of
from billing.queries import open_bills
from tests.billing.test_special_cases import TODAY, opened, owed, proof
from tests.conftest import at

pytestmark = pytest.mark.django_db


def of_the_developer(account: Account) -> Account:
    Account.objects.filter(pk=account.pk).update(owner=developer_of(account.room.community))
    account.refresh_from_db()
    return account


def test_a_bill_over_the_handover_is_shared_by_days(account: Account, inside: Any) -> None:
    held = of_the_developer(account)
    case = opened(held, "not_handed_over", inside, by=inside.people["finance"])
    owner = record_handover(
        case=case, handed_over_on=date(2024, 5, 1), buyer="赵敏", phone="13900001111", evidence=proof(),
        by=inside.people["supervisor"], at=at(TODAY),
    )  # fmt: skip
    assert [(b.period_start, b.period_end, b.amount) for b in owner.bills.order_by("period_start")] == [
        (date(2024, 5, 1), date(2024, 6, 30), D("402.20")),  # 61 of 91 days
        (date(2024, 7, 1), date(2024, 9, 30), D("600.00")),
        (date(2024, 10, 1), date(2024, 12, 31), D("600.00")),
    ]
    assert owed(held) == D("797.80")  # the first quarter and 30 days of the second
    assert owed(held) + owed(owner) == D("2400.00")
    assert {bill.amount for bill in held.bills.all()} == {D("600.00")}
    assert all(bill.due_on >= date(2026, 9, 16) for bill in owner.bills.all()), "time to pay what is new to them"
    held.refresh_from_db()
    case.refresh_from_db()
    held.room.refresh_from_db()
    assert (held.closed_on, held.room.handed_over_on, owner.opened_on) == (
        date(2024, 4, 30),
        date(2024, 5, 1),
        date(2024, 5, 1),
    )
    assert (case.closed_by, case.approved_by) == (inside.people["supervisor"],) * 2
    assert owner.owner.contact_points.get().tail == "1111"


def test_the_days_before_the_handover_leave_the_buyers_account(account: Account, inside: Any) -> None:
    case = opened(account, "not_handed_over", inside)
    same = record_handover(
        case=case, handed_over_on=date(2024, 5, 1), evidence=proof(), by=inside.people["manager"], at=at(TODAY)
    )
    assert same == account
    ledger = Account.objects.get(owner__kind=Owner.Kind.DEVELOPER)
    assert (owed(account), owed(ledger)) == (D("1602.20"), D("797.80"))
    assert [(b.period_start, b.period_end) for b in ledger.bills.order_by("period_start")] == [
        (date(2024, 1, 1), date(2024, 3, 31)),
        (date(2024, 4, 1), date(2024, 4, 30)),
    ]


@pytest.mark.parametrize(
    ("given_facts", "code"),
    [
        pytest.param({"evidence": None}, "evidence_missing", id="no-proof"),
        pytest.param({"handed_over_on": date(2026, 9, 2)}, "handed_over_in_future", id="not-yet"),
        pytest.param({"buyer": " "}, "buyer_missing", id="to-whom"),
    ],
)
def test_a_handover_that_is_not_complete(account: Account, inside: Any, given_facts: dict[str, Any], code: str) -> None:
    case = opened(of_the_developer(account), "not_handed_over", inside)
    facts = {"handed_over_on": date(2024, 5, 1), "buyer": "赵敏", "evidence": proof()}
    with pytest.raises(SpecialCaseRefused) as no:
        record_handover(case=case, by=inside.people["manager"], at=at(TODAY), **(facts | given_facts))
    assert no.value.code == code


def test_who_said_it_was_not_handed_over_does_not_record_the_handover(account: Account, inside: Any) -> None:
    case = opened(account, "not_handed_over", inside, by=inside.people["supervisor"])
    with pytest.raises(SpecialCaseRefused) as no:
        record_handover(
            case=case, handed_over_on=date(2024, 5, 1), evidence=proof(), by=inside.people["supervisor"], at=at(TODAY)
        )
    assert no.value.code == "two_people_needed"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(on=st.dates(date(2023, 11, 1), date(2025, 2, 28)), is_developers=st.booleans())
def test_a_handover_never_changes_what_is_owed_in_all(
    account: Account, inside: Any, on: date, is_developers: bool
) -> None:
    with transaction.atomic():
        held = of_the_developer(account) if is_developers else account
        case = opened(held, "not_handed_over", inside)
        record_handover(
            case=case, handed_over_on=on, buyer="赵敏", evidence=proof(), by=inside.people["manager"], at=at(TODAY)
        )
        assert sum((line.open for line in open_bills()), D("0.00")) == D("2400.00")
        for bill in Bill.objects.filter(account__owner__kind="developer"):
            kept = bill.amount - sum((a.amount for a in bill.adjustments.all()), D("0.00"))
            assert kept == 0 or bill.period_start < on, "the developer pays no day from the handover on"
        transaction.set_rollback(True)
