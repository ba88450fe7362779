"""Quiet hours and how often (S38, decisions 24, invariants 13 and 35)."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from collection.rules.guards import Hours, Rest, Window, call_refusal, cap_lifts_on, is_night, visit_objection
from collection.rules.outcomes import BY_CODE, OUTCOMES, missing
from collection.rules.promises import BROKEN, KEPT, Promise, verdict

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(clock: str, day: int = 4) -> datetime:
    return datetime.combine(date(2026, 5, day), time.fromisoformat(clock), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59:59", False), ("09:00", True), ("19:59:59", True), ("20:00", False), ("20:59:59", False), ("00:00", False)],
)
def test_the_default_window_is_half_open(clock, is_open):
    assert Window().is_open(at(clock)) is is_open


@pytest.mark.parametrize(
    ("window", "clock", "is_open"),
    [
        pytest.param(Window(time(6), time(23)), "20:59:59", True, id="the-last-second-of-the-platform"),
        pytest.param(Window(time(6), time(23)), "21:00", False, id="the-platform-is-stronger-than-the-office"),
        pytest.param(Window(time(6), time(23)), "07:59:59", False, id="too-early-for-the-platform"),
        pytest.param(Window(time(22), time(23)), "22:30", False, id="a-window-outside-the-platform-is-the-default-one"),
    ],
)
def test_no_office_may_widen_the_platform_window(window, clock, is_open):
    assert window.is_open(at(clock)) is is_open


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (at("07:00"), at("09:00")),
        (at("12:00"), at("12:00")),
        (at("20:00"), at("09:00", 5)),
        (at("23:59"), at("09:00", 5)),
    ],
)
def test_what_comes_too_late_is_first_the_next_morning(now, then):
    assert Window().next_opening(now) == then


@pytest.mark.parametrize(
    ("ago", "lifts_in"),
    [
        pytest.param((), None, id="never-contacted"),
        pytest.param((0, 1), None, id="twice"),
        pytest.param((6, 3, 1), 1, id="the-oldest-leaves-tomorrow"),
        pytest.param((7, 3, 1), None, id="the-oldest-has-left"),
        pytest.param((0, 0, 0), 7, id="three-today"),
        pytest.param((5, 4, 3, 2), 3, id="four-so-two-must-leave"),
    ],
)
def test_three_contacts_in_any_seven_days(ago, lifts_in):
    on = date(2026, 5, 20)
    lifts = cap_lifts_on([on - timedelta(days=days) for days in ago], on)
    assert lifts == (None if lifts_in is None else on + timedelta(days=lifts_in))


def test_a_call_is_refused_in_words():
    may = {"hours": Hours(), "attempts_today": 0, "conversations_today": 0, "cap_lifts": None}
    assert call_refusal(at("10:00"), **may) == ""
    assert "09:00—20:00" in call_refusal(at("20:00"), **may)
    assert "2 次" in call_refusal(at("10:00"), **may | {"attempts_today": 2})
    assert "通过话" in call_refusal(at("10:00"), **may | {"conversations_today": 1})
    assert "5月9日" in call_refusal(at("10:00"), **may | {"cap_lifts": date(2026, 5, 9)})


PROMISE = Promise(made_on=date(2026, 5, 1), promised_on=date(2026, 5, 8), amount=Decimal("500.00"))


@pytest.mark.parametrize(
    ("payments", "on", "expected"),
    [
        pytest.param([], date(2026, 5, 9), None, id="grace-day-still-open"),
        pytest.param([], date(2026, 5, 10), BROKEN, id="broken-after-the-grace-day"),
        pytest.param([(date(2026, 5, 3), "500.00")], date(2026, 5, 3), KEPT, id="kept-as-soon-as-it-is-there"),
        pytest.param([(date(2026, 5, 3), "499.99")], date(2026, 5, 10), BROKEN, id="one-cent-does-not-keep-it"),
        pytest.param(
            [(date(2026, 5, 3), "300.00"), (date(2026, 5, 9), "200.00")], date(2026, 5, 10), KEPT, id="two-parts"
        ),
        pytest.param([(date(2026, 4, 30), "500.00")], date(2026, 5, 10), BROKEN, id="money-before-the-promise"),
        pytest.param([(date(2026, 5, 10), "500.00")], date(2026, 5, 10), BROKEN, id="money-too-late"),
        pytest.param(
            [(date(2026, 5, 3), "500.00"), (date(2026, 5, 4), "-500.00")],
            date(2026, 5, 5),
            None,
            id="reversed-is-not-paid",
        ),
    ],
)
def test_a_promise_is_kept_or_broken(payments, on, expected):
    assert verdict(PROMISE, [(day, Decimal(amount)) for day, amount in payments], on=on) == expected


def test_eight_outcomes_on_eight_keys_and_none_is_closed_empty():
    assert [outcome.key for outcome in OUTCOMES] == list(range(1, 9))
    assert missing(BY_CODE["promised"], {"promised_on": date(2026, 5, 8)}) == ("promised_amount",)
    assert missing(BY_CODE["refused"], {"owner_words": ""}) == ("owner_words",)
    assert missing(BY_CODE["no_answer"], {}) == ()
    assert {o.code for o in OUTCOMES if not o.is_conversation} == {"no_answer", "wrong_number"}


@pytest.mark.parametrize(
    ("clock", "says"),
    [
        pytest.param("08:59", "09:00—20:00", id="before-the-hours"),
        pytest.param("09:00", "", id="at-the-first-minute"),
        pytest.param("11:59", "", id="before-noon"),
        pytest.param("12:00", "12:00—14:00", id="at-noon"),
        pytest.param("14:00", "", id="after-noon"),
        pytest.param("19:59", "", id="the-last-minute"),
        pytest.param("20:00", "09:00—20:00", id="after-the-hours"),
    ],
)
def test_when_somebody_may_stand_at_the_door(clock, says):
    found = visit_objection(at(clock), hours=Hours(rests=(Rest(time(12), time(14)),)))
    assert says in found
    assert bool(found) is bool(says)


def test_an_owner_may_want_no_visits():
    assert "不接受上门" in visit_objection(at("10:00"), hours=Hours(), is_unwanted=True)


@pytest.mark.parametrize(
    ("clock", "night"), [("07:59:59", True), ("08:00", False), ("20:59:59", False), ("21:00", True), ("00:00", True)]
)
def test_the_platforms_night_is_everybodys(clock, night):
    assert is_night(at(clock)) is night
