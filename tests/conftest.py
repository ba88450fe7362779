"""Fixtures of the whole suite. Tests run as the application role, so row-level security is on in every one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg2.errors import DeadlockDetected, InsufficientPrivilege

from config.run.provider import running
from config.run.roles import prepare_database

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str, hour: int = 10, minute: int = 0) -> datetime:
    """An instant in Shanghai: `at("2026-09-01")` is ten o'clock that day."""
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=SHANGHAI)


@contextmanager
def maintenance(database: str = "postgres") -> Iterator[Any]:
    """A cursor of the schema's owner; each statement is its own transaction."""
    owner = settings.DATABASES["owner"]
    connection = psycopg2.connect(
        dbname=database, user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"]
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _empty_as_owner(self: Any) -> None:
    """Empty all tables after a test with real commits; the application role may not TRUNCATE.

    A page may still be asking for a part of itself when its test ends; where the two meet, the database ends one of them.
    """
    with maintenance(settings.DATABASES["owner"]["NAME"]) as cursor:
        cursor.execute(
            "select string_agg(format('%I', tablename), ', ') from pg_tables where schemaname = 'public' "
            "and tablename not in ('django_migrations', 'django_content_type', 'auth_permission')"
        )
        emptied = f"TRUNCATE {cursor.fetchone()[0]} CASCADE"
        for _try in range(5):
            with suppress(DeadlockDetected):
                cursor.execute(emptied)
                return
    raise RuntimeError("the tables could not be emptied: something keeps asking for them")


TransactionTestCase._fixture_teardown = _empty_as_owner  # type: ignore[method-assign]


def _drop(name: str) -> None:
    """Drop a database; while the server's own vacuum is in it, which the owner may not end, try again."""
    for _try in range(40):
        with suppress(InsufficientPrivilege), maintenance() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        time.sleep(0.5)
    raise RuntimeError(f"{name} could not be dropped: something of the server's keeps using it")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of this run's own: created and migrated by the owner, used by the application role."""
    name = "test_" + os.environ.get("TEST_DB_SUFFIX", str(os.getpid()))
    app_role = settings.DATABASES["default"]["USER"]
    _drop(name)
    with maintenance() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name
    with django_db_blocker.unblock():
        with connections["owner"].cursor() as cursor:
            prepare_database(cursor.cursor, app=app_role)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections["owner"].close()
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
    _drop(name)


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any, tmp_path: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.FILES_DIR = tmp_path / "files"
    settings.AXES_ENABLED = False
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


ROLES = ("collector", "supervisor", "finance", "manager", "legal", "admin")


def make_office(slug: str, name: str) -> SimpleNamespace:
    """An office with one person per role: `office.people["manager"]`, and a scope: `with office.open(): …`."""
    from offices.models import Membership, Office, User
    from offices.scoping import office_scope

    office = Office.objects.create(slug=slug, name=name, short_name=name[:4])
    people = {}
    for role in ROLES:
        user = User.objects.create_user(f"{slug}-{role}", password="demo-password-1", display_name=f"{name[:2]}{role}")
        Membership.objects.create(user=user, office=office, role=role)
        people[role] = user
    return SimpleNamespace(
        row=office, id=office.pk, slug=slug, people=people, open=lambda by=None: office_scope(office.pk, by=by)
    )


@pytest.fixture
def office(db: Any) -> SimpleNamespace:
    """华庭物业, whose side the tests are on."""
    return make_office("huating", "华庭物业服务有限公司")


@pytest.fixture
def other_office(db: Any) -> SimpleNamespace:
    """Another office on the same server, that must never be seen."""
    return make_office("cuihu", "翠湖物业服务有限公司")


@pytest.fixture
def inside(office: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The first office with its scope open, for tests of operations and queries."""
    with office.open():
        yield office


@pytest.fixture
def sign_in(client: Any) -> Any:
    """Sign a person in: `sign_in(office.people["finance"])` returns the client."""

    def enter(user: Any) -> Any:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture(scope="session")
def _provider_process(tmp_path_factory: Any) -> Iterator[dict[str, str]]:
    with running(tmp_path_factory.mktemp("provider")) as urls:
        yield urls


@pytest.fixture
def provider(_provider_process: dict[str, str], settings: Any) -> SimpleNamespace:
    """The SMS gateway and mail server, as a real process of its own. `provider.arrived(slug)` is what got there."""
    settings.SMS_URL, settings.SMS_KEY = _provider_process["SMS_URL"], _provider_process["SMS_KEY"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = int(_provider_process["SMTP_URL"].rsplit(":", 1)[1])

    def arrived(slug: str = "") -> list[dict[str, Any]]:
        answer = requests.get(f"{settings.SMS_URL}/arrived", params={"office": slug, "limit": 1000}, timeout=5)
        return answer.json()  # type: ignore[no-any-return]

    def behave(**behaviour: Any) -> None:
        requests.post(f"{settings.SMS_URL}/behaviour", json=behaviour, timeout=5).raise_for_status()

    behave(
        dedupe=True,
        delay=0,
        accept_then_cut=0,
        late=0,
        error_500=0,
        throttle=0,
        code="",
        receipts_to="",
        receipts_token="",
    )
    return SimpleNamespace(arrived=arrived, behave=behave, url=settings.SMS_URL)
