"""The LPR table: what ships, the office's rows over it, who writes, and that an old table is said aloud."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.models import LprRate
from billing.operations.late_charge import LprRefused, set_lpr
from billing.queries.late_charge import lpr_table, office_lpr
from billing.rules.lpr import lpr_on
from tests.conftest import ROLES, at

pytestmark = pytest.mark.django_db

PAGE, API = "/billing/lpr/", "/api/v1/lpr-rates/"
TYPED = {"starts_on": "2026-08-20", "rate": "2.90", "source": "全国银行间同业拆借中心 2026 年 8 月 20 日公告"}


def test_what_ships_stands_until_the_office_knows_better(office: Any, sign_in: Any) -> None:
    client = sign_in(office.people["finance"])
    page = client.get(PAGE).content.decode()
    assert "3.00%" in page
    assert "最后一行是 2025年5月20日" in page
    assert client.post(PAGE, TYPED).status_code == 302
    assert "2.90%" in client.get(PAGE).content.decode()
    with office.open():
        assert lpr_on(date(2026, 9, 1), office_lpr()) == Decimal("0.0290")
        assert not lpr_table(date(2026, 9, 1)).is_outdated


def test_a_wrong_row_is_put_right_by_another_and_stays_in_the_books(office: Any, sign_in: Any) -> None:
    client = sign_in(office.people["manager"])
    for rate in ("9.20", "2.90"):
        client.post(PAGE, TYPED | {"rate": rate})
    with office.open():
        assert lpr_on(date(2026, 9, 1), office_lpr()) == Decimal("0.0290")
        assert LprRate.objects.count() == 2


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_finance_manager_and_administrator_write(office: Any, sign_in: Any, role: str) -> None:
    client, writes = sign_in(office.people[role]), role in {"finance", "manager", "admin"}
    page = client.get(PAGE)
    assert (page.status_code, "写入" in page.content.decode()) == (200, writes)
    assert client.post(PAGE, TYPED).status_code == (302 if writes else 403)
    body = TYPED | {"rate": "0.0290"}
    assert client.post(API, body, content_type="application/json").status_code == (201 if writes else 403)
    assert client.get(API).json()[0]["starts_on"] == ("2026-08-20" if writes else "2025-05-20")


def test_another_office_keeps_its_own_table(office: Any, other_office: Any, sign_in: Any) -> None:
    sign_in(office.people["manager"]).post(PAGE, TYPED)
    assert "2.90%" not in sign_in(other_office.people["manager"]).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"source": " "}, "source_missing"),
        ({"rate": Decimal("3.00")}, "rate_wrong"),
        ({"rate": Decimal(0)}, "rate_wrong"),
        ({"starts_on": date(2026, 12, 20)}, "not_published_yet"),
    ],
)
def test_what_is_refused_writes_nothing(inside: Any, change: dict[str, Any], code: str) -> None:
    asked = {"starts_on": date(2026, 8, 20), "rate": Decimal("0.0290"), "source": "公告"} | change
    with pytest.raises(LprRefused) as refusal:
        set_lpr(**asked, by=inside.people["manager"], at=at("2026-09-01"))
    assert refusal.value.code == code
    assert not LprRate.objects.exists()
