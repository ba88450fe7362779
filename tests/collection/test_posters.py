"""S33 电梯公告栏温馨提示: for a building, without personal data, put up with a photo, taken down by its date."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from collection.documents import letter_text, poster_pdf
from collection.models import Poster
from collection.operations.posters import PosterRefused, make_poster, record_posting, record_take_down
from collection.queries.posters import in_state, poster_counts
from collection.rules import wording
from collection.rules.posters import LOCATION, STATES, WORDS, building_words, personal_in, state_of
from offices.filing import PhotoRefused
from offices.models import Community
from offices.scoping import office_today
from tests.collection.cast import household, photo, settle_in
from tests.conftest import at

MADE, UNTIL = "2026-09-10", date(2026, 9, 24)


def make(office: SimpleNamespace, words: str = WORDS, **changes: Any) -> Poster:
    """A poster for 3幢 of 华庭苑, made on 10 September to hang until the 24th."""
    said = {
        "community": Community.objects.get(),
        "building": "3",
        "words": words,
        "location": LOCATION,
        "take_down_on": UNTIL,
        "by": office.people["supervisor"],
        "at": at(MADE),
        **changes,
    }
    return make_poster(**said)


def post(office: SimpleNamespace, poster: Poster, day: str = "2026-09-11", **changes: Any) -> Poster:
    """Put it up, with a photo."""
    said = {"posted_on": at(day).date(), "photo": photo(), "by": office.people["collector"], "at": at(day), **changes}
    return record_posting(poster=poster, **said)


@pytest.fixture
def building(inside: SimpleNamespace) -> SimpleNamespace:
    """The office with its letterhead and one building in which 林秀英 owns 3-1-0502."""
    settle_in()
    household()
    return inside


@pytest.mark.parametrize(
    ("posted", "down", "today", "state"),
    [
        (None, None, "2026-09-10", "waiting"),
        (None, None, "2026-09-24", "waiting"),
        (None, None, "2026-09-25", "lapsed"),
        ("2026-09-11", None, "2026-09-24", "posted"),
        ("2026-09-11", None, "2026-09-25", "overdue"),
        ("2026-09-11", "2026-09-30", "2026-10-01", "down"),
    ],
)
def test_the_state_follows_from_the_dates(
    building: SimpleNamespace, posted: str | None, down: str | None, today: str, state: str
) -> None:
    poster = make(building)
    if posted:
        post(building, poster, posted)
    if down:
        record_take_down(poster=poster, taken_down_on=at(down).date(), by=building.people["collector"], at=at(today))
    poster.refresh_from_db()
    day = at(today).date()
    assert poster.state_on(day) == state
    assert poster_counts(day) == {each: int(each == state) for each in STATES}
    assert [each for each in STATES if Poster.objects.filter(in_state(each, day)).exists()] == [state]


def test_a_poster_may_hang_through_its_last_day() -> None:
    up = {"posted_on": date(2026, 9, 11), "take_down_on": UNTIL, "taken_down_on": None}
    assert (state_of(**up, today=UNTIL), state_of(**up, today=date(2026, 9, 25))) == ("posted", "overdue")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("请林秀英业主方便时办理。", ["林秀英"]),
        ("请林 秀 英业主方便时办理。", ["林秀英"]),
        ("3-1-0502 尚未缴纳。", ["3-1-0502"]),
        ("0502室尚未缴纳。", ["0502室"]),
        ("尚有 600.00 元待缴。", ["600.00 元"]),
        ("尚有￥600 待缴。", ["￥600"]),
        ("联系业主 13812345678。", ["13812345678"]),
        ("物业费标准为 2.50 元/平方米，3幢全体业主请在 2026-09-30 前办理，电话 0512-66660000。", []),
        (WORDS, []),
    ],
)
def test_nothing_of_one_household_may_hang_on_the_board(
    building: SimpleNamespace, words: str, found: list[str]
) -> None:
    assert list(personal_in(words, names=["林秀英"], rooms=["3-1-0502"])) == found
    if not found:
        assert make(building, words).words == words
        return
    with pytest.raises(PosterRefused) as no:
        make(building, words)
    assert (no.value.code, no.value.details["found"]) == ("PERSONAL_DATA", found)
    assert not Poster.objects.exists()


@pytest.mark.parametrize(
    "words", ["请立即缴费。", "逾期将收取违约金。", "拒缴的业主请注意。", "不缴费就停水。", "老赖名单"]
)
def test_an_unfriendly_or_forbidden_word_is_refused_with_the_finding(building: SimpleNamespace, words: str) -> None:
    with pytest.raises(PosterRefused) as no:
        make(building, words)
    assert (no.value.code, no.value.details["field"]) == ("WORDING", "words")
    assert no.value.details["findings"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"building": "9"}, "BUILDING_UNKNOWN"),
        ({"words": "  "}, "NO_WORDS"),
        ({"location": " "}, "NO_LOCATION"),
        ({"take_down_on": date(2026, 9, 9)}, "TAKE_DOWN_DATE"),
        ({"take_down_on": date(2027, 9, 9)}, "TAKE_DOWN_DATE"),
    ],
)
def test_what_is_missing_or_wrong_is_named(building: SimpleNamespace, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(PosterRefused) as no:
        make(building, **changes)
    assert no.value.code == code


def test_the_same_words_wait_only_once_for_a_building(building: SimpleNamespace) -> None:
    first = make(building)
    with pytest.raises(PosterRefused) as no:
        make(building)
    assert no.value.code == "ALREADY_WAITING"
    post(building, first)
    assert make(building).pk != first.pk


def test_the_pdf_names_the_building_and_nobody_and_stays_as_it_was_made(building: SimpleNamespace) -> None:
    poster = make(building)
    text = letter_text("poster", poster.template_version, poster.frozen)
    assert "华庭苑" in text
    assert "3幢" in text
    assert "0512-6666 0000" in text
    assert not [each for each in ("林秀英", "0502", "600", "1200") if each in text.replace("0512-6666 0000", "")]
    assert wording.check(text, wording.REMINDER) == ()
    pdf = poster_pdf(poster.template_version, poster.frozen)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        assert [round(float(side)) for side in opened.pages[0].mediabox[2:]] == [595, 842]
    Community.objects.update(name="改名苑")
    poster.refresh_from_db()
    assert poster_pdf(poster.template_version, poster.frozen) == pdf


def test_a_building_with_a_name_of_its_own_keeps_it() -> None:
    assert (building_words("3"), building_words("A座")) == ("3幢", "A座")


def test_a_posting_needs_its_photo_and_happens_once(building: SimpleNamespace) -> None:
    poster = make(building)
    with pytest.raises(PosterRefused) as no:
        post(building, poster, photo=None)
    assert no.value.code == "NO_PHOTO"
    with pytest.raises(PhotoRefused):
        post(building, poster, photo=BytesIO(b"no photo"))
    posted = post(building, poster)
    assert posted.photo is not None
    assert (posted.posted_by, posted.photo.mime) == (building.people["collector"], "image/jpeg")
    with pytest.raises(PosterRefused) as no:
        post(building, poster)
    assert no.value.code == "ALREADY_POSTED"


@pytest.mark.parametrize("day", ["2026-09-09", "2026-09-12", "2026-09-25"])
def test_it_is_put_up_after_its_making_and_not_in_the_future_nor_after_its_time(
    building: SimpleNamespace, day: str
) -> None:
    poster = make(building)
    now = "2026-09-26" if day == "2026-09-25" else "2026-09-11"
    with pytest.raises(PosterRefused) as no:
        post(building, poster, now, posted_on=at(day).date())
    assert no.value.code == "POSTED_DATE"


def test_it_is_taken_down_once_after_it_was_put_up(building: SimpleNamespace) -> None:
    poster, who = make(building), building.people["collector"]

    def down(day: str, now: str = "2026-09-20") -> str:
        try:
            record_take_down(poster=poster, taken_down_on=at(day).date(), by=who, at=at(now))
        except PosterRefused as no:
            return no.code
        return "down"

    assert down("2026-09-20") == "NOT_POSTED"
    post(building, poster)
    assert [down(day) for day in ("2026-09-10", "2026-09-21", "2026-09-20", "2026-09-20")] == [
        "DOWN_DATE",
        "DOWN_DATE",
        "down",
        "ALREADY_DOWN",
    ]


@pytest.fixture
def hung(office: SimpleNamespace) -> Poster:
    """A poster made and not yet put up, as of the real clock."""
    with office.open():
        settle_in()
        household()
        return make(office, take_down_on=office_today(), at=at(office_today().isoformat(), 0))


def test_from_the_page_it_is_made_put_up_by_phone_and_taken_down(office: SimpleNamespace, sign_in: Any) -> None:
    with office.open():
        settle_in()
        household()
        today, place = office_today(), f"{Community.objects.get().pk}|3"
    client = sign_in(office.people["supervisor"])
    assert WORDS.splitlines()[0] in client.get(reverse("collection:poster-new")).content.decode()
    asked = {"building": place, "location": LOCATION, "words": "林秀英请缴费", "take_down_on": today.isoformat()}
    refused = client.post(reverse("collection:poster-new"), asked)
    assert refused.status_code == 422
    assert "公告栏是公开场所" in refused.content.decode()
    made = client.post(reverse("collection:poster-new"), {**asked, "words": WORDS.replace("\n", "\r\n")})
    assert made.status_code == 302
    client = sign_in(office.people["collector"])
    board = client.get(reverse("collection:posters"), {"state": "waiting"}).content.decode()
    assert "华庭苑 3幢" in board
    assert "1 张待张贴" in board
    assert "温馨提示待张贴 1 张" in client.get(reverse("collection:today")).content.decode()
    assert client.get(made["Location"] + "pdf/").content.startswith(b"%PDF-")
    assert client.post(made["Location"] + "posting/", {"posted_on": today.isoformat()}).status_code == 422
    posted = client.post(made["Location"] + "posting/", {"posted_on": today.isoformat(), "photo": photo()})
    assert posted.status_code == 302
    assert client.get(made["Location"] + "photo/")["Content-Type"] == "image/jpeg"
    assert "登记取下" in client.get(made["Location"]).content.decode()
    down = client.post(made["Location"] + "take-down/", {"taken_down_on": today.isoformat()})
    assert down.status_code == 302
    assert "华庭苑 3幢" in client.get(reverse("collection:posters"), {"state": "down"}).content.decode()


@pytest.mark.parametrize(
    ("role", "reads", "makes", "posts"),
    [
        ("collector", True, False, True),
        ("supervisor", True, True, True),
        ("manager", True, True, True),
        ("finance", False, False, False),
        ("legal", False, False, False),
        ("admin", False, False, False),
    ],
)
def test_the_supervisor_makes_it_and_the_collector_puts_it_up(
    office: SimpleNamespace, sign_in: Any, hung: Poster, role: str, reads: bool, makes: bool, posts: bool
) -> None:
    client = sign_in(office.people[role])
    assert client.get("/posters/").status_code == (200 if reads else 403)
    assert client.get("/posters/new/").status_code == (200 if makes else 403)
    assert client.post(f"/posters/{hung.pk}/posting/").status_code == (422 if posts else 403)
    assert client.post(f"/posters/{hung.pk}/take-down/").status_code == (422 if posts else 403)
    assert client.get("/api/v1/posters/").status_code == (200 if reads else 403)
    assert client.post("/api/v1/posters/", {}).status_code == (400 if makes else 403)
    assert client.post(f"/api/v1/posters/{hung.pk}/posting/", {}).status_code == (400 if posts else 403)


def test_another_office_sees_none_of_it(other_office: SimpleNamespace, sign_in: Any, hung: Poster) -> None:
    client = sign_in(other_office.people["manager"])
    assert client.get("/api/v1/posters/").json()["count"] == 0
    assert "华庭苑" not in client.get("/posters/").content.decode()
    for door in ("", "pdf/", "photo/"):
        assert client.get(f"/posters/{hung.pk}/{door}").status_code == 404
    body = {"community": hung.community_id, "building": "3", "take_down_on": hung.take_down_on.isoformat()}
    assert client.post("/api/v1/posters/", body, content_type="application/json").status_code == 404


def test_by_the_api_it_is_made_put_up_and_taken_down(office: SimpleNamespace, sign_in: Any, hung: Poster) -> None:
    client, day = sign_in(office.people["supervisor"]), hung.take_down_on.isoformat()
    body = {"community": hung.community_id, "building": "3", "take_down_on": day}
    again = client.post("/api/v1/posters/", body, content_type="application/json")
    assert again.status_code == 409
    made = client.post("/api/v1/posters/", {**body, "words": "欢迎与我们联系。"}, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    address = f"/api/v1/posters/{made.json()['id']}/"
    assert client.get(address + "pdf/").content.startswith(b"%PDF-")
    posted = client.post(address + "posting/", {"posted_on": day, "photo": photo()})
    assert (posted.status_code, posted.json()["state"]) == (200, "posted")
    down = client.post(address + "take-down/", {"taken_down_on": day}, content_type="application/json")
    assert (down.status_code, down.json()["state"]) == (200, "down")
    assert client.get("/api/v1/posters/", {"state": "waiting"}).json()["count"] == 1
