"""`bin/manage bootstrap_database`: the two roles, their rights and the extensions, on a server of yours."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.run import roles
from config.run.environment import connect
from config.run.places import CannotRun


class Command(BaseCommand):
    """Prepare a database for the house; may be repeated."""

    help = "Create the roles of the house on a PostgreSQL server, let the owner own the database, and set the rights."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The administrator's login is asked for once and not kept."""
        parser.add_argument(
            "--admin-url", default=os.environ.get("DATABASE_ADMIN_URL"), help="a login that may create roles"
        )
        parser.add_argument(
            "--only-rights", action="store_true", help="no roles: only extensions and default rights, as the owner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Roles as the administrator, rights as the owner."""
        from environ import Env

        try:
            app, owner_url = Env.db_url_config(os.environ["DATABASE_URL"]), os.environ["DATABASE_OWNER_URL"]
        except KeyError as missing:
            raise CommandError(
                f"{missing} is not set: DATABASE_URL is the application's role, DATABASE_OWNER_URL the owner's."
            ) from None
        owner = Env.db_url_config(owner_url)
        try:
            if not options["only_rights"]:
                self._make_roles(options["admin_url"], app, owner)
            with connect(owner_url) as connection, connection.cursor() as cursor:
                roles.prepare_database(cursor, app=app["USER"])
            with connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
                roles.refuse_mighty_application(roles.rights_of(cursor))
        except CannotRun as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{app['NAME']}: {owner['USER']} owns the schema, {app['USER']} works behind the walls.")

    def _make_roles(self, admin_url: str | None, app: dict[str, Any], owner: dict[str, Any]) -> None:
        if not admin_url:
            raise CommandError("Give --admin-url (or DATABASE_ADMIN_URL): a login that may create roles and databases.")
        connection = connect(admin_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            roles.make_role(cursor, owner["USER"], password=owner["PASSWORD"] or None, creates_databases=True)
            roles.make_role(cursor, app["USER"], password=app["PASSWORD"] or None, creates_databases=False)
            if not roles.make_database(cursor, owner["NAME"], owner["USER"]):
                cursor.execute(f'alter database "{owner["NAME"]}" owner to "{owner["USER"]}"')
        connection.close()
