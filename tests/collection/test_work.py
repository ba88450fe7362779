"""今日 and what follows from a contact (ux 3.2, S36, S51, S52, R1–R3)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import BankLine, ContactPoint, ImportBatch, SpecialCase
from billing.operations.payments import record_payment
from billing.operations.special_cases import open_special_case
from collection.models import Action, Case, Contact, Promise, Skip
from collection.operations import (
    CaseRefused,
    ContactRefused,
    PromiseRefused,
    assign_actions,
    excuse_action,
    mark_effective,
    plan_day,
    record_contact,
    settle_promises,
)
from collection.queries.work import household as household_of
from collection.queries.work import work_day
from offices.filing import store_file
from tests.conftest import at

FIRST = "2026-04-01"


def day(text):
    return plan_day(on=date.fromisoformat(text), at=at(text))


def today(text, hour=10, who=None):
    return work_day(on=date.fromisoformat(text), at=at(text, hour), assignee=who)


@pytest.fixture
def called(household, inside):
    """A household that cannot be written to, so that it is to be called from the first day on."""

    def make(amount="666.66", **who):
        account = household(amount, phone="010-8888 0001", **who)
        day(FIRST)
        return account

    return make


def say(office, account, outcome, on=FIRST, hour=10, **said):
    return record_contact(
        account=account, by=office.people["collector"], at=at(on, hour), channel="call", outcome=outcome, **said
    )


def test_the_list_says_whom_to_call_and_why(called):
    account = called()
    [item] = today(FIRST).items
    assert (item.account_id, item.group, item.pursuable, item.tier) == (
        account.pk,
        "visit",
        Decimal("666.66"),
        "slight",
    )
    assert "没有可用的手机号或邮箱" in item.why


def test_a_conversation_takes_effect_and_the_next_step_waits_its_days(called, inside):
    account = called()
    say(inside, account, "informed", explanation="已说明账单明细")
    case = Case.objects.get()
    assert (case.reached, case.reached_on, case.next_action_on) == (1, date(2026, 4, 1), date(2026, 4, 7))
    [item] = today(FIRST).items
    assert (item.done, item.done_words) == (True, "已记录：仅告知")


def test_an_unanswered_call_is_tried_again_and_then_becomes_a_visit(household, inside):
    account = household()
    day(FIRST)
    for on in (FIRST, "2026-04-07"):
        mark_effective(action=Action.objects.get(state="planned"), on=date.fromisoformat(on), at=at(on))
        day(str(date.fromisoformat(on) + timedelta(days=6)))
    on = date(2026, 4, 15)
    day(str(on))
    assert Action.objects.get(state="planned").kind == "call"
    for number in range(3):
        [item] = today(str(on)).items
        assert item.group == "call", number
        again = say(inside, account, "no_answer", on=str(on)).next_on
        assert again is not None
        assert again >= on + timedelta(days=3)
        assert again.weekday() < 5, "three days later, and then the next working day (S21)"
        on = again
    [item] = today(str(on)).items
    assert item.group == "visit"
    assert "连续 3 次" in item.why
    assert Case.objects.get().reached == 2, "nobody has been spoken with"


def test_only_a_recorded_reason_lets_a_contact_step_pass(called, inside):
    account = called()
    action, by = Action.objects.get(account=account), inside.people["supervisor"]
    with pytest.raises(CaseRefused) as no:
        excuse_action(action=action, reason=" ", on=date(2026, 4, 2), at=at("2026-04-02"), by=by)
    assert no.value.code == "no_reason"
    excuse_action(action=action, reason="三次上门无人", on=date(2026, 4, 2), at=at("2026-04-02"), by=by)
    assert Case.objects.get().reached == 1


@pytest.mark.parametrize(
    ("outcome", "said", "field"),
    [
        ("refused", {}, "owner_words"),
        ("informed", {}, "explanation"),
        ("promised", {"promised_on": date(2026, 4, 10)}, "promised_amount"),
        ("paid", {}, "reference"),
        ("nonsense", {}, "outcome"),
        ("informed", {"note": "x", "next_on": date(2026, 6, 1)}, "next_on"),
    ],
)
def test_no_contact_is_closed_with_an_empty_result(called, inside, outcome, said, field):
    account = called()
    with pytest.raises(ContactRefused) as no:
        say(inside, account, outcome, **said)
    assert no.value.details["field"] == field
    assert not Contact.objects.exists()


def test_a_promise_is_silent_until_its_day_and_broken_once(called, inside):
    account = called()
    say(inside, account, "promised", promised_on=date(2026, 4, 10), promise_amount=Decimal("666.66"))
    for on in ("2026-04-07", "2026-04-11"):
        assert day(on).promises == {"kept": 0, "broken": 0}
        assert Skip.objects.latest("id").code == "PROMISE_OPEN"
    assert day("2026-04-12").promises == {"kept": 0, "broken": 1}
    assert settle_promises(on=date(2026, 4, 13), at=at("2026-04-13")) == {"kept": 0, "broken": 0}
    [item] = [i for i in today("2026-04-12").items if i.account_id == account.pk]
    assert item.group == "first"
    assert "未到账" in item.why


def test_a_promise_is_kept_by_what_comes_in(called, inside):
    account = called()
    say(inside, account, "promised", promised_on=date(2026, 4, 10), promise_amount=Decimal("600.00"))
    record_payment(
        account=account, amount=Decimal("600.00"), value_on=date(2026, 4, 9), kind="bank", by=None, at=at("2026-04-09")
    )
    assert day("2026-04-09").promises["kept"] == 1
    assert Promise.objects.get().received == Decimal("600.00")


@pytest.mark.parametrize(
    ("on", "amount"),
    [(date(2026, 3, 31), "1.00"), (date(2026, 9, 1), "1.00"), (date(2026, 4, 5), "666.67"), (date(2026, 4, 5), "0.00")],
    ids=["yesterday", "too-far", "more-than-owed", "nothing"],
)
def test_a_promise_must_be_one(called, inside, on, amount):
    account = called()
    with pytest.raises((PromiseRefused, ContactRefused)):
        say(inside, account, "promised", promised_on=on, promise_amount=Decimal(amount))
    assert not Contact.objects.exists(), "the contact is not written down without its promise"


def test_a_second_promise_takes_the_place_of_the_first(called, inside):
    account = called()
    say(inside, account, "promised", promised_on=date(2026, 4, 5), promise_amount=Decimal("100.00"))
    say(inside, account, "promised", on="2026-04-02", promised_on=date(2026, 4, 8), promise_amount=Decimal("666.66"))
    assert list(Promise.objects.order_by("id").values_list("state", flat=True)) == ["withdrawn", "open"]


def test_who_says_he_has_paid_is_left_in_peace_for_a_few_days(called, inside):
    account = called()
    say(inside, account, "paid", reference="工行 4 月 1 日转账")
    hold = SpecialCase.objects.get()
    assert (hold.kind, hold.ends_before) == ("pending_transfer", date(2026, 4, 8))
    day("2026-04-07")
    assert Case.objects.get().reached == 1


def test_a_wrong_number_is_struck_out(called, inside):
    account = called()
    say(inside, account, "wrong_number", phone_tail="0001")
    assert ContactPoint.objects.get().state == "dead"
    assert not household_of(account.pk, on=date(2026, 4, 1), at=at(FIRST, 11)).phones[0].usable


def test_the_same_form_sent_twice_is_one_contact(called, inside):
    account = called()
    first = say(inside, account, "informed", note="x", idempotency_key="abc")
    assert say(inside, account, "informed", note="x", idempotency_key="abc") == first


def test_who_is_on_hold_is_not_on_the_list_and_the_reason_is_told(called, inside):
    account = called()
    open_special_case(
        account=account,
        kind="other",
        starts_on=date(2026, 4, 2),
        note="待核实",
        blocks_reminder=True,
        by=inside.people["supervisor"],
        at=at("2026-04-02"),
    )
    listed = today("2026-04-02")
    assert listed.items == ()
    assert [gone.code for gone in listed.removed] == ["special_case"]


def test_money_that_nobody_has_claimed_is_told_whether_or_not_a_household_is_suggested(called, inside):
    account = called()
    file = store_file(b"statement", name="流水.csv", kind="upload", by=None, at=at(FIRST))
    batch = ImportBatch.objects.create(
        kind="bank", state="committed", file=file, file_name="流水.csv", sha256=file.sha256, uploaded_at=at(FIRST)
    )
    for number, state in enumerate(("unclaimed", "suggested", "claimed", "refunded", "not_fees")):
        BankLine.objects.create(
            batch=batch, row_no=number, on=FIRST, amount=100, state=state, suggested=account, line_key=str(number)
        )
    listed = today(FIRST)
    assert (listed.unclaimed_count, listed.unclaimed_amount) == (2, Decimal("200.00"))


def test_who_paid_last_night_is_not_on_the_list(called, inside):
    account = called()
    record_payment(
        account=account,
        amount=Decimal("666.66"),
        value_on=date(2026, 4, 2),
        kind="counter",
        by=None,
        at=at("2026-04-02", 8),
    )
    assert [gone.code for gone in today("2026-04-02").removed] == ["SETTLED"]
    day("2026-04-02")
    assert [gone.code for gone in today("2026-04-02").removed] == ["SETTLED"]


def test_a_collector_sees_his_own_and_nobodys(called, inside):
    mine, other = inside.people["collector"], inside.people["manager"]
    called()
    assert len(today(FIRST, who=mine).items) == 1
    assign_actions(actions=list(Action.objects.all()), to=other, by=inside.people["supervisor"], at=at(FIRST))
    assert today(FIRST, who=mine).items == ()
    assert today(FIRST, who=other).items[0].assignee_id == other.pk


def test_only_who_may_contact_owners_can_be_given_households(called, inside):
    called()
    with pytest.raises(CaseRefused):
        assign_actions(
            actions=list(Action.objects.all()),
            to=inside.people["finance"],
            by=inside.people["supervisor"],
            at=at(FIRST),
        )


def test_the_panel_knows_what_a_caller_needs(household, inside):
    account = household()
    day(FIRST)
    found = household_of(account.pk, on=date(2026, 4, 1), at=at(FIRST, 11))
    assert found.may_call
    assert found.phones[0].masked.endswith(account.owner.contact_points.get().tail)
    assert "****" in found.phones[0].masked
    assert "666.66" in found.script
    assert found.default_promise == Decimal("666.66")
    assert found.buckets[0]["share"] == 100
    assert not household_of(account.pk, on=date(2026, 4, 1), at=at(FIRST, 20)).may_call


def test_the_list_costs_the_same_for_three_and_for_thirty(household, inside, django_assert_max_num_queries):
    for _ in range(30):
        household(phone=None)
    day(FIRST)
    with django_assert_max_num_queries(27):
        assert len(today(FIRST).items) == 30
