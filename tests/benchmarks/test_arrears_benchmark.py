"""The benchmark of the arrears measures what it says, in one office and in several."""

from __future__ import annotations

from typing import Any

import pytest

import config.benchmarks.arrears as module
from tests.conftest import make_office


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_positions_are_measured_beside_their_floor_and_pages_take_ten_statements_at_most(
    transactional_db: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(module, "OFFICES", 2)
    monkeypatch.setattr(module, "PAGES", (500,))
    office = make_office("huating", "华庭物业服务有限公司")
    found = module.arrears(office.row, 1000).as_dict("arrears")
    assert found["work"] == "1000 bills of 200 accounts, 200 positions"
    assert found["ratio"] > 0
    assert found["offices_300_ratio"] > 0
    assert found["page_500_statements"] <= 10
