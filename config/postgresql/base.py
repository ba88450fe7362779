"""The database backend: right after the outermost BEGIN, tell PostgreSQL whose rows may be seen.

The setting is transaction-local (`set_config(…, true)`), so a pooled connection can never carry one
office's context into another's request (reliability C1.3, trap 3).
"""

from django.db.backends.postgresql import base, features

from offices.scoping.context import current_office_id_or_none


class DatabaseFeatures(features.DatabaseFeatures):
    """PostgreSQL as Django knows it, but for our keys."""

    # The primary key is (office_id, id): grouping by id alone does not determine the other columns.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL whose transactions carry `app.office`."""

    features_class = DatabaseFeatures

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        if autocommit:
            return
        office_id = current_office_id_or_none()
        if office_id is not None:
            with self.connection.cursor() as cursor:
                cursor.execute("select set_config('app.office', %s, true)", (str(office_id),))
