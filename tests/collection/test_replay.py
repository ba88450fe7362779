"""A stored decision can be made again, years later, from what was stored with it (invariant 44)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.position import BLOCKERS
from collection.models import Action, Skip
from collection.queries.decisions import made_again
from collection.rules import decide as d
from collection.rules import steps as s
from collection.rules.inputs import facts_of, inputs_of, replay
from tests.collection.test_sweep import FIRST, day, take_effect

ON = date(2026, 5, 1)
DAYS = st.dates(ON - timedelta(days=500), ON + timedelta(days=60))
YUAN = st.decimals(0, 100_000, places=2)
WAITS = (d.WAITING_FOR_PERSON, d.WAITING_FOR_SERVICE, d.WAITING_FOR_PROVIDER)

PROGRESS = st.builds(
    s.Progress,
    reached=st.integers(0, 7),
    reached_on=st.none() | DAYS,
    letter_deadline_on=st.none() | DAYS,
    oldest_due_on=st.none() | DAYS,
)
FACTS = st.builds(
    d.Facts,
    steps=st.sampled_from(((), s.DEFAULT_STEPS, s.DEFAULT_STEPS[:4])),
    progress=PROGRESS,
    tier=st.sampled_from(("", "slight", "moderate", "severe")),
    remindable=YUAN,
    pursuable=YUAN,
    blockers=st.lists(st.sampled_from(sorted(BLOCKERS)), unique=True, max_size=3).map(tuple),
    waiting=st.none() | st.builds(d.Waiting, st.sampled_from(WAITS), st.text(max_size=10), st.sampled_from(["call"])),
    promise_until=st.none() | DAYS,
    postponed_to=st.none() | DAYS,
    hold_ends_on=st.none() | DAYS,
    contacts=st.lists(DAYS, max_size=4).map(tuple),
    weekly_cap=st.integers(0, 7),
    fresh_on=st.none() | DAYS,
    data_on=st.none() | DAYS,
)


@given(facts=FACTS, on=DAYS)
def test_what_is_stored_gives_the_same_decision_again(facts, on):
    stored = json.loads(json.dumps(inputs_of(facts)))
    assert facts_of(stored, facts.steps) == facts
    assert replay(stored, facts.steps, on) == d.decide(facts, on)


@given(facts=FACTS, other=st.tuples(YUAN, YUAN), on=DAYS)
def test_what_a_decision_cannot_tell_apart_is_decided_once(facts, other, on):
    bounds = d.bounds_of(facts.steps)
    twin = replace(facts, remindable=other[0], pursuable=other[1])
    if d.signature(facts, bounds) == d.signature(twin, bounds):
        ours, theirs = d.decide(facts, on), d.decide(twin, on)
        if isinstance(ours, d.Plan):
            ours = replace(ours, amount=d.amount_for(twin, ours.step.kind))
        assert ours == theirs


def test_an_ordinary_decision_takes_little_room():
    facts = d.Facts(s.DEFAULT_STEPS, s.Progress(2, ON, None, ON), "severe", Decimal("3510.50"), Decimal("3510.50"))
    assert len(json.dumps(inputs_of(facts))) < 220


# Stored on 2026-11-25. Whoever changes a rule may not change what these households were told.
GOLDEN = [
    pytest.param(
        '{"progress": {"reached": 0, "reached_on": null, "letter_deadline_on": null, "oldest_due_on": "2026-03-31"},'
        ' "tier": "slight", "remindable": "666.66", "pursuable": "666.66"}',
        (d.FIRST_STEP, "自 2026-03-31 起逾期，首次「温馨提示」", date(2026, 5, 2)),
        id="a-first-reminder",
    ),
    pytest.param(
        '{"progress": {"reached": 5, "reached_on": "2026-04-10", "letter_deadline_on": "2026-04-08", "oldest_due_on":'
        ' "2025-12-31"}, "tier": "severe", "remindable": "0.00", "pursuable": "90.00"}',
        (d.DEADLINE_PASSED, "通知书期限 2026-04-08 已过 23 天，应「最后通知书」", date(2026, 5, 8)),
        id="a-final-notice",
    ),
    pytest.param(
        '{"progress": {"reached": 3, "reached_on": "2026-04-10", "letter_deadline_on": null, "oldest_due_on": null},'
        ' "tier": "severe", "remindable": "5.00", "pursuable": "5.00", "promise_until": "2026-05-04"}',
        (d.PROMISE_OPEN, "业主已承诺缴费，5月5日前不打扰", date(2026, 5, 5)),
        id="a-promise",
    ),
    pytest.param(
        '{"progress": {"reached": 3, "reached_on": "2026-04-10", "letter_deadline_on": null, "oldest_due_on": null},'
        ' "tier": "severe", "remindable": "0.00", "pursuable": "0.00", "blockers": ["special_case"]}',
        (d.SPECIAL_CASE, "特殊情况核实中，「催缴通知书」暂缓", date(2026, 5, 8)),
        id="a-special-case",
    ),
]


@pytest.mark.parametrize(("stored", "expected"), GOLDEN)
def test_decisions_of_the_past_stay_what_they_were(stored, expected):
    again = replay(json.loads(stored), s.DEFAULT_STEPS, ON)
    assert (again.code, again.why if isinstance(again, d.Plan) else again.words, again.look_again_on) == expected


def test_every_decision_of_a_sweep_is_stored_with_its_inputs_and_can_be_made_again(household):
    household()
    for number in range(3):
        account = household("6000.00", phone=None if number else "")
    day(FIRST)
    take_effect(account, FIRST)
    day("2026-04-02")
    day("2026-04-08")
    planned = [(action, made_again(action)) for action in Action.objects.all()]
    skipped = [(skip, made_again(skip)) for skip in Skip.objects.all()]
    assert planned
    assert skipped
    for action, plan in planned:
        assert (plan.code, plan.step.position, action.inputs["strategy"]) == (
            action.code, action.position, action.step.strategy_id,
        )  # fmt: skip
    for skip, again in skipped:
        assert (again.code, again.words, again.look_again_on) == (skip.code, skip.words, skip.look_again_on)
