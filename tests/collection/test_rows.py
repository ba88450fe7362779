"""Rows read and stored beside the object-relational mapper are the rows that it reads and stores."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from collection.models import ChannelSetting, Notice, Step
from collection.operations import ensure_default_strategy
from collection.operations.days import SMALL_TABLES
from offices.models import Community, OfficeSettings, WorkingDay
from offices.scoping.rows import insert_rows, read_together, rows_of
from tests.collection.cast import action_for, at, household

AT = datetime(2026, 4, 1, 2, tzinfo=UTC)
NEW_YEAR = {"day": date(2027, 1, 1), "is_working": False, "name": '元旦（"新年"，100% \\ 放假）', "source": ""}


def fields_of(row: Any) -> dict[str, Any]:
    """Everything that a row says."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("model", [Step, OfficeSettings, Community, WorkingDay, ChannelSetting])
def test_rows_are_read_as_the_mapper_reads_them(inside: Any, model: Any) -> None:
    ensure_default_strategy(by=None, at=AT)
    assert [*map(fields_of, rows_of(model))] == [*map(fields_of, model.objects.order_by("pk"))]


def test_rows_read_together_are_those_that_each_reading_finds(inside: Any, django_assert_num_queries: Any) -> None:
    ensure_default_strategy(by=None, at=AT)
    insert_rows(WorkingDay, [NEW_YEAR])
    alone = [[*map(fields_of, rows_of(*table))] for table in SMALL_TABLES]
    with read_together(*SMALL_TABLES), django_assert_num_queries(0):
        together = [[*map(fields_of, rows_of(*table))] for table in SMALL_TABLES]
    assert together == alone
    assert alone[1], "the steps"


def test_after_the_block_rows_are_read_anew(inside: Any) -> None:
    with read_together((WorkingDay, "true")):
        insert_rows(WorkingDay, [NEW_YEAR])
        assert rows_of(WorkingDay) == []
    assert len(rows_of(WorkingDay)) == 1


def test_a_condition_narrows_the_rows(inside: Any) -> None:
    insert_rows(WorkingDay, [NEW_YEAR, NEW_YEAR | {"day": date(2027, 1, 2)}])
    assert [row.day for row in rows_of(WorkingDay, "day = %(day)s", day=date(2027, 1, 2))] == [date(2027, 1, 2)]


def test_another_office_sees_nothing_of_them(office: Any, other_office: Any) -> None:
    with office.open():
        insert_rows(WorkingDay, [NEW_YEAR])
    with other_office.open():
        assert rows_of(WorkingDay) == []


def test_what_is_stored_is_what_the_mapper_would_have_stored(inside: Any) -> None:
    insert_rows(WorkingDay, [NEW_YEAR])
    (row,) = WorkingDay.objects.filter(day=NEW_YEAR["day"])
    assert {name: getattr(row, name) for name in NEW_YEAR} == NEW_YEAR


def test_a_row_and_its_history_are_stored_together_and_left_out_columns_have_their_defaults(
    office: Any,
) -> None:
    manager = office.people["manager"]
    with office.open(by=manager):
        account = household()
        action = action_for(account, "formal", date(2026, 9, 10))
        given = {"case_id": action.case_id, "account_id": account.pk, "action_id": action.pk, "kind": "formal"}
        insert_rows(Notice, [given | {"proposed_at": at("2026-09-10"), "amount": Decimal("1333.32")}], recorded_at=AT)
        notice = Notice.objects.get(action=action)
        (told,) = notice.history.all()
        blank = Notice()
        left_out = {"state", "number", "late_charge", "frozen", "approved_at", "pdf_id", "render_error"}
        assert {name: getattr(notice, name) for name in left_out} == {name: getattr(blank, name) for name in left_out}
        assert (told.history_type, told.history_date, told.history_user) == ("+", AT, manager)
        assert fields_of(told.instance) == fields_of(notice)


def test_keys_and_lengths_are_refused_as_ever(inside: Any) -> None:
    insert_rows(WorkingDay, [NEW_YEAR])
    for wrong, error in ((NEW_YEAR, IntegrityError), (NEW_YEAR | {"name": "很" * 500}, DataError)):
        with pytest.raises(error), transaction.atomic():
            insert_rows(WorkingDay, [wrong])
