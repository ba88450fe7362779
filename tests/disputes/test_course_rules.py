"""The course of a dispute: heard first, looked into, answered, decided."""

from datetime import date
from decimal import Decimal as D

import pytest

from disputes.rules.course import MOVES, STATE_LABELS, is_full_contest, may_rule, moves_from, promptness, reduction
from disputes.rules.kinds import BY_CODE


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("open", ["heard", "accept"]),
        ("checking", ["heard", "dispatch", "found", "explain", "answer"]),
        ("answering", ["heard", "dispatch", "explain", "answer"]),
        ("answered", ["heard", "dispatch", "explain", "reopen"]),
        ("closed", []),
    ],
)
def test_what_may_be_done_in_each_state(state, moves):
    assert [move.code for move in moves_from(state)] == moves


def test_nobody_explains_before_the_owner_was_heard_and_accepted():
    assert "explain" not in {move.code for move in moves_from("open")}


def test_every_move_leads_to_a_known_state():
    assert all(move.to_state is None or move.to_state in STATE_LABELS for move in MOVES)


@pytest.mark.parametrize(
    ("state", "ruling", "allowed"),
    [
        pytest.param("open", "withdrawn", True, id="withdrawn-at-once"),
        pytest.param("open", "rejected", False, id="not-rejected-unheard"),
        pytest.param("checking", "upheld", True, id="upheld-while-checking"),
        pytest.param("answered", "rejected", True, id="rejected-after-the-answer"),
        pytest.param("closed", "upheld", False, id="never-twice"),
    ],
)
def test_when_a_ruling_may_close(state, ruling, allowed):
    assert may_rule(state, ruling) is allowed


@pytest.mark.parametrize(
    ("ruling", "granted", "expected"),
    [
        ("upheld", None, D("300.00")),
        ("partly", D("120.00"), D("120.00")),
        ("rejected", None, D(0)),
        ("withdrawn", None, D(0)),
    ],
)
def test_what_a_ruling_proposes_to_take_off(ruling, granted, expected):
    assert reduction(ruling, D("300.00"), granted) == expected


@pytest.mark.parametrize("granted", [None, D("-1"), D("300.01")])
def test_a_partly_upheld_line_needs_a_sensible_amount(granted):
    with pytest.raises(ValueError, match="granted something"):
        reduction("partly", D("300.00"), granted)


@pytest.mark.parametrize(
    ("contested", "open_amount", "full"),
    [("600.00", "600.00", True), ("599.99", "600.00", False), ("600.00", "400.00", True), ("0.01", "0.00", False)],
)
def test_a_contest_is_full_when_it_takes_all_that_is_open(contested, open_amount, full):
    assert is_full_contest(D(contested), D(open_amount)) is full


def test_only_a_service_dispute_holds_the_whole_account():
    assert [code for code, kind in BY_CODE.items() if kind.holds_account] == ["service"]


@pytest.mark.parametrize(
    ("on", "answered", "late"),
    [(date(2024, 5, 4), None, 0), (date(2024, 5, 6), None, 2), (date(2024, 5, 20), date(2024, 5, 5), 1)],
)
def test_promised_feedback_has_a_clock(on, answered, late):
    assert promptness(date(2024, 5, 1), date(2024, 5, 4), on, answered).days_late == late
