"""What a sweep costs: no more statements for many households than for few, and nearly nothing the second time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collection.models import Case, Sweep
from collection.operations.sweeps import run_sweep
from config.benchmarks import sweep as benchmark
from offices.models import Office
from tests.collection.conftest import bill, estate, move_in
from tests.conftest import at, make_office

NOW = at("2026-04-01")


@pytest.mark.parametrize("households", [60, 400], ids=["sixty", "four-hundred"])
def test_the_number_of_statements_does_not_depend_on_the_number_of_households(inside: Any, households: int) -> None:
    place = estate()
    for _ in range(households):
        bill(place, move_in(place))
    with CaptureQueriesContext(connection) as asked:
        run_sweep(on=NOW.date(), at=NOW)
    assert Case.objects.count() == households
    assert len(asked) <= 75


def test_a_bill_that_came_in_after_the_sweep_is_seen_by_the_next_one_of_the_day(inside: Any) -> None:
    place = estate()
    bill(place, move_in(place))
    run_sweep(on=NOW.date(), at=NOW)
    bill(place, move_in(place))
    assert run_sweep(on=NOW.date(), at=NOW).opened == 1
    assert Sweep.objects.filter(on=date(2026, 4, 1)).count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_benchmark_tells_what_was_due_what_it_cost_and_what_it_costs_again(
    transactional_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "OFFICES", 2)
    office = Office.objects.get(pk=make_office("huating", "华庭物业服务有限公司").id)
    found = benchmark.sweep(office, 2000).as_dict("sweep")
    assert "20 due: 16 planned, 4 passed over" in found["work"]
    assert found["stored"] == 16
    assert found["floor_seconds"] > 0
    assert found["again_seconds"] < found["seconds"]
    assert {"offices_2_seconds", "offices_2_ratio", "offices_2_statements"} <= set(found)
