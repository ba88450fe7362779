"""违约金 in letters (S45): posted and accrued to the day, in figures and words; waived or paid in between, the letter goes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from arrears.operations import ask_waiver
from arrears.queries import account_late_charge
from billing.models import ServiceContract
from billing.operations.waivers import approve_waiver
from collection.operations.notices import refresh_notices
from offices.models import OfficeSettings
from tests.collection.cast import household, rendered, settle_in
from tests.collection.test_notices import words_of
from tests.conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(inside: Any) -> Any:
    """Two bills of 600 yuan, late since 2025, in a community whose contract asks 0.0005 a day."""
    settle_in()
    who = household()
    ServiceContract.objects.create(
        community=who.room.community, kind="regular", starts_on=date(2020, 1, 1), late_charge_per_day=Decimal("0.0005")
    )
    return who


def posts(does: bool = True) -> None:
    settings = OfficeSettings.objects.get()
    settings.posts_late_charge = does
    settings.save()


def test_the_letter_demands_the_charge_beside_the_principal(account: Any, inside: Any) -> None:
    posts()
    notice = rendered(inside, account)
    charge = account_late_charge(account, notice.issued_on)
    assert notice.late_charge == charge.claimed > 0
    assert notice.amount == Decimal("1200.00") + charge.claimed
    text = words_of(notice)
    for piece in (
        f"{charge.claimed}",
        "欠费本金小计",
        "1,200.00",
        "每日0.05%（万分之五）",
        "最早2025-01-16",
        f"{notice.amount:,}",
    ):
        assert piece in text, piece
    assert "滞纳金" not in text


def test_an_office_that_only_estimates_demands_none(account: Any, inside: Any) -> None:
    notice = rendered(inside, account)
    assert (notice.late_charge, notice.amount) == (Decimal(0), Decimal("1200.00"))
    assert "违约金" not in words_of(notice)


def test_a_waiver_before_it_leaves_draws_the_letter_anew_and_another_day_does_not(account: Any, inside: Any) -> None:
    posts()
    notice = rendered(inside, account)
    later = date.fromordinal(notice.issued_on.toordinal() + 3)
    now = at(str(later))
    assert refresh_notices(account=account, on=later, at=now) == []
    waiver = ask_waiver(account=account, reason="一次缴清", by=inside.people["collector"], at=now)
    approve_waiver(waiver=waiver, by=inside.people["manager"], at=now)
    (successor,) = refresh_notices(account=account, on=later, at=now)
    notice.refresh_from_db()
    assert (notice.state, successor.supersedes_id) == ("superseded", notice.pk)
    assert "金额有变" in notice.closed_reason
