"""Saved views of the arrears list: one's own, shared in the office, never another office's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arrears.models import SavedView
from arrears.operations.views import ViewRefused, delete_view, save_view
from arrears.queries import ArrearsFilters, arrears_list, saved_views
from arrears.rules.position import AccountFacts
from billing.models import Account, Responsibility
from tests.conftest import at
from tests.factories.books import Books, quarter

NOW = at("2024-12-01")
ON = date(2024, 12, 1)


def test_a_view_keeps_the_filters_and_neither_day_nor_page(inside, office):
    asked = {"building": "3", "sort": "-days", "on": "2024-06-30", "page": "4", "strange": "1"}
    view = save_view(name=" 我的 3 号楼 ", filters=asked, is_shared=False, by=office.people["collector"], at=NOW)
    assert (view.name, view.query) == ("我的 3 号楼", "building=3&sort=-days")


def test_the_same_name_again_replaces_the_filters(inside, office):
    for tier in ("slight", "severe"):
        save_view(name="重点", filters={"tier": tier}, is_shared=False, by=office.people["collector"], at=NOW)
    assert [view.query for view in saved_views(office.people["collector"])] == ["tier=severe"]


def test_colleagues_see_what_is_shared_and_only_its_owner_throws_it_away(inside, office):
    mine, colleague = office.people["collector"], office.people["manager"]
    shared = save_view(name="共享", filters={"tier": "severe"}, is_shared=True, by=mine, at=NOW)
    save_view(name="私人", filters={}, is_shared=False, by=mine, at=NOW)
    assert [view.name for view in saved_views(colleague)] == ["共享"]
    with pytest.raises(ViewRefused, match="只能由本人删除"):
        delete_view(view=shared, by=colleague)
    delete_view(view=shared, by=mine)
    assert saved_views(colleague) == []


def test_a_view_needs_a_name(inside, office):
    with pytest.raises(ViewRefused, match="没有名称"):
        save_view(name="  ", filters={}, is_shared=False, by=office.people["collector"], at=NOW)


def test_a_view_is_saved_from_the_page_and_opened_from_it(client, office, other_office):
    client.force_login(office.people["collector"])
    answer = client.post(reverse("arrears:view-save") + "?building=1&page=2", {"name": "一号楼"})
    assert answer.url == reverse("arrears:list") + "?building=1"
    assert "一号楼" in client.get(reverse("arrears:list")).content.decode()
    with office.open():
        view = SavedView.objects.get()
    client.force_login(other_office.people["collector"])
    assert client.post(reverse("arrears:view-delete", args=[view.pk])).status_code == 404
    client.force_login(office.people["collector"])
    client.post(reverse("arrears:view-delete", args=[view.pk]))
    with office.open():
        assert not SavedView.objects.exists()


def test_the_list_of_one_persons_buildings(inside, office):
    books, person = Books(), office.people["collector"]
    mine, _other = (books.enter(AccountFacts(0, (quarter(1),))).account_id for _ in range(2))
    room = Account.objects.get(pk=mine).room
    room.building = "9"
    room.save()
    Responsibility.objects.create(community=books.community, building="9", user=person)
    found = arrears_list(ON, ArrearsFilters(person=person.pk))
    assert [row.account_id for row in found.rows] == [mine]


def test_sorted_by_limitation_what_runs_out_first_comes_first(inside):
    books = Books()
    late, early = (books.enter(AccountFacts(0, (quarter(n),))).account_id for n in (3, 1))
    found = arrears_list(ON, ArrearsFilters(sort="limitation"), page=1)
    assert [row.account_id for row in found.shown] == [early, late]
    assert [row.limitation_until for row in found.shown] == [date(2027, 3, 31), date(2027, 9, 30)]


def test_totals_are_over_all_rows_and_the_statements_do_not_grow(inside):
    books, counts = Books(), []
    for more in (3, 60):
        for _ in range(more):
            books.enter(AccountFacts(0, (quarter(1),)))
        with CaptureQueriesContext(connection) as statements:
            found = arrears_list(ON, page=1)
        counts.append(len(statements))
    assert (len(found.shown), found.totals.accounts, found.totals.arrears) == (50, 63, D("37800.00"))
    assert max(counts) <= 11  # one asks what the session keeps planned, which BEGIN does else
