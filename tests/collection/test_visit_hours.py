"""Visits keep the hours: outside them a record needs its reason, at night there is none, and the pages say so (S38)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest

from collection.models import Action, Contact, Notice, Service
from collection.operations.contacts import ContactRefused, record_contact
from collection.operations.preferences import set_channel_hours, set_preference
from collection.operations.service import ServiceRefused, serve_notice
from tests.collection.cast import case_of, household, photo, rendered, settle_in
from tests.conftest import at

DAY = "2026-09-15"  # a Tuesday
POSTED = {"method": "door_posting", "outcome": "posted"}
TABLE = [
    pytest.param(at(DAY, 10), "", "", id="in-the-hours"),
    pytest.param(at(DAY, 8, 30), "", "VISIT_OUTSIDE_HOURS", id="early"),
    pytest.param(at(DAY, 8, 30), "业主约定早上见面", "", id="early-as-agreed"),
    pytest.param(at(DAY, 12, 30), "", "VISIT_OUTSIDE_HOURS", id="noon"),
    pytest.param(at(DAY, 20), "", "VISIT_OUTSIDE_HOURS", id="evening"),
    pytest.param(at(DAY, 20), "业主晚上八点后才在家，电话约定", "", id="evening-as-agreed"),
    pytest.param(at(DAY, 21), "业主约定", "VISIT_AT_NIGHT", id="night-is-night"),
    pytest.param(at(DAY, 7, 59), "业主约定", "VISIT_AT_NIGHT", id="before-eight"),
    pytest.param(at("2026-10-02", 10), "", "VISIT_OUTSIDE_HOURS", id="national-day"),
    pytest.param(at("2026-10-02", 10), "业主约定假期见面", "", id="national-day-as-agreed"),
]


@pytest.fixture
def notice(inside: Any) -> Notice:
    """A formal notice ready to be served, in an office with the default hours."""
    settle_in()
    return rendered(inside, household())


@pytest.mark.parametrize(("when", "reason", "code"), TABLE)
@pytest.mark.parametrize("way", ["hand_delivery-absent", "door_posting-posted"])
def test_serving_on_foot(inside: Any, notice: Notice, way: str, when: datetime, reason: str, code: str) -> None:
    method, outcome = way.split("-")
    facts: dict[str, Any] = {"photos": [(photo(), "door")]} if outcome == "posted" else {}
    facts |= {"method": method, "outcome": outcome, "served_at": when, "note": reason}
    if code:
        with pytest.raises(ServiceRefused) as no:
            serve_notice(notice=notice, by=inside.people["collector"], **facts)
        field = "note" if code == "VISIT_OUTSIDE_HOURS" else "served_time"
        assert [(lack["code"], lack["field"]) for lack in no.value.details["lacks"]] == [(code, field)]
    else:
        serve_notice(notice=notice, by=inside.people["collector"], **facts)
    assert Service.objects.count() == (0 if code else 1)


@pytest.mark.parametrize(("when", "reason", "code"), TABLE)
def test_a_visit_to_talk(inside: Any, notice: Notice, when: datetime, reason: str, code: str) -> None:
    said = {"channel": "visit", "outcome": "no_answer", "note": reason, "at": when, "by": inside.people["collector"]}
    if code:
        with pytest.raises(ContactRefused) as no:
            record_contact(account=notice.account, **said)
        assert (no.value.code, no.value.details["field"]) == (code, "note")
    else:
        record_contact(account=notice.account, **said)
    assert Contact.objects.count() == (0 if code else 1)


def test_mail_has_no_hours(inside: Any, notice: Notice) -> None:
    serve_notice(
        notice=notice, method="ems", outcome="in_transit", served_at=at(DAY, 22), by=inside.people["collector"],
        tracking_number="EA123456789CN",
    )  # fmt: skip
    assert Service.objects.get().outcome == "in_transit"


def test_a_call_that_an_owner_makes_in_the_evening_is_written_down(inside: Any, notice: Notice) -> None:
    record_contact(
        account=notice.account, channel="call", outcome="no_answer", at=at(DAY, 20, 30), by=inside.people["collector"]
    )
    assert Contact.objects.count() == 1


def test_an_office_may_set_its_own_hours_for_visits(inside: Any, notice: Notice) -> None:
    set_channel_hours(
        channel="visit", contact_from=time(14), contact_until=time(18), rest_from=None, rest_until=None, by=None,
        at=at(DAY),
    )  # fmt: skip
    with pytest.raises(ServiceRefused) as no:
        serve_notice(
            notice=notice, served_at=at(DAY, 10), by=inside.people["collector"], photos=[(photo(), "door")], **POSTED
        )
    assert "14:00—18:00" in str(no.value)


def test_an_owner_who_wants_no_visits_is_visited_only_with_a_reason(inside: Any, notice: Notice) -> None:
    set_preference(account=notice.account, said="来电要求", refused=("visit",), by=None, at=at(DAY))
    with pytest.raises(ServiceRefused, match="不接受上门"):
        serve_notice(
            notice=notice, served_at=at(DAY, 10), by=inside.people["collector"], photos=[(photo(), "door")], **POSTED
        )


def test_the_pages_say_when_one_may_go(office: Any, sign_in: Any, monkeypatch: Any) -> None:
    with office.open():
        settle_in()
        notice = rendered(office, household())
        assert case_of(notice.account).pk
        assert Action.objects.filter(kind="formal", state="planned").exists()
    monkeypatch.setattr("collection.views.service.office_now", lambda: at(DAY, 20, 30))
    browser = sign_in(office.people["collector"])
    assert "可上门时段 09:00—20:00，12:00—14:00 不打扰" in browser.get("/serve/").content.decode()
    assert "现在请勿上门" in browser.get(f"/serve/{notice.pk}/").content.decode()
    monkeypatch.setattr("collection.views.service.office_now", lambda: at(DAY, 10))
    assert "现在请勿上门" not in browser.get(f"/serve/{notice.pk}/").content.decode()
