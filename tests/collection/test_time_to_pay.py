"""缴费期限: what an office may set, and what holds for letters that are already on their way (S46, 民法典 944②, invariant 46)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from collection.models import Case, Step
from collection.operations.notices import approve_notice
from collection.operations.service import serve_notice
from offices.models import OfficeSettings
from offices.operations.offices import SettingsRefused, save_settings
from tests.collection import cast
from tests.conftest import at


def give(**days: int) -> None:
    save_settings(
        values={f"{kind}_deadline_days": number for kind, number in days.items()}, by=None, at=at("2026-09-11")
    )


@pytest.mark.parametrize(
    ("kind", "days", "is_lawful"),
    [
        pytest.param("formal", 14, False, id="a-demand-of-fourteen-days"),
        pytest.param("formal", 0, False, id="a-demand-of-none"),
        pytest.param("formal", 15, True, id="a-demand-of-fifteen"),
        pytest.param("formal", 30, True, id="a-generous-demand"),
        pytest.param("final", 6, False, id="a-last-notice-of-six"),
        pytest.param("final", 7, True, id="a-last-notice-of-seven"),
    ],
)
def test_no_office_gives_less_than_the_reasonable_time(inside: Any, kind: str, days: int, is_lawful: bool) -> None:
    cast.settle_in()
    if is_lawful:
        give(**{kind: days})
    else:
        with pytest.raises(SettingsRefused, match="第九百四十四条"):
            give(**{kind: days})
    stored = getattr(OfficeSettings.objects.get(), f"{kind}_deadline_days")
    assert stored == (days if is_lawful else {"formal": 15, "final": 10}[kind])


@pytest.mark.parametrize(
    ("office_days", "step_days", "deadline"),
    [
        pytest.param(15, None, "2026-09-28", id="expected-service-in-three-days-and-fifteen-to-pay"),
        pytest.param(20, None, "2026-10-03", id="the-office-gives-more"),
        pytest.param(20, 30, "2026-10-13", id="the-step-has-its-own"),
        pytest.param(5, None, "2026-09-28", id="a-number-from-before-the-bound-counts-as-the-bound"),
        pytest.param(15, 5, "2026-09-28", id="so-does-the-step's"),
    ],
)
def test_what_the_letter_prints(inside: Any, office_days: int, step_days: int | None, deadline: str) -> None:
    cast.settle_in(formal_deadline_days=office_days)
    proposal = cast.proposed(cast.household())
    Step.objects.filter(kind="formal").update(deadline_days=step_days)
    notice = approve_notice(notice=proposal, by=inside.people["manager"], at=at("2026-09-10"))
    assert str(notice.deadline_on) == deadline


def test_a_letter_on_its_way_keeps_the_deadline_it_prints_and_the_next_one_takes_the_new(inside: Any) -> None:
    cast.settle_in(formal_deadline_days=30)
    account, neighbour = cast.household(), cast.household("0503", "王建国")
    notice = cast.rendered(inside, account)
    paper = notice.pdf_sha256
    give(formal=15)
    serve_notice(
        notice=notice, method="hand_delivery", outcome="signed", served_at=at("2026-09-12", 15),
        by=inside.people["collector"], signer=account.owner.name, signer_relation="本人",
    )  # fmt: skip
    notice.refresh_from_db()
    case = Case.objects.get(account=account)
    assert notice.deadline_on == case.letter_deadline_on == date(2026, 10, 13)
    assert (notice.pdf_sha256, case.next_action_on) == (paper, date(2026, 10, 14))
    assert cast.rendered(inside, neighbour, day="2026-09-12").deadline_on == date(2026, 9, 30)
