"""更正函 through the API: the page's operations, refusals, permissions and traces (S10, invariant 40)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from collection.models import Correction, Notice
from offices.models import SecurityEvent
from tests.collection.cast import household, rendered, served, settle_in

ADDRESS = "/api/v1/corrections/"
SAID = {"reason": "面积有误", "right": "900.00"}


@pytest.fixture
def letter(office: Any) -> Notice:
    """A formal notice over 1,200.00, served by hand."""
    with office.open():
        settle_in()
        return served(office, household())


def post(browser: Any, address: str, body: dict[str, Any] | None = None) -> Any:
    return browser.post(address, body or {}, content_type="application/json")


@pytest.fixture
def proposed(office: Any, letter: Notice, sign_in: Any) -> str:
    """The address of a correction that the supervisor proposed."""
    made = post(sign_in(office.people["supervisor"]), ADDRESS, {"notice": letter.pk, **SAID})
    assert made.status_code == 201
    return f"{ADDRESS}{made.json()['id']}/"


def test_from_found_wrong_to_sent(office: Any, letter: Notice, proposed: str, sign_in: Any) -> None:
    browser = sign_in(office.people["manager"])
    found = browser.get(ADDRESS, {"state": "proposed", "notice": letter.pk}).json()["results"]
    assert [(row["notice_number"], row["wrong_amount"], row["right_amount"]) for row in found] == [
        (letter.number, "1200.00", "900.00")
    ]
    approved = post(browser, proposed + "approve/")
    assert (approved.status_code, approved.json()["state"], approved.json()["number"][:5]) == (
        200,
        "issued",
        "华物催更〔",
    )
    assert browser.get(proposed + "pdf/").content.startswith(b"%PDF-")
    browser = sign_in(office.people["collector"])
    sent = post(browser, proposed + "sent/", {"method": "hand_delivery", "sent_on": f"{timezone.localdate()}"})
    assert (sent.status_code, sent.json()["state"], bool(sent.json()["pdf_sha256"])) == (200, "sent", True)
    with office.open():
        row = Correction.objects.get()
        assert [step.state for step in row.history.order_by("history_id")] == ["proposed", "issued", "sent"]
        assert [str(step.history_user) for step in row.history.order_by("history_id")][1:] == [
            str(office.people["manager"]), str(office.people["collector"]),
        ]  # fmt: skip
        opened = SecurityEvent.objects.get(kind="notice_opened", subject=row.number)
        assert opened.by == office.people["manager"]


@pytest.mark.parametrize(
    ("who", "door", "body", "code"),
    [
        pytest.param("supervisor", "approve/", {}, "TWO_PERSONS", id="the-proposer-approves"),
        pytest.param("manager", "pdf/", None, "NOT_ISSUED", id="drawn-only-when-approved"),
        pytest.param(
            "collector",
            "sent/",
            {"method": "hand_delivery", "sent_on": "2026-09-21"},
            "NOT_ISSUED",
            id="not-approved-yet",
        ),
        pytest.param("manager", "", "again", "ALREADY", id="one-per-letter"),
    ],
)
def test_it_refuses_what_the_page_refuses(
    office: Any, letter: Notice, proposed: str, sign_in: Any, who: str, door: str, body: Any, code: str
) -> None:
    browser = sign_in(office.people[who])
    if body == "again":
        answer = post(browser, ADDRESS, {"notice": letter.pk, **SAID})
    else:
        answer = browser.get(proposed + door) if body is None else post(browser, proposed + door, body)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"reason": ""}, 400, id="no-reason"),
        pytest.param({"right": "-1"}, 400, id="below-zero"),
        pytest.param({"right": "1200.00"}, 409, id="nothing-wrong"),
        pytest.param({"notice": 987_654_321}, 404, id="no-such-letter"),
    ],
)
def test_what_a_proposal_needs(office: Any, letter: Notice, sign_in: Any, change: dict[str, Any], status: int) -> None:
    browser = sign_in(office.people["manager"])
    assert post(browser, ADDRESS, {"notice": letter.pk, **SAID, **change}).status_code == status
    with office.open():
        assert not Correction.objects.exists()


def test_a_letter_still_in_the_house_is_replaced_not_corrected(office: Any, sign_in: Any) -> None:
    with office.open():
        settle_in()
        notice = rendered(office, household())
    answer = post(sign_in(office.people["manager"]), ADDRESS, {"notice": notice.pk, **SAID})
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_OUT")


def test_a_letter_that_was_right_after_all(office: Any, proposed: str, sign_in: Any) -> None:
    browser = sign_in(office.people["manager"])
    assert post(browser, proposed + "drop/", {"reason": ""}).status_code == 400
    dropped = post(browser, proposed + "drop/", {"reason": "红冲属另一账期"})
    assert (dropped.status_code, dropped.json()["state"], dropped.json()["note"]) == (200, "dropped", "红冲属另一账期")
    assert post(browser, proposed + "approve/").json()["code"] == "NOT_PROPOSED"


@pytest.mark.parametrize(
    ("role", "reads", "decides", "sends"),
    [
        ("collector", True, False, True),
        ("supervisor", True, True, True),
        ("manager", True, True, True),
        ("legal", True, False, False),
        ("finance", False, False, False),
        ("admin", False, False, False),
    ],
)
def test_the_doors_are_those_of_the_page(
    office: Any, proposed: str, sign_in: Any, role: str, reads: bool, decides: bool, sends: bool
) -> None:
    browser, page = sign_in(office.people[role]), proposed.removeprefix("/api/v1")
    for door in (ADDRESS, proposed, "/corrections/", page):
        assert browser.get(door).status_code == (200 if reads else 403)
    assert post(browser, ADDRESS).status_code == (400 if decides else 403)
    assert post(browser, proposed + "drop/").status_code == (400 if decides else 403)
    assert post(browser, proposed + "sent/").status_code == (400 if sends else 403)
    assert post(browser, page + "drop/").status_code == (422 if decides else 403)
    assert post(browser, page + "sent/").status_code == (302 if sends else 403)  # not approved yet: back to the page
    assert (post(browser, proposed + "approve/").status_code == 403) is not decides


def test_another_office_sees_none_of_it(other_office: Any, letter: Notice, proposed: str, sign_in: Any) -> None:
    browser = sign_in(other_office.people["manager"])
    assert browser.get(ADDRESS).json()["count"] == 0
    assert browser.get(proposed).status_code == browser.get(proposed + "pdf/").status_code == 404
    for door in ("approve/", "drop/", "sent/"):
        assert post(browser, proposed + door, {"reason": "x"}).status_code == 404
    assert post(browser, ADDRESS, {"notice": letter.pk, **SAID}).status_code == 404
