"""The two database roles, and what each may do (reliability C1.1).

`owner` owns the schema and runs migrations; `app` is what the product connects as: no superuser, no way around row-level
security, no TRUNCATE, REFERENCES or TRIGGER. `bin/manage bootstrap_database` does the same on a server of yours.
"""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from config.run.places import CannotRun

OWNER, APP, DATABASE = "shoujiaotai_owner", "shoujiaotai_app", "shoujiaotai"
EXTENSIONS = ("btree_gist", "pg_trgm")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role could do that the application must not be able to, or that set-up needs."""

    name: str
    is_superuser: bool
    bypasses_walls: bool
    makes_roles: bool


def rights_of(cursor: Any) -> Rights:
    """The rights of the connected role."""
    cursor.execute("select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user")
    return Rights(*cursor.fetchone())


def refuse_mighty_application(rights: Rights) -> None:
    """Row-level security does not bind a superuser: with such an application role the walls would be paint."""
    if rights.is_superuser or rights.bypasses_walls:
        raise CannotRun(
            f"DATABASE_URL connects as {rights.name}, which row-level security does not bind. "
            "Give it an ordinary role and put the schema's owner into DATABASE_OWNER_URL (docs/operations.md)."
        )


def make_role(cursor: Any, name: str, *, password: str | None, creates_databases: bool) -> None:
    """Create one ordinary login role, or set the password of one that is there (its rights are checked, not changed)."""
    cursor.execute("select 1 from pg_roles where rolname = %s", (name,))
    if cursor.fetchone():
        if password is not None:
            cursor.execute(
                sql.SQL("alter role {} login password {}").format(sql.Identifier(name), sql.Literal(password))
            )
        return
    cursor.execute(
        sql.SQL("create role {} login nosuperuser nobypassrls nocreaterole {} password {}").format(
            sql.Identifier(name), sql.SQL("createdb" if creates_databases else "nocreatedb"), sql.Literal(password)
        )
    )


def prepare_database(cursor: Any, *, app: str, owner: str | None = None) -> None:
    """Extensions, and default privileges: whatever the owner creates from now on, the application may read and write.

    Run in the database itself, as the owner or someone who may act for it. `owner` None means the connected role.
    Never GRANT ALL: it would include TRUNCATE, REFERENCES and TRIGGER. Tables that stand already are left as they are: a
    migration may have taken rights on them back.
    """
    for extension in EXTENSIONS:
        cursor.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
    whose = sql.SQL("for role {}").format(sql.Identifier(owner)) if owner else sql.SQL("")
    to = sql.Identifier(app)
    cursor.execute(sql.SQL("grant usage on schema public to {}").format(to))
    for what, rights in (("tables", "select, insert, update, delete"), ("sequences", "usage, select")):
        cursor.execute(
            sql.SQL("alter default privileges {} in schema public grant {} on {} to {}").format(
                whose, sql.SQL(rights), sql.SQL(what), to
            )
        )


def make_database(cursor: Any, name: str, owner: str) -> bool:
    """Create the database if it is not there. Returns whether it is new."""
    cursor.execute("select 1 from pg_database where datname = %s", (name,))
    if cursor.fetchone():
        return False
    cursor.execute(
        sql.SQL(
            "create database {} owner {} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
        ).format(sql.Identifier(name), sql.Identifier(owner))
    )
    return True
