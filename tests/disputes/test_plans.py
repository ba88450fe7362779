"""Instalment plans: agreed by two people, in force when signed, kept or broken by what comes in (S54, S55, S83–S88)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from arrears.rules.position import AccountFacts
from billing.models import Account, ExpectedAmount
from billing.operations import keep_evidence, record_payment, reverse_payment
from disputes.models import InstalmentPlan
from disputes.operations import (
    PlanRefused,
    activate_plan,
    approve_plan,
    end_plan,
    propose_plan,
    raise_dispute,
    refuse_plan,
    settle_plans,
    take_agreement,
)
from disputes.queries import coverable_lines, plans_of
from disputes.rules.plans import Line, even_schedule
from offices.operations.offices import save_settings
from tests.conftest import at
from tests.factories.books import Books, quarter
from tests.scenarios.world import photo

DAY = "2024-11-11"
ON = date(2024, 11, 11)
DECEMBER, JANUARY, FEBRUARY = date(2024, 12, 11), date(2025, 1, 11), date(2025, 2, 11)


@pytest.fixture
def household(inside):
    """Two quarters of 600 yuan each, both late."""
    entered = Books().enter(AccountFacts(0, (quarter(1), quarter(2))))
    return Account.objects.get(pk=entered.account_id)


@pytest.fixture
def people(inside):
    return inside.people


def three(total="1200.00"):
    return even_schedule(D(total), down=D(0), down_on=ON, count=3, first_on=DECEMBER)


def propose(account, people, **changes):
    asked = {
        "account": account,
        "bill_ids": [line.bill_id for line in coverable_lines(account.pk, ON)],
        "schedule": three(),
        "reason": "今年失业，社区已核实",
        "willingness": "written",
        "by": people["collector"],
        "at": at(DAY),
    }
    return propose_plan(**asked | changes)


def signed(people):
    return keep_evidence(data=photo().read(), name="签字.jpg", by=people["collector"], at=at(DAY))


def in_force(account, people):
    plan = approve_plan(plan=propose(account, people), by=people["manager"], at=at(DAY))
    return activate_plan(plan=plan, signed_copy=signed(people), by=people["collector"], at=at(DAY))


def pay(account, people, amount, on):
    return record_payment(
        account=account, amount=D(amount), value_on=on, kind="counter", by=people["finance"], at=at(on.isoformat())
    )


def live(first, last):
    """The timetable's round, every day from `first` to `last`."""
    while first <= last:
        settle_plans(on=first, at=at(first.isoformat()))
        first += timedelta(days=1)


def test_a_plan_covers_its_bills_to_the_cent(household, people):
    plan = propose(household, people)
    assert (plan.state, plan.total) == ("proposed", D("1200.00"))
    assert sum(line.amount for line in plan.instalments.all()) == sum(line.amount for line in plan.covered.all())
    assert not ExpectedAmount.objects.exists(), "nothing is expected before it is signed"


def test_the_office_sets_how_far_a_plan_may_go(household, people):
    save_settings(values={"plan_max_instalments": 2}, by=people["admin"], at=at(DAY))
    with pytest.raises(PlanRefused, match="超过办公室规定的 2 期") as no:
        propose(household, people)
    assert no.value.code == "too_many"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"reason": "  "}, "no_reason", id="no reason"),
        pytest.param({"willingness": ""}, "no_willingness", id="no willingness"),
        pytest.param({"bill_ids": []}, "no_bills", id="no bills"),
        pytest.param({"bill_ids": [987654]}, "bill_not_open", id="somebody else's bill"),
        pytest.param({"schedule": (Line(1, DECEMBER, D("1199.99")),)}, "sum", id="one cent short"),
    ],
)
def test_what_cannot_be_proposed(household, people, changes, code):
    with pytest.raises(PlanRefused) as no:
        propose(household, people, **changes)
    assert no.value.code == code


def test_a_household_has_one_living_plan(household, people):
    propose(household, people)
    with pytest.raises(PlanRefused, match="已有进行中的分期"):
        propose(household, people)


def test_a_contested_bill_is_settled_before_it_is_spread(household, people):
    first = coverable_lines(household.pk, ON)[0]
    raise_dispute(
        account=household,
        kind="charge",
        owner_words="单价不对",
        lines={first.bill_id: D("100.00")},
        by=None,
        at=at(DAY),
    )
    assert first.bill_id not in [line.bill_id for line in coverable_lines(household.pk, ON)]
    with pytest.raises(PlanRefused, match="先处理争议"):
        propose(household, people, bill_ids=[first.bill_id])


def test_the_manager_approves_but_never_what_he_proposed(household, people):
    plan = propose(household, people, by=people["manager"])
    with pytest.raises(PlanRefused, match="不能审批自己提出的分期"):
        approve_plan(plan=plan, by=people["manager"], at=at(DAY))
    with pytest.raises(IntegrityError), transaction.atomic():
        InstalmentPlan.objects.filter(pk=plan.pk).update(state="approved", decided_by=people["manager"])


def test_approval_draws_the_agreement_and_gives_it_a_number(household, people):
    plan = approve_plan(plan=propose(household, people), by=people["manager"], at=at(DAY))
    data, stored = take_agreement(plan=plan)
    assert (plan.state, plan.number) == ("approved", "分协〔2024〕0001号")
    assert data.startswith(b"%PDF-")
    assert stored.mime == "application/pdf"
    assert [line["amount"] for line in plan.frozen["instalments"]] == ["400.00", "400.00", "400.00"]
    assert plan.frozen["total_words"] == "壹仟贰佰元整"


def test_a_plan_is_in_force_only_once_the_signed_copy_is_in(household, people):
    plan = propose(household, people)
    with pytest.raises(PlanRefused, match="待审批"):
        activate_plan(plan=plan, signed_copy=signed(people), by=people["collector"], at=at(DAY))
    with pytest.raises(IntegrityError), transaction.atomic():
        InstalmentPlan.objects.filter(pk=plan.pk).update(state="active")
    approve_plan(plan=plan, by=people["manager"], at=at(DAY))
    seq = Account.objects.get(pk=household.pk).change_seq
    plan = activate_plan(plan=plan, signed_copy=signed(people), by=people["collector"], at=at(DAY))
    assert (plan.state, plan.starts_on) == ("active", ON)
    assert Account.objects.get(pk=household.pk).change_seq == seq + 1, "collection is told"
    expected = ExpectedAmount.objects.filter(withdrawn_at=None).order_by("due_on")
    assert [(e.due_on, e.amount) for e in expected] == [
        (DECEMBER, D("400.00")), (JANUARY, D("400.00")), (FEBRUARY, D("400.00")),
    ]  # fmt: skip


def test_a_payment_between_approval_and_signature_sends_the_plan_back(household, people):
    plan = approve_plan(plan=propose(household, people), by=people["manager"], at=at(DAY))
    pay(household, people, "50.00", ON)
    with pytest.raises(PlanRefused, match="金额与协议不符") as no:
        activate_plan(plan=plan, signed_copy=signed(people), by=people["collector"], at=at(DAY))
    assert no.value.code == "amount_changed"


def test_a_kept_plan(household, people):
    plan = in_force(household, people)
    for day in (DECEMBER, JANUARY, FEBRUARY):
        live(day - timedelta(days=2), day)
        pay(household, people, "400.00", day)
        settle_plans(on=day, at=at(day.isoformat()))
    plan.refresh_from_db()
    assert (plan.state, plan.ends_before) == ("kept", FEBRUARY)
    assert not ExpectedAmount.objects.filter(withdrawn_at=None).exists()


def test_what_is_paid_is_no_longer_expected(household, people):
    in_force(household, people)
    pay(household, people, "400.00", ON)
    settle_plans(on=ON, at=at(DAY))
    assert [e.due_on for e in ExpectedAmount.objects.filter(withdrawn_at=None).order_by("due_on")] == [
        JANUARY,
        FEBRUARY,
    ]


def test_a_missed_instalment_breaks_the_plan_once_on_the_day_after_its_grace(household, people):
    plan = in_force(household, people)
    grace = DECEMBER + timedelta(days=3)
    live(ON, grace)
    plan.refresh_from_db()
    assert plan.state == "active"
    assert settle_plans(on=grace + timedelta(days=1), at=at("2024-12-15")) == {"broken": 1}
    assert settle_plans(on=grace + timedelta(days=1), at=at("2024-12-15")) == {}
    plan.refresh_from_db()
    assert (plan.state, plan.ends_before) == ("broken", date(2024, 12, 15))
    assert not ExpectedAmount.objects.filter(withdrawn_at=None).exists()


def test_a_statement_that_arrives_late_shows_that_the_plan_was_kept(household, people):
    plan = in_force(household, people)
    live(DECEMBER, date(2024, 12, 16))
    pay(household, people, "400.00", DECEMBER)
    assert settle_plans(on=date(2024, 12, 17), at=at("2024-12-17")) == {"active": 1}
    plan.refresh_from_db()
    assert (plan.state, plan.ends_before) == ("active", None)
    assert ExpectedAmount.objects.filter(withdrawn_at=None).count() == 2


def test_money_given_back_opens_a_kept_plan_again(household, people):
    plan = in_force(household, people)
    payment = pay(household, people, "1200.00", ON)
    settle_plans(on=ON, at=at(DAY))
    reverse_payment(payment=payment, reason="退票", by=people["finance"], at=at("2024-11-13"))
    settle_plans(on=date(2024, 11, 13), at=at("2024-11-13"))
    plan.refresh_from_db()
    assert (plan.state, plan.ends_before) == ("active", None)


def test_a_broken_plan_does_not_come_back_beside_a_new_one(household, people):
    old = in_force(household, people)
    live(DECEMBER, date(2024, 12, 16))
    propose(household, people, schedule=even_schedule(
        D("1200.00"), down=D(0), down_on=ON, count=2, first_on=date(2025, 1, 5)), at=at("2024-12-16"))  # fmt: skip
    pay(household, people, "400.00", DECEMBER)
    assert settle_plans(on=date(2024, 12, 17), at=at("2024-12-17")) == {}
    old.refresh_from_db()
    assert old.state == "broken"


def test_ending_a_running_plan_lets_its_bills_go_from_today(household, people):
    plan = in_force(household, people)
    ended = end_plan(plan=plan, reason="业主要求一次缴清", by=people["manager"], at=at("2024-11-20"))
    assert (ended.state, ended.ends_before) == ("ended", date(2024, 11, 20))
    assert not ExpectedAmount.objects.filter(withdrawn_at=None).exists()
    with pytest.raises(PlanRefused, match="已终止"):
        end_plan(plan=plan, reason="再来一次", by=people["manager"], at=at("2024-11-20"))


def test_a_refusal_says_why(household, people):
    plan = propose(household, people)
    with pytest.raises(PlanRefused, match="不同意的原因"):
        refuse_plan(plan=plan, reason=" ", by=people["manager"], at=at(DAY))
    refused = refuse_plan(plan=plan, reason="首付太低", by=people["manager"], at=at(DAY))
    assert (refused.state, refused.end_reason) == ("refused", "首付太低")
    assert propose(household, people).state == "proposed", "another may be proposed"


def test_the_household_sees_its_plan_with_the_next_instalment(household, people):
    in_force(household, people)
    pay(household, people, "500.00", ON)
    (card,) = plans_of(household.pk, ON)
    assert (card.standing.received, card.rest) == (D("500.00"), D("700.00"))
    assert card.standing.following.line.due_on == JANUARY


def test_from_talk_to_signature_on_the_pages(household, office, sign_in):
    page = sign_in(office.people["collector"])
    address = reverse("disputes:plan-propose", args=[household.pk])
    bills = [line.bill_id for line in coverable_lines(household.pk, date.today())]
    asked = {
        "bill": bills, "reason": "失业，居委会证明", "willingness": "counter", "down": "200.00", "down_on": "2099-01-01",
        "count": "3", "first_on": "2099-02-01",
    }  # fmt: skip
    spread = page.post(address, asked | {"spread": "1"})
    assert spread.status_code == 200
    lines = spread.context["form"].lines
    assert [line.amount for line in lines] == [D("200.00"), D("333.33"), D("333.33"), D("333.34")]
    rows = {
        "seq": [line.seq for line in lines],
        "due": [line.due_on for line in lines],
        "amount": [str(line.amount) for line in lines],
    }
    refused = page.post(address, asked | rows)
    assert refused.status_code == 422
    assert "超过办公室规定的 12 个月" in refused.content.decode()
    start = date.today()
    rows["due"] = [start + timedelta(days=10 * n) for n in range(4)]
    assert page.post(address, asked | rows).status_code == 302
    with office.open():
        plan = InstalmentPlan.objects.get()
    assert page.post(reverse("disputes:plan-approve", args=[plan.pk])).status_code == 403
    manager = sign_in(office.people["manager"])
    assert manager.post(reverse("disputes:plan-approve", args=[plan.pk])).status_code == 302
    paper = manager.get(reverse("disputes:plan-agreement", args=[plan.pk]))
    assert paper.content.startswith(b"%PDF-")
    collector = sign_in(office.people["collector"])
    back = SimpleUploadedFile("签字.jpg", photo().read(), "image/jpeg")
    assert collector.post(reverse("disputes:plan-activate", args=[plan.pk]), {"signed": back}).status_code == 302
    assert collector.post(reverse("disputes:plan-end", args=[plan.pk]), {"reason": "试试"}).status_code == 403
    shown = collector.get(reverse("disputes:plans"))
    assert "履行中" in shown.content.decode()
    assert "333" not in collector.get(reverse("disputes:plans-of", args=[household.pk])).content.decode()


def test_the_api_does_the_same(household, office, client):
    client.force_login(office.people["collector"], backend="django.contrib.auth.backends.ModelBackend")
    start = date.today()
    asked = {
        "account": household.pk,
        "bills": [line.bill_id for line in coverable_lines(household.pk, start)],
        "schedule": [
            {"seq": 1, "due_on": str(start + timedelta(days=20)), "amount": "600.00"},
            {"seq": 2, "due_on": str(start + timedelta(days=50)), "amount": "599.99"},
        ],
        "reason": "失业",
        "willingness": "written",
    }
    wrong = client.post("/api/v1/plans/", asked, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "sum")
    asked["schedule"][1]["amount"] = "600.00"
    made = client.post("/api/v1/plans/", asked, content_type="application/json")
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    assert client.post(f"/api/v1/plans/{key}/approve/").status_code == 403
    client.force_login(office.people["manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/api/v1/plans/{key}/approve/").json()["state"] == "approved"
    back = BytesIO(photo().read())
    back.name = "签字.jpg"
    active = client.post(f"/api/v1/plans/{key}/activate/", {"signed": back})
    assert (active.status_code, active.json()["state"]) == (200, "active")
    listed = client.get("/api/v1/plans/?state=active").json()
    assert [row["instalments"][0]["is_missed"] for row in listed["results"]] == [False]
    ended = client.post(f"/api/v1/plans/{key}/end/", {"reason": "改为一次缴清"}, content_type="application/json")
    assert ended.json()["state"] == "ended"
