"""先礼后兵、循序渐进: every step in its order, each after its own wait (S25, decisions 1 and 2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from collection.rules.steps import (
    DECISION,
    DEFAULT_STEPS,
    FINAL,
    FORMAL,
    REMINDER,
    Progress,
    Step,
    formal_has_expired,
    next_step,
)

DUE = date(2026, 3, 31)
OWED = Decimal("666.66")


def fresh(**changes) -> Progress:
    return Progress(**{"reached": 0, "reached_on": None, "letter_deadline_on": None, "oldest_due_on": DUE} | changes)


@pytest.mark.parametrize(
    ("progress", "tier", "on", "expected"),
    [
        pytest.param(fresh(), "slight", DUE, None, id="on-the-due-day-nobody-is-late"),
        pytest.param(fresh(), "slight", date(2026, 4, 1), 1, id="the-day-after"),
        pytest.param(fresh(), "severe", date(2027, 4, 1), 1, id="forgotten-a-year-still-begins-with-a-reminder"),
        pytest.param(
            fresh(reached=1, reached_on=date(2026, 4, 1)), "slight", date(2026, 4, 6), None, id="five-days-later"
        ),
        pytest.param(fresh(reached=1, reached_on=date(2026, 4, 1)), "slight", date(2026, 4, 7), 2, id="six-days-later"),
        pytest.param(
            fresh(reached=1, reached_on=date(2026, 4, 1)), "moderate", date(2026, 4, 4), 2, id="moderate-waits-three"
        ),
        pytest.param(
            fresh(reached=2, reached_on=date(2026, 4, 7)), "slight", date(2026, 4, 14), None, id="call-not-yet"
        ),
        pytest.param(fresh(reached=2, reached_on=date(2026, 4, 7)), "slight", date(2026, 4, 15), 3, id="call"),
        pytest.param(fresh(reached=2, reached_on=date(2026, 4, 4)), "severe", date(2026, 4, 7), 3, id="severe-call"),
        pytest.param(
            fresh(reached=3, reached_on=date(2026, 4, 15)), "severe", date(2026, 4, 30), None, id="formal-not-yet"
        ),
        pytest.param(fresh(reached=3, reached_on=date(2026, 4, 15)), "severe", date(2026, 5, 1), 4, id="formal"),
        pytest.param(
            fresh(reached=4, reached_on=date(2026, 5, 3), letter_deadline_on=date(2026, 5, 18)),
            "severe",
            date(2026, 5, 18),
            None,
            id="on-the-printed-deadline-one-may-still-pay",
        ),
        pytest.param(
            fresh(reached=4, reached_on=date(2026, 5, 3), letter_deadline_on=date(2026, 5, 18)),
            "severe",
            date(2026, 5, 19),
            5,
            id="follow-up-the-day-after-the-deadline",
        ),
        pytest.param(
            fresh(reached=5, reached_on=date(2026, 5, 20), letter_deadline_on=date(2026, 5, 18)),
            "severe",
            date(2026, 6, 1),
            None,
            id="final-fourteen-days-after-the-deadline",
        ),
        pytest.param(
            fresh(reached=5, reached_on=date(2026, 5, 20), letter_deadline_on=date(2026, 5, 18)),
            "severe",
            date(2026, 6, 2),
            6,
            id="final-fifteen-days-after-the-deadline",
        ),
        pytest.param(
            fresh(reached=5, reached_on=date(2026, 5, 20)), "severe", date(2027, 1, 1), None, id="no-letter-no-final"
        ),
        pytest.param(
            fresh(reached=6, reached_on=date(2026, 6, 5), letter_deadline_on=date(2026, 6, 15)),
            "severe",
            date(2026, 6, 16),
            7,
            id="decision-after-the-final-deadline",
        ),
        pytest.param(fresh(reached=7, reached_on=date(2026, 6, 20)), "severe", date(2027, 1, 1), None, id="the-end"),
    ],
)
def test_the_next_step(progress, tier, on, expected):
    step = next_step(DEFAULT_STEPS, progress, tier=tier, amount=OWED, on=on)
    assert (step and step.position) == expected


def test_below_the_minimum_nothing_is_taken_and_at_it_the_step_is():
    steps = (Step(1, REMINDER, "温馨提示", 1, minimum=Decimal("50.00")),)
    on = DUE + timedelta(days=1)
    assert next_step(steps, fresh(), tier="slight", amount=Decimal("49.99"), on=on) is None
    assert next_step(steps, fresh(), tier="slight", amount=Decimal("50.00"), on=on) is steps[0]


def test_without_an_effective_formal_demand_no_final_notice_even_if_the_strategy_forgot_it():
    steps = (Step(1, REMINDER, "温馨提示", 1), Step(2, FINAL, "最后通知书", 1))
    progress = fresh(reached=1, reached_on=date(2026, 4, 1), letter_deadline_on=date(2026, 4, 2))
    assert next_step(steps, progress, tier="severe", amount=OWED, on=date(2026, 9, 1)) is None
    assert not formal_has_expired(steps, progress, date(2026, 9, 1))


def test_driven_day_by_day_every_step_comes_once_in_order_and_never_two_on_one_day():
    progress, taken, day = fresh(), [], DUE
    while day < DUE + timedelta(days=200):
        day += timedelta(days=1)
        step = next_step(DEFAULT_STEPS, progress, tier="moderate", amount=OWED, on=day)
        if step is None:
            continue
        taken.append((step.kind, day))
        deadline = day + timedelta(days=15) if step.kind in {FORMAL, FINAL} else progress.letter_deadline_on
        progress = fresh(reached=step.position, reached_on=day, letter_deadline_on=deadline)
    assert [kind for kind, _ in taken] == [step.kind for step in DEFAULT_STEPS]
    assert len({on for _, on in taken}) == len(taken)
    assert taken[-1][0] == DECISION
