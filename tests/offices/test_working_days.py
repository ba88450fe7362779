"""The working days of China with make-up days: as the notice says, as the office says, and what is said while neither does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from offices.models import WorkingDay
from offices.operations import Refusal
from offices.operations.working_days import set_working_day, take_holiday_notice
from offices.queries import working_calendar
from offices.rules.days import KnownDay, WorkingCalendar, calendar
from offices.rules.holidays import NOTICES, NoticeUnreadable, read_notice
from offices.scoping import office_scope
from tests.conftest import at

NATIONAL = calendar()
# The notice of 2026 with its dates moved to 2027 is no real notice; it only has the form of one.
MADE_UP_2027 = (
    "一、元旦：2027年1月1日（周五）至3日（周日）放假，共3天。\n二、春节：2月5日（周五）至11日（周四）放假调休，共7天。"
    "2月14日（周日）上班。\n三、清明节：4月5日（周一）放假1天。四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。"
    "五、国庆节、中秋节：10月1日（星期五）至7日（星期四）放假调休，共7天。"
)


@pytest.mark.parametrize(
    ("day", "is_working", "is_holiday"),
    [
        pytest.param(date(2025, 1, 26), True, False, id="make-up-sunday-before-spring-festival-2025"),
        pytest.param(date(2025, 1, 28), False, True, id="new-years-eve-2025"),
        pytest.param(date(2025, 10, 8), False, True, id="last-day-of-the-long-october-2025"),
        pytest.param(date(2025, 10, 11), True, False, id="make-up-saturday-2025"),
        pytest.param(date(2026, 1, 2), False, True, id="bridge-friday-2026"),
        pytest.param(date(2026, 1, 4), True, False, id="make-up-sunday-2026"),
        pytest.param(date(2026, 2, 14), True, False, id="make-up-saturday-before-spring-festival-2026"),
        pytest.param(date(2026, 2, 23), False, True, id="ninth-day-of-spring-festival-2026"),
        pytest.param(date(2026, 2, 24), True, False, id="back-at-work-2026"),
        pytest.param(date(2026, 9, 20), True, False, id="make-up-for-national-day-2026"),
        pytest.param(date(2026, 9, 26), False, True, id="a-saturday-in-the-festival-is-a-holiday"),
        pytest.param(date(2026, 11, 28), False, False, id="a-plain-saturday-is-none"),
        pytest.param(date(2026, 11, 27), True, False, id="a-plain-friday"),
    ],
)
def test_the_state_councils_notices(day: date, is_working: bool, is_holiday: bool) -> None:
    assert (NATIONAL.is_working(day), NATIONAL.is_holiday(day)) == (is_working, is_holiday)


@pytest.mark.parametrize(("year", "off", "make_up"), [(2025, 28, 5), (2026, 33, 6)])
def test_a_notice_is_read_whole(year: int, off: int, make_up: int) -> None:
    days = read_notice(NOTICES[year][1], year)
    assert (sum(not d.is_working for d in days), sum(d.is_working for d in days)) == (off, make_up)


@pytest.mark.parametrize(
    ("text", "year", "says"),
    [
        pytest.param(NOTICES[2026][1], 2027, "请核对年份", id="the-notice-of-another-year"),
        pytest.param("关于放假的通知", 2027, "少于法定的 13 天", id="no-notice"),
        pytest.param(NOTICES[2026][1][:90], 2026, "少于法定的 13 天", id="half-a-notice"),
        pytest.param(NOTICES[2026][1].replace("共9天", "共8天"), 2026, "春节写明共 8 天", id="a-wrong-total"),
        pytest.param("一、元旦：2月30日放假1天。", 2026, "没有这一天", id="no-such-day"),
    ],
)
def test_what_cannot_be_a_notice_is_refused_with_the_reason(text: str, year: int, says: str) -> None:
    with pytest.raises(NoticeUnreadable, match=says):
        read_notice(text, year)


@pytest.mark.parametrize(
    ("on", "missing"),
    [
        pytest.param(date(2026, 11, 30), None, id="the-notice-may-still-come"),
        pytest.param(date(2026, 12, 1), 2027, id="from-december-on-the-coming-year-is-missed"),
        pytest.param(date(2027, 3, 1), 2027, id="in-the-year-itself"),
        pytest.param(date(2025, 12, 31), None, id="the-coming-year-is-known"),
    ],
)
def test_never_silently_empty_for_a_coming_year(on: date, missing: int | None) -> None:
    assert NATIONAL.missing_year(on) == missing


def test_beyond_the_table_weekends_alone_are_assumed_and_marked() -> None:
    assert NATIONAL.is_working(date(2027, 10, 1))
    assert NATIONAL.is_assumed(date(2027, 10, 1))
    assert not NATIONAL.is_working(date(2027, 10, 2))
    assert NATIONAL.is_assumed(date(2027, 10, 2))
    assert not NATIONAL.is_assumed(date(2026, 10, 1))


def _calendars() -> st.SearchStrategy[WorkingCalendar]:
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return st.dictionaries(days, st.booleans(), max_size=40).map(
        lambda found: calendar(KnownDay(day, works, "x", "y", own=True) for day, works in found.items())
    )


@given(_calendars(), st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(0, 40), st.integers(0, 12))
def test_shifts_go_forward_only_and_keep_the_order(known: WorkingCalendar, day: date, later: int, count: int) -> None:
    other = day + timedelta(days=later)
    for shift in (known.next_working, known.next_not_holiday, lambda d: known.working_days_after(d, count)):
        assert shift(day) >= day
        assert shift(day) <= shift(other)
    assert known.is_working(known.next_working(day))
    passed = known.working_days_after(day, count)
    assert sum(known.is_working(day + timedelta(days=n)) for n in range(1, (passed - day).days + 1)) == count


def test_the_offices_own_day_takes_precedence_and_can_be_taken_back(sign_in: Any, office: Any) -> None:
    admin = sign_in(office.people["admin"])
    page = reverse("offices:calendar")
    answer = admin.post(page, {"day": "2026-12-24", "is_working": "0", "name": "司庆", "source": "公司通知"})
    assert answer.url == f"{page}?year=2026"
    with office_scope(office.row):
        assert working_calendar().is_holiday(date(2026, 12, 24))
    shown = admin.get(page, {"year": 2026}).text
    assert "司庆" in shown
    assert "国办发明电〔2025〕7号" in shown
    assert "2月15日" in shown
    admin.post(reverse("offices:calendar-remove"), {"first": "2026-12-24", "last": "2026-12-24"})
    with office_scope(office.row):
        assert working_calendar().is_working(date(2026, 12, 24))
        assert WorkingDay.history.count() == 2


def test_a_pasted_notice_completes_a_year(sign_in: Any, office: Any) -> None:
    admin, page = sign_in(office.people["admin"]), reverse("offices:calendar-notice")
    refused = admin.post(page, {"year": 2027, "source": "国办发明电〔2026〕1号", "text": NOTICES[2026][1]})
    assert refused.status_code == 422
    assert "请核对年份" in refused.text
    assert admin.post(page, {"year": 2027, "source": "国办发明电〔2026〕1号", "text": MADE_UP_2027}).status_code == 302
    with office_scope(office.row):
        known = working_calendar()
        assert known.missing_year(date(2026, 12, 1)) is None
        assert known.is_working(date(2027, 2, 14))
        assert known.holiday_name(date(2027, 2, 8)) == "春节"


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 302), ("manager", 403), ("supervisor", 403), ("collector", 403)]
)
def test_only_the_administrator_changes_the_calendar(sign_in: Any, office: Any, role: str, status: int) -> None:
    client = sign_in(office.people[role])
    day = {"day": "2026-12-24", "is_working": "0", "name": "司庆", "source": "公司通知"}
    assert client.post(reverse("offices:calendar"), day).status_code == status
    notice = {"year": 2027, "source": "x", "text": MADE_UP_2027}
    assert client.post(reverse("offices:calendar-notice"), notice).status_code == status


def test_a_day_without_source_is_refused(office: Any) -> None:
    with office_scope(office.row), pytest.raises(Refusal, match="名称和依据"):
        set_working_day(day=date(2026, 12, 24), is_working=False, name="司庆", source=" ", by=None, at=at("2026-12-01"))


def test_the_missing_year_is_said_on_the_work_list_and_in_the_settings(
    sign_in: Any, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "2027 年的放假安排还没有录入"
    pages = [("supervisor", "collection:today"), ("admin", "offices:settings"), ("admin", "offices:calendar")]
    for module in ("collection.views.today", "offices.views.office", "offices.views.working_days"):
        monkeypatch.setattr(f"{module}.office_today", lambda: date(2026, 12, 1))
    for role, view in pages:
        assert said in sign_in(office.people[role]).get(reverse(view)).text
    with office_scope(office.row):
        take_holiday_notice(year=2027, text=MADE_UP_2027, source="国办发明电", by=None, at=at("2026-12-01"))
    for role, view in pages:
        assert said not in sign_in(office.people[role]).get(reverse(view)).text
