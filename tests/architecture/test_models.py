"""What the tables promise: an office in every row, references that point the way imports do, migrations that are complete."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from config.postgresql.gate import TABLES_WITHOUT_OFFICE
from offices.models import OfficeModel
from tests.architecture.source import APPS

OWN = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
DOMAIN = [m for m in OWN if m._meta.db_table not in TABLES_WITHOUT_OFFICE]
RANK = {app: rank for rank, app in enumerate(["offices", "billing", "disputes", "arrears", "collection", "archive"])}


def _label(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", DOMAIN, ids=_label)
def test_every_row_belongs_to_an_office(model: type[models.Model]) -> None:
    office = model._meta.get_field("office")
    if model._meta.model_name.startswith("historical"):
        return  # simple-history relaxes the field; NOT NULL in the database is the catalog gate's business
    assert not office.null
    assert issubclass(model, OfficeModel), "derive from offices.models.OfficeModel"


@pytest.mark.parametrize("model", DOMAIN, ids=_label)
def test_references_point_the_way_imports_do(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        if field.is_relation and field.related_model is not None:
            target = field.related_model._meta.app_label
            assert RANK.get(target, -1) <= RANK[model._meta.app_label], f"{field} refers to a later stage"


@pytest.mark.parametrize("model", DOMAIN, ids=_label)
def test_unique_constraints_and_indexes_begin_with_the_office(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            assert constraint.fields[0] == "office", constraint.name
    for index in model._meta.indexes:
        if index.fields:
            assert index.fields[0].lstrip("-") == "office", index.name
    assert [f.name for f in model._meta.local_fields if f.unique and not f.primary_key] == []


def test_money_columns_are_decimals_with_two_places() -> None:
    floats = [
        f"{m._meta.label}.{f.name}" for m in OWN for f in m._meta.local_fields if isinstance(f, models.FloatField)
    ]
    assert floats == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_migrations_are_complete() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail("models and migrations differ:\n" + said.getvalue())
