"""Invariants that no other test holds by name; docs/invariants.md lists all 46 with their tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears.queries import position
from billing.models import Bill, SpecialCase
from billing.operations.accounts import stamp_account
from billing.operations.payments import record_payment
from billing.operations.special_cases import close_special_case, open_special_case
from collection.channels import Delivery, Fate, Outcome, Receipt
from collection.models import Action, Case, Contact, Correction, Message, Notice, NoticeLine, Skip, Step
from collection.operations import days
from collection.operations.cases import decide_case, mark_effective
from collection.operations.changes import consume_changes
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.notices import approve_notice
from collection.operations.outbox import apply_receipt
from collection.operations.receipts import record_receipt
from collection.queries.facts import business_day, case_facts, contact_days
from collection.rules import decide as d
from collection.rules.steps import REMINDER, Progress
from collection.rules.steps import Step as RuleStep
from offices.scoping import current_office
from tests.collection import cast
from tests.collection.conftest import bill
from tests.collection.doubles import Killed
from tests.collection.held import snapshot
from tests.collection.machine import dying_at
from tests.conftest import at

FIRST = "2026-04-01"
ROUGH = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def day(text: str) -> Any:
    return plan_day(on=date.fromisoformat(text), at=at(text))


def pay(account: Any, amount: str, on: str) -> Any:
    return record_payment(
        account=account, amount=Decimal(amount), value_on=date.fromisoformat(on), kind="counter", by=None, at=at(on)
    )


def take_effect(account: Any, on: str) -> None:
    mark_effective(action=Action.objects.get(account=account, state="planned"), on=date.fromisoformat(on), at=at(on))


def test_i01_the_database_refuses_a_second_living_action_of_a_step(household: Any) -> None:
    household()
    day(FIRST)
    first = Action.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Action.objects.create(
            case=first.case, account=first.account, step=first.step, kind=first.kind, position=first.position,
            planned_on=first.planned_on, due_on=first.due_on, why="again",
        )  # fmt: skip


@ROUGH
@given(st.permutations(range(6)), st.integers(1, 5))
def test_i03_any_part_of_the_cases_in_any_order_is_decided_like_all_of_them(
    six: list[Case], order: list[int], cut: int
) -> None:
    on = date(2026, 4, 9)
    whole = {one.case.pk: d.decide(one.facts, on) for one in case_facts(six, on)}
    mixed = [six[n] for n in order]
    parts = [*case_facts(mixed[:cut], on), *case_facts(mixed[cut:], on)]
    assert {one.case.pk: d.decide(one.facts, on) for one in parts} == whole


@pytest.fixture
def six(inside: Any, household: Any) -> list[Case]:
    """Six cases with different things in the way."""
    accounts = [household(f"{n}00.00") for n in range(1, 7)]
    day(FIRST)
    for account in accounts[:3]:
        take_effect(account, FIRST)
    record_contact(
        account=accounts[1], channel="call", outcome="promised", promised_on=date(2026, 4, 20),
        promise_amount=Decimal("100.00"), by=inside.people["collector"], at=at(FIRST),
    )  # fmt: skip
    hold(accounts[2], FIRST)
    return list(Case.objects.order_by("account_id"))


def hold(account: Any, on: str) -> SpecialCase:
    return open_special_case(
        account=account, kind=SpecialCase.Kind.OTHER, starts_on=date.fromisoformat(on), note="核实中",
        blocks_reminder=True, by=None, at=at(on),
    )  # fmt: skip


def test_i07_the_next_step_waits_its_days_from_the_day_the_last_one_took_effect(household: Any) -> None:
    account = household()
    day(FIRST)
    take_effect(account, "2026-04-08")
    day("2026-04-13")
    assert not Action.objects.filter(state="planned").exists()
    day("2026-04-14")
    assert Action.objects.get(state="planned").planned_on == date(2026, 4, 14)


def test_i08_each_level_is_one_event_and_an_older_step_never_brings_it_down(household: Any) -> None:
    account = household()
    day(FIRST)
    first = Action.objects.get()
    take_effect(account, FIRST)
    day("2026-04-07")
    take_effect(account, "2026-04-07")
    Action.objects.filter(pk=first.pk).update(state="planned")
    mark_effective(action=first, on=date(2026, 4, 8), at=at("2026-04-08"))
    case = Case.objects.get()
    levels = list(case.history.order_by("history_id").values_list("reached", flat=True))
    assert (case.reached, list(dict.fromkeys(levels))) == (2, [0, 1, 2])


def test_i12_a_hold_released_the_same_day_changes_nothing_and_the_release_raises_one_step(household: Any) -> None:
    touched, other = household(), household()
    day(FIRST)
    for account in (touched, other):
        take_effect(account, FIRST)
    close_special_case(case=hold(touched, "2026-04-05"), by=None, at=at("2026-04-05", 15), reason="登错了")
    long = hold(other, "2026-04-05")
    close_special_case(case=long, by=None, at=at("2026-06-05"), reason="核实完毕")
    on = date(2026, 6, 5)
    assert position(touched.pk, on).days_overdue == 66
    assert position(other.pk, on).days_overdue == 66 - 61
    day("2026-06-05")
    assert list(Action.objects.filter(state="planned").values_list("position", flat=True)) == [2, 2]


@pytest.mark.parametrize(("amount", "expected"), [("99.99", d.BELOW_MINIMUM), ("100.00", d.FIRST_STEP)])
def test_i19_the_minimum_is_asked_of_the_net_amount_and_is_enough_at_equality(amount: str, expected: str) -> None:
    step = RuleStep(1, REMINDER, "温馨提示", 1, minimum=Decimal("100.00"))
    found = d.decide(
        d.Facts(
            steps=(step,), progress=Progress(0, None, None, date(2026, 3, 31)), tier="slight",
            remindable=Decimal(amount), pursuable=Decimal("500.00"),
        ),
        date(2026, 4, 5),
    )  # fmt: skip
    assert found.code == expected


def test_i19_falling_below_the_minimum_pauses_and_rising_again_resumes_the_same_cycle(
    place: Any, household: Any
) -> None:
    account = household()
    Step.objects.update(minimum=Decimal("100.00"))
    day(FIRST)
    take_effect(account, FIRST)
    pay(account, "600.00", "2026-04-03")
    day("2026-04-20")
    assert Skip.objects.latest("pk").code == d.BELOW_MINIMUM
    bill(place, account, "50.00", date(2026, 4, 10))
    day("2026-04-21")
    assert list(Case.objects.values_list("cycle", "reached")) == [(1, 1)]
    assert Action.objects.get(state="planned").position == 2


def test_i20_the_stored_tier_is_that_of_todays_debts_after_every_event(household: Any) -> None:
    account = household()
    day(FIRST)
    for text in ("2026-05-10", "2026-07-15"):
        day(text)
        Case.objects.update(next_action_on=date.fromisoformat(text))
        consume_changes(on=date.fromisoformat(text), at=at(text))
        day(text)
        assert Case.objects.get().tier == position(account.pk, date.fromisoformat(text)).tier
    assert Case.objects.get().tier == "severe"


def test_i22_no_number_of_sweeps_or_letters_adds_a_cent_to_what_is_owed(inside: Any) -> None:
    cast.settle_in()
    account = cast.household()
    cast.served(inside, account)
    for n in range(20):
        day(str(date(2026, 9, 13) + timedelta(days=n)))
    assert position(account.pk, date(2026, 10, 2)).open_amount == Decimal("1200.00")


@pytest.mark.parametrize("point", [1, 3, 6, 9, 12, 15, 18, 20, 22])
def test_i30_whatever_statement_a_day_dies_at_nothing_of_it_stays(household: Any, point: int) -> None:
    """The death of the process at its n-th statement; all of the day is one transaction."""
    paid, _other = household(), household()
    day(FIRST)
    pay(paid, "666.66", "2026-04-02")
    before = snapshot()
    with pytest.raises(Killed), dying_at(point):
        day("2026-04-02")
    assert snapshot() == before


def test_i32_pages_of_changed_cases_meet_each_case_once_although_they_change_under_them(household: Any) -> None:
    accounts = [household() for _ in range(5)]
    day(FIRST)
    for account in accounts:
        pay(account, "666.66", FIRST)
    pages = [consume_changes(on=date(2026, 4, 1), at=at(FIRST), limit=2) for _ in range(4)]
    assert pages == [2, 2, 1, 0]
    assert set(Case.objects.values_list("state", flat=True)) == {"settled"}


def test_i32_a_night_with_more_changes_than_one_page_holds_deals_with_all_of_them(
    household: Any, monkeypatch: Any
) -> None:
    accounts = [household() for _ in range(3)]
    day(FIRST)
    for account in accounts:
        take_effect(account, FIRST)
        pay(account, "666.66", FIRST)
    real = days.consume_changes
    monkeypatch.setattr(days, "consume_changes", lambda **given: real(**{**given, "limit": 1}))
    assert day("2026-04-02").changed == 3
    assert set(Case.objects.values_list("state", flat=True)) == {"settled"}


ZONES = {"Asia/Shanghai": 8, "Pacific/Kiritimati": 14, "Etc/GMT+12": -12, "UTC": 0}


@ROUGH
@given(st.sampled_from(sorted(ZONES)), st.datetimes(datetime(2025, 12, 30), datetime(2026, 12, 31)))
def test_i33_the_business_day_is_the_date_on_the_offices_own_clock(inside: Any, zone: str, naive: datetime) -> None:
    current_office().time_zone = zone
    assert business_day(naive.replace(tzinfo=UTC)) == (naive + timedelta(hours=ZONES[zone])).date()


def test_i33_a_contact_one_minute_before_midnight_counts_for_that_day(household: Any, inside: Any) -> None:
    account = household()
    for text, hour, minute in (("2026-04-01", 23, 59), ("2026-04-02", 0, 1)):
        Contact.objects.create(
            account=account, channel="call", outcome="informed", reached=True, at=at(text, hour, minute)
        )
    assert sorted(contact_days([account.pk], date(2026, 4, 2))[account.pk]) == [date(2026, 4, 1), date(2026, 4, 2)]


def test_i36_a_reminder_that_bounced_is_not_effective_and_blocks_the_next_step(household: Any) -> None:
    household()
    day(FIRST)
    message = Message.objects.get()
    apply_receipt(message, Receipt(Outcome.REFUSED, error="空号"), at(FIRST))
    action = Action.objects.get()
    assert (action.state, action.by_hand, Case.objects.get().reached) == ("planned", True, 0)
    for n in range(30):
        day(str(date(2026, 4, 2) + timedelta(days=n)))
    assert Action.objects.count() == 1


def test_i36_a_receipt_that_says_bounced_takes_the_step_back_and_blocks_the_next_one(household: Any) -> None:
    household()
    day(FIRST)
    message = Message.objects.get()
    message.first_call_at = at(FIRST)
    message.save()
    apply_receipt(message, Receipt(Outcome.ACCEPTED, ref="p-1"), at(FIRST))
    assert Case.objects.get().reached == 1
    record_receipt(message_id=message.pk, told=Delivery(Fate.BOUNCED, error="停机"), at=at("2026-04-02"))
    action = Action.objects.get()
    assert (action.state, action.by_hand, Case.objects.get().reached) == ("planned", True, 0)
    for n in range(30):
        day(str(date(2026, 4, 3) + timedelta(days=n)))
    assert Action.objects.count() == 1


def test_i37_several_debts_of_a_household_are_one_letter_on_which_each_stands_once(inside: Any) -> None:
    cast.settle_in()
    account = cast.household(bills=4)
    approve_notice(notice=cast.proposed(account), by=inside.people["manager"], at=at("2026-09-10"))
    [notice] = Notice.objects.all()
    assert sorted(notice.lines.values_list("bill_id", flat=True)) == sorted(account.bills.values_list("pk", flat=True))
    assert notice.amount == position(account.pk, date(2026, 9, 10)).pursuable == Decimal("2400.00")


def test_i39_after_the_decision_nothing_happens_by_itself(inside: Any, place: Any, household: Any) -> None:
    account = household()
    day(FIRST)
    take_effect(account, FIRST)
    case = Case.objects.get()
    step = Step.objects.get(kind="decision")
    Case.objects.update(reached=6, reached_on=date(2026, 4, 1), letter_deadline_on=date(2026, 4, 20))
    Action.objects.create(
        case=case, account=account, step=step, kind="decision", position=7, planned_on=date(2026, 4, 21),
        due_on=date(2026, 4, 21), why="最后期限已过", by_hand=True,
    )  # fmt: skip
    decide_case(
        case=case, refer=True, reason="多次催缴无果", again_on=None, at=at("2026-04-21"), by=inside.people["manager"]
    )
    before = Action.objects.count()
    bill(place, account, "50.00", date(2026, 5, 10))  # the household is looked at again when something more is due
    for n in range(0, 90, 10):
        day(str(date(2026, 4, 22) + timedelta(days=n)))
    assert (Action.objects.count(), list(Case.objects.values_list("state", flat=True))) == (before, ["referred"])


def test_i40_a_cancelled_bill_keeps_its_letters_closes_the_case_and_brings_a_correction(inside: Any) -> None:
    """红冲: the open rest of the bill is cancelled by an entry; what was printed and served stays on record."""
    cast.settle_in()
    account = cast.household(bills=1)
    notice = cast.served(inside, account)
    [row] = Bill.objects.all()
    row.adjustments.create(
        kind="reversal", state="approved", amount=row.amount, effective_on=date(2026, 9, 20), reason="红冲",
        proposed_at=at("2026-09-20"),
    )  # fmt: skip
    stamp_account(account_id=account.pk)
    day("2026-09-20")
    notice.refresh_from_db()
    assert (notice.state, NoticeLine.objects.count(), Case.objects.get().state) == ("served", 1, "settled")
    correction = Correction.objects.get()
    assert (correction.notice, correction.state, correction.right_amount) == (notice, "proposed", 0)
    assert position(account.pk, date(2026, 9, 20)).open_amount == 0
    assert position(account.pk, date(2026, 9, 19)).open_amount == Decimal("600.00")


def test_i43_every_case_is_planned_or_skipped_with_exactly_one_reason(household: Any) -> None:
    for _ in range(3):
        household()
    held = household()
    hold(held, "2026-03-31")
    sweep = day(FIRST).sweep
    assert (sweep.eligible, sweep.planned, sweep.skipped) == (4, 3, 1)
    assert list(Skip.objects.values_list("case__account_id", "code")) == [(held.pk, d.SPECIAL_CASE)]


def test_i46_steps_after_a_letter_count_from_the_deadline_that_is_printed_on_it(inside: Any) -> None:
    cast.settle_in()
    account = cast.household()
    notice = cast.served(inside, account)
    printed = notice.deadline_on
    day(str(printed))
    assert not Action.objects.filter(kind="follow_up").exists()
    day(str(printed + timedelta(days=1)))
    assert Action.objects.get(kind="follow_up").planned_on == printed + timedelta(days=1)
