"""Statements that a session plans once: the plan is shared by offices, the rows never are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from offices.models import Community
from offices.scoping.plans import prepared

NAMES = "SELECT name FROM offices_community WHERE office_id = %(office)s AND name LIKE '%%苑' ORDER BY name"


def names(office: Any, **options: Any) -> list[str]:
    """What the kept statement finds in the open office."""
    with connection.cursor() as cursor:
        return [name for (name,) in prepared(cursor, NAMES, {"office": office.id}, **options)]


def known() -> int:
    """How many statements the session knows by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'kept_%'")
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def estates(office: Any, other_office: Any) -> None:
    """Each office has an estate of its own, and the session knows no statement yet."""
    for each, name in ((office, "华庭苑"), (other_office, "翠湖雅苑")):
        with each.open():
            Community.objects.create(name=name)
    forget()


def forget() -> None:
    """What a new connection, a pooler or DISCARD ALL leaves of a session, before a transaction begins in it."""
    deallocate()
    session: Any = connection
    session.kept_plans = None


def deallocate() -> None:
    """The session forgets in the midst of a transaction, and nobody is told."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def test_offices_share_a_plan_and_see_their_own_rows_on_one_connection(office: Any, other_office: Any) -> None:
    for _turn in range(8):
        with office.open():
            assert names(office) == ["华庭苑"]
        with other_office.open():
            assert names(other_office) == ["翠湖雅苑"]
    assert known() == 1


def test_a_kept_plan_does_not_open_the_wall(office: Any, other_office: Any) -> None:
    with office.open():
        assert names(office) == ["华庭苑"]
        assert names(other_office) == [], "asked with a stranger's number"


def test_each_way_of_planning_is_a_plan_of_its_own(office: Any) -> None:
    with office.open():
        assert names(office) == names(office, by_hash=True) == ["华庭苑"]
        assert known() == 2
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_nestloop")
            assert cursor.fetchone()[0] == "on", "for the statements after it"


def test_a_session_that_forgot_the_statement_is_told_again(office: Any) -> None:
    with office.open():
        names(office)
        forget()
        assert names(office) == ["华庭苑"]


def test_after_an_error_the_session_is_asked_again(office: Any) -> None:
    with office.open(), connection.cursor() as cursor:
        names(office)
        deallocate()
        with pytest.raises(DatabaseError), transaction.atomic():
            names(office)
        assert names(office) == ["华庭苑"]
        with pytest.raises(DatabaseError), transaction.atomic():
            prepared(cursor, "SELECT 1 / %(none)s::int", {"none": 0})
        with pytest.raises(DatabaseError, match="zero"), transaction.atomic():
            prepared(cursor, "SELECT 1 / %(none)s::int", {"none": 0})


def test_a_statement_first_met_in_work_that_is_undone_is_found_afterwards(office: Any) -> None:
    with office.open():
        with transaction.atomic():
            names(office)
            transaction.set_rollback(True)
        assert (names(office), known()) == (["华庭苑"], 1)


def test_it_writes_and_counts(office: Any) -> None:
    rename = "UPDATE offices_community SET address = %(address)s WHERE office_id = %(office)s"
    with office.open(), connection.cursor() as cursor:
        assert (
            prepared(cursor, rename, {"office": office.id, "address": "滨江路 1 号", "more": "facts than places"}) == []
        )
        assert cursor.rowcount == 1
