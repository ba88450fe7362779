"""日程与人手: coming steps, calendar, printed timetable, stand-ins, workload, late steps (S21–S24)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import Account, Responsibility
from billing.operations import open_special_case
from collection.models import Absence, Action, Case
from collection.operations import (
    AbsenceRefused,
    CaseRefused,
    end_absence,
    enter_absence,
    hand_over,
    mark_effective,
    plan_day,
    record_contact,
)
from collection.queries.schedule import calendar_entries, timetable, workload
from collection.queries.work import work_day
from offices.models import SecurityEvent
from offices.operations.offices import save_settings
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import ROLES, at

pytestmark = pytest.mark.django_db

CALENDAR, WORKLOAD = "/calendar/", "/workload/"
WEDNESDAY = date(2026, 4, 15)


def day(on: str | date) -> None:
    plan_day(on=date.fromisoformat(str(on)), at=at(str(on)))


def before_the_call(place: SimpleNamespace) -> Account:
    """A household whose two reminders went out; the call is due on Wednesday, 15 April."""
    account = move_in(place)
    bill(place, account)
    for on, done in (("2026-04-01", "2026-04-01"), ("2026-04-07", "2026-04-07")):
        day(on)
        action = Action.objects.get(account=account, state="planned")
        mark_effective(action=action, on=date.fromisoformat(done), at=at(done))
    return account


@pytest.fixture
def called(place: SimpleNamespace, inside: Any) -> Account:
    """The collector's household with an open call task since 15 April."""
    Responsibility.objects.create(community=place.community, building="3", user=inside.people["collector"])
    account = before_the_call(place)
    day(WEDNESDAY)
    return account


class TestTimetable:
    def test_it_names_days_people_and_what_they_rest_on(self, called: Account, inside: Any) -> None:
        found = timetable(called.pk, WEDNESDAY)
        assert found is not None
        (call, who), (letter, _), *_rest = found.coming
        assert (call.step.kind, call.on, call.is_open) == ("call", WEDNESDAY, True)
        assert who == found.responsible == str(inside.people["collector"])
        assert (letter.on, letter.is_open) == (date(2026, 5, 6), False)
        assert found.coming[-1][1] == "项目经理"
        assert any("没有缴费" in words for words in found.assumptions)

    def test_a_promise_moves_everything_behind_its_last_day(self, called: Account, inside: Any) -> None:
        record_contact(
            account=called, by=inside.people["collector"], at=at("2026-04-15"), channel="call", outcome="promised",
            promised_on=date(2026, 6, 10), promise_amount=Decimal("666.66"),
        )  # fmt: skip
        found = timetable(called.pk, WEDNESDAY)
        assert found is not None
        assert found.coming[0][0].on == date(2026, 6, 12)
        assert "承诺期内不联系" in found.coming[0][0].rests_on[0]

    def test_nothing_in_collection_has_no_timetable(self, place: SimpleNamespace) -> None:
        assert timetable(move_in(place).pk, WEDNESDAY) is None


class TestWorkingDays:
    def test_a_call_planned_on_a_holiday_is_due_on_the_next_working_day(self, place: SimpleNamespace) -> None:
        before_the_call(place)
        day("2026-04-18")  # a Saturday
        call = Action.objects.get(kind="call")
        assert (call.planned_on, call.due_on) == (date(2026, 4, 18), date(2026, 4, 20))

    def test_a_reminder_that_leaves_by_itself_is_not_moved(self, place: SimpleNamespace) -> None:
        bill(place, move_in(place), due_on=date(2026, 4, 3))
        day("2026-04-04")
        reminder = Action.objects.get()
        assert reminder.due_on == reminder.planned_on == date(2026, 4, 4)


class TestStandIn:
    def stand_in(self, office: Any, since: str = "2026-04-15", until: str = "2026-04-16", **more: Any) -> Absence:
        people = {"person": office.people["collector"], "stand_in": office.people["supervisor"], **more}
        return enter_absence(
            **people, starts_on=date.fromisoformat(since), ends_on=date.fromisoformat(until),
            by=office.people["manager"], at=at("2026-04-14"),
        )  # fmt: skip

    def todo(self, who: Any, on: date) -> list[str]:
        return [item.assignee for item in work_day(on=on, at=at(str(on)), assignee=who).items]

    def test_the_work_is_on_the_other_list_while_away_and_back_afterwards(self, called: Account, inside: Any) -> None:
        collector, supervisor = inside.people["collector"], inside.people["supervisor"]
        assert self.todo(supervisor, WEDNESDAY) == []
        self.stand_in(inside)
        assert self.todo(supervisor, WEDNESDAY) == [f"{supervisor}（代{collector}）"]
        assert self.todo(supervisor, date(2026, 4, 17)) == []
        assert self.todo(collector, date(2026, 4, 17)) == [str(collector)]
        assert Case.objects.get().assignee == collector, "nothing was handed over"

    def test_away_twice_at_once_is_impossible_in_the_database_too(self, inside: Any) -> None:
        made = self.stand_in(inside)
        with pytest.raises(AbsenceRefused, match="已有代理"):
            self.stand_in(inside, "2026-04-16", "2026-04-20")
        made.pk, made._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic():
            made.save()
        self.stand_in(inside, "2026-04-17", "2026-04-20")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"stand_in": "collector"}, "stand_in"),
            ({"stand_in": "finance"}, "stand_in"),
            ({"person": "legal"}, "stand_in"),
            ({"until": "2026-04-14"}, "ends_on"),
            ({"until": "2028-04-14"}, "ends_on"),
        ],
        ids=["oneself", "may-not-call", "does-no-such-work", "backwards", "two-years"],
    )
    def test_what_makes_no_sense_is_refused(self, inside: Any, change: dict[str, str], field: str) -> None:
        with pytest.raises(AbsenceRefused) as no:
            self.stand_in(inside, **{k: inside.people.get(v, v) for k, v in change.items()})
        assert no.value.details["field"] == field

    def test_an_outsider_cannot_stand_in(self, inside: Any, other_office: Any) -> None:
        with pytest.raises(AbsenceRefused):
            self.stand_in(inside, stand_in=other_office.people["collector"])

    @pytest.mark.parametrize(
        ("on", "left"), [("2026-04-14", None), ("2026-04-16", "2026-04-15")], ids=["not-begun", "back-early"]
    )
    def test_being_back_early_ends_it_the_day_before(self, inside: Any, on: str, left: str | None) -> None:
        made = self.stand_in(inside)
        end_absence(absence=made, on=date.fromisoformat(on), by=inside.people["manager"], at=at(on))
        assert list(Absence.objects.values_list("ends_on", flat=True)) == ([date.fromisoformat(left)] if left else [])
        assert set(SecurityEvent.objects.values_list("kind", flat=True)) >= {"absence_ended", "absence_entered"}


class TestLate:
    def test_a_late_step_is_raised_to_the_supervisor_after_the_offices_days(self, called: Account, inside: Any) -> None:
        def group(on: str, who: Any = None) -> tuple[str, list[str]]:
            (item,) = work_day(on=date.fromisoformat(on), at=at(on), assignee=who).items
            return item.group, [flag.label for flag in item.flags]

        assert group("2026-04-15") == ("call", [])
        assert group("2026-04-20") == ("call", ["拖延 3 个工作日"])
        assert group("2026-04-21") == ("late", ["拖延 4 个工作日"])
        assert group("2026-04-21", inside.people["collector"]) == ("call", ["拖延 4 个工作日"])
        save_settings(values={"late_after_days": 10}, by=None, at=at("2026-04-01"))
        assert group("2026-04-21") == ("call", ["拖延 4 个工作日"])

    def test_the_workload_counts_overdue_reported_today_and_the_rest_of_the_week(
        self, called: Account, place: SimpleNamespace, inside: Any
    ) -> None:
        collector, supervisor = inside.people["collector"], inside.people["supervisor"]

        def load(on: str, who: Any) -> tuple[int, int, int, int, int]:
            found = next(each for each in workload(date.fromisoformat(on)) if each.person_id == who.pk)
            return found.cases, found.late, found.raised, found.today, found.week

        assert load("2026-04-14", collector) == (1, 0, 0, 0, 1)
        assert load("2026-04-15", collector) == (1, 0, 0, 1, 0)
        assert load("2026-04-16", collector) == (1, 1, 0, 0, 0)
        assert load("2026-04-21", collector) == (1, 1, 1, 0, 0)
        TestStandIn().stand_in(inside)
        assert load("2026-04-15", collector) == (1, 0, 0, 0, 0)
        assert load("2026-04-15", supervisor) == (0, 0, 0, 1, 0)


class TestHandingOver:
    def test_all_open_work_goes_over_with_the_reason_and_a_trace(self, called: Account, inside: Any) -> None:
        collector, other = inside.people["collector"], inside.people["supervisor"]
        by = inside.people["manager"]
        assert hand_over(of=collector, to=other, reason="调岗", by=by, at=at("2026-04-15", 11)) == 1
        case = Case.objects.get()
        assert (case.assignee, Action.objects.get(state="planned").assignee) == (other, other)
        latest = case.history.latest()
        assert (latest.assignee_id, latest.history_user, latest.history_change_reason) == (other.pk, by, "调岗")
        logged = SecurityEvent.objects.get(kind="cases_assigned")
        assert (logged.by, logged.subject) == (by, str(other))
        assert logged.details == {"count": 1, "from": [str(collector)], "reason": "调岗"}

    def test_only_in_one_community(self, called: Account, inside: Any) -> None:
        elsewhere = estate("锦绣里")
        by = inside.people["manager"]
        given = hand_over(
            of=inside.people["collector"], to=None, reason="调岗", by=by, at=at("2026-04-15"),
            community_id=elsewhere.community.pk,
        )  # fmt: skip
        assert given == 0
        assert not SecurityEvent.objects.filter(kind="cases_assigned").exists()

    @pytest.mark.parametrize(
        ("to", "reason", "code"),
        [("collector", "x", "same_person"), ("supervisor", " ", "no_reason"), ("finance", "x", "not_assignable")],
    )
    def test_what_makes_no_sense_is_refused(
        self, called: Account, inside: Any, to: str, reason: str, code: str
    ) -> None:
        with pytest.raises(CaseRefused) as no:
            hand_over(
                of=inside.people["collector"], to=inside.people[to], reason=reason,
                by=inside.people["manager"], at=at("2026-04-15"),
            )  # fmt: skip
        assert no.value.code == code


class TestCalendar:
    def entries(self, on: date = WEDNESDAY, **asked: Any) -> list[tuple[str, str, str]]:
        found = calendar_entries(first=date(2026, 4, 1), last=date(2026, 5, 31), on=on, **asked)
        return [(str(each.day), each.kind, each.step_kind) for each in found]

    def test_tasks_plans_and_promises_stand_on_their_days(
        self, called: Account, place: SimpleNamespace, inside: Any
    ) -> None:
        bill(place, move_in(place), due_on=date(2026, 4, 13))
        day("2026-04-16")
        Action.objects.filter(kind="reminder", state="planned").update(state="void")
        Case.objects.filter(reached=0).update(next_action_on=date(2026, 4, 18))
        record_contact(
            account=called, by=inside.people["collector"], at=at("2026-04-16"), channel="call", outcome="promised",
            promised_on=date(2026, 4, 28), promise_amount=Decimal("600.00"),
        )  # fmt: skip
        assert self.entries(date(2026, 4, 16)) == [
            ("2026-04-18", "plan", "reminder"),
            ("2026-04-28", "promise", ""),
            ("2026-05-06", "plan", "formal"),
        ]

    @pytest.mark.parametrize(
        ("blocks_reminder", "ends_on", "shown"),
        [
            (False, None, ["reminder"]),
            (True, None, []),
            (True, date(2026, 4, 20), ["reminder", "formal"]),
        ],
        ids=["letters only", "reminders too", "with an end"],
    )
    def test_a_step_that_an_open_ended_special_case_holds_back_has_no_day(
        self, place: SimpleNamespace, inside: Any, blocks_reminder: bool, ends_on: date | None, shown: list[str]
    ) -> None:
        first, told = move_in(place), move_in(place)
        for account in (first, told):
            bill(place, account)
        day("2026-04-01")
        Action.objects.filter(state="planned").update(state="void")
        Case.objects.update(next_action_on=date(2026, 4, 18))
        Case.objects.filter(account=told).update(reached=3, reached_on=date(2026, 4, 1))
        for account in (first, told):
            open_special_case(
                account=account, kind="other", starts_on=date(2026, 4, 1), ends_on=ends_on, note="核对面积",
                blocks_reminder=blocks_reminder, by=inside.people["manager"], at=at("2026-04-01"),
            )  # fmt: skip
        assert sorted((kind for _, _, kind in self.entries(date(2026, 4, 2))), reverse=True) == shown

    def test_what_is_late_stands_on_today(self, called: Account) -> None:
        assert self.entries(date(2026, 4, 17)) == [("2026-04-17", "task", "call")]

    def test_it_is_narrowed_by_person_community_and_nobody(
        self, called: Account, place: SimpleNamespace, inside: Any
    ) -> None:
        mine = [("2026-04-15", "task", "call")]
        assert self.entries(who=inside.people["collector"]) == mine
        assert self.entries(who=inside.people["manager"]) == self.entries(nobodys=True) == []
        assert self.entries(community_id=place.community.pk) == mine
        assert self.entries(community_id=estate("锦绣里").community.pk) == []
        TestStandIn().stand_in(inside)
        assert self.entries(who=inside.people["supervisor"]) == mine


@pytest.fixture
def desk(office: SimpleNamespace) -> SimpleNamespace:
    """The office with one household whose first reminder waits."""
    with office.open(office.people["manager"]):
        place = estate()
        office.account = move_in(place, phone=None)
        bill(place, office.account)
        day("2026-04-01")
    return office


@pytest.mark.parametrize("role", ROLES)
def test_those_who_work_see_the_calendar_and_those_who_assign_the_workload(
    desk: SimpleNamespace, sign_in: Any, role: str
) -> None:
    client = sign_in(desk.people[role])
    sees, assigns = role in {"collector", "supervisor", "manager"}, role in {"supervisor", "manager"}
    for asked in (
        {},
        {"view": "week", "day": "2026-04-01", "who": "all"},
        {"day": "rubbish", "who": "'", "community": "x"},
    ):
        assert client.get(CALENDAR, asked).status_code == (200 if sees else 403)
    assert client.get(WORKLOAD).status_code == (200 if assigns else 403)
    span = {"first": "2026-04-01", "last": "2026-04-30"}
    assert client.get("/api/v1/schedule/", span).status_code == (200 if sees else 403)
    assert client.get("/api/v1/workload/").status_code == (200 if assigns else 403)
    assert client.get(f"/accounts/{desk.account.pk}/schedule/").status_code == (403 if role == "admin" else 200)
    found = client.get(f"/api/v1/accounts/{desk.account.pk}/schedule/")
    assert found.status_code == (403 if role == "admin" else 200)
    if role != "admin":
        assert [each["kind"] for each in found.json()["coming"]][:3] == ["reminder", "reminder", "call"]


def test_the_timetable_prints_every_row_with_the_letterhead(desk: SimpleNamespace, sign_in: Any) -> None:
    answer = sign_in(desk.people["manager"]).get("/calendar/timetable.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_a_stand_in_is_arranged_ended_and_work_handed_over_on_the_page(desk: SimpleNamespace, sign_in: Any) -> None:
    client, people, today = sign_in(desk.people["supervisor"]), desk.people, timezone.localdate()
    asked = {
        "what": "absence", "absence-person": people["collector"].pk, "absence-stand_in": people["manager"].pk,
        "absence-starts_on": str(today), "absence-ends_on": str(today + timedelta(days=400)),
    }  # fmt: skip
    assert client.post(WORKLOAD, asked).status_code == 422
    assert client.post(WORKLOAD, asked | {"absence-ends_on": str(today + timedelta(days=30))}).status_code == 302
    with desk.open():
        made = Absence.objects.get()
    assert "代理" in client.get(WORKLOAD).content.decode()
    assert client.post(f"/workload/absences/{made.pk}/end/").status_code == 302
    given = {
        "what": "hand-over",
        "hand-over-of": "",
        "hand-over-to": people["collector"].pk,
        "hand-over-reason": "新人",
    }
    assert client.post(WORKLOAD, given).status_code == 302
    page = client.get(WORKLOAD).content.decode()
    assert "新人" in page
    with desk.open():
        assert Case.objects.get().assignee == people["collector"]


def test_an_outsider_sees_none_of_it(desk: SimpleNamespace, other_office: Any, sign_in: Any) -> None:
    client = sign_in(other_office.people["manager"])
    assert client.get(f"/accounts/{desk.account.pk}/schedule/").status_code == 404
    assert client.get(f"/api/v1/accounts/{desk.account.pk}/schedule/").status_code == 404
    span = {"first": "2026-01-01", "last": "2026-04-01", "who": str(desk.people["collector"].pk)}
    assert client.get("/api/v1/schedule/", span).json() == []


@pytest.mark.parametrize("role", ROLES)
def test_the_api_arranges_a_stand_in_ends_it_and_hands_work_over(
    desk: SimpleNamespace, other_office: Any, sign_in: Any, role: str
) -> None:
    client, people, today = sign_in(desk.people[role]), desk.people, timezone.localdate()
    stranger = other_office.people["collector"].pk
    away = {
        "person": people["collector"].pk, "stand_in": people["manager"].pk, "starts_on": str(today),
        "ends_on": str(today + timedelta(days=3)),
    }  # fmt: skip
    given = {"of": None, "to": people["collector"].pk, "reason": "新人"}

    def post(path: str, body: Any = None) -> Any:
        return client.post(f"/api/v1/{path}", body or {}, content_type="application/json")

    if role not in {"supervisor", "manager"}:
        assert [post("absences/", away).status_code, post("workload/hand-over/", given).status_code] == [403, 403]
        return
    assert post("absences/", away | {"stand_in": stranger}).status_code == 404
    assert post("workload/hand-over/", given | {"to": stranger}).status_code == 404
    assert post("absences/", away | {"stand_in": people["collector"].pk}).json()["code"] == "absence_refused"
    made = post("absences/", away)
    assert (made.status_code, made.json()["stand_in"]) == (201, people["manager"].pk)
    assert [each["id"] for each in client.get("/api/v1/absences/").json()["results"]] == [made.json()["id"]]
    assert post(f"absences/{made.json()['id']}/end/").status_code == 204
    assert post(f"absences/{made.json()['id']}/end/").status_code == 404
    assert post("workload/hand-over/", given | {"reason": " "}).status_code == 400
    assert post("workload/hand-over/", given).json() == {"count": 1}
    with desk.open():
        assert Case.objects.get().assignee == people["collector"]
