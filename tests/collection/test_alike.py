"""Households of which a decision can tell nothing apart are looked at together, and nobody is told anything else for it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from arrears.queries import bill_lines, positions
from arrears.queries.positions import demands
from billing.models import Account
from collection.models import Action, Case
from collection.operations.contacts import record_contact
from collection.operations.filling import fill_planned
from collection.operations.sweeps import run_sweep
from collection.queries.facts import alike_facts, case_facts, due_of
from collection.rules import decide as d
from offices.scoping.arrays import array
from tests.collection.conftest import bill
from tests.collection.test_invariants import hold
from tests.collection.test_sweep import FIRST, day, pay, take_effect
from tests.conftest import at

ON = date(2026, 4, 20)


@pytest.fixture
def estate(inside, place, household):
    """Twelve households in six different positions, two in each."""
    homes = [household(f"{n}00.00") for n in range(1, 13)]
    for account in homes[2:4]:
        bill(place, account, "80.00", date(2026, 2, 28))
    day(FIRST)
    for account in homes[4:6]:
        take_effect(account, FIRST)
    for account in homes[6:8]:
        hold(account, FIRST)
    for account in homes[8:10]:
        pay(account, "30.00", "2026-04-02")
    for account in homes[10:12]:
        record_contact(
            account=account, channel="call", outcome="promised", promised_on=date(2026, 4, 25),
            promise_amount=Decimal("100.00"), by=inside.people["collector"], at=at("2026-04-03"),
        )  # fmt: skip
    Action.objects.filter(account__in=homes[:4]).update(state="void")
    return homes


def test_together_and_apart_everybody_gets_the_same_decision(estate):
    cases = list(Case.objects.filter(state="open").order_by("account_id"))
    apart = {one.case.account_id: one.facts for one in case_facts(cases, ON)}
    together = alike_facts(due_of(cases), ON)
    assert 1 < len(together) < len(cases)
    assert sorted(each.account_id for one in together for each in one.each()) == sorted(apart)
    for one in together:
        shared = d.decide(one.facts, ON)
        for each in one.each():
            own = apart[each.account_id]
            assert (each.remindable, each.pursuable) == (own.remindable, own.pursuable)
            alone = d.decide(own, ON)
            assert alone.look_again_on == shared.look_again_on
            assert alone.code == shared.code
            assert getattr(alone, "why", "") == getattr(shared, "why", "")
            assert getattr(alone, "words", "") == getattr(shared, "words", "")


@pytest.mark.parametrize("for_reminder", [True, False], ids=["a-reminder", "a-letter"])
def test_what_may_be_demanded_is_what_the_positions_and_the_bills_say(estate, for_reminder):
    ids = [account.pk for account in estate]
    named = "remindable" if for_reminder else "pursuable"
    found = demands(ids, ON, for_reminder=for_reminder)
    lines = [line for line in bill_lines(ids, ON) if getattr(line, named) > 0]
    for position in positions(ON, ids):
        own = [line for line in lines if line.account_id == position.account_id]
        demand = found.get(position.account_id)
        assert (demand.amount if demand else 0) == getattr(position, named)
        assert (demand.pursuable if demand else 0) == position.pursuable
        if own:
            assert demand.starts_on == min(line.period_start for line in own)
            assert demand.ends_on == max(line.period_end for line in own)
            assert demand.due_on == min(line.due_on for line in own)


def test_many_households_without_an_address_are_handed_to_people_in_as_many_statements_as_one(
    household, django_assert_max_num_queries
):
    household(phone=None)
    run_sweep(on=date(2026, 4, 1), at=at(FIRST))
    with django_assert_max_num_queries(30) as one:
        fill_planned(on=date(2026, 4, 1), at=at(FIRST))
    for _ in range(9):
        household(phone=None)
    Account.objects.update(change_seq=7)
    run_sweep(on=date(2026, 4, 2), at=at("2026-04-02"))
    with django_assert_max_num_queries(len(one.captured_queries)):
        fill_planned(on=date(2026, 4, 2), at=at("2026-04-02"))
    assert Action.objects.filter(by_hand=True).count() == 10


@pytest.mark.django_db
def test_an_array_comes_to_the_server_as_it_was(db):
    words = ['a "quoted" word', "back\\slash", "", "NULL", "一，二", None]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::text[], %s::numeric[], %s::date[]", [array(words), array([Decimal("1.50"), None]), array([ON])]
        )
        assert cursor.fetchone() == (words, [Decimal("1.50"), None], [ON])
