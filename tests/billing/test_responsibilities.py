"""Who looks after which building: chosen on a page, only among the office's own people and buildings."""

from __future__ import annotations

import pytest
from django.urls import reverse

from billing.models import Responsibility
from billing.operations.responsibilities import ResponsibilityRefused, assign_building
from billing.queries.responsibilities import buildings_and_people
from tests.conftest import at
from tests.factories.books import Books

NOW = at("2024-12-01")


def test_a_building_is_given_passed_on_and_taken_away(inside, office):
    books = Books()
    books.account()
    one, two = office.people["collector"], office.people["supervisor"]
    for user in (one, two, None):
        assign_building(community=books.community, building="1", user=user, by=office.people["manager"], at=NOW)
        assert [each.user_id for each in buildings_and_people()] == [user.pk if user else None]


@pytest.mark.parametrize("fault", ["building", "stranger"])
def test_other_buildings_and_strangers_are_refused(inside, office, other_office, fault):
    books = Books()
    books.account()
    user = other_office.people["collector"] if fault == "stranger" else office.people["collector"]
    building = "7" if fault == "building" else "1"
    with pytest.raises(ResponsibilityRefused):
        assign_building(community=books.community, building=building, user=user, by=None, at=NOW)
    assert not Responsibility.objects.exists()


def test_the_page_is_for_those_who_assign(client, office, other_office):
    with office.open():
        books = Books()
        books.account()
    address = reverse("billing:responsibilities")
    asked = {"community": books.community.pk, "building": "1", "user": office.people["collector"].pk}
    client.force_login(office.people["collector"])
    assert client.post(address, asked).status_code == 403
    client.force_login(other_office.people["manager"])
    assert client.post(address, asked).status_code == 404
    client.force_login(office.people["manager"])
    assert "1 栋" in client.get(address).content.decode()
    client.post(address, asked)
    with office.open():
        assert Responsibility.objects.get().user == office.people["collector"]
