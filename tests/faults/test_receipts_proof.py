"""The proof of `bin/prove receipts`, short: T16 with fewer receipts and two clients. Runs on real commits."""

from __future__ import annotations

from typing import Any

import pytest

from config.proofs.receipts import receipts
from tests.conftest import at, make_office

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_message_ends_as_its_provider_knows_it_and_no_forged_receipt_is_taken(transactional_db: Any) -> None:
    office = make_office("huating", "华庭物业服务有限公司")
    told: list[str] = []
    found = receipts(office.row, at=at("2026-09-01"), rows=120, points=2, tell=told.append)
    assert (found["wrong"], found["forged_taken"], found["refused"]) == (0, 0, 0)
    assert found["naive_order"] > 0, "believing the last one must go wrong"
    assert found["naive_signature"] > 0, "believing everybody must go wrong"
    assert len(told) == 4
