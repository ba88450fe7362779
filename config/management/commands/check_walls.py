"""`bin/manage check_walls`: every office's wall stands in the database. For deployments and restored copies."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config.postgresql.gate import findings


class Command(BaseCommand):
    """Run the catalog gate on the connected database; a finding is a failure."""

    help = "Check in PostgreSQL's catalogs that every table is walled off by office."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the catalogs; say what is wrong."""
        connection = connections["default"]
        if "offices_office" not in connection.introspection.table_names():
            raise CommandError("This database is empty: run migrate first.")
        with connection.cursor() as cursor:
            found = findings(cursor, app_role=connection.settings_dict["USER"])
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Every wall stands.")
