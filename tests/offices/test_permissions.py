"""The table of rights, and that every door reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from offices.models import ApiToken
from offices.operations.offices import issue_token, revoke_token
from offices.permissions import FIRST_PAGE, NAVIGATION, TABLE, Needs, Role, holds
from tests.conftest import at

# Doors without a verb, each with its reason.
PUBLIC = {
    "alive": "health check of the supervisor",
    "schema": "the API's description holds no data",
    "set_language": "changes only a cookie",
    "offices:login": "that is where one signs in",
    "offices:logout": "anyone may leave",
    "offices:home": "only redirects to the first page of one's role",
    "offices:none": "tells a person without an office what to do",
    "offices:switch": "changes between one's own memberships",
    "offices:locked": "says that sign-in is paused",
    "collection:receipts": "providers call it; each call proves itself by its signature",
    "collection:receipts-by-token": "providers call it; the secret stands in the address",
}
MEMBER = {"offices:me", "offices:job", "api:me"}


def routes(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """(address, full name, view) of every door of the house."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            name = entry.namespace or ""
            yield from routes(entry, prefix + str(entry.pattern), f"{space}{name}:" if name else space)
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), f"{space}{entry.name or ''}", entry.callback


def _guards(view: Any) -> bool:
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if hasattr(view, "verb"):
        return True
    if cls is None:
        return False
    permissions = getattr(cls, "permission_classes", [])
    actions = getattr(view, "initkwargs", {}).get("permission_classes", permissions)
    return any(isinstance(p, type) and issubclass(p, Needs) for p in actions) or hasattr(cls.dispatch, "verb")


def test_every_door_names_the_right_it_needs() -> None:
    open_doors = [
        (address, name)
        for address, name, view in routes()
        if name not in PUBLIC and name not in MEMBER and not _guards(view)
    ]
    assert open_doors == []


def test_every_role_has_a_first_page_it_may_open() -> None:
    by_view = {item.view: item.verb for _title, items in NAVIGATION for item in items}
    assert set(FIRST_PAGE) == set(Role)
    for role, view in FIRST_PAGE.items():
        assert holds(role, by_view[view]), (role, view)


@pytest.mark.parametrize(
    ("verb", "holders"),
    [
        ("notice.approve", {"supervisor", "manager"}),
        ("notice.approve_final", {"manager"}),
        ("payment.record", {"finance"}),
        ("reduction.propose", {"finance"}),
        ("reduction.approve", {"manager"}),
        ("import.signoff", {"supervisor"}),
        ("people.manage", {"admin"}),
    ],
)
def test_decision_5_who_may_do_what(verb: str, holders: set[str]) -> None:
    assert {str(role) for role in TABLE[verb]} == holders


def test_the_lawyer_reads_everything_and_changes_nothing() -> None:
    changing = {verb for verb in TABLE if verb.split(".")[1] not in {"read", "export", "print"}}
    assert not [verb for verb in changing if holds(Role.LEGAL, verb)]


@pytest.mark.parametrize(
    "address", sorted({re.sub(r"[\^$]", "", a) for a, n, _v in routes() if n not in PUBLIC and "<" not in a})
)
def test_a_stranger_sees_nothing(client: Any, db: Any, address: str) -> None:
    answer = client.get("/" + address)
    assert answer.status_code in {302, 401, 403, 405}, (address, answer.status_code)
    if answer.status_code == 302:
        assert "/login" in answer["Location"]


class TestTokens:
    """API keys: one user, one office, shown once."""

    def test_a_token_speaks_for_its_user_in_its_office(self, client: Any, office: Any) -> None:
        with office.open():
            _row, secret = issue_token(
                user=office.people["finance"], label="ERP", by=office.people["admin"], at=at("2026-09-01")
            )
        answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
        assert (answer.status_code, answer.json()["role"]) == (200, "finance")
        with office.open():
            assert secret not in str(ApiToken.objects.values_list().first())

    def test_a_revoked_or_forged_token_is_refused_aloud(self, client: Any, office: Any, other_office: Any) -> None:
        with office.open():
            row, secret = issue_token(
                user=office.people["finance"], label="ERP", by=office.people["admin"], at=at("2026-09-01")
            )
            revoke_token(token=row, by=office.people["admin"], at=at("2026-09-02"))
        forged = secret.replace(f"sjt_{office.id}_", f"sjt_{other_office.id}_")
        for each in (secret, forged, "sjt_x_y", "sjt_999999_abc"):
            assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {each}"}).status_code == 401

    def test_a_member_who_was_put_out_takes_the_token_along(self, client: Any, office: Any) -> None:
        from offices.operations.offices import set_member

        with office.open():
            _row, secret = issue_token(
                user=office.people["finance"], label="ERP", by=office.people["admin"], at=at("2026-09-01")
            )
            set_member(
                user=office.people["finance"],
                role="finance",
                is_active=False,
                by=office.people["admin"],
                at=at("2026-09-02"),
            )
        assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
