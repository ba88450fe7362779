"""Every wall stands in the migrated database, and the gate would notice if one did not."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction

from config.postgresql.gate import TABLES_WITHOUT_OFFICE, findings

APP = settings.DATABASES["default"]["USER"]
STANDARD = "office_id = (SELECT current_setting('app.office')::bigint)"
GOOD_TABLE = f"""
    CREATE TABLE extra (id bigint, office_id bigint NOT NULL REFERENCES offices_office, room text, PRIMARY KEY (office_id, id));
    ALTER TABLE extra ENABLE ROW LEVEL SECURITY; ALTER TABLE extra FORCE ROW LEVEL SECURITY;
    CREATE POLICY office ON extra USING ({STANDARD}) WITH CHECK ({STANDARD});
"""

# What somebody might do in a hurry, and the words by which the gate finds it.
FAULTS = {
    "table-without-office": ("CREATE TABLE hasty (id bigint PRIMARY KEY)", "hasty: has no office_id"),
    "walls-off": ("ALTER TABLE extra DISABLE ROW LEVEL SECURITY", "extra: row-level security is off"),
    "not-forced": ("ALTER TABLE extra NO FORCE ROW LEVEL SECURITY", "extra: row-level security is not forced"),
    "no-policy": ("DROP POLICY office ON extra", "extra: has no policy"),
    "second-policy-lets-all-through": ("CREATE POLICY open_day ON extra USING (true)", "odd policy open_day"),
    "unset-office-is-an-empty-page": (
        "ALTER POLICY office ON extra USING (office_id = nullif(current_setting('app.office', true), '')::bigint)",
        "extra: odd policy office",
    ),
    "writes-are-not-checked": (
        f"DROP POLICY office ON extra; CREATE POLICY office ON extra FOR SELECT USING ({STANDARD})",
        "extra: odd policy office",
    ),
    "office-may-be-missing": (
        "ALTER TABLE extra DROP CONSTRAINT extra_pkey; ALTER TABLE extra ALTER office_id DROP NOT NULL",
        "extra: office_id may be null",
    ),
    "unique-across-offices": (
        "CREATE UNIQUE INDEX one_room ON extra (room)",
        "extra: unique without office_id: one_room",
    ),
    "exclusion-across-offices": (
        "ALTER TABLE extra ADD CONSTRAINT one_range EXCLUDE USING gist (room WITH =)",
        "extra: exclusion without office_id: one_range",
    ),
    "reference-without-office": (
        "CREATE UNIQUE INDEX extra_id ON extra (id);"
        "CREATE TABLE child (id bigint, office_id bigint NOT NULL, extra_id bigint REFERENCES extra (id), PRIMARY KEY (office_id, id))",
        "child: reference into an office table without office_id",
    ),
    "office-paired-with-another-column": (
        "ALTER TABLE extra ADD other_office bigint; CREATE UNIQUE INDEX extra_swapped ON extra (other_office, office_id, id);"
        "CREATE TABLE child (id bigint, office_id bigint NOT NULL, b bigint, PRIMARY KEY (office_id, id),"
        " FOREIGN KEY (office_id, b, id) REFERENCES extra (other_office, office_id, id))",
        "child: reference into an office table without office_id",
    ),
    "view-of-the-owner": (
        "CREATE VIEW everything AS SELECT * FROM extra",
        "everything: a view without security_invoker",
    ),
    "readable-materialised-view": (
        f"SET LOCAL app.office = '1'; CREATE MATERIALIZED VIEW copies AS SELECT id FROM extra; GRANT SELECT ON copies TO {APP}",
        "copies: a materialised view",
    ),
    "function-with-the-owners-rights": (
        "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM extra'",
        "peek: a SECURITY DEFINER function",
    ),
    "grant-all": (f"GRANT ALL ON extra TO {APP}", "extra: the application may truncate"),
    "application-may-create": (f"GRANT CREATE ON SCHEMA public TO {APP}", "schema public: the application may create"),
}


@pytest.fixture
def as_owner(db: Any) -> Any:
    """A cursor of the schema's owner whose changes are undone."""
    owner = connections["owner"]
    with transaction.atomic(using="owner"):
        with owner.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True, using="owner")


pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_every_wall_stands(as_owner: Any) -> None:
    assert findings(as_owner, app_role=APP) == []


def test_a_table_built_by_the_rules_passes(as_owner: Any) -> None:
    as_owner.execute(GOOD_TABLE)
    assert findings(as_owner, app_role=APP) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_finds(fault: str, as_owner: Any) -> None:
    sql, words = FAULTS[fault]
    as_owner.execute(GOOD_TABLE)
    as_owner.execute(sql)
    assert any(words in finding for finding in findings(as_owner, app_role=APP)), findings(as_owner, app_role=APP)


def test_the_list_of_tables_without_office_names_only_tables_that_exist(as_owner: Any) -> None:
    as_owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {name for (name,) in as_owner.fetchall()} >= TABLES_WITHOUT_OFFICE


def test_the_application_role_is_the_one_that_works(db: Any) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (APP, False, False, False)
