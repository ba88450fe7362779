"""Bills grow older while a case waits: its tier rises in that very night, and what the tier brings forward comes forward (S15–S18, S27)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.rules.tier import TierPolicy, days_to_rise, tier_of
from billing.models import Account, SpecialCase
from billing.operations.special_cases import open_special_case
from collection.models import Action, Case, Skip
from collection.operations.cases import mark_effective
from collection.operations.days import plan_day
from collection.operations.notices import reject_notice
from collection.operations.rollbacks import roll_back_sweep
from collection.queries.plan import plan_sweep
from collection.queries.why import why
from offices.operations.offices import save_settings
from tests.collection import cast
from tests.collection.conftest import bill, move_in
from tests.conftest import at

A_DAY = timedelta(days=1)
RISES = date(2026, 5, 1)  # the bill of the estate falls due on 31 March: thirty-one days late


def night(on: date) -> Any:
    """Everything of that day that is decided inside the house."""
    return plan_day(on=on, at=at(on.isoformat()))


def nights(first: date, last: date) -> None:
    """One after the other; nothing else happens in them."""
    for n in range((last - first).days + 1):
        night(first + n * A_DAY)


def done(on: date) -> None:
    """What is planned takes effect."""
    mark_effective(action=Action.objects.get(state="planned"), on=on, at=at(on.isoformat()))


@pytest.fixture
def reminded(household: Callable[..., Account]) -> Case:
    """Reminded for the second time on 29 April, as a slight case: the call would come after eight days."""
    household()
    night(date(2026, 4, 1))
    done(date(2026, 4, 22))
    nights(date(2026, 4, 28), date(2026, 4, 29))
    done(date(2026, 4, 29))
    case = Case.objects.get()
    assert (case.tier, case.reached, case.next_action_on) == ("slight", 2, date(2026, 5, 7))
    return case


def test_the_tier_rises_in_the_night_its_bills_are_old_enough(reminded: Case) -> None:
    nights(date(2026, 4, 30), RISES - A_DAY)
    assert Case.objects.get().tier == "slight"
    assert not Skip.objects.filter(on=RISES - A_DAY).exists(), "nobody looks before there is anything to see"
    night(RISES)
    case = Case.objects.get()
    assert (case.tier, case.tier_reason) == ("moderate", "逾期 31 天，超过 30 天")
    assert [past.tier for past in case.history.filter(history_date__date=RISES)] == ["moderate"], "kept with its day"


def test_the_step_that_moderate_arrears_wait_less_for_comes_earlier(reminded: Case) -> None:
    nights(date(2026, 4, 30), date(2026, 5, 3))
    call = Action.objects.get(kind="call")
    assert call.planned_on == date(2026, 5, 2), "three days after the reminder, not eight"


def test_a_task_that_nobody_does_keeps_the_tier_no_lower(reminded: Case) -> None:
    nights(date(2026, 4, 30), date(2026, 6, 30))  # severe after ninety days
    assert (Case.objects.get().tier, Action.objects.get(state="planned").kind) == ("severe", "call")
    rose = [(str(past.history_date.date()), past.tier) for past in Case.objects.get().history.order_by("history_date")]
    assert [each for n, each in enumerate(rose) if n == 0 or each[1] != rose[n - 1][1]] == [
        ("2026-04-01", "slight"),
        ("2026-05-01", "moderate"),
        ("2026-06-30", "severe"),
    ]


def test_another_quarter_that_becomes_late_raises_the_tier_too(place: Any) -> None:
    save_settings(values={"severe_from_amount": 1000}, by=None, at=at("2026-01-01"))
    account = move_in(place)
    bill(place, account)
    bill(place, account, due_on=date(2026, 4, 15))
    night(date(2026, 4, 1))
    done(date(2026, 4, 13))
    nights(date(2026, 4, 14), date(2026, 4, 15))
    assert Case.objects.get().tier == "slight"
    night(date(2026, 4, 16))
    assert Case.objects.get().tier == "severe"
    assert Action.objects.get(state="planned").planned_on == date(2026, 4, 16), "three days after the first, not six"


def test_plan_and_question_know_it_beforehand(reminded: Case) -> None:
    nights(date(2026, 4, 30), RISES - A_DAY)
    assert [line.account_id for line in plan_sweep(RISES).lines] == [reminded.account_id]
    assert why(reminded.account, RISES, today=RISES - A_DAY).next_on == date(2026, 5, 2)
    night(RISES)
    assert plan_sweep(RISES).lines == ()


def test_a_run_that_is_taken_back_looks_again(reminded: Case, inside: Any) -> None:
    nights(date(2026, 4, 30), RISES)
    roll_back_sweep(sweep=night(RISES).sweep, by=inside.people["manager"], at=at("2026-05-01", 12))
    assert night(RISES).sweep.eligible == 1


def test_days_that_stand_still_bring_nobody_back(reminded: Case) -> None:
    open_special_case(
        account=reminded.account, kind=SpecialCase.Kind.OTHER, starts_on=date(2026, 4, 30), ends_on=date(2026, 5, 31),
        note="电梯停运待修", by=None, at=at("2026-04-30"),
    )  # fmt: skip
    nights(date(2026, 4, 30), RISES + A_DAY)
    assert Case.objects.get().tier == "slight"
    assert Skip.objects.filter(on__gte=RISES).count() == 0


def test_a_letter_that_a_person_put_off_stays_put_off(reminded: Case, inside: Any) -> None:
    notice = cast.proposed(reminded.account, day="2026-04-30")
    assert Case.objects.get().tier_rises_on == RISES
    reject_notice(notice=notice, reason="先面谈", by=inside.people["manager"], at=at("2026-04-30"))
    nights(RISES, date(2026, 5, 13))
    assert not Skip.objects.filter(on__gte=RISES).exists()
    night(date(2026, 5, 14))
    assert Case.objects.get().tier == "moderate"


@given(
    days=st.integers(0, 200), moderate=st.integers(0, 90), severe=st.integers(0, 180),
    company=st.one_of(st.none(), st.integers(0, 180)), is_company=st.booleans(),
)  # fmt: skip
def test_the_next_line_is_the_first_day_on_which_the_tier_is_another(
    days: int, moderate: int, severe: int, company: int | None, is_company: bool
) -> None:
    policy = TierPolicy(moderate_after_days=moderate, severe_after_days=severe, company_severe_after_days=company)

    def tier(on: int) -> str:
        found = tier_of(
            days=on,
            amount=Decimal(1),
            annual=0,
            quarterly=0,
            policy=policy,
            is_company=is_company,
            is_in_hardship=False,
        )
        return found.code if found else ""

    rises = days_to_rise(tier(days), days, policy, is_company=is_company)
    assert rises == next((n for n in range(1, 200) if tier(days + n) != tier(days)), None)
