"""A dispute holds what it contests; the rest goes on; resolving lets it go on (S74–S82)."""

from datetime import date
from decimal import Decimal as D

import pytest

from arrears.queries import bill_lines, position
from arrears.rules.position import AccountFacts
from billing.models import Account, Adjustment
from billing.operations.reductions import approve_reduction, refuse_reduction
from disputes.models import Dispute, DisputeStep
from disputes.operations import DisputeRefused, add_step, raise_dispute, resolve_dispute
from disputes.rules import course, kinds
from tests.conftest import at
from tests.factories.books import Books, quarter

DAY = "2024-11-11"
ON = date(2024, 11, 11)


@pytest.fixture
def household(inside):
    """An account with the first two quarters of 2024 unpaid: (account, first bill, second bill)."""
    facts = Books().enter(AccountFacts(0, (quarter(1), quarter(2))))
    return Account.objects.get(pk=facts.account_id), facts.bills[0].bill_id, facts.bills[1].bill_id


def object_to(household, lines=None, office=None, **changes):
    account, first, _second = household
    asked = {
        "account": account, "kind": "charge", "owner_words": "一季度没住，凭什么收全额？", "lines": lines or {first: D("600.00")},
        "by": office.people["collector"] if office else None, "at": at(DAY),
    }  # fmt: skip
    return raise_dispute(**{**asked, **changes})


def test_choices_of_the_model_are_those_of_the_rules():
    assert [(k.code, k.label) for k in kinds.KINDS] == Dispute.Kind.choices
    assert list(course.STATES) == Dispute.State.choices
    assert list(course.RULINGS) == Dispute.Ruling.choices[1:]
    assert {m.code for m in course.MOVES} | {"raised", "ruling"} == set(DisputeStep.Kind.values)


def test_a_full_contest_holds_the_bill_and_the_rest_goes_on(household):
    account, first, second = household
    object_to(household)
    found = position(account.pk, ON)
    assert (found.arrears, found.contested, found.pursuable) == (D("1200.00"), D("600.00"), D("600.00"))
    late = date(2024, 11, 21)
    lines = {line.bill_id: line.days_overdue for line in bill_lines([account.pk], late)}
    assert lines[first] == (ON - date(2024, 3, 31)).days - 1, "the clock of the contested bill stands still"
    assert lines[second] == (late - date(2024, 6, 30)).days


def test_a_partial_contest_lowers_what_may_be_pursued_only(household):
    account, first, _second = household
    object_to(household, {first: D("200.00")})
    found = position(account.pk, date(2024, 11, 21))
    assert (found.pursuable, found.days_overdue) == (D("1000.00"), (date(2024, 11, 21) - date(2024, 3, 31)).days)


def test_raising_leaves_a_stamp_that_collection_reads(household):
    account = household[0]
    before = account.change_seq
    object_to(household)
    account.refresh_from_db()
    assert account.change_seq == before + 1


def test_feedback_is_promised_within_three_days_unless_a_day_is_named(household):
    assert object_to(household).promised_feedback_on == date(2024, 11, 14)


def test_a_service_dispute_may_name_no_bill_and_still_blocks_formal_steps(household):
    account = household[0]
    dispute = raise_dispute(
        account=account, kind="service", owner_words="电梯坏了两个月", lines={}, by=None, at=at(DAY)
    )
    assert "service_dispute" in position(account.pk, ON).blockers
    assert position(account.pk, ON).pursuable == D("1200.00")
    assert dispute.department == "工程部"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"owner_words": "  "}, "no_words", id="the-owner-was-not-heard"),
        pytest.param({"kind": "nonsense"}, "no_kind", id="no-such-kind"),
        pytest.param({"promised_feedback_on": date(2024, 11, 10)}, "promised_in_the_past", id="promised-yesterday"),
    ],
)
def test_what_intake_refuses(household, changes, code):
    with pytest.raises(DisputeRefused) as refused:
        object_to(household, **changes)
    assert refused.value.code == code
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(("amount", "code"), [("0.00", "amount"), ("600.01", "amount"), ("-5", "amount")])
def test_an_amount_that_cannot_be_contested_is_refused(household, amount, code):
    with pytest.raises(DisputeRefused) as refused:
        object_to(household, {household[1]: D(amount)})
    assert refused.value.code == code


def test_a_bill_of_another_household_cannot_be_contested(household):
    foreign = Books("翠湖二期").enter(AccountFacts(0, (quarter(3),))).bills[0].bill_id
    with pytest.raises(DisputeRefused) as refused:
        object_to(household, {foreign: D("100.00")})
    assert refused.value.code == "bill_not_open"


def test_the_same_yuan_is_not_contested_twice(household):
    first = household[1]
    object_to(household, {first: D("400.00")})
    with pytest.raises(DisputeRefused):
        object_to(household, {first: D("300.00")})
    object_to(household, {first: D("200.00")})
    assert position(household[0].pk, ON).contested == D("600.00")


def test_the_course_from_intake_to_answer(household, inside):
    collector = inside.people["collector"]
    dispute = object_to(household, office=inside)
    for kind, state in [
        ("accept", "checking"),
        ("dispatch", "checking"),
        ("found", "answering"),
        ("answer", "answered"),
    ]:
        add_step(
            dispute=dispute,
            kind=kind,
            text="记录",
            by=collector,
            at=at("2024-11-12"),
            department="秩序部",
            is_satisfied=False,
        )
        dispute.refresh_from_db()
        assert dispute.state == state
    assert dispute.department == "秩序部"
    assert [s.kind for s in dispute.steps.all()] == ["raised", "accept", "dispatch", "found", "answer"]
    assert dispute.steps.get(kind="answer").is_satisfied is False


def test_nobody_explains_before_the_objection_was_accepted(household):
    dispute = object_to(household)
    with pytest.raises(DisputeRefused, match="待受理"):
        add_step(dispute=dispute, kind="explain", text="收费标准是备案的", by=None, at=at(DAY))


def test_a_rejected_objection_lets_collection_go_on_the_same_day(household, inside):
    dispute = object_to(household)
    add_step(dispute=dispute, kind="accept", text="查合同", by=None, at=at("2024-11-12"))
    closed = resolve_dispute(
        dispute=dispute,
        ruling="rejected",
        explanation="合同第五条约定空置按全额。",
        by=inside.people["supervisor"],
        at=at("2024-11-20"),
    )
    assert (closed.state, closed.resolved_on) == ("closed", date(2024, 11, 20))
    assert position(household[0].pk, date(2024, 11, 19)).pursuable == D("600.00")
    assert position(household[0].pk, date(2024, 11, 20)).pursuable == D("1200.00")
    assert not Adjustment.objects.exists()
    assert closed.steps.filter(kind="answer").exists(), "the owner was told"


def test_an_upheld_objection_proposes_a_reduction_that_another_person_decides(household, inside):
    account, first, _second = household
    supervisor, manager = inside.people["supervisor"], inside.people["manager"]
    dispute = object_to(household)
    add_step(dispute=dispute, kind="accept", text="查实际入住", by=supervisor, at=at("2024-11-12"))
    resolve_dispute(dispute=dispute, ruling="upheld", explanation="确实未交付。", by=supervisor, at=at("2024-11-20"))
    proposal = Adjustment.objects.get(kind="dispute")
    assert (proposal.bill_id, proposal.amount, proposal.state) == (first, D("600.00"), "proposed")
    assert position(account.pk, date(2024, 11, 25)).pursuable == D("600.00"), "out of reach until it is decided"
    approve_reduction(adjustment=proposal, by=manager, at=at("2024-11-26"))
    found = position(account.pk, date(2024, 11, 26))
    assert (found.arrears, found.contested, found.pursuable) == (D("600.00"), D("0.00"), D("600.00"))


def test_a_refused_reduction_brings_the_amount_back(household, inside):
    dispute = object_to(household)
    add_step(dispute=dispute, kind="accept", text="查", by=None, at=at("2024-11-12"))
    resolve_dispute(
        dispute=dispute, ruling="upheld", explanation="成立", by=inside.people["supervisor"], at=at("2024-11-20")
    )
    refuse_reduction(adjustment=Adjustment.objects.get(), by=inside.people["manager"], at=at("2024-11-26"))
    assert position(household[0].pk, date(2024, 11, 26)).pursuable == D("1200.00")


def test_a_partly_upheld_objection_needs_an_amount_for_its_line(household, inside):
    _account, first, _second = household
    dispute = object_to(household)
    add_step(dispute=dispute, kind="accept", text="查", by=None, at=at("2024-11-12"))
    decide = {"dispute": dispute, "ruling": "partly", "explanation": "停用期间减半", "by": None, "at": at("2024-11-20")}
    with pytest.raises(DisputeRefused, match="同意减少"):
        resolve_dispute(**decide)
    resolve_dispute(**decide, granted={first: D("150.00")})
    assert Adjustment.objects.get().amount == D("150.00")


def test_a_dispute_is_decided_once(household):
    dispute = object_to(household)
    resolve_dispute(dispute=dispute, ruling="withdrawn", explanation="业主电话撤回", by=None, at=at(DAY))
    with pytest.raises(DisputeRefused, match="已经关闭"):
        resolve_dispute(dispute=dispute, ruling="withdrawn", explanation="再撤回", by=None, at=at(DAY))


def test_a_contest_raised_and_withdrawn_on_one_day_changes_nothing(household):
    account = household[0]
    resolve_dispute(dispute=object_to(household), ruling="withdrawn", explanation="误会", by=None, at=at(DAY))
    found = position(account.pk, date(2024, 12, 1))
    assert (found.pursuable, found.days_overdue) == (D("1200.00"), (date(2024, 12, 1) - date(2024, 3, 31)).days)


def test_a_ruling_without_a_reason_for_the_owner_is_refused(household):
    dispute = object_to(household)
    add_step(dispute=dispute, kind="accept", text="查", by=None, at=at(DAY))
    with pytest.raises(DisputeRefused, match="答复"):
        resolve_dispute(dispute=dispute, ruling="rejected", explanation=" ", by=None, at=at(DAY))
