"""Plan, then effect, and back: the plan is what the run does (invariant 43), and a run can be taken back while nothing left."""

from datetime import date
from decimal import Decimal

import pytest

from collection.models import Action, Case, Message, Notice, Skip, Sweep
from collection.operations import (
    RollBackRefused,
    approve_notice,
    mark_effective,
    plan_day,
    roll_back_sweep,
)
from collection.operations.sweeps import run_sweep
from collection.queries.plan import plan_of, plan_sweep
from collection.rules import decide as d
from tests.collection.conftest import bill, estate, move_in
from tests.collection.test_sweep import FIRST, day, pay, snapshot, take_effect
from tests.conftest import at

ON = date(2026, 4, 1)


def effects(sweep):
    """Who took which step, who was passed over and why; the days to look again."""
    lines = [(a.account_id, True, str(a.position), a.case.next_action_on) for a in Action.objects.filter(sweep=sweep)]
    return {*lines, *((s.case.account_id, False, s.code, s.look_again_on) for s in Skip.objects.filter(sweep=sweep))}


def said(plan):
    return {(line.account_id, line.is_planned, line.key, line.next_on) for line in plan.lines}


@pytest.fixture
def estate_of_all_kinds(place, household):
    """Households at several steps, some held back, one paid, one new, one below the minimum of a run."""
    old = [household("6000.00") for _ in range(5)]
    household(phone=None)
    day(FIRST)
    for account in old[:4]:
        take_effect(account, FIRST)
    pay(old[0], "6000.00", "2026-04-06")
    pay(old[1], "10.00", "2026-04-06")
    bill(place, move_in(place), "88.00", date(2026, 4, 5), is_reconciled=False)
    bill(place, move_in(place), "99.00", date(2026, 4, 5))
    return old


@pytest.mark.parametrize("text", ["2026-04-02", "2026-04-07", "2026-04-20", "2026-07-01"])
def test_the_plan_is_what_the_run_does(estate_of_all_kinds, text):
    on = date.fromisoformat(text)
    before = snapshot()
    plan = plan_sweep(on)
    assert snapshot() == before
    assert said(plan_sweep(on)) == said(plan)
    sweep = run_sweep(on=on, at=at(text))
    assert said(plan) == effects(sweep)
    assert (plan.eligible, plan.planned, plan.skipped) == (sweep.eligible, sweep.planned, sweep.skipped)
    assert (plan.opened, plan.closed) == (sweep.opened, sweep.closed)
    assert plan.planned + plan.skipped == plan.eligible > 0
    assert plan_sweep(on).eligible == 0


def test_the_stored_run_reads_like_the_plan_before_it(estate_of_all_kinds):
    plan = plan_sweep(date(2026, 4, 7))
    done = plan_of(run_sweep(on=date(2026, 4, 7), at=at("2026-04-07")))
    assert {(line.account_id, line.key, line.words, line.amount) for line in done.lines} == {
        (line.account_id, line.key, line.words, line.amount) for line in plan.lines
    }
    assert done.groups == plan.groups
    assert sum(group.count for group in plan.groups) == plan.eligible


def test_every_reason_has_a_heading():
    assert set(d.WORDS) - {d.SETTLED} == set(d.TITLES)


def business():
    """What a run may change, ids of its own rows left out."""
    return {
        "cases": list(Case.objects.order_by("pk").values("account_id", "state", "reached", "next_action_on", "tier")),
        "living": list(Action.objects.exclude(state="void").values("case_id", "position", "state")),
        "messages": list(Message.objects.exclude(state="void").values("action_id", "state")),
        "notices": list(Notice.objects.exclude(state="void").values("action_id", "state")),
    }


@pytest.fixture
def inside(office):
    with office.open():
        yield office


def at_the_letter(household):
    """A household whose next step is the formal notice."""
    account = household("6000.00")
    day(FIRST)
    Action.objects.update(state="effective")
    Case.objects.update(reached=3, reached_on=ON, next_action_on=date(2026, 4, 20))
    return account


def test_a_run_taken_back_leaves_the_cases_as_they_were(inside, household):
    at_the_letter(household)
    for _ in range(3):
        household()
    day("2026-04-02")
    Action.objects.filter(state="planned").update(state="effective")
    Case.objects.filter(reached=0).update(reached=1, reached_on=date(2026, 4, 2), next_action_on=date(2026, 4, 19))
    before = business()
    sweep = day("2026-04-20").sweep
    assert Notice.objects.get().state == "proposed"
    assert Message.objects.filter(state="pending", action__sweep=sweep).count() == 3
    undone = roll_back_sweep(sweep=sweep, by=inside.people["manager"], at=at("2026-04-20", 11))
    assert (undone.state, undone.undone_by) == ("undone", inside.people["manager"])
    assert business() == before
    assert Notice.objects.get().history.first().history_user == inside.people["manager"]


def test_after_a_roll_back_the_day_can_be_run_again_with_the_same_result(inside, household):
    at_the_letter(household)
    household()
    first = day("2026-04-20").sweep
    told = effects(first)
    roll_back_sweep(sweep=first, by=inside.people["supervisor"], at=at("2026-04-20", 11))
    assert said(plan_sweep(date(2026, 4, 20))) == told
    again = plan_day(on=date(2026, 4, 20), at=at("2026-04-20", 12)).sweep
    assert again.pk != first.pk
    assert effects(again) == told


def leave_by_message(office, sweep):
    Message.objects.update(state="sending")


def leave_by_approval(office, sweep):
    approve_notice(notice=Notice.objects.get(), by=office.people["manager"], at=at("2026-04-20", 11))


def leave_by_call(office, sweep):
    action = Action.objects.get(sweep=sweep, kind="formal")
    action.contacts.create(
        account_id=action.account_id, channel="visit", outcome="no_answer", reached=False, at=at("2026-04-20", 11)
    )


def leave_by_effect(office, sweep):
    mark_effective(
        action=Action.objects.get(sweep=sweep, kind="reminder"), on=date(2026, 4, 20), at=at("2026-04-20", 11)
    )


@pytest.mark.parametrize(
    ("leave", "words"),
    [
        pytest.param(leave_by_message, "1 条信息已发出或正在发送", id="a-message"),
        pytest.param(leave_by_approval, "1 份通知书已批准或送出", id="an-approved-notice"),
        pytest.param(leave_by_call, "1 次联系已登记", id="a-contact"),
        pytest.param(leave_by_effect, "1 项已办结", id="a-step-that-took-effect"),
    ],
)
def test_what_has_left_the_house_is_not_taken_back(inside, household, leave, words):
    at_the_letter(household)
    household()
    sweep = day("2026-04-20").sweep
    leave(inside, sweep)
    before = business()
    with pytest.raises(RollBackRefused) as no:
        roll_back_sweep(sweep=sweep, by=inside.people["manager"], at=at("2026-04-20", 12))
    assert no.value.code == "left_the_house"
    assert words in str(no.value)
    assert business() == before


def test_only_the_newest_run_is_taken_back_and_only_once(inside, household):
    household()
    first = day(FIRST).sweep
    household()
    second = day("2026-04-02").sweep
    who = {"by": inside.people["manager"], "at": at("2026-04-02", 12)}
    with pytest.raises(RollBackRefused) as no:
        roll_back_sweep(sweep=first, **who)
    assert no.value.code == "not_last"
    roll_back_sweep(sweep=second, **who)
    with pytest.raises(RollBackRefused) as no:
        roll_back_sweep(sweep=second, **who)
    assert no.value.code == "already_undone"
    assert roll_back_sweep(sweep=first, **who).state == "undone"
    assert not Action.objects.exclude(state="void").exists()


@pytest.fixture
def ran(office):
    with office.open():
        place = estate()
        account = move_in(place)
        bill(place, account, "6000.00")
        plan_day(on=ON, at=at(FIRST))
        return Sweep.objects.get()


@pytest.mark.parametrize(
    ("role", "read", "acted"),
    [
        ("collector", 403, 403), ("supervisor", 200, 302), ("finance", 403, 403), ("manager", 200, 302),
        ("legal", 403, 403), ("admin", 403, 403),
    ],
)  # fmt: skip
def test_who_may_see_the_plan_and_take_a_run_back(office, ran, sign_in, role, read, acted):
    client = sign_in(office.people[role])
    assert client.get("/plan/").status_code == read
    assert client.get(f"/plan/{ran.pk}/").status_code == read
    assert client.get("/api/v1/runs/plan/").status_code == read
    assert client.post(f"/plan/{ran.pk}/roll-back/").status_code == acted
    with office.open():
        assert Sweep.objects.get().state == ("undone" if acted == 302 else "done")


def test_an_outsider_finds_no_run(other_office, office, ran, sign_in):
    client = sign_in(other_office.people["manager"])
    assert client.get(f"/plan/{ran.pk}/").status_code == 404
    assert client.post(f"/plan/{ran.pk}/roll-back/").status_code == 404
    assert client.post(f"/api/v1/runs/{ran.pk}/roll-back/").status_code == 404
    with office.open():
        assert Sweep.objects.get().state == "done"
        with pytest.raises(RollBackRefused) as no:
            roll_back_sweep(sweep=ran, by=other_office.people["manager"], at=at(FIRST, 12))
        assert no.value.code == "not_yours"


def test_the_page_lists_the_plan_lets_it_take_effect_and_takes_it_back(office, sign_in):
    with office.open():
        place = estate()
        bill(place, move_in(place, name="林秀英"), "6000.00")
    client = sign_in(office.people["supervisor"])
    page = client.get("/plan/").content.decode()
    assert "林秀英" in page
    assert "温馨提示" in page
    with office.open():
        assert not Sweep.objects.exists()
    answer = client.post("/plan/run/")
    with office.open():
        sweep = Sweep.objects.get()
        assert Action.objects.get().state == "planned"
    assert answer.url == f"/plan/{sweep.pk}/"
    assert "整批撤回" in client.get(answer.url).content.decode()
    client.post(f"/plan/{sweep.pk}/roll-back/")
    assert "已撤回" in client.get("/plan/").content.decode()
    with office.open():
        assert Action.objects.get().state == "void"


def test_the_api_plans_and_says_why_a_run_stays(office, ran, sign_in):
    client = sign_in(office.people["manager"])
    with office.open():
        place = estate("金辰苑")
        bill(place, move_in(place), "70.00")
        Message.objects.update(state="sent")
    plan = client.get("/api/v1/runs/plan/").json()
    assert plan["planned"] + plan["skipped"] == plan["eligible"] == len(plan["lines"])
    assert Decimal("70.00") in {Decimal(line["amount"]) for line in plan["lines"]}
    refused = client.post(f"/api/v1/runs/{ran.pk}/roll-back/")
    assert refused.status_code == 409
    assert refused.json()["code"] == "left_the_house"
