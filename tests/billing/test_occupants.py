"""S11: who lives there beside the owners, and that nobody is told of the debt whom no owner lets be told (个人信息保护法 25)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from archive.queries.timeline import timeline
from billing.models import Account, ContactPoint, CoOwner, Occupant, Owner
from billing.operations.contact_points import ContactPointRefused, mark_contact_point, revive_contact_point
from billing.operations.occupants import (
    OccupantRefused,
    authorise_occupant,
    note_occupant_left,
    record_occupant,
    withdraw_authorisation,
)
from billing.operations.registers import _add_contacts
from collection.models import Contact, Message
from collection.operations import plan_day
from collection.operations.contacts import ContactRefused, record_contact, reveal_contact_point
from collection.queries import work
from offices.models import SecurityEvent
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON, DAY = date(2026, 4, 1), at("2026-04-01")
WIFE = "13900001111"


def moved_in() -> Account:
    place = estate()
    account = move_in(place, name="林秀英", phone="13800000001")
    bill(place, account)
    return account


@pytest.fixture
def home(inside: Any) -> Account:
    return moved_in()


def record(account: Account, office: Any, **changes: Any) -> Occupant:
    asked = {"name": "王芳", "relation": "spouse", "by": office.people["collector"], "at": DAY}
    return record_occupant(account=account, **asked | changes)


def authorise(person: Occupant, office: Any, **changes: Any) -> Occupant:
    asked = {"owner": person.account.owner, "how": "4月1日来电同意", "by": office.people["collector"], "at": DAY}
    return authorise_occupant(occupant=person, **asked | changes)


def withdraw(person: Occupant, office: Any) -> Occupant:
    return withdraw_authorisation(
        occupant=person, reason="业主4月2日来电撤回", by=office.people["collector"], at=at("2026-04-02")
    )


def rung(account: Account, office: Any, person: Occupant | None, outcome: str, **said: Any) -> Contact:
    return record_contact(
        account=account, channel="call", outcome=outcome, spoke_with=person, by=office.people["collector"], at=DAY, **said
    )  # fmt: skip


def test_only_an_owners_word_opens_the_door_and_it_closes_at_once(home: Account, inside: Any) -> None:
    person = record(home, inside)
    assert not person.may_be_told, "being family is no authorisation"
    person = authorise(person, inside)
    assert (person.may_be_told, person.authorised_on, person.authorised_by) == (True, ON, home.owner)
    person = withdraw(person, inside)
    assert (person.may_be_told, person.withdrawn_on) == (False, date(2026, 4, 2))
    assert authorise(person, inside, how="4月3日微信同意", at=at("2026-04-03")).may_be_told


def test_a_co_owner_may_authorise_and_a_stranger_may_not(home: Account, inside: Any) -> None:
    person, other = record(home, inside), Owner.objects.create(name="李四")
    with pytest.raises(OccupantRefused) as no:
        authorise(person, inside, owner=other)
    assert no.value.code == "not_an_owner"
    CoOwner.objects.create(account=home, owner=other)
    assert authorise(person, inside, owner=other).may_be_told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"name": " "}, "occupant_refused", id="no-name"),
        pytest.param({"name": "林秀英"}, "is_owner", id="an-owner-needs-no-entry"),
        pytest.param({"phone": "139"}, "occupant_refused", id="half-a-number"),
    ],
)
def test_what_is_not_recorded(home: Account, inside: Any, changes: dict[str, str], code: str) -> None:
    with pytest.raises(OccupantRefused) as no:
        record(home, inside, **changes)
    assert no.value.code == code


def test_the_same_person_is_recorded_once(home: Account, inside: Any) -> None:
    record(home, inside)
    with pytest.raises(OccupantRefused, match="已登记在本户"):
        record(home, inside)


def test_an_authorisation_says_who_and_how_in_the_database_too(home: Account, inside: Any) -> None:
    person = record(home, inside)
    with pytest.raises(OccupantRefused, match="何时、以何种方式"):
        authorise(person, inside, how=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupant.objects.filter(pk=person.pk).update(authorised_on=ON)


@pytest.mark.parametrize(
    ("who", "outcome", "said", "is_taken"),
    [
        pytest.param("nobody", "informed", {"explanation": "已说明"}, True, id="the-owner-is-told"),
        pytest.param("authorised", "informed", {"explanation": "已说明"}, True, id="whom-the-owner-lets-be-told"),
        pytest.param("recorded", "informed", {"explanation": "已说明"}, False, id="family-is-not-told"),
        pytest.param("recorded", "refused", {"owner_words": "不交"}, False, id="nor-asked-to-pay"),
        pytest.param("recorded", "no_answer", {}, True, id="only-please-have-the-owner-call-back"),
        pytest.param("withdrawn", "informed", {"explanation": "已说明"}, False, id="no-longer-after-a-withdrawal"),
    ],
)
def test_a_call_about_the_debt(
    home: Account, inside: Any, who: str, outcome: str, said: dict[str, str], is_taken: bool
) -> None:
    person = None if who == "nobody" else record(home, inside, relation="lessee")
    if who in {"authorised", "withdrawn"}:
        person = authorise(person, inside)
    if who == "withdrawn":
        person = withdraw(person, inside)
    if is_taken:
        contact = rung(home, inside, person, outcome, **said)
        assert (contact.spoke_with, contact.reached) == (person, outcome != "no_answer")
    else:
        with pytest.raises(ContactRefused, match="没有授权") as no:
            rung(home, inside, person, outcome, **said)
        assert no.value.code == "not_authorised"


def test_somebody_of_another_household_is_no_authority(home: Account, inside: Any) -> None:
    neighbour = move_in(estate("青竹园"), name="周强")
    person = authorise(record(neighbour, inside), inside)
    with pytest.raises(ContactRefused, match="不是本户登记的人"):
        rung(home, inside, person, "informed", explanation="已说明")


def test_nothing_is_sent_to_an_owners_number_that_is_the_wifes(home: Account, inside: Any) -> None:
    ContactPoint.objects.filter(owner=home.owner).update(value=WIFE, tail="1111")
    person = record(home, inside, phone="139-0000-1111")
    point = ContactPoint.objects.get(owner=home.owner)
    assert point.state == "others"
    plan_day(on=ON, at=DAY)
    assert not Message.objects.exists()
    assert not any(phone.usable for phone in work.household(home.pk, on=ON, at=DAY).phones)
    with pytest.raises(ContactRefused, match="他人的号码"):
        reveal_contact_point(point=point, by=inside.people["collector"], at=DAY)
    assert not SecurityEvent.objects.filter(kind="phone_revealed").exists()
    authorise(person, inside)
    point.refresh_from_db()
    assert point.state == "unverified", "the owner wants it told there"


def test_a_number_of_somebody_who_may_not_be_told_is_taken_into_use_again_only_when_it_is_theirs_no_more(
    home: Account, inside: Any
) -> None:
    point, who = ContactPoint.objects.get(owner=home.owner), inside.people["collector"]
    mark_contact_point(point=point, state="dead", by=None, at=DAY)
    person = record(home, inside, phone="13800000001")
    with pytest.raises(ContactPointRefused, match="先登记迁出再恢复"):
        revive_contact_point(point=point, by=who, at=DAY)
    note_occupant_left(occupant=person, by=who, at=DAY)
    assert revive_contact_point(point=point, by=who, at=DAY).state == "unverified", "typed in by mistake"


def test_a_register_read_later_does_not_bring_the_number_back(home: Account, inside: Any) -> None:
    record(home, inside, phone=WIFE)
    _add_contacts(home.owner, {"phones": [WIFE, "13700000000"]}, "业主表.xlsx")
    states = dict(ContactPoint.objects.filter(owner=home.owner).values_list("value", "state"))
    assert states == {"13800000001": "unverified", WIFE: "others", "13700000000": "unverified"}


def test_a_message_on_its_way_stops_when_the_number_turns_out_to_be_somebody_elses(home: Account, inside: Any) -> None:
    from collection.queries.reminders import UNUSABLE

    plan_day(on=ON, at=DAY)
    record(home, inside, phone="13800000001")
    assert Message.objects.get().contact_point.state in UNUSABLE, "the send-off asks it under the locks"


def test_moving_out_ends_it_and_erases_the_number(home: Account, inside: Any) -> None:
    person = authorise(record(home, inside, phone=WIFE), inside)
    note_occupant_left(occupant=person, by=inside.people["collector"], at=DAY)
    person.refresh_from_db()
    assert (person.may_be_told, person.phone) == (False, "")
    assert not hasattr(person.history.first(), "phone"), "nor does the history keep it"
    with pytest.raises(OccupantRefused):
        authorise(person, inside)
    record(home, inside)


def test_the_household_remembers_who_was_let_in_and_why(home: Account, inside: Any) -> None:
    person = withdraw(authorise(record(home, inside), inside), inside)
    rung(home, inside, person, "no_answer")
    titles = {event.title: (event.by, event.lines) for event in timeline(home, date(2026, 4, 3))}
    collector = str(inside.people["collector"])
    assert titles["登记住户：配偶 王芳"] == (collector, ())
    assert titles["业主授权可与 配偶 王芳 谈欠费"] == (collector, ("林秀英：4月1日来电同意",))
    assert titles["撤回授权，不再与 配偶 王芳 谈欠费"] == (collector, ("业主4月2日来电撤回",))
    assert titles["第 1 次联系 电话：未接或不在"][1][0] == "配偶 王芳"


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("collector", 200, 302),
        ("supervisor", 200, 302),
        ("manager", 200, 302),
        ("finance", 200, 403),
        ("legal", 200, 403),
        ("admin", 403, 403),
    ],
)
def test_who_sees_and_who_records(home: Account, office: Any, sign_in: Any, role: str, reads: int, writes: int) -> None:
    record(home, office, phone=WIFE)
    client, address = sign_in(office.people[role]), reverse("billing:occupants", args=[home.pk])
    page = client.get(address)
    assert page.status_code == reads
    assert WIFE not in page.content.decode(), "masked for everybody"
    assert client.post(address, {"name": "赵六", "relation": "lessee"}).status_code == writes


def test_from_the_panel_to_the_call(home: Account, office: Any, sign_in: Any) -> None:
    client, address = sign_in(office.people["collector"]), reverse("billing:occupants", args=[home.pk])
    assert client.post(address, {"name": "王芳", "relation": "spouse", "phone": WIFE}).status_code == 302
    person = Occupant.objects.get()
    reveal = reverse("billing:occupant-reveal", args=[person.pk])
    assert client.post(reveal).status_code == 409, "nobody rings who may not be told"
    call = reverse("collection:contact", args=[home.pk])
    page = client.get(call).content.decode()
    assert "有事想与林秀英本人联系" in page
    told = {"channel": "call", "outcome": "informed", "explanation": "已说明", "spoke_with": person.pk}
    refused = client.post(call, told)
    assert (refused.status_code, "没有授权" in refused.content.decode()) == (422, True)
    yes = {"owner": home.owner_id, "how": "4月1日来电同意"}
    assert client.post(reverse("billing:occupant-authorise", args=[person.pk]), yes).status_code == 302
    assert WIFE in client.post(reveal).content.decode()
    assert SecurityEvent.objects.get(kind="phone_revealed").details["tail"] == "1111"
    assert "查看联系电话" in {event.title for event in timeline(home, at("2100-01-01").date())}
    assert client.post(call, told).status_code == 302
    assert Contact.objects.get().spoke_with == person
    assert (
        client.post(reverse("billing:occupant-withdraw", args=[person.pk]), {"reason": "业主来电"}).status_code == 302
    )
    assert client.post(reverse("billing:occupant-left", args=[person.pk])).status_code == 302


def test_a_stranger_finds_nobody(office: Any, other_office: Any, sign_in: Any) -> None:
    with office.open():
        home = moved_in()
        person = record(home, office, phone=WIFE)
    client = sign_in(other_office.people["manager"])
    assert client.get(reverse("billing:occupants", args=[home.pk])).status_code == 404
    for door in ("authorise", "withdraw", "left", "reveal"):
        assert client.post(reverse(f"billing:occupant-{door}", args=[person.pk])).status_code == 404
    assert client.get(f"/api/v1/occupants/{person.pk}/").status_code == 404


def test_the_same_through_the_api(home: Account, office: Any, sign_in: Any) -> None:
    client = sign_in(office.people["collector"])
    made = client.post("/api/v1/occupants/", {"account": home.pk, "name": "王芳", "relation": "spouse"})
    assert (made.status_code, made.json()["may_be_told"]) == (201, False)
    address = f"/api/v1/occupants/{made.json()['id']}"
    told = {
        "account": home.pk,
        "channel": "call",
        "outcome": "informed",
        "explanation": "x",
        "spoke_with": made.json()["id"],
    }
    assert client.post("/api/v1/contacts/", told).json()["code"] == "not_authorised"
    said = client.post(f"{address}/authorise/", {"owner": home.owner_id, "how": "4月1日来电同意"})
    assert said.json()["may_be_told"]
    assert client.post("/api/v1/contacts/", told).status_code == 201
    assert not client.post(f"{address}/withdraw/", {"reason": "业主来电"}).json()["may_be_told"]
    assert client.post(f"{address}/left/").json()["left_on"]
    assert sign_in(office.people["finance"]).post(f"{address}/left/").status_code == 403
