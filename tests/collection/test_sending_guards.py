"""The guards in the database: caps over all accounts of an owner, wishes, holidays, and the order of what had to wait."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Account, ContactPoint, Owner
from collection.models import Action, Contact, Message, OwnerPreference
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.preferences import PreferenceRefused, set_channel_hours, set_preference
from collection.operations.sending import send_due_messages
from offices.models import OfficeSettings
from offices.operations.working_days import set_working_day
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at

ON = "2026-04-01"


@pytest.fixture
def inbox(office: Any, provider: Any) -> Any:
    return lambda: [item["to"] for item in provider.arrived(str(office.id))]


@pytest.fixture
def town(office: Any) -> Any:
    """A community; `owe` moves a household in that owes, `plan` plans a day, `send` sends."""

    class Town:
        def __init__(self) -> None:
            with office.open():
                self.place = estate()

        def owe(self, **given: Any) -> Account:
            with office.open():
                account = move_in(self.place, **given)
                bill(self.place, account)
                return account

        def plan(self, day: str = ON) -> None:
            with office.open():
                plan_day(on=date.fromisoformat(day), at=at(day))

        def send(self, day: str = ON, hour: int = 10) -> Any:
            return send_due_messages(office_id=office.id, at=at(day, hour))

        def wish(self, account: Account, **given: Any) -> None:
            with office.open():
                set_preference(account=account, said="4月1日来电", by=office.people["collector"], at=at(ON, 9), **given)

    return Town()


def test_the_cap_is_the_owners_over_all_accounts_and_channels(office: Any, town: Any, inbox: Any) -> None:
    accounts = [town.owe() for _ in range(3)]
    with office.open():
        owner = Owner.objects.get(pk=accounts[0].owner_id)
        Account.objects.filter(pk__in=[a.pk for a in accounts]).update(owner=owner)
        for day in ("2026-03-30", "2026-03-31"):
            record_contact(
                account=accounts[0], channel="call", outcome="informed", explanation="已说明", at=at(day),
                by=office.people["collector"],
            )  # fmt: skip
    town.plan()
    report = town.send()
    assert (report.sent, report.withdrawn) == (1, 2)
    assert len(inbox()) == 1
    with office.open():
        assert sorted(Message.objects.values_list("state", "last_error")) == [
            ("pending", "该业主近七日联系已达上限"), ("pending", "该业主近七日联系已达上限"), ("sent", ""),
        ]  # fmt: skip
        assert Contact.objects.count() == 2
    assert town.send("2026-04-05").sent == 0, "the Qingming holiday, and the cap"
    assert town.send("2026-04-07").sent == 2


def test_what_had_to_wait_goes_before_what_is_new(office: Any, town: Any, inbox: Any, monkeypatch: Any) -> None:
    waiting = town.owe(phone="13900000009")
    town.plan()
    assert town.send(hour=20).withdrawn == 1
    for _ in range(3):
        town.owe()
    town.plan("2026-04-02")
    with office.open():
        assert Message.objects.filter(state="pending").count() == 4
    assert send_due_messages(office_id=office.id, at=at("2026-04-02", 10), limit=1).sent == 1
    assert inbox() == ["13900000009"]
    with office.open():
        assert Message.objects.get(account=waiting).state == "sent"


def test_nothing_leaves_on_a_public_holiday_unless_the_office_allows_it(office: Any, town: Any, inbox: Any) -> None:
    town.owe()
    town.plan("2026-04-03")
    assert town.send("2026-04-04").sent == 0
    with office.open():
        OfficeSettings.objects.update(contact_on_holidays=True)
    assert town.send("2026-04-04").sent == 0, "it was told to wait until the holiday is over"
    assert town.send("2026-04-07").sent == 1
    town.owe()
    town.plan("2026-04-04")
    assert town.send("2026-04-04").sent == 1, "the office allows it"


def test_a_holiday_added_later_moves_only_what_has_not_been_sent(office: Any, town: Any, inbox: Any) -> None:
    town.owe()
    town.plan()
    assert town.send().sent == 1
    town.owe()
    town.plan("2026-04-02")
    with office.open():
        set_working_day(
            day=date(2026, 4, 2), is_working=False, name="司庆", source="公司通知", by=None, at=at("2026-04-02", 9)
        )
    assert town.send("2026-04-02").sent == 0
    assert town.send("2026-04-03").sent == 1
    with office.open():
        assert Message.objects.filter(state="sent", sent_at__date="2026-04-01").count() == 1


def test_an_owner_who_wants_no_short_messages_gets_an_email(office: Any, town: Any, inbox: Any) -> None:
    account = town.owe(phone="13900000001", email="a@example.com")
    town.plan()
    town.wish(account, refused=("sms",))
    assert town.send().sent == 1
    assert inbox() == ["a@example.com"]
    with office.open():
        assert Message.objects.get(state="void").void_reason == "业主不接受短信"


def test_an_owner_who_wants_neither_is_handed_to_a_person(office: Any, town: Any, inbox: Any) -> None:
    account = town.owe(phone="13900000001")
    town.wish(account, refused=("sms", "email"))
    town.plan()
    town.send()
    assert inbox() == []
    with office.open():
        assert Action.objects.get().by_hand


def test_the_preferred_channel_goes_first(office: Any, town: Any, inbox: Any) -> None:
    account = town.owe(phone="13900000001", email="a@example.com")
    town.wish(account, preferred="email")
    town.plan()
    assert town.send().sent == 1
    assert inbox() == ["a@example.com"]


def test_the_hours_an_owner_asked_for_are_kept(office: Any, town: Any, inbox: Any) -> None:
    account = town.owe()
    town.plan()
    town.wish(account, quiet_from=time(9), quiet_until=time(18))
    assert town.send(hour=17).sent == 0
    assert town.send(hour=18).sent == 1


def test_a_channel_may_have_hours_of_its_own(office: Any, town: Any, inbox: Any) -> None:
    town.owe()
    town.plan()
    with office.open():
        set_channel_hours(
            channel="sms", contact_from=time(10), contact_until=time(19), rest_from=time(12), rest_until=time(14),
            by=office.people["admin"], at=at(ON),
        )  # fmt: skip
    assert town.send(hour=13).sent == 0
    assert town.send(hour=19).sent == 0
    assert town.send("2026-04-02", 9).sent == 0
    assert town.send("2026-04-02", 10).sent == 1


def test_a_number_struck_out_after_planning_is_not_written_to(office: Any, town: Any, inbox: Any) -> None:
    town.owe()
    town.plan()
    with office.open():
        ContactPoint.objects.update(state="dead")
    town.send()
    assert inbox() == []
    with office.open():
        assert Action.objects.get().by_hand


def test_words_are_looked_at_again_when_the_rules_have_become_stricter(office: Any, town: Any, inbox: Any) -> None:
    town.owe()
    town.plan()
    with office.open():
        message = Message.objects.get()
        Message.objects.update(body=message.body + "否则停水")
    town.send()
    assert inbox() == []
    with office.open():
        assert "停水" in Message.objects.get().void_reason
        assert Action.objects.get().by_hand


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"said": " "}, "依据", id="no-source"),
        pytest.param({"preferred": "sms", "refused": ("sms",)}, "首选", id="preferred-and-refused"),
        pytest.param({"quiet_from": time(9)}, "同时填写", id="half-an-interval"),
        pytest.param({"quiet_from": time(20), "quiet_until": time(9)}, "晚于", id="over-midnight"),
    ],
)
def test_a_wish_that_does_not_hold_together_is_refused(
    office: Any, town: Any, given: dict[str, Any], says: str
) -> None:
    account = town.owe()
    with office.open(), pytest.raises(PreferenceRefused, match=says):
        set_preference(account=account, by=None, at=at(ON), **{"said": "来电", **given})


@pytest.mark.parametrize(
    ("role", "status"), [("collector", 302), ("supervisor", 302), ("finance", 403), ("legal", 403), ("admin", 403)]
)
def test_who_contacts_owners_writes_their_wishes_down(
    office: Any, town: Any, sign_in: Any, role: str, status: int
) -> None:
    account = town.owe()
    page = reverse("collection:preference", args=[account.pk])
    client = sign_in(office.people[role])
    posted = {"preferred": "", "refused": ["sms"], "quiet_from": "12:00", "quiet_until": "14:00", "said": "来电要求"}
    assert client.post(page, posted).status_code == status
    with office.open():
        assert OwnerPreference.objects.count() == (status == 302)
    if status == 302:
        shown = client.get(page).text
        assert "12:00—14:00" in shown
        assert "短信" in shown


def test_the_hours_of_a_channel_stay_inside_the_platforms(office: Any, sign_in: Any) -> None:
    page = reverse("collection:channels")
    admin = sign_in(office.people["admin"])
    refused = admin.post(page, {"channel": "sms", "contact_from": "07:30", "contact_until": "19:00"})
    assert refused.status_code == 422
    assert "8:00 至 21:00" in refused.text
    assert admin.post(page, {"channel": "sms", "contact_from": "10:00", "contact_until": "19:00"}).status_code == 302
    shown = admin.get(page).text
    assert "10:00—19:00" in shown
    assert shown.count("尚未接入") == 2, "the official account and the app have no keys here"
    assert sign_in(office.people["manager"]).post(page, {"channel": "sms"}).status_code == 403
