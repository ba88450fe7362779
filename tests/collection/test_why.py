"""「为什么是今天 / 为什么不是今天」 can be asked of any household, and the asking changes nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from collection.models import Action, Case, Skip, Sweep
from collection.operations import plan_day
from collection.queries.why import NO_ARREARS, NOT_LOOKED_AT, REFERRED, why
from tests.collection.conftest import DUE, bill, estate, move_in
from tests.collection.test_sweep import day, pay, snapshot, take_effect
from tests.conftest import at

TODAY = date(2026, 4, 1)


def ask(account, text, today=None):
    on = date.fromisoformat(text)
    before = snapshot()
    answer = why(account, on, today=date.fromisoformat(today) if today else on)
    assert snapshot() == before
    return answer


def test_a_household_that_was_planned_today_hears_the_stored_reason(household):
    account = household()
    day("2026-04-01")
    answer = ask(account, "2026-04-01")
    assert (answer.code, answer.is_planned, answer.is_dry_run, answer.step) == ("FIRST_STEP", True, False, "温馨提示")
    assert answer.words == Action.objects.get().why
    assert answer.strategy == "默认策略 v1"


def test_a_household_that_was_passed_over_hears_the_stored_reason_and_the_day(household):
    account = household()
    day("2026-04-01")
    day("2026-04-02")
    answer = ask(account, "2026-04-02")
    assert (answer.code, answer.is_planned, answer.is_dry_run) == ("WAITING_FOR_PROVIDER", False, False)
    assert answer.next_on == Skip.objects.get().look_again_on == date(2026, 4, 9)


def test_a_case_that_is_not_due_is_decided_on_the_facts_of_today_without_writing(household):
    account = household()
    day("2026-04-01")
    take_effect(account, "2026-04-01")
    answer = ask(account, "2026-04-03")
    assert (answer.code, answer.is_planned, answer.is_dry_run) == ("NOT_DUE", False, True)
    assert answer.next_on == Case.objects.get().next_action_on == date(2026, 4, 7)
    assert "再次提示" in answer.words
    assert ("可催缴", "666.66 元") in answer.looked_at


def test_a_debt_that_no_run_has_seen_yet_is_answered_as_the_next_run_would(household):
    answer = ask(household(), "2026-04-01")
    assert (answer.code, answer.is_planned, answer.is_dry_run) == ("FIRST_STEP", True, True)
    assert not Sweep.objects.exists()


@pytest.mark.parametrize(
    ("text", "words", "next_on"),
    [
        pytest.param("2026-03-31", "最近一笔 2026-03-31 到期", DUE + timedelta(days=1), id="on-the-due-day"),
        pytest.param("2026-03-02", "最近一笔 2026-03-31 到期", DUE + timedelta(days=1), id="long-before"),
    ],
)
def test_nothing_overdue_says_when_it_will_be(household, text, words, next_on):
    answer = ask(household(), text)
    assert (answer.code, answer.is_planned, answer.next_on) == (NO_ARREARS, False, next_on)
    assert words in answer.words


def test_a_household_that_owes_nothing_is_told_so(household):
    account = household()
    pay(account, "666.66", "2026-04-01")
    assert ask(account, "2026-04-02").words == "没有未缴账单，无需联系。"


def test_a_referred_case_is_with_the_lawyers(household):
    account = household()
    day("2026-04-01")
    Case.objects.update(state=Case.State.REFERRED)
    assert ask(account, "2026-04-02").code == REFERRED


def test_a_past_day_is_answered_from_what_was_stored_then(household):
    account = household()
    day("2026-04-01")
    day("2026-04-02")
    pay(account, "666.66", "2026-04-10")
    day("2026-04-10")
    assert ask(account, "2026-04-02", "2026-05-01").code == "WAITING_FOR_PROVIDER"
    between = ask(account, "2026-04-05", "2026-05-01")
    assert (between.code, between.decided_on, between.is_planned) == ("WAITING_FOR_PROVIDER", date(2026, 4, 2), False)
    assert ask(account, "2026-03-31", "2026-05-01").code == NOT_LOOKED_AT


@pytest.fixture
def account(office):
    with office.open():
        place = estate()
        account = move_in(place)
        bill(place, account, "6000.00")
        plan_day(on=TODAY, at=at(str(TODAY)))
    return account


@pytest.mark.parametrize(
    ("role", "status"),
    [("collector", 200), ("supervisor", 200), ("finance", 200), ("manager", 200), ("legal", 200), ("admin", 403)],
)
def test_who_may_ask(office, account, sign_in, role, status):
    client = sign_in(office.people[role])
    assert client.get(f"/accounts/{account.pk}/why/?on=2026-04-01").status_code == status
    assert client.get(f"/api/v1/accounts/{account.pk}/why/?on=2026-04-01").status_code == status


def test_an_outsider_finds_no_household(other_office, account, sign_in):
    client = sign_in(other_office.people["manager"])
    assert client.get(f"/accounts/{account.pk}/why/").status_code == 404
    assert client.get(f"/api/v1/accounts/{account.pk}/why/").status_code == 404


def test_the_api_gives_the_inputs_that_decide_it_again(office, account, sign_in):
    said = sign_in(office.people["collector"]).get(f"/api/v1/accounts/{account.pk}/why/?on=2026-04-01").json()
    assert (said["code"], said["is_planned"], said["step"]) == ("FIRST_STEP", True, "温馨提示")
    assert Decimal(said["inputs"]["remindable"]) == Decimal("6000.00")


def test_the_household_page_asks_for_the_panel(office, account, sign_in):
    client = sign_in(office.people["collector"])
    assert f"/accounts/{account.pk}/why/" in client.get(f"/households/{account.pk}/").content.decode()
    panel = client.get(f"/accounts/{account.pk}/why/?on=2026-04-01", headers={"HX-Request": "true"}).content.decode()
    assert "当天进行「温馨提示」" in panel
    assert "<html" not in panel
