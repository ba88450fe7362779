"""Pages of the engine: who may see and do what, and that a stranger's numbers are not found."""

from datetime import date
from types import SimpleNamespace

import pytest

from collection.models import Action, Case, Contact, Promise
from collection.operations import plan_day
from collection.views import today as view
from offices.models import SecurityEvent
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"


@pytest.fixture
def account(office):
    with office.open():
        place = estate()
        account = move_in(place, phone="010-8888 0001")
        bill(place, account)
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    return account


def test_revealing_a_phone_leaves_a_trace(office, account, sign_in):
    with office.open():
        point = account.owner.contact_points.get()
    answer = sign_in(office.people["collector"]).post(f"/contact-points/{point.pk}/reveal/")
    assert answer.status_code == 200
    assert 'href="tel:01088880001"' in answer.content.decode()
    with office.open():
        assert SecurityEvent.objects.get(kind="phone_revealed").by == office.people["collector"]


@pytest.mark.parametrize(
    ("role", "status"),
    [("collector", 200), ("supervisor", 200), ("manager", 200), ("finance", 403), ("legal", 403), ("admin", 403)],
)
def test_who_may_reveal_a_phone(office, account, sign_in, role, status):
    with office.open():
        point = account.owner.contact_points.get()
    assert sign_in(office.people[role]).post(f"/contact-points/{point.pk}/reveal/").status_code == status


def test_a_stranger_finds_nothing(office, other_office, account, sign_in):
    with office.open():
        point, action = account.owner.contact_points.get(), Action.objects.get()
        case = Case.objects.get()
    client = sign_in(other_office.people["manager"])
    assert client.post(f"/contact-points/{point.pk}/reveal/").status_code == 404
    assert client.get(f"/accounts/{account.pk}/contact/").status_code == 404
    assert client.post(f"/actions/{action.pk}/excuse/", {"reason": "x"}).status_code == 404
    assert client.post(f"/cases/{case.pk}/decide/", {"reason": "x"}).status_code == 404
    client.post("/today/assign/", {"ids": [action.pk], "to": other_office.people["collector"].pk})
    with office.open():
        assert Case.objects.get().assignee is None


def test_a_contact_is_recorded_from_the_household_page(office, account, sign_in):
    client = sign_in(office.people["collector"])
    page = client.get(f"/accounts/{account.pk}/contact/")
    assert page.status_code == 200
    answer = client.post(f"/accounts/{account.pk}/contact/", {"channel": "call", "outcome": "refused"})
    assert answer.status_code == 422
    assert "业主的疑问或困难" in answer.content.decode()
    answer = client.post(
        f"/accounts/{account.pk}/contact/",
        {"channel": "call", "outcome": "refused", "owner_words": "电梯总坏", "next": "/today/"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/today/")
    with office.open():
        assert Contact.objects.get().owner_words == "电梯总坏"


def test_an_address_outside_is_never_gone_to(office, account, sign_in):
    answer = sign_in(office.people["collector"]).post(
        f"/accounts/{account.pk}/contact/",
        {"channel": "call", "outcome": "informed", "note": "x", "next": "https://evil.example/"},
    )
    assert answer["Location"] == f"/households/{account.pk}/"


def test_promises_by_state_and_withdrawn_with_a_reason(office, account, sign_in):
    client = sign_in(office.people["collector"])
    client.post(
        f"/accounts/{account.pk}/contact/",
        {"channel": "call", "outcome": "promised", "promised_on": str(date.today()), "promised_amount": "100"},
    )
    page = client.get("/promises/")
    assert page.status_code == 200
    assert "业主0001" in page.content.decode()
    with office.open():
        promise = Promise.objects.get()
    client.post(f"/promises/{promise.pk}/withdraw/", {"reason": ""})
    client.post(f"/promises/{promise.pk}/withdraw/", {"reason": "记错了"})
    with office.open():
        assert Promise.objects.get().state == "withdrawn"
        assert Contact.objects.get(corrects__isnull=False).note == "撤回承诺：记错了"
    for tab in ("due", "kept", "broken", "withdrawn"):
        assert client.get(f"/promises/?tab={tab}&q=0001").status_code == 200


def test_a_supervisor_hands_out_the_ticked_households(office, account, sign_in):
    with office.open():
        action = Action.objects.get()
    collector = office.people["collector"]
    client = sign_in(office.people["supervisor"])
    assert client.post("/today/assign/", {"ids": [action.pk], "to": collector.pk, "next": "/today/"}).status_code == 302
    with office.open():
        assert Case.objects.get().assignee == collector
    assert sign_in(collector).post("/today/assign/", {"ids": [action.pk], "to": ""}).status_code == 403


def test_the_api_answers_like_the_pages(office, account, sign_in):
    client = sign_in(office.people["collector"])
    [item] = client.get("/api/v1/work/").json()["items"]
    assert item["account_id"] == account.pk
    [case] = client.get("/api/v1/cases/?state=open").json()["results"]
    assert (case["room"], case["last_skip"]) == ("3-1-0001", None)
    said = {"account": account.pk, "channel": "call", "outcome": "refused"}
    refused = client.post("/api/v1/contacts/", said, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_refused")
    said |= {"owner_words": "电梯总坏", "idempotency_key": "k1"}
    made = client.post("/api/v1/contacts/", said, content_type="application/json")
    assert made.status_code == 201
    assert client.post("/api/v1/contacts/", said, content_type="application/json").json()["id"] == made.json()["id"]
    assert client.get(f"/api/v1/contacts/?account={account.pk}").json()["count"] == 1
    assert client.get("/api/v1/promises/").json()["count"] == 0
    assert client.post("/api/v1/runs/").status_code == 403
    assert sign_in(office.people["finance"]).post("/api/v1/contacts/", said).status_code == 403


def test_the_day_can_be_run_now_but_not_an_earlier_one(office, account, sign_in):
    client = sign_in(office.people["supervisor"])
    first = client.post("/api/v1/runs/")
    assert first.status_code == 200
    assert first.json()["eligible"] == first.json()["planned"] + first.json()["skipped"]
    again = client.post("/api/v1/runs/", {"on": "2026-04-02"})
    assert (again.status_code, again.json()["code"]) == (409, "day_closed")
    assert client.get("/api/v1/runs/").json()[0]["id"] == first.json()["id"]


def test_another_offices_account_cannot_be_contacted_by_api(office, other_office, account, sign_in):
    client = sign_in(other_office.people["collector"])
    said = {"account": account.pk, "channel": "call", "outcome": "informed", "note": "x"}
    assert client.post("/api/v1/contacts/", said, content_type="application/json").status_code == 400
    assert client.get("/api/v1/cases/").json()["count"] == 0


def test_the_list_of_today_does_not_grow_with_the_office(office, sign_in, monkeypatch):
    monkeypatch.setattr("collection.views.today.SHOWN", 2)
    with office.open():
        place = estate()
        for _ in range(5):
            bill(place, move_in(place, phone="010-8888 0001"))
        plan_day(on=date.fromisoformat(ON), at=at(ON))
    client = sign_in(office.people["supervisor"])
    page = client.get("/today/").content.decode()
    assert page.count('class="work-row') == 2
    assert ("今日，还有 5 户" in page, "另有 3 户" in page) == (True, True), "all are counted, and said"


def test_what_is_done_makes_room_for_the_next_households(monkeypatch):
    monkeypatch.setattr(view, "SHOWN", 2)
    rows = [SimpleNamespace(group="call", done=number < 3, number=number) for number in range(8)]
    rows += [SimpleNamespace(group="decide", done=False, number=9)]
    call, decide = view._groups(rows)
    assert [row.number for row in call["items"]] == [0, 1, 2, 3, 4], "three are done, two are still to do"
    assert (call["count"], call["more"]) == (8, 3)
    assert (decide["items"], decide["count"], decide["more"]) == ([], 1, 1)
