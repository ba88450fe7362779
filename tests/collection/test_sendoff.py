"""The guards at the moment of sending, one table per guard, and what holds for every message (issue 5, invariants 15, 16, 34–36, 45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collection.rules.guards import Hours, Rest, Window
from collection.rules.measures import bans_for
from collection.rules.sendoff import Facts, Way, may_leave
from offices.rules.days import calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = calendar()
TEXT = "尊敬的业主，您在华庭苑1-1-101的2026年1月至3月物业费账单666.66元待缴，如已缴费请忽略。"


def at(day: str = "2026-04-08", clock: str = "10:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=SHANGHAI)


def facts(**changes: Any) -> Facts:
    """A reminder that may leave, with these differences."""
    fine = Facts(
        at=at(),
        is_planned=True,
        is_first_step=True,
        amount=D("666.66"),
        named=D("666.66"),
        arrears=D("666.66"),
        tolerance=D("0.00"),
        text=TEXT,
        text_kind="sms",
        hours=Hours(calendar=CALENDAR),
    )
    return replace(fine, **changes)


def test_a_reminder_against_which_nothing_speaks_leaves() -> None:
    assert may_leave(facts()).way is Way.GO


@pytest.mark.parametrize(
    ("changes", "way", "code"),
    [
        pytest.param({"is_planned": False}, Way.BACK, "cancelled", id="step-cancelled"),
        pytest.param({"arrears": D("0.00"), "named": D("0.00")}, Way.BACK, "paid", id="paid-in-between"),
        pytest.param({"arrears": D("0.50"), "tolerance": D("0.50")}, Way.BACK, "paid", id="within-the-tolerance"),
        pytest.param({"arrears": D("0.51"), "named": D("0.51"), "tolerance": D("0.50")}, Way.BACK, "amount", id="above-it"),
        pytest.param({"named": D("66.66"), "arrears": D("66.66")}, Way.BACK, "amount", id="part-paid-never-the-old-amount"),
        pytest.param({"blockers": ("special_case_reminder",), "named": D("0.00")}, Way.BACK, "special_case", id="claimed-as-paid"),
        pytest.param({"blockers": ("special_case",)}, Way.GO, "", id="a-special-case-that-leaves-reminders-alone"),
        pytest.param({"blockers": ("contested",), "named": D("0.00")}, Way.BACK, "contested", id="wholly-contested"),
        pytest.param({"blockers": ("service_dispute",)}, Way.GO, "", id="a-service-dispute-stops-letters-only"),
        pytest.param({"blockers": ("under_plan",)}, Way.BACK, "under_plan", id="instalment-plan"),
        pytest.param({"has_promise": True}, Way.BACK, "promised", id="promise"),
        pytest.param({"refused": "业主不接受短信"}, Way.OTHER, "refused", id="owner-refuses-the-channel"),
    ],
)  # fmt: skip
def test_what_must_not_leave_any_more(changes: dict[str, Any], way: Way, code: str) -> None:
    verdict = may_leave(facts(**changes))
    assert (verdict.way, verdict.code) == (way, code)
    assert bool(verdict.words) == (way is not Way.GO)


@pytest.mark.parametrize(
    ("text", "kind", "places", "goes"),
    [
        pytest.param(TEXT, "sms", (), True, id="neutral"),
        pytest.param(TEXT + "否则停水", "sms", (), False, id="forbidden-measure-in-what-was-filled-in"),
        pytest.param(TEXT + "请分期还款", "sms", (), False, id="what-providers-of-short-messages-refuse"),
        pytest.param(TEXT + "可分期", "reminder", (), True, id="in-an-email-it-may-stand"),
        pytest.param(TEXT + "限制入户", "reminder", ("河南", "郑州市"), False, id="local-rule-of-zhengzhou"),
        pytest.param(TEXT + "限制入户", "reminder", ("江苏", "苏州"), True, id="not-in-suzhou"),
    ],
)
def test_the_rendered_words_are_checked_again(text: str, kind: str, places: tuple[str, ...], goes: bool) -> None:
    verdict = may_leave(facts(text=text, text_kind=kind, bans=bans_for(places, date(2026, 4, 8))))
    assert (verdict.way is Way.GO) is goes
    assert goes or (verdict.way, verdict.code) == (Way.OTHER, "wording")


@pytest.mark.parametrize(
    ("is_first", "data_on", "until"),
    [
        pytest.param(True, None, None, id="the-first-reminder-always"),
        pytest.param(False, date(2026, 4, 1), None, id="data-of-the-first-fresh-day"),
        pytest.param(False, date(2026, 3, 31), at("2026-04-09", "09:00"), id="one-day-too-old-waits"),
        pytest.param(False, None, at("2026-04-09", "09:00"), id="never-imported"),
    ],
)
def test_nothing_beyond_the_first_reminder_on_old_data(
    is_first: bool, data_on: date | None, until: datetime | None
) -> None:
    verdict = may_leave(facts(is_first_step=is_first, fresh_on=date(2026, 4, 1), data_on=data_on))
    assert verdict.until == until
    assert verdict.code == ("stale" if until else "")


@pytest.mark.parametrize(
    ("ago", "until"),
    [
        pytest.param((), None, id="never"),
        pytest.param((1, 0), None, id="twice"),
        pytest.param((6, 3, 1), at("2026-04-09", "09:00"), id="the-oldest-leaves-tomorrow"),
        pytest.param((0, 0, 0), at("2026-04-15", "09:00"), id="three-today"),
    ],
)
def test_three_contacts_a_week(ago: tuple[int, ...], until: datetime | None) -> None:
    verdict = may_leave(facts(contacts=tuple(date(2026, 4, 8) - timedelta(days=n) for n in ago)))
    assert verdict.until == until


NOON = Rest(time(12), time(14))


@pytest.mark.parametrize(
    ("moment", "hours", "until"),
    [
        pytest.param(at(clock="08:59"), Hours(), at(clock="09:00"), id="before-nine"),
        pytest.param(at(clock="19:59:59"), Hours(), None, id="last-second"),
        pytest.param(at(clock="20:00"), Hours(), at("2026-04-09", "09:00"), id="from-eight-in-the-evening"),
        pytest.param(at(clock="20:59"), Hours(Window(time(7), time(23))), None, id="the-office-up-to-the-platform"),
        pytest.param(at(clock="21:00"), Hours(Window(time(7), time(23))), at("2026-04-09", "08:00"), id="never-beyond"),
        pytest.param(at(clock="12:30"), Hours(rests=(NOON,)), at(clock="14:00"), id="noon-rest"),
        pytest.param(at(clock="11:59:59"), Hours(rests=(NOON,)), None, id="before-noon"),
        pytest.param(at(clock="10:00"), Hours(rests=(Rest(time(8), time(18)),)), at(clock="18:00"), id="only-evenings"),
        pytest.param(
            at(clock="10:00"), Hours(rests=(Rest(time(9, 30), time(21)),)), at("2026-04-09", "09:00"), id="only-early"
        ),
        pytest.param(at("2026-10-01"), Hours(calendar=CALENDAR), at("2026-10-08", "09:00"), id="national-holiday"),
        pytest.param(at("2026-10-01"), Hours(), None, id="the-office-allows-holidays"),
        pytest.param(at("2026-10-10"), Hours(calendar=CALENDAR), None, id="make-up-saturday"),
        pytest.param(at("2026-04-11"), Hours(calendar=CALENDAR), None, id="a-plain-saturday"),
        pytest.param(at("2026-02-14", "20:30"), Hours(calendar=CALENDAR), at("2026-02-24", "09:00"), id="eve-of-the-festival"),
    ],
)  # fmt: skip
def test_quiet_hours_rests_and_holidays(moment: datetime, hours: Hours, until: datetime | None) -> None:
    verdict = may_leave(facts(at=moment, hours=hours))
    assert verdict.until == until
    assert verdict.way is (Way.GO if until is None else Way.WAIT)


def test_an_owner_who_wants_no_hour_at_all_is_handed_to_a_person() -> None:
    never = Hours(rests=(Rest(time(8), time(21)),))
    assert may_leave(facts(hours=never)).way is Way.OTHER
    assert may_leave(facts(hours=never, contacts=(date(2026, 4, 8),) * 3)).way is Way.OTHER


clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
rests = st.lists(
    st.tuples(clocks, clocks).map(sorted).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: Rest(*ends)),
    max_size=2,
).map(tuple)
all_hours = st.builds(Hours, st.builds(Window, clocks, clocks), rests, st.sampled_from([None, CALENDAR]))
moments = st.datetimes(datetime(2025, 12, 20), datetime(2026, 10, 20)).map(lambda each: each.replace(tzinfo=SHANGHAI))


@given(
    moment=moments,
    hours=all_hours,
    ago=st.lists(st.integers(0, 8), max_size=5),
    cap=st.integers(0, 4),
    is_first=st.booleans(),
    data_days=st.integers(0, 40) | st.none(),
)
@settings(max_examples=400)
def test_nothing_leaves_outside_the_window_and_what_waits_leaves_in_it(
    moment: datetime, hours: Hours, ago: list[int], cap: int, is_first: bool, data_days: int | None
) -> None:
    on = moment.date()
    case = facts(
        at=moment,
        hours=hours,
        contacts=tuple(on - timedelta(days=n) for n in ago),
        cap=cap,
        is_first_step=is_first,
        fresh_on=on - timedelta(days=20),
        data_on=None if data_days is None else on - timedelta(days=data_days),
    )
    verdict = may_leave(case)
    if verdict.way is Way.GO:
        assert time(8) <= moment.time() < time(21), "the platform's window, whatever the office and the owner say"
        assert hours.window.is_open(moment)
        assert not any(rest.covers(moment) for rest in hours.rests)
        assert hours.calendar is None or not hours.calendar.is_holiday(on)
        assert sum(n <= 6 for n in ago) < cap
    elif verdict.way is Way.WAIT:
        assert verdict.until is not None
        assert verdict.until > moment, "always later, so nothing is asked in circles"
        assert hours.next_opening(verdict.until) == verdict.until, "when its time has come, the hours allow it"
    else:
        assert hours.next_opening(moment) is None
