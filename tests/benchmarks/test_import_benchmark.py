"""The size of a file costs time, never statements; and the benchmark of the import measures what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Bill
from billing.operations import commit_import, upload_file
from config.benchmarks.bill_files import bill_file, move_in
from config.benchmarks.import_bills import import_bills
from tests.conftest import at, make_office
from tests.factories import workbooks

NOW = at("2026-09-01")


def bills_of(rows: int) -> Any:
    move_in(rows // 4)
    return bill_file(rows).open("rb")


def register_of(rows: int) -> Any:
    return workbooks.register([(f"{n:04}", f"业主{n}", f"139{n:08}") for n in range(rows)])


@pytest.mark.parametrize(("kind", "file"), [("bills", bills_of), ("register", register_of)])
def test_500_rows_take_no_more_statements_than_52(
    office: SimpleNamespace, other_office: SimpleNamespace, kind: str, file: Callable[[int], Any]
) -> None:
    counts = {}
    for rows, tenant in ((52, office), (500, other_office)):
        with tenant.open():
            if kind == "register":
                from offices.operations.offices import add_community

                add_community(name="华庭苑", by=None)
            upload = file(rows)
            with CaptureQueriesContext(connection) as asked:
                batch = upload_file(kind=kind, file=upload, name="文件.xlsx", community=None, by=None, at=NOW)
                commit_import(batch=batch, accept_good=True, by=None, at=NOW)
            counts[rows] = len(asked)
            assert batch.totals["rows"] == rows
    assert counts[500] == counts[52]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_benchmark_tells_seconds_floor_statements_and_memory(transactional_db: Any) -> None:
    office = make_office("huating", "华庭物业服务有限公司")
    found = import_bills(office.row, 400).as_dict("import")
    assert {"name", "work", "seconds", "floor_seconds", "ratio", "statements", "peak_mb"} <= set(found)
    assert found["seconds"] > 0 < found["floor_seconds"]
    assert 0 < found["statements"] < 150
    with office.open():
        assert Bill.objects.count() == found["bills"] == 398, "two rows of 400 name a room that does not exist"


def test_the_command_prints_one_object_and_stays_under_500_mb() -> None:
    command = [sys.executable, "manage.py", "benchmark", "import", "--rows", "400", "--json"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["name"], found["bills"]) == ("import", 398)
    assert 0 < found["peak_mb"] < 500


def test_without_a_name_the_command_lists_what_can_be_measured(capsys: Any) -> None:
    call_command("benchmark")
    assert "import" in capsys.readouterr().out


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(CommandError, match="nonsense"):
        call_command("benchmark", "nonsense")
