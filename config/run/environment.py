"""The environment in which every process of the house runs here: two database roles, the broker, the files."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2

from config.run import roles
from config.run.places import VAR, CannotRun
from config.run.ports import remembered_provider
from config.run.servers import Servers

NOBODY_LISTENS = "127.0.0.1:9"


def own_url(servers: Servers, role: str, database: str = roles.DATABASE) -> str:
    """The address of a database of our own cluster, as `config.env` reads it."""
    return f"postgres://{role}@/{servers.sockets}/{database}"


def connect(url: str) -> "psycopg2.extensions.connection":
    """Connect to an address of the form that `DATABASE_URL` has."""
    from environ import Env

    parts: dict[str, Any] = Env.db_url_config(url)
    options = {key: value for key, value in parts.get("OPTIONS", {}).items() if key.startswith("ssl")}
    try:
        return psycopg2.connect(
            host=parts["HOST"] or None,
            port=parts["PORT"] or None,
            user=parts["USER"] or None,
            password=parts["PASSWORD"] or None,
            dbname=parts["NAME"],
            connect_timeout=10,
            **options,
        )
    except psycopg2.OperationalError as error:
        raise CannotRun(f"The database does not answer: {str(error).strip()}") from None


def _private_note(name: str) -> Path:
    VAR.mkdir(parents=True, exist_ok=True)
    return VAR / name


def _remembered(name: str, make: Any) -> Any:
    """A value made once for this checkout and kept under var/, readable by us only."""
    path = _private_note(name)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(make(), file)
    return json.loads(path.read_text())


def _with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def given_databases() -> dict[str, str]:
    """The addresses of a server that somebody else runs, `DATABASE_URL` being set.

    With both addresses the application's role is checked. With `DATABASE_URL` alone the two roles are made if that login may,
    and remembered; otherwise `CannotRun` says what the server's administrator has to type.
    """
    url, owner_url = os.environ["DATABASE_URL"], os.environ.get("DATABASE_OWNER_URL", "")
    with connect(url) as connection, connection.cursor() as cursor:
        rights = roles.rights_of(cursor)
        if owner_url:
            roles.refuse_mighty_application(rights)
            return {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url}
        if not (rights.is_superuser or rights.makes_roles):
            raise CannotRun(
                f"DATABASE_URL connects as {rights.name}, which may not create roles, and DATABASE_OWNER_URL is not set.\n"
                f"Ask the administrator for two roles:\n"
                f"  create role {roles.OWNER} login createdb password '…';\n"
                f"  create role {roles.APP} login password '…';\n"
                f"  alter database {connection.info.dbname} owner to {roles.OWNER};\n"
                f"then set DATABASE_OWNER_URL to the first and DATABASE_URL to the second."
            )
        passwords = _remembered(
            "roles.json", lambda: {role: secrets.token_urlsafe(24) for role in (roles.OWNER, roles.APP)}
        )
        try:
            roles.make_role(cursor, roles.OWNER, password=passwords[roles.OWNER], creates_databases=True)
            roles.make_role(cursor, roles.APP, password=passwords[roles.APP], creates_databases=False)
            cursor.execute(f'grant "{roles.OWNER}" to current_user')
            cursor.execute(f'alter database "{connection.info.dbname}" owner to "{roles.OWNER}"')
        except psycopg2.Error as error:
            raise CannotRun(f"{rights.name} may not make the two roles: {str(error).strip()}") from None
    made = {
        "DATABASE_URL": _with_login(url, roles.APP, passwords[roles.APP]),
        "DATABASE_OWNER_URL": _with_login(url, roles.OWNER, passwords[roles.OWNER]),
    }
    with connect(made["DATABASE_OWNER_URL"]) as connection, connection.cursor() as cursor:
        roles.prepare_database(cursor, app=roles.APP)
    with connect(made["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        roles.refuse_mighty_application(roles.rights_of(cursor))
    return made


def own_databases(servers: Servers) -> dict[str, str]:
    """Roles and database in our own cluster, made at the first start."""
    connection = servers.superuser()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_roles where rolname in (%s, %s)", (roles.OWNER, roles.APP))
        if cursor.fetchone()[0] < 2:
            roles.make_role(cursor, roles.OWNER, password=None, creates_databases=True)
            roles.make_role(cursor, roles.APP, password=None, creates_databases=False)
        made = roles.make_database(cursor, roles.DATABASE, roles.OWNER)
    connection.close()
    urls = {"DATABASE_URL": own_url(servers, roles.APP), "DATABASE_OWNER_URL": own_url(servers, roles.OWNER)}
    if made:
        with connect(urls["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
            roles.prepare_database(cursor, app=roles.APP)
    return urls


@contextmanager
def house(
    name: str, *, perishable: bool = False, durable: bool = False
) -> Iterator[tuple[dict[str, str], Servers | None]]:
    """Servers up, and the environment of every process. What is set outside wins.

    Yields the environment and our own servers, which are None when both addresses are given from outside.
    """
    given_database, given_redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with ExitStack() as stack:
        servers = None
        if not (given_database and given_redis):
            servers = stack.enter_context(Servers(name, perishable=perishable, durable=durable))
        databases = given_databases() if given_database or servers is None else own_databases(servers)
        scratch = VAR / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        own = {
            **databases,
            "REDIS_URL": given_redis or f"redis+socket://{servers.redis_socket}?virtual_host=0",  # type: ignore[union-attr]
            "VAR_DIR": str(VAR),
            "TMPDIR": str(scratch),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            # Of nine processes only the first compiles the modules, and it leaves nothing in the source tree.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(VAR / "bytecode"),
            "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8"),
        }
        defaults = {
            "SECRET_KEY": "only-for-tests"
            if perishable
            else _remembered("secret_key.json", lambda: secrets.token_urlsafe(48)),
            "FILES_DIR": str(VAR / ("test-files" if perishable else "files")),
            "SMTP_URL": f"smtp://{NOBODY_LISTENS}",
            "SMS_URL": f"http://{NOBODY_LISTENS}",
            "SMS_KEY": "local-provider",
            **({} if perishable else remembered_provider()),
        }
        yield {**defaults, **os.environ, **own}, servers
