"""Pages of notices and of their service: who sees what, what a person can do, and the wall between offices."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from collection.models import Notice, Service, ServicePhoto
from collection.operations.rendering import render_due_notices
from offices.scoping import office_now
from tests.collection.cast import household, photo, proposed, rendered, served, settle_in


@pytest.fixture
def notice(office: Any) -> Notice:
    """A formal notice ready to be served."""
    with office.open():
        settle_in()
        return rendered(office, household())


@pytest.fixture
def report(sign_in: Any, office: Any, notice: Notice) -> Any:
    """Post a service report as the collector."""
    client = sign_in(office.people["collector"])

    def send(way: str, **more: Any) -> Any:
        data = {"way": way, "served_on": "2026-09-12", "served_time": "15:00", "key": "k1", "note": "", **more}
        return client.post(reverse("collection:notice-serve-form", args=[notice.pk]), data)

    return send


@pytest.mark.parametrize("state", ["", "proposed", "to_print", "to_serve", "served", "closed"])
def test_every_tab_opens(sign_in: Any, office: Any, notice: Notice, state: str) -> None:
    page = sign_in(office.people["manager"]).get(reverse("collection:notices"), {"state": state})
    assert page.status_code == 200
    assert ("林秀英" in page.content.decode()) is (state in ("", "to_serve"))


@pytest.mark.parametrize(
    ("q", "found"), [("3-1-0502", True), ("3-1-502", True), ("林秀英", True), ("华物催", True), ("3-1-0503", False)]
)
def test_search_finds_by_room_name_and_number(sign_in: Any, office: Any, notice: Notice, q: str, found: bool) -> None:
    page = sign_in(office.people["collector"]).get(reverse("collection:notices"), {"state": "to_serve", "q": q})
    assert ("林秀英" in page.content.decode()) is found


def test_approving_several_at_once(sign_in: Any, office: Any) -> None:
    with office.open():
        settle_in()
        ids = [proposed(household(f"0{n}01", "王芳")).pk for n in (1, 2)]
    page = sign_in(office.people["supervisor"]).post(
        reverse("collection:notice-bulk"), {"ids": ids, "action": "approve", "next": reverse("collection:notices")}
    )
    assert page.status_code == 302
    with office.open():
        assert set(Notice.objects.values_list("state", flat=True)) == {"approved"}


def test_a_refused_one_does_not_stop_the_others(sign_in: Any, office: Any) -> None:
    with office.open():
        settle_in()
        formal, final = proposed(household("0101", "王芳")), proposed(household("0201", "李强"), "final")
    client = sign_in(office.people["supervisor"])
    page = client.post(
        reverse("collection:notice-bulk"), {"ids": [formal.pk, final.pk], "action": "approve"}, follow=True
    )
    assert "项目经理" in page.content.decode()
    with office.open():
        assert [Notice.objects.get(pk=n.pk).state for n in (formal, final)] == ["approved", "proposed"]


def test_the_draft_can_be_looked_at_before_approval(sign_in: Any, office: Any) -> None:
    with office.open():
        settle_in()
        one = proposed(household())
    page = sign_in(office.people["supervisor"]).get(reverse("collection:notice-draft", args=[one.pk]))
    assert page.content.startswith(b"%PDF-")
    with office.open():
        assert Notice.objects.get(pk=one.pk).number == ""


@pytest.mark.parametrize("what", ["reject", "void", "replace"])
def test_withdrawing_asks_for_a_reason(sign_in: Any, office: Any, notice: Notice, what: str) -> None:
    address = reverse(f"collection:notice-{what}", args=[notice.pk])
    client = sign_in(office.people["manager"])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "期限将至"}).status_code == (422 if what == "reject" else 302)


def test_the_pdf_is_private_and_the_same_each_time(sign_in: Any, office: Any, notice: Notice) -> None:
    client = sign_in(office.people["collector"])
    address = reverse("collection:notice-pdf", args=[notice.pk])
    first, second = client.get(address), client.get(address, {"download": ""})
    assert first.content == second.content
    assert first["Content-Type"] == "application/pdf"
    assert first["Cache-Control"] == "private, no-store"
    assert second["Content-Disposition"].startswith("attachment")


def test_a_print_run_is_one_pdf(sign_in: Any, office: Any, notice: Notice) -> None:
    page = sign_in(office.people["collector"]).post(
        reverse("collection:notice-bulk"), {"ids": [notice.pk], "action": "print"}
    )
    assert page.content.startswith(b"%PDF-")


@pytest.mark.parametrize("role", ["finance", "admin"])
def test_roles_without_the_right_see_no_notices(sign_in: Any, office: Any, notice: Notice, role: str) -> None:
    client = sign_in(office.people[role])
    for name in ("collection:notice", "collection:notice-pdf"):
        assert client.get(reverse(name, args=[notice.pk])).status_code == 403


def test_legal_reads_but_does_not_serve(sign_in: Any, office: Any, notice: Notice) -> None:
    client = sign_in(office.people["legal"])
    assert client.get(reverse("collection:notice", args=[notice.pk])).status_code == 200
    assert client.get(reverse("collection:notice-serve-form", args=[notice.pk])).status_code == 403


def test_another_office_finds_nothing(
    sign_in: Any, office: Any, other_office: Any, notice: Notice, report: Any
) -> None:
    report("door_posting-posted", photo_door=photo())
    with office.open():
        shot = ServicePhoto.objects.get()
    client = sign_in(other_office.people["manager"])
    for name, pk in (
        ("notice", notice.pk),
        ("notice-pdf", notice.pk),
        ("notice-draft", notice.pk),
        ("notice-photo", shot.pk),
        ("notice-serve-form", notice.pk),
    ):
        assert client.get(reverse(f"collection:{name}", args=[pk])).status_code == 404, name
    assert client.post(reverse("collection:notice-approve", args=[notice.pk])).status_code == 404
    assert "林秀英" not in client.get(reverse("collection:notices")).content.decode()


def test_the_list_of_letters_to_serve_finds_a_room(sign_in: Any, office: Any, notice: Notice) -> None:
    client = sign_in(office.people["collector"])
    assert "3-1-0502" in client.get(reverse("collection:notice-serve")).content.decode()
    assert (
        "3-1-0502"
        in client.get(reverse("collection:notice-serve"), {"q": "502"}, headers={"HX-Request": "true"}).content.decode()
    )
    assert "3-1-0502" not in client.get(reverse("collection:notice-serve"), {"q": "9-9-9999"}).content.decode()


def test_a_posting_with_its_photo_is_recorded(report: Any, office: Any, notice: Notice, sign_in: Any) -> None:
    assert report("door_posting-posted", photo_door=[photo(), photo("b.jpg", (65, 48))]).status_code == 302
    with office.open():
        shots = list(ServicePhoto.objects.all())
        assert (Notice.objects.get(pk=notice.pk).state, [s.shows for s in shots]) == ("served", ["door", "door"])
    picture = sign_in(office.people["manager"]).get(reverse("collection:notice-photo", args=[shots[0].pk]))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert (
        "张贴送达"
        in sign_in(office.people["manager"]).get(reverse("collection:notice", args=[notice.pk])).content.decode()
    )


def test_what_is_missing_is_said_and_the_input_kept(report: Any, office: Any) -> None:
    page = report("hand_delivery-refused", witness="", witness_organisation="华庭社区居委会")
    text = page.content.decode()
    assert page.status_code == 422
    for words in ("请填写见证人姓名", "请至少上传一张照片", "华庭社区居委会"):
        assert words in text
    with office.open():
        assert Service.objects.count() == 0


def test_a_double_press_records_once(report: Any, office: Any) -> None:
    for _ in range(2):
        assert report("hand_delivery-absent").status_code == 302
    with office.open():
        assert Service.objects.count() == 1


@pytest.mark.parametrize(
    "way", ["", "hand_delivery-signed", "door_posting-posted", "ems-in_transit", "hand_delivery-absent", "no-such"]
)
def test_every_way_has_its_form(sign_in: Any, office: Any, notice: Notice, way: str) -> None:
    page = sign_in(office.people["collector"]).get(
        reverse("collection:notice-serve-form", args=[notice.pk]), {"way": way}
    )
    assert page.status_code == 200


def test_mail_under_way_asks_what_became_of_it(report: Any, sign_in: Any, office: Any, notice: Notice) -> None:
    report("ems-in_transit", tracking_number="EA123456789CN", content_note="物业费催缴通知书", address="")
    page = sign_in(office.people["collector"]).get(reverse("collection:notice-serve-form", args=[notice.pk]))
    assert "EMS 已妥投" in page.content.decode()
    assert "EMS 已寄出" not in page.content.decode()


def test_served_letters_show_their_proof(sign_in: Any, office: Any) -> None:
    with office.open():
        settle_in()
        done = served(office, household())
    text = sign_in(office.people["legal"]).get(reverse("collection:notice", args=[done.pk])).content.decode()
    for words in ("有效送达", "证据强", "签收人", done.pdf_sha256):
        assert words in text


def test_the_api_approves_serves_and_hands_out_the_pdf(sign_in: Any, office: Any) -> None:
    with office.open():
        settle_in()
        one = proposed(household())
    client = sign_in(office.people["supervisor"])
    answer = client.post(f"/api/v1/notices/{one.pk}/approve/")
    assert (answer.status_code, answer.json()["number"], answer.json()["amount"]) == (
        200,
        "华物催〔2026〕1 号",
        "1200.00",
    )
    assert client.post(f"/api/v1/notices/{one.pk}/approve/").json()["code"] == "NOT_PROPOSED"
    with office.open():
        render_due_notices(at=office_now())
    assert client.get(f"/api/v1/notices/{one.pk}/pdf/").content.startswith(b"%PDF-")
    with office.open():
        now = office_now().replace(hour=10).isoformat()
    lacking = client.post(
        f"/api/v1/notices/{one.pk}/serve/",
        {"method": "door_posting", "outcome": "posted", "served_at": now, "note": "约定"},
    )
    assert (lacking.status_code, lacking.json()["lacks"][0]["field"]) == (422, "photos")
    done = client.post(
        f"/api/v1/notices/{one.pk}/serve/",
        {"method": "door_posting", "outcome": "posted", "served_at": now, "note": "约定", "photo_door": [photo()]},
    )
    assert (done.status_code, done.json()["state"], done.json()["service"]["strength"]) == (201, "served", "weak")


def test_the_api_keeps_offices_apart(sign_in: Any, other_office: Any, notice: Notice) -> None:
    client = sign_in(other_office.people["manager"])
    assert client.get("/api/v1/notices/").json()["results"] == []
    assert client.get(f"/api/v1/notices/{notice.pk}/").status_code == 404
    assert client.get(f"/api/v1/notices/{notice.pk}/pdf/").status_code == 404
