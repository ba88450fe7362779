"""The daily sweep: every due case gets its one step or its one reason."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.operations.payments import record_payment, reverse_payment
from collection.models import Action, Case, Message, Notice, Skip, Sweep
from collection.operations import sweeps
from collection.operations.cases import mark_effective
from collection.operations.changes import consume_changes
from collection.operations.days import plan_day
from collection.operations.filling import fill_planned
from collection.operations.sweeps import SweepRefused, run_sweep
from collection.rules import decide as rules
from tests.collection.conftest import bill, move_in
from tests.conftest import at

FIRST = "2026-04-01"


def day(text: str):
    return plan_day(on=date.fromisoformat(text), at=at(text))


def pay(account, amount, on):
    return record_payment(
        account=account, amount=Decimal(amount), value_on=date.fromisoformat(on), kind="counter", by=None, at=at(on)
    )


def take_effect(account, on):
    action = Action.objects.get(account=account, state="planned")
    deadline = date.fromisoformat(on) + timedelta(days=15) if action.kind in ("formal", "final") else None
    mark_effective(action=action, on=date.fromisoformat(on), at=at(on), deadline_on=deadline)


def test_on_the_due_day_nobody_is_late(household):
    household()
    assert day("2026-03-31").sweep.eligible == 0
    assert not Case.objects.exists()


def test_the_day_after_a_friendly_reminder_waits_in_the_outbox(household):
    account = household()
    sweep = day(FIRST).sweep
    assert (sweep.eligible, sweep.planned, sweep.skipped, sweep.opened) == (1, 1, 0, 1)
    message = Message.objects.get()
    assert message.recipient == account.owner.contact_points.get().value
    assert "666.66元" in message.body
    assert "如已缴费请忽略" in message.body
    assert Case.objects.get().tier == "slight"


def test_the_same_day_again_changes_nothing(household):
    for _ in range(3):
        household()
    household(phone=None)
    day(FIRST)
    before = snapshot()
    again = day(FIRST)
    assert snapshot() == before
    assert again.sweep.planned == 4


def snapshot():
    return {
        model: list(model.objects.order_by("pk").values()) for model in (Case, Action, Message, Notice, Skip, Sweep)
    }


def test_an_earlier_day_is_refused(household):
    household()
    day("2026-04-05")
    with pytest.raises(SweepRefused) as no:
        run_sweep(on=date(2026, 4, 4), at=at("2026-04-04"))
    assert no.value.code == "day_closed"


def test_missed_days_make_the_next_step_late_but_never_two_at_once(household):
    account = household()
    day(FIRST)
    take_effect(account, FIRST)
    day("2026-06-30")
    assert list(Action.objects.order_by("pk").values_list("position", "planned_on")) == [
        (1, date(2026, 4, 1)),
        (2, date(2026, 6, 30)),
    ]


def test_no_step_is_planned_before_the_one_before_it_took_effect(household):
    household()
    for number in range(40):
        text = str(date(2026, 4, 1) + timedelta(days=number))
        day(text)
    assert Action.objects.count() == 1
    assert set(Skip.objects.values_list("code", flat=True)) == {"WAITING_FOR_PROVIDER"}


def test_a_household_that_cannot_be_written_to_is_called(household):
    household(phone=None)
    day(FIRST)
    action = Action.objects.get()
    assert action.by_hand
    assert not Message.objects.exists()
    assert "没有可用的手机号或邮箱" in action.why


def test_without_a_phone_the_reminder_goes_by_email(household):
    household(phone=None, email="owner@example.com")
    day(FIRST)
    assert Message.objects.get().channel == "email"


def test_a_payment_takes_back_the_message_and_closes_the_case(household):
    account = household()
    day(FIRST)
    pay(account, "666.66", FIRST)
    consume_changes(on=date(2026, 4, 1), at=at(FIRST, 11))
    assert Message.objects.get().state == "void"
    assert Action.objects.get().state == "void"
    assert Case.objects.get().state == "settled"


def test_a_part_payment_writes_the_reminder_anew_with_the_rest(household):
    account = household()
    day(FIRST)
    pay(account, "600.00", FIRST)
    day(FIRST)
    assert list(Message.objects.order_by("pk").values_list("state", "amount")) == [
        ("void", Decimal("666.66")),
        ("pending", Decimal("66.66")),
    ]


def test_a_reversed_payment_brings_back_the_same_case_where_it_stood(household):
    account = household()
    day(FIRST)
    take_effect(account, FIRST)
    paid = pay(account, "666.66", "2026-04-03")
    day("2026-04-03")
    assert Case.objects.get().state == "settled"
    reverse_payment(payment=paid, by=None, at=at("2026-04-20"), reason="退票")
    day("2026-04-20")
    case = Case.objects.get()
    assert (case.state, case.cycle, case.reached) == ("open", 1, 1)
    assert Action.objects.filter(position=2).count() == 1
    sweeps = Sweep.objects.count()
    day("2026-04-20")
    assert Sweep.objects.count() == sweeps, "the run that brought it back has seen the change"


def test_a_new_debt_begins_at_the_first_step(place, household):
    account = household()
    day(FIRST)
    take_effect(account, FIRST)
    pay(account, "666.66", "2026-04-03")
    day("2026-04-03")
    bill(place, account, "100.00", date(2026, 4, 30))
    day("2026-05-01")
    assert list(Case.objects.order_by("cycle").values_list("cycle", "state", "reached")) == [
        (1, "settled", 1),
        (2, "open", 0),
    ]


def test_bills_nobody_signed_off_reach_nobody(place):
    bill(place, move_in(place), is_reconciled=False)
    day(FIRST)
    assert Skip.objects.get().code == "NOT_RECONCILED"
    assert not Message.objects.exists()


def test_the_sweep_asks_the_same_number_of_questions_for_three_and_for_thirty(household, django_assert_max_num_queries):
    for _ in range(30):
        household()
    with django_assert_max_num_queries(75):
        day(FIRST)
    assert Message.objects.count() == 30


def test_one_case_that_cannot_be_decided_is_reported_and_the_rest_goes_on(place, household, monkeypatch):
    household()
    bill(place, household(), due_on=date(2026, 2, 28))
    real = rules.decide

    def decide(facts, on):
        if facts.progress.oldest_due_on == date(2026, 3, 31):
            raise ZeroDivisionError
        return real(facts, on)

    monkeypatch.setattr(rules, "decide", decide)
    sweep = day(FIRST).sweep
    assert (sweep.state, sweep.planned, sweep.skipped) == ("partial", 1, 1)
    assert Skip.objects.get().code == "FAULT"


def test_households_in_the_same_position_are_decided_once_and_each_keeps_its_own_amount(household, monkeypatch):
    amounts = [Decimal("100.00"), Decimal("250.50"), Decimal("999.99")]
    for amount in amounts:
        household(str(amount))
    asked, real = [], rules.decide
    monkeypatch.setattr(rules, "decide", lambda facts, on: asked.append(facts) or real(facts, on))
    assert day(FIRST).sweep.planned == 3
    assert len(asked) == 1
    stored = Action.objects.order_by("account_id").values_list("inputs__remindable", flat=True)
    assert [Decimal(each) for each in stored] == amounts


def test_through_all_steps_with_effects_recorded(household):
    account = household("6000.00")
    on = date(2026, 4, 1)
    while on < date(2026, 9, 1):
        plan_day(on=on, at=at(str(on)))
        if Action.objects.filter(account=account, state="planned").exists():
            take_effect(account, str(on))
        on += timedelta(days=1)
    kinds = list(Action.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reminder", "reminder", "call", "formal", "follow_up", "final", "decision"]


def test_what_hangs_from_a_planned_step_is_found_by_the_next_ring_when_a_run_died_before_it(household):
    household()
    household(phone=None)
    run_sweep(on=date(2026, 4, 1), at=at(FIRST))
    assert (Action.objects.count(), Message.objects.count()) == (2, 0)
    assert fill_planned(on=date(2026, 4, 1), at=at(FIRST)) == 2
    assert Message.objects.count() == 1
    assert Action.objects.get(messages=None).by_hand
    assert fill_planned(on=date(2026, 4, 1), at=at(FIRST)) == 0


def test_on_unchanged_books_the_next_day_still_opens_what_falls_due(place):
    first, second = move_in(place), move_in(place)
    bill(place, first, "70.00", date(2026, 3, 31))
    bill(place, second, "80.00", date(2026, 4, 10))
    assert run_sweep(on=date(2026, 4, 1), at=at("2026-04-01")).opened == 1
    assert run_sweep(on=date(2026, 4, 10), at=at("2026-04-10")).opened == 0
    assert run_sweep(on=date(2026, 4, 12), at=at("2026-04-12")).opened == 1
    assert Case.objects.get(account=second).opened_on == date(2026, 4, 12)


def test_unchanged_books_are_looked_through_again_only_when_another_bill_is_late(place, household, monkeypatch):
    account = household()
    day("2026-03-20")
    looked = []
    real = sweeps.open_cases
    monkeypatch.setattr(sweeps, "open_cases", lambda **ask: looked.append(ask["on"]) or real(**ask))
    for text in ("2026-03-25", "2026-03-31", FIRST, "2026-04-02", "2026-04-03"):
        day(text)
    assert looked == [date(2026, 4, 1)]
    assert Case.objects.get().opened_on == date(2026, 4, 1)
    pay(account, "1.00", "2026-04-04")
    day("2026-04-04")
    assert looked[1:] == [date(2026, 4, 4)]
