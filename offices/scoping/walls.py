"""The walls in the database, as a migration operation."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.models import Q

from offices.scoping.managers import OfficeForeignKey, OfficeKey
from offices.scoping.references import reference_by_statement

POLICY = "(office_id = (SELECT current_setting('app.office')::bigint))"


def _name(prefix: str, *parts: str) -> str:
    full = "_".join((prefix, *parts))
    return full if len(full) <= 63 else full[:54] + "_" + hashlib.sha256(full.encode()).hexdigest()[:8]


class WallOff(Operation):
    """Put every office table of the app behind its wall; last in every migration that touches tables.

    Primary keys and references get `office_id` in front, row-level security is enabled and forced, and
    one policy lets only the open office's rows through (reliability C1.2). What stands already is left,
    so the operation may be repeated.
    """

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Walls are no model state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Keys first, for references need the keys they point at; the walls go up last.

        Django keeps its own constraints for the end of the migration; they are made here instead, because
        behind a forced wall the owner could not check them.
        """
        models = [m for m in to_state.apps.get_app_config(app_label).get_models() if self._belongs(m)]
        for model in models:
            schema_editor.execute(f'ALTER TABLE "{model._meta.db_table}" NO FORCE ROW LEVEL SECURITY')
        for sql in schema_editor.deferred_sql:
            schema_editor.execute(sql, None)
        schema_editor.deferred_sql.clear()
        for model in models:
            schema_editor.execute(self._keys(model))
        for model in models:
            for sql in self._references(model):
                schema_editor.execute(sql)
        for model in models:
            schema_editor.execute(self._wall(model))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Walls fall with their tables."""

    def describe(self) -> str:
        """For `migrate --plan`."""
        return "Wall off the office tables"

    @staticmethod
    def _belongs(model: Any) -> bool:
        return any(isinstance(field, OfficeKey) for field in model._meta.local_fields)

    @staticmethod
    def _keys(model: Any) -> str:
        table, pk = model._meta.db_table, model._meta.pk.column
        return f"""
            DO $wall$ BEGIN
              IF NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
                             WHERE i.indrelid = '"{table}"'::regclass AND i.indisprimary AND a.attname = 'office_id') THEN
                ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey";
                ALTER TABLE "{table}" ADD PRIMARY KEY (office_id, "{pk}");
              END IF;
            END $wall$;"""

    @staticmethod
    def _wall(model: Any) -> str:
        table = model._meta.db_table
        return f"""
            DO $wall$ BEGIN
              ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
              ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
              IF NOT EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = '"{table}"'::regclass) THEN
                CREATE POLICY office ON "{table}" USING {POLICY} WITH CHECK {POLICY};
              END IF;
            END $wall$;"""

    @staticmethod
    def _references(model: Any) -> list[str]:
        if hasattr(model, "history_type") or model._meta.model_name.startswith("historical"):
            return []  # a history outlives what it tells of
        table, statements = model._meta.db_table, []
        for field in model._meta.local_fields:
            if not isinstance(field, OfficeForeignKey):
                continue
            target = field.remote_field.model._meta
            constraint, index = _name("wall", table, field.column), _name("idx", table, field.column)
            if field.by_statement:
                statements.append(
                    reference_by_statement(
                        constraint, table=table, column=field.column, target=target.db_table, key=target.pk.column
                    )
                )
            else:
                statements.append(
                    f"""DO $wall$ BEGIN
                      IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{constraint}') THEN
                        ALTER TABLE "{table}" ADD CONSTRAINT "{constraint}" FOREIGN KEY (office_id, "{field.column}")
                          REFERENCES "{target.db_table}" (office_id, "{target.pk.column}");
                      END IF;
                    END $wall$;"""
                )
            if not _is_covered(model, field):
                only = f' WHERE "{field.column}" IS NOT NULL' if field.null else ""
                statements.append(
                    f'CREATE INDEX IF NOT EXISTS "{index}" ON "{table}" (office_id, "{field.column}"){only};'
                )
        return statements


def _is_covered(model: Any, field: Any) -> bool:
    """Whether an index of the model's own begins with the office and this field, over all rows that have it."""
    own = [*model._meta.indexes, *model._meta.constraints]
    return any(
        tuple(getattr(index, "fields", ())[:2]) == ("office", field.name)
        and getattr(index, "condition", None) in (None, Q((f"{field.name}__isnull", False)))
        for index in own
    )
