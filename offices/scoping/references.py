"""References that are checked once per statement: what a foreign key promises, without asking for every row.

A foreign key asks once per row, for an import the dearest part of booking. Here one trigger locks the rows that a statement's
new rows refer to and refuses the statement if one is missing; another one refuses to delete a row that is referred to;
and neither end may change afterwards. So both ends hold whoever writes, as with a foreign key (docs/decisions/0018).
"""

from __future__ import annotations

_REFERENCE = """
ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}";

CREATE OR REPLACE FUNCTION "{name}_stands"() RETURNS trigger LANGUAGE plpgsql AS $check$ BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT office_id, "{column}" AS id FROM fresh WHERE "{column}" IS NOT NULL) f
    LEFT JOIN LATERAL (
      SELECT true AS stands FROM "{target}" t WHERE t.office_id = f.office_id AND t."{key}" = f.id FOR KEY SHARE
    ) t ON true WHERE t.stands IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = '{name}', TABLE = '{table}',
      MESSAGE = 'a row of {table} refers by {column} to no row of {target}';
  END IF;
  RETURN NULL;
END $check$;

CREATE OR REPLACE FUNCTION "{name}_kept"() RETURNS trigger LANGUAGE plpgsql AS $check$ BEGIN
  IF EXISTS (
    SELECT FROM gone g CROSS JOIN LATERAL (
      SELECT FROM "{table}" r WHERE r.office_id = g.office_id AND r."{column}" = g."{key}" LIMIT 1
    ) r
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = '{name}', TABLE = '{target}',
      MESSAGE = 'rows of {table} still refer by {column} to a row of {target}';
  END IF;
  RETURN NULL;
END $check$;

CREATE OR REPLACE FUNCTION "{name}_fixed"() RETURNS trigger LANGUAGE plpgsql AS $check$ BEGIN
  RAISE foreign_key_violation USING CONSTRAINT = '{name}', MESSAGE = 'references by {column} of {table} do not change';
END $check$;

DROP TRIGGER IF EXISTS "{name}_stands" ON "{table}";
CREATE TRIGGER "{name}_stands" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION "{name}_stands"();
DROP TRIGGER IF EXISTS "{name}_kept" ON "{target}";
CREATE TRIGGER "{name}_kept" AFTER DELETE ON "{target}" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION "{name}_kept"();
DROP TRIGGER IF EXISTS "{name}_fixed" ON "{table}";
CREATE TRIGGER "{name}_fixed" BEFORE UPDATE ON "{table}" FOR EACH ROW
  WHEN ((OLD.office_id, OLD."{column}") IS DISTINCT FROM (NEW.office_id, NEW."{column}"))
  EXECUTE FUNCTION "{name}_fixed"();
DROP TRIGGER IF EXISTS "{name}_fixed" ON "{target}";
CREATE TRIGGER "{name}_fixed" BEFORE UPDATE ON "{target}" FOR EACH ROW
  WHEN ((OLD.office_id, OLD."{key}") IS DISTINCT FROM (NEW.office_id, NEW."{key}"))
  EXECUTE FUNCTION "{name}_fixed"();
"""


def reference_by_statement(name: str, *, table: str, column: str, target: str, key: str) -> str:
    """SQL that makes (office_id, `column`) of `table` refer to (office_id, `key`) of `target`; may be repeated."""
    return _REFERENCE.format(name=name, table=table, column=column, target=target, key=key)
