"""Economic hardship: with proof, verified by another, for a time; its reasons only against a trace (S13, S83, S84)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from arrears.rules.position import AccountFacts
from billing.models import Account
from billing.operations import keep_evidence
from disputes.models import HardshipReview
from disputes.operations import HardshipRefused, close_hardship, confirm_hardship, record_hardship
from disputes.queries import hardships_on
from offices.models import SecurityEvent, StoredFile
from tests.conftest import at
from tests.factories.books import Books, quarter
from tests.scenarios.world import photo

DAY, ON = "2024-11-11", date(2024, 11, 11)
DETAILS = "今年五月起失业，孩子住院"


@pytest.fixture
def household(inside):
    return Account.objects.get(pk=Books().enter(AccountFacts(0, (quarter(1),))).account_id)


def in_hardship(on):
    return set(hardships_on(on).values_list("account_id", flat=True))


def record(account, office, **changes):
    paper = keep_evidence(
        data=photo().read(), name="证明.jpg", by=office.people["collector"], at=at(DAY), is_restricted=True
    )
    asked = {"account": account, "details": DETAILS, "evidence": paper, "by": office.people["collector"], "at": at(DAY)}
    return record_hardship(**asked | changes)


def confirm(review, office, until=date(2025, 5, 31), role="supervisor"):
    return confirm_hardship(review=review, until=until, by=office.people[role], at=at(DAY))


def test_it_holds_from_its_confirmation_to_the_last_day(household, inside):
    review = record(household, inside)
    assert in_hardship(ON) == set(), "nothing before somebody verified it"
    before = household.change_seq
    confirm(review, inside)
    household.refresh_from_db()
    assert household.change_seq == before + 1
    assert in_hardship(date(2025, 5, 31)) == {household.pk}
    assert in_hardship(date(2025, 6, 1)) == set(), "it expires by itself"
    assert in_hardship(ON - timedelta(days=1)) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"details": " "}, "no_details"), ({"evidence": None}, "no_evidence")],
    ids=["no reason", "no proof"],
)
def test_nothing_is_recorded_without_reason_and_proof(household, inside, changes, code):
    with pytest.raises(HardshipRefused) as no:
        record(household, inside, **changes)
    assert no.value.code == code


def test_another_person_verifies_it_and_for_a_year_at_most(household, inside):
    review = record(household, inside, by=inside.people["supervisor"])
    with pytest.raises(HardshipRefused, match="不能核实自己登记的困难"):
        confirm(review, inside)
    with pytest.raises(HardshipRefused, match="有效期"):
        confirm(review, inside, until=date(2025, 11, 13), role="manager")
    with pytest.raises(IntegrityError), transaction.atomic():
        HardshipReview.objects.filter(pk=review.pk).update(state="confirmed", decided_by=inside.people["supervisor"])


def test_ending_it_ends_it_today(household, inside):
    review = confirm(record(household, inside), inside)
    with pytest.raises(HardshipRefused, match="原因"):
        close_hardship(review=review, reason="", by=inside.people["manager"], at=at("2024-12-01"))
    close_hardship(review=review, reason="已重新就业", by=inside.people["manager"], at=at("2024-12-01"))
    assert in_hardship(date(2024, 12, 1)) == set()
    assert in_hardship(date(2024, 11, 30)) == {household.pk}, "a past day keeps its truth"
    assert record(household, inside).state == "asked"


def test_a_living_one_is_not_recorded_twice(household, inside):
    record(household, inside)
    with pytest.raises(HardshipRefused, match="已有待核实或有效"):
        record(household, inside)


def test_the_reasons_are_shown_to_few_and_never_without_a_trace(household, inside, office, sign_in):
    review = confirm(record(household, inside), inside)
    for role, status in {"collector": 403, "finance": 403, "legal": 403, "supervisor": 200, "manager": 200}.items():
        client = sign_in(office.people[role])
        panel = client.get(reverse("disputes:hardship", args=[household.pk])).content.decode()
        assert DETAILS not in panel
        revealed = client.post(reverse("disputes:hardship-reveal", args=[review.pk]))
        assert (revealed.status_code, DETAILS in revealed.content.decode()) == (status, status == 200)
        paper = client.post(reverse("disputes:hardship-evidence", args=[review.pk]))
        assert paper.status_code == status
        cabinet = client.get(reverse("archive:file", args=[review.evidence_id]))
        assert cabinet.status_code == 404, "the cabinet does not hand it out either"
    with office.open():
        seen = SecurityEvent.objects.filter(kind="hardship_revealed").order_by("pk")
        assert [(event.by.display_name, event.details["what"]) for event in seen] == [
            ("华庭supervisor", "details"), ("华庭supervisor", "evidence"),
            ("华庭manager", "details"), ("华庭manager", "evidence"),
        ]  # fmt: skip


def test_it_is_recorded_and_verified_on_the_household_page(household, office, sign_in):
    address = reverse("disputes:hardship", args=[household.pk])
    paper = SimpleUploadedFile("证明.jpg", photo().read(), "image/jpeg")
    collector = sign_in(office.people["collector"])
    assert collector.post(address, {"details": DETAILS, "evidence": paper}).status_code == 302
    with office.open():
        review = HardshipReview.objects.get()
        assert StoredFile.objects.get(pk=review.evidence_id).kind == "restricted"
    until = date.today() + timedelta(days=90)
    assert collector.post(reverse("disputes:hardship-confirm", args=[review.pk]), {"until": until}).status_code == 403
    supervisor = sign_in(office.people["supervisor"])
    assert supervisor.post(reverse("disputes:hardship-confirm", args=[review.pk]), {"until": until}).status_code == 302
    page = sign_in(office.people["collector"]).get(reverse("archive:household", args=[household.pk])).content.decode()
    assert "经济困难：优先协商分期" in page
    assert DETAILS not in page


class TestApi:
    """The same by program, by the cast of six roles and an outsider."""

    @pytest.mark.parametrize(
        ("role", "may"),
        [
            ("collector", {"record"}),
            ("supervisor", {"record", "confirm", "close", "reveal", "evidence"}),
            ("manager", {"record", "confirm", "close", "reveal", "evidence"}),
            ("finance", set()),
            ("legal", set()),
            ("admin", set()),
        ],
    )
    def test_who_may_do_what(self, household, inside, office, sign_in, role, may):
        client = sign_in(office.people[role])
        asked = f"/api/v1/accounts/{household.pk}/hardships/"
        assert client.get(asked).status_code == (200 if role != "admin" else 403)
        sent = client.post(asked, {"details": DETAILS, "evidence": SimpleUploadedFile("a.jpg", photo().read())})
        assert sent.status_code == (201 if "record" in may else 403)
        HardshipReview.objects.all().delete()
        review = record(household, inside)
        bodies = {"reveal": {}, "evidence": {}, "confirm": {"until": "2024-12-31"}, "close": {"reason": "已好转"}}
        for verb, body in bodies.items():
            answer = client.post(f"/api/v1/hardships/{review.pk}/{verb}/", body)
            assert (answer.status_code != 403) is (verb in may), verb

    def test_reasons_and_proof_leave_a_trace_and_never_stand_in_the_list(self, household, inside, office, sign_in):
        review = record(household, inside)
        client = sign_in(office.people["manager"])
        listed = client.get(f"/api/v1/accounts/{household.pk}/hardships/")
        assert DETAILS not in listed.content.decode()
        assert not SecurityEvent.objects.filter(kind="hardship_revealed").exists()
        assert client.post(f"/api/v1/hardships/{review.pk}/reveal/").json() == {"id": review.pk, "details": DETAILS}
        assert client.post(f"/api/v1/hardships/{review.pk}/evidence/").content == photo().read()
        seen = SecurityEvent.objects.filter(kind="hardship_revealed", by=office.people["manager"])
        assert [event.details["what"] for event in seen.order_by("pk")] == ["details", "evidence"]
        assert client.get(f"/api/v1/hardships/{review.pk}/reveal/").status_code == 405

    def test_a_refusal_has_its_code_and_an_outsider_finds_nothing(self, office, other_office, sign_in):
        with office.open():
            account = Account.objects.get(pk=Books().enter(AccountFacts(0, (quarter(1),))).account_id)
            review = record(account, office, by=office.people["supervisor"])
        answer = sign_in(office.people["supervisor"]).post(
            f"/api/v1/hardships/{review.pk}/confirm/", {"until": "2024-12-31"}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "two_people_needed")
        outsider = sign_in(other_office.people["manager"])
        assert outsider.post(f"/api/v1/hardships/{review.pk}/reveal/").status_code == 404
        assert outsider.get(f"/api/v1/accounts/{account.pk}/hardships/").status_code == 404
