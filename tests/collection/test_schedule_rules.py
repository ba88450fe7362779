"""The timetable of a case, and who stands in for whom (S21, S22, S24)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.rules import steps as s
from collection.rules.schedule import (
    AFTER_PROMISE,
    NO_LETTER,
    Absence,
    OpenTask,
    Outlook,
    acting,
    coming_steps,
    late_by,
)
from collection.rules.steps import DEFAULT_STEPS, Progress
from offices.rules.days import calendar

DAYS = calendar()
DUE = date(2026, 3, 31)
LETTERS = {s.FORMAL: 15, s.FINAL: 10}


def outlook(reached: int = 0, reached_on: date | None = None, deadline: date | None = None, **more: object) -> Outlook:
    return Outlook(Progress(reached, reached_on, deadline, DUE), "slight", LETTERS, **more)  # type: ignore[arg-type]


def dates(found: object) -> list[str | None]:
    return [each.on.isoformat() if each.on else None for each in found]  # type: ignore[attr-defined]


def test_the_whole_ladder_is_dated_from_the_due_day() -> None:
    coming = coming_steps(DEFAULT_STEPS, outlook(), on=date(2026, 4, 1), working=DAYS.next_working)
    assert [(each.step.kind, each.on, each.deadline_on) for each in coming] == [
        ("reminder", date(2026, 4, 1), None),
        ("reminder", date(2026, 4, 7), None),
        ("call", date(2026, 4, 15), None),
        # the 1st to the 5th of May are days off, and the 9th is a make-up Saturday
        ("formal", date(2026, 5, 6), date(2026, 5, 21)),
        ("follow_up", date(2026, 5, 22), None),
        ("final", date(2026, 6, 5), date(2026, 6, 15)),
        ("decision", date(2026, 6, 16), None),
    ]
    assert "缴费期限 15 天" in coming[3].rests_on[0]


def test_what_is_open_already_keeps_its_day_and_the_rest_counts_from_today() -> None:
    late = outlook(2, date(2026, 4, 7), task=OpenTask(3, date(2026, 4, 15)))
    coming = coming_steps(DEFAULT_STEPS, late, on=date(2026, 4, 20), working=DAYS.next_working)
    assert (coming[0].on, coming[0].is_open) == (date(2026, 4, 15), True)
    assert coming[1].on == DAYS.next_working(date(2026, 4, 20) + timedelta(days=16))


def test_after_a_promise_nothing_is_planned_before_its_last_day_has_passed() -> None:
    said = outlook(2, date(2026, 4, 7), not_before=date(2026, 4, 28))
    coming = coming_steps(DEFAULT_STEPS, said, on=date(2026, 4, 10), working=DAYS.next_working)
    assert coming[0].on == date(2026, 4, 28)
    assert coming[0].rests_on == (AFTER_PROMISE.format(day="4月28日"),)


def test_a_step_that_counts_from_a_letter_has_no_date_without_one() -> None:
    steps = (s.Step(1, s.FOLLOW_UP, "回访", 1, counts_from_deadline=True, role="collector"),)
    (only,) = coming_steps(steps, outlook(), on=date(2026, 4, 1), working=DAYS.next_working)
    assert (only.on, only.rests_on) == (None, (NO_LETTER,))


@given(
    on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    reached=st.integers(0, 7),
    tier=st.sampled_from(["slight", "moderate", "severe"]),
    promised=st.none() | st.integers(1, 40),
)
def test_dates_never_go_back_never_lie_in_the_past_and_people_work_on_working_days(
    on: date, reached: int, tier: str, promised: int | None
) -> None:
    before = on - timedelta(days=5)
    at = Outlook(
        Progress(reached, before if reached else None, before if reached >= 4 else None, on - timedelta(days=9)),
        tier,
        LETTERS,
        not_before=on + timedelta(days=promised) if promised else None,
    )
    coming = coming_steps(DEFAULT_STEPS, at, on=on, working=DAYS.next_working)
    days = [each.on for each in coming if each.on is not None]
    assert days == sorted(days)
    assert all(day >= (at.not_before or on) for day in days)
    assert all(DAYS.is_working(each.on) for each in coming if each.on and each.step.is_by_hand)
    assert [each.step.position for each in coming] == list(range(reached + 1, 8))


ON = date(2026, 5, 11)


def away(person: int, stand_in: int, since: int = 0, until: int = 0) -> Absence:
    return Absence(person, stand_in, ON + timedelta(days=since), ON + timedelta(days=until))


@pytest.mark.parametrize(
    ("absences", "who"),
    [
        pytest.param([], 1, id="nobody-away"),
        pytest.param([away(1, 2)], 2, id="on-the-day"),
        pytest.param([away(1, 2, -9, -1)], 1, id="back-again"),
        pytest.param([away(1, 2, 1, 9)], 1, id="not-yet"),
        pytest.param([away(1, 2), away(2, 3)], 3, id="the-stand-in-is-away-too"),
        pytest.param([away(1, 2), away(2, 1)], 1, id="both-away-it-stays"),
        pytest.param([away(1, 2), away(2, 3), away(3, 2)], 1, id="everybody-away-it-stays"),
    ],
)
def test_who_does_the_work_of_somebody_who_is_away(absences: list[Absence], who: int) -> None:
    assert acting(1, absences, ON) == who


@pytest.mark.parametrize(
    ("due_on", "days"),
    [("2026-05-11", 0), ("2026-05-12", 0), ("2026-05-08", 2), ("2026-04-30", 5)],
    ids=["on-its-day", "not-due", "over-a-make-up-saturday", "over-the-holidays"],
)
def test_delay_is_counted_in_working_days(due_on: str, days: int) -> None:
    def between(since: date, until: date) -> int:
        return sum(DAYS.is_working(since + timedelta(days=n + 1)) for n in range((until - since).days))

    assert late_by(date.fromisoformat(due_on), ON, between) == days
