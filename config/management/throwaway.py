"""A database that lives as long as one measurement or proof, and an office in it: nothing of the real data is touched."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from config.run.roles import prepare_database
from offices.models import Office
from offices.operations.offices import open_office


@contextmanager
def throwaway_office(purpose: str, *, at: datetime) -> Iterator[Office]:
    """An empty office in a migrated database of its own; both are gone afterwards, also what a killed run left.

    Django's connections and FILES_DIR point there meanwhile; `child_environment` says the same to other processes.
    Raises CommandError when the schema's owner may not create databases.
    """
    name, given = f"throwaway_{purpose}_{os.getpid()}", settings.FILES_DIR
    _recreate(name, purpose)
    try:
        _point_at(name)
        app_role = settings.DATABASES["default"]["USER"]
        with connections["owner"].cursor() as cursor:
            prepare_database(cursor.cursor, app=app_role)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections["owner"].close()
        with tempfile.TemporaryDirectory() as files:
            settings.FILES_DIR = Path(files)
            yield open_office(slug=purpose, name="测速物业服务有限公司", short_name="测速物业", by=None, at=at)
    finally:
        settings.FILES_DIR = given
        connections.close_all()
        with _owner() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')  # waits for sessions that are just ending


def child_environment() -> dict[str, str]:
    """The environment in which another process of the house works on the same throw-away database, without its owner."""
    name, url = connections["default"].settings_dict["NAME"], os.environ["DATABASE_URL"]
    found = {**os.environ, "DATABASE_URL": re.sub(r"/[^/?@]+(\?.*)?$", rf"/{quote(name)}\1", url)}
    found.pop("DATABASE_OWNER_URL", None)
    return found | {"FILES_DIR": str(settings.FILES_DIR)}


def _recreate(name: str, purpose: str) -> None:
    """Make the database, and drop those of runs that were killed: whoever made them is no process any more."""
    with _owner() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'throwaway\\_%%'")
        for (found,) in cursor.fetchall():
            if not Path(f"/proc/{found.rpartition('_')[2]}").exists():
                with suppress(psycopg2.errors.InsufficientPrivilege):  # autovacuum is at work in it: next time
                    cursor.execute(f'DROP DATABASE IF EXISTS "{found}"')
        try:
            cursor.execute(f'CREATE DATABASE "{name}"')
        except psycopg2.errors.InsufficientPrivilege as error:
            raise CommandError(
                f"{settings.DATABASES['owner']['USER']} may not create databases, and {purpose} needs one of its own. "
                "Run it on the servers that bin/manage starts itself (DATABASE_URL not set), or grant CREATEDB."
            ) from error


def _point_at(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@contextmanager
def _owner() -> Iterator[Any]:
    """A cursor of the schema's owner outside any transaction, in the house's own database."""
    if "owner" not in settings.DATABASES:
        raise CommandError("DATABASE_OWNER_URL is not set; use bin/manage, which sets it.")
    owner = settings.DATABASES["owner"]
    connection = psycopg2.connect(
        dbname=_HOME, user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"]
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


_HOME = settings.DATABASES["default"]["NAME"]
