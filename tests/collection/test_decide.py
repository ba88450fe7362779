"""One step or one reason, and always a later day to look again (invariants 5, 10, 13, 35, 43)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from collection.rules import decide as d
from collection.rules.decide import Facts, Plan, Skip, Waiting, decide
from collection.rules.steps import DEFAULT_STEPS, Progress

ON = date(2026, 5, 1)
OWED = Decimal("666.66")
NOTHING = Decimal("0.00")

START = Progress(0, None, None, date(2026, 3, 31))
CALLED = Progress(3, date(2026, 4, 10), None, date(2026, 3, 31))
SERVED = Progress(4, date(2026, 4, 20), date(2026, 5, 5), date(2026, 3, 31))
READY_FOR_FINAL = Progress(5, date(2026, 4, 10), date(2026, 4, 8), date(2025, 12, 31))


def facts(progress: Progress = START, **changes) -> Facts:
    whole = {"steps": DEFAULT_STEPS, "progress": progress, "tier": "slight", "remindable": OWED, "pursuable": OWED}
    return Facts(**whole | changes)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(facts(), "reminder", id="first-reminder"),
        pytest.param(facts(CALLED), "formal", id="formal-after-the-call"),
        pytest.param(facts(READY_FOR_FINAL), "final", id="final-after-the-expired-deadline"),
        pytest.param(facts(CALLED, pursuable=Decimal("10.00")), "formal", id="a-partial-contest-leaves-the-rest"),
        pytest.param(
            facts(blockers=("special_case",), pursuable=NOTHING), "reminder", id="special-case-lets-reminders-through"
        ),
        pytest.param(facts(blockers=("service_dispute",)), "reminder", id="service-dispute-lets-reminders-through"),
        pytest.param(facts(contacts=(ON - timedelta(days=7),) * 3), "reminder", id="contacts-a-week-ago-are-past"),
        pytest.param(facts(CALLED, contacts=(ON,) * 3), "formal", id="the-cap-is-not-for-paper"),
    ],
)
def test_the_step_is_taken(given, expected):
    answer = decide(given, ON)
    assert isinstance(answer, Plan)
    assert answer.step.kind == expected
    assert answer.look_again_on > ON


@pytest.mark.parametrize(
    ("given", "code", "again"),
    [
        pytest.param(facts(steps=()), d.NO_STRATEGY, None, id="no-strategy"),
        pytest.param(facts(Progress(3, date(2026, 4, 20), None, None)), d.NOT_DUE, date(2026, 5, 6), id="not-due"),
        pytest.param(facts(SERVED), d.DEADLINE_RUNNING, date(2026, 5, 6), id="the-printed-deadline-is-running"),
        pytest.param(
            facts(CALLED, blockers=("special_case",), pursuable=NOTHING, hold_ends_on=date(2026, 5, 3)),
            d.SPECIAL_CASE,
            date(2026, 5, 3),
            id="special-case-with-an-end",
        ),
        pytest.param(
            facts(blockers=("special_case", "special_case_reminder"), remindable=NOTHING, pursuable=NOTHING),
            d.SPECIAL_CASE,
            None,
            id="special-case-that-also-stops-reminders",
        ),
        pytest.param(
            facts(CALLED, blockers=("contested",), pursuable=NOTHING), d.CONTESTED, None, id="wholly-contested"
        ),
        pytest.param(
            facts(CALLED, blockers=("service_dispute",)), d.SERVICE_DISPUTE, None, id="service-first-then-paper"
        ),
        pytest.param(facts(remindable=NOTHING, blockers=("credit",)), d.CREDIT_COVERS, None, id="credit-nets"),
        pytest.param(
            facts(remindable=NOTHING, blockers=("unreconciled",)), d.NOT_RECONCILED, None, id="not-signed-off"
        ),
        pytest.param(facts(remindable=NOTHING), d.BELOW_MINIMUM, None, id="below-the-minimum"),
        pytest.param(facts(promise_until=ON), d.PROMISE_OPEN, ON + timedelta(days=1), id="the-last-day-of-a-promise"),
        pytest.param(facts(postponed_to=date(2026, 5, 4)), d.POSTPONED, date(2026, 5, 4), id="call-me-on-monday"),
        pytest.param(
            facts(contacts=(ON - timedelta(days=6), ON - timedelta(days=2), ON)),
            d.CONTACT_CAP,
            ON + timedelta(days=1),
            id="three-contacts-in-seven-days",
        ),
        pytest.param(
            facts(CALLED, fresh_on=date(2026, 4, 20), data_on=date(2026, 4, 1)),
            d.STALE_DATA,
            None,
            id="reconcile-first",
        ),
        pytest.param(
            facts(waiting=Waiting(d.WAITING_FOR_SERVICE, "催缴通知书", "formal")),
            d.WAITING_FOR_SERVICE,
            None,
            id="paper-on-its-way",
        ),
        pytest.param(
            facts(Progress(5, date(2026, 4, 10), None, None)),
            d.FORMAL_NOT_SERVED,
            None,
            id="no-final-without-a-served-formal",
        ),
        pytest.param(facts(Progress(7, date(2026, 4, 10), None, None)), d.END_OF_STEPS, None, id="the-end"),
    ],
)
def test_the_reason_why_not(given, code, again):
    answer = decide(given, ON)
    assert isinstance(answer, Skip)
    assert answer.code == code
    assert answer.words
    assert "%(" not in answer.words
    assert answer.look_again_on > ON
    assert again is None or answer.look_again_on == again


def test_a_stale_office_may_still_remind():
    assert isinstance(decide(facts(fresh_on=date(2026, 4, 30), data_on=None), ON), Plan)


def test_nothing_is_written_while_the_whole_amount_is_contested():
    for progress in (START, CALLED, SERVED, READY_FOR_FINAL):
        answer = decide(facts(progress, blockers=("contested",), remindable=NOTHING, pursuable=NOTHING), ON)
        assert isinstance(answer, Skip)


def test_every_combination_has_exactly_one_answer_with_words_and_a_later_day():
    """Invariant 43 and 5 over a grid: whatever the facts, a step or a known code, and never a past day."""
    grid = product(
        (START, CALLED, SERVED, READY_FOR_FINAL, Progress(0, None, None, None)),
        (NOTHING, OWED),
        ((), ("special_case",), ("contested",), ("service_dispute",), ("unreconciled",), ("credit",)),
        (None, ON - timedelta(days=1), ON),
        ((), (ON,) * 3),
    )
    for progress, amount, blockers, promise, contacts in grid:
        given = replace(
            facts(progress, pursuable=amount, remindable=amount, blockers=blockers),
            promise_until=promise,
            contacts=contacts,
        )
        answer = decide(given, ON)
        assert answer.look_again_on > ON
        if isinstance(answer, Skip):
            assert answer.code in d.WORDS
        else:
            assert answer.amount >= answer.step.minimum
