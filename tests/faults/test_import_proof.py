"""The proof of `bin/prove import_kill`, short: fewer rows, three points. Runs on real commits and real deaths."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from config.proofs.import_kill import import_kill
from tests.conftest import at, make_office

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_commit_killed_at_random_points_is_whole_or_nothing_and_can_be_continued(transactional_db: Any) -> None:
    office = make_office("huating", "华庭物业服务有限公司")
    told: list[str] = []
    found = import_kill(office.row, at=at("2026-09-01"), rows=2_000, points=3, tell=told.append)
    assert found["points"] == 3
    assert len(told) == 4, "one line per point"
    assert settings.DATABASES["default"]["NAME"].startswith("test_")
