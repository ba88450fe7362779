"""The database backend: right after the outermost BEGIN, tell PostgreSQL whose rows may be seen.

The setting is transaction-local (`set_config(…, true)`), so a pooled connection can never carry one
office's context into another's request (reliability C1.3, trap 3).
"""

from django.db.backends.postgresql import base, features

from offices.scoping.context import current_office_id_or_none
from offices.scoping.plans import KEPT


class DatabaseFeatures(features.DatabaseFeatures):
    """PostgreSQL as Django knows it, but for our keys."""

    # The primary key is (office_id, id): grouping by id alone does not determine the other columns.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL whose transactions carry `app.office`.

    `kept_plans`: which statements the session keeps (`offices.scoping.plans`), asked in the same round trip, since a pooler
    may give every transaction another session; None: not asked yet.
    """

    features_class = DatabaseFeatures
    kept_plans: frozenset[str] | None = None

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        self.kept_plans = None
        if autocommit:
            return
        office_id = current_office_id_or_none()
        if office_id is not None:
            with self.connection.cursor() as cursor:
                cursor.execute(f"select set_config('app.office', %s, true), ({KEPT})", (str(office_id),))
                self.kept_plans = frozenset(cursor.fetchone()[1])
