"""The wall between offices: managers that raise, and PostgreSQL behind them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from offices.models import Community, OfficeSettings
from offices.scoping import OfficeSwitch, OutsideOffice, current_office_id_or_none, office_scope


def test_the_suite_runs_as_the_application_role_under_row_level_security(inside: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, row_security_active('offices_community')")
        role, active = cursor.fetchone()
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        assert (role, active, cursor.fetchone()[0]) == (role, True, False)
        cursor.execute("select tableowner from pg_tables where tablename = 'offices_community'")
        assert cursor.fetchone()[0] != role


@pytest.mark.parametrize(
    "ask",
    [
        lambda: list(Community.objects.all()),
        lambda: Community.objects.count(),
        lambda: Community.objects.exists(),
        lambda: Community.objects.create(name="x"),
        lambda: Community.objects.bulk_create([Community(name="x")]),
        lambda: Community._base_manager.first(),
        lambda: Community(name="x").save(),
    ],
    ids=["list", "count", "exists", "create", "bulk_create", "base_manager", "save"],
)
def test_outside_an_office_every_manager_raises(office: Any, ask: Any) -> None:
    with pytest.raises(OutsideOffice):
        ask()


def test_outside_an_office_raw_sql_is_an_error_and_not_an_empty_page(office: Any) -> None:
    with office.open():
        Community.objects.create(name="华庭苑")  # PostgreSQL asks the policy only where there is a row to judge
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select * from offices_community")


def test_two_offices_with_the_same_community_never_meet(office: Any, other_office: Any) -> None:
    with office.open():
        mine = Community.objects.create(name="华庭苑")
    with other_office.open():
        Community.objects.create(name="华庭苑")
        assert Community.objects.filter(pk=mine.pk).first() is None
        assert Community.objects.filter(pk=mine.pk).update(name="x") == 0
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from offices_community")
            assert cursor.fetchone()[0] == 1, "row-level security hides the rest even from raw SQL"
            cursor.execute("update offices_community set name = 'x' where id = %s", [mine.pk])
            assert cursor.rowcount == 0


def test_a_row_of_another_office_cannot_be_stored(office: Any, other_office: Any) -> None:
    with office.open():
        with pytest.raises(OfficeSwitch):
            Community(name="x", office_id=other_office.id).save()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into offices_community (office_id, name, province, city, address, position) values (%s,'x','','','',0)",
                [other_office.id],
            )


def test_a_reference_into_another_office_is_impossible_in_the_database(office: Any, other_office: Any) -> None:
    from billing.models import Room

    with other_office.open():
        foreign = Community.objects.create(name="翠湖雅苑")
    with office.open(), pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(community_id=foreign.pk, building="1", number="101", sort_key="1")


def test_an_office_inside_another_is_refused_and_the_scope_closes_behind_an_error(
    office: Any, other_office: Any
) -> None:
    with office.open():
        with pytest.raises(OfficeSwitch), other_office.open():
            pass
        assert Community.objects.count() == 0
    with pytest.raises(ZeroDivisionError), office.open():
        raise ZeroDivisionError
    assert current_office_id_or_none() is None


def test_one_settings_row_per_office(inside: Any) -> None:
    OfficeSettings.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeSettings.objects.create()


@pytest.mark.django_db(transaction=True)
def test_the_office_does_not_outlive_its_transaction() -> None:
    from tests.conftest import make_office

    office = make_office("solo", "独立物业")
    with office_scope(office.id):
        Community.objects.create(name="华庭苑")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("select count(*) from offices_community")
