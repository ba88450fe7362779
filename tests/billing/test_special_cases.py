"""Special cases: who opens, who agrees, what ends them, and whose bill it is after a handover (S5–S9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from billing.models import Account, Adjustment, Bill, ExpectedAmount, SpecialCase
from billing.operations import (
    ReductionRefused,
    SpecialCaseRefused,
    apply_for_vacancy,
    approve_reduction,
    approve_special_case,
    close_special_case,
    open_special_case,
    propose_reduction,
    record_payment,
    refuse_reduction,
    reverse_payment,
    review_special_case,
)
from billing.queries import open_bills
from offices.filing import store_file
from offices.models import OfficeSettings, StoredFile
from offices.operations.offices import save_settings
from tests.conftest import at
from tests.factories.books import Books

pytestmark = pytest.mark.django_db
TODAY = "2026-09-01"  # a Tuesday


def proof(name: str = "交房单.pdf") -> StoredFile:
    return store_file(b"%PDF-1.7 proof", name=name, kind=StoredFile.Kind.EVIDENCE, by=None, at=at(TODAY))


def opened(account: Account, kind: str, office: Any, on: str = TODAY, **given: Any) -> SpecialCase:
    facts = {"starts_on": at(on).date(), "note": "业主来访说明", "by": office.people["collector"], "at": at(on)}
    return open_special_case(account=account, kind=kind, **(facts | given))


def paid(account: Account, amount: str, on: str = TODAY) -> Any:
    return record_payment(
        account=account, amount=D(amount), value_on=at(on).date(), kind="bank", by=None, at=at(on, 16)
    )


def owed(account: Account) -> D:
    return sum((line.open for line in open_bills(account_id=account.pk)), D("0.00"))


@pytest.mark.parametrize(
    ("kind", "given_facts", "code"),
    [
        pytest.param("unheard", {}, "kind_unknown", id="no-such-kind"),
        pytest.param("other", {"note": "  "}, "note_missing", id="nothing-said"),
        pytest.param("other", {"starts_on": date(2026, 9, 2)}, "starts_in_future", id="not-before-its-day"),
        pytest.param("other", {"ends_on": date(2026, 8, 31)}, "ends_before_start", id="ends-before-it-begins"),
        pytest.param("prepaid", {}, "claimed_amount_missing", id="prepaid-how-much"),
        pytest.param("prepaid", {"claimed_amount": D("0.00")}, "claimed_amount_missing", id="prepaid-nothing"),
        pytest.param("pending_transfer", {"claimed_amount": D("-5.00")}, "amount_not_positive", id="negative"),
        pytest.param("pending_transfer", {"claimed_on": date(2026, 9, 2)}, "claimed_in_future", id="paid-tomorrow"),
        pytest.param("vacancy_discount", {}, "evidence_missing", id="vacancy-without-proof"),
        pytest.param("legacy_issue", {"review_on": date(2026, 10, 1)}, "issue_owner_missing", id="whose-issue"),
        pytest.param("legacy_issue", {"issue_owner": "工程部李工"}, "review_on_missing", id="until-when"),
        pytest.param("other", {"review_on": date(2026, 9, 1)}, "review_out_of_range", id="reviewed-today"),
        pytest.param("other", {"review_on": date(2027, 9, 1)}, "review_out_of_range", id="parked-for-a-year"),
    ],
)
def test_a_case_that_is_not_complete_is_not_opened(
    account: Account, inside: Any, kind: str, given_facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(SpecialCaseRefused) as no:
        opened(account, kind, inside, **given_facts)
    assert no.value.code == code
    assert not SpecialCase.objects.exists()


@pytest.mark.parametrize(
    ("kind", "given_facts", "ends_before", "review_on"),
    [
        pytest.param("prepaid", {"claimed_amount": D("1200.00")}, None, date(2026, 9, 8), id="prepaid"),
        pytest.param("pending_transfer", {}, date(2026, 9, 5), None, id="transfer-ends-by-itself"),
        pytest.param("not_handed_over", {}, None, date(2026, 11, 30), id="not-handed-over"),
        pytest.param(
            "legacy_issue", {"issue_owner": "工程部李工", "review_on": date(2026, 10, 9)}, None, date(2026, 10, 9),
            id="legacy-by-its-own-day",
        ),
        pytest.param("other", {}, None, date(2026, 9, 15), id="other"),
    ],
)  # fmt: skip
def test_none_is_open_without_an_end_in_sight(
    account: Account, inside: Any, kind: str, given_facts: dict[str, Any], ends_before: Any, review_on: Any
) -> None:
    case = opened(account, kind, inside, **given_facts)
    assert (case.ends_before, case.review_on) == (ends_before, review_on)


def test_the_office_says_how_many_working_days_a_transfer_is_waited_for(account: Account, inside: Any) -> None:
    save_settings(values={"transfer_hold_days": 5}, by=None, at=at(TODAY))
    assert OfficeSettings.objects.get().transfer_hold_days == 5
    assert opened(account, "pending_transfer", inside).ends_before == date(2026, 9, 9)


@pytest.mark.parametrize(
    ("again", "given_facts", "is_refused"),
    [
        pytest.param("2026-09-05", {}, True, id="the-day-it-ran-out"),
        pytest.param("2026-09-05", {"evidence": True}, False, id="with-the-voucher"),
        pytest.param("2026-12-04", {}, False, id="forgotten-after-90-days"),
    ],
)
def test_a_transfer_that_never_came_is_claimed_again_with_its_voucher_only(
    account: Account, inside: Any, again: str, given_facts: dict[str, Any], is_refused: bool
) -> None:
    assert opened(account, "pending_transfer", inside).ends_before == date(2026, 9, 5)
    facts = {"evidence": proof("回单.pdf")} if given_facts else {}
    if is_refused:
        with pytest.raises(SpecialCaseRefused, match=r"2026-09-01.*凭证") as no:
            opened(account, "pending_transfer", inside, again, **facts)
        assert (no.value.code, no.value.details["field"]) == ("voucher_missing", "evidence")
    else:
        assert opened(account, "pending_transfer", inside, again, **facts).pk


def test_what_was_claimed_is_waited_for_in_bank_matching(account: Account, inside: Any) -> None:
    case = opened(
        account, "pending_transfer", inside, claimed_amount=D("1200.00"), claimed_on=date(2026, 8, 31), claimed_payer="林建国"
    )  # fmt: skip
    expected = ExpectedAmount.objects.get()
    assert (expected.account_id, expected.amount, expected.due_on, expected.source, expected.withdrawn_at) == (
        account.pk, D("1200.00"), date(2026, 8, 31), f"claim:{case.pk}", None,
    )  # fmt: skip
    close_special_case(case=case, by=None, at=at("2026-09-02"), reason="业主认错了")
    expected.refresh_from_db()
    assert expected.withdrawn_at is not None


@pytest.mark.parametrize(
    ("kind", "claimed", "booked", "is_open"),
    [
        pytest.param("pending_transfer", "1200.00", ["1200.00"], False, id="the-very-sum"),
        pytest.param("pending_transfer", "1200.00", ["600.00"], True, id="half-of-it"),
        pytest.param("pending_transfer", "1200.00", ["600.00", "600.00"], False, id="in-two-transfers"),
        pytest.param("pending_transfer", None, ["0.01"], False, id="no-sum-was-named"),
        pytest.param("prepaid", "2000.00", ["2000.00"], False, id="the-prepayment-is-booked"),
        pytest.param("prepaid", "2000.00", ["1999.99"], True, id="a-cent-is-missing"),
    ],
)
def test_a_claim_ends_when_the_money_is_booked(
    account: Account, inside: Any, kind: str, claimed: str | None, booked: list[str], is_open: bool
) -> None:
    case = opened(account, kind, inside, claimed_amount=claimed and D(claimed))
    for amount in booked:
        paid(account, amount)
    case.refresh_from_db()
    assert (case.closed_at is None) is is_open
    assert ExpectedAmount.objects.filter(withdrawn_at=None).exists() is (is_open and claimed is not None)


def test_money_of_another_household_answers_nothing(account: Account, inside: Any) -> None:
    case = opened(account, "pending_transfer", inside, claimed_amount=D("600.00"))
    paid(Books("华庭二期").account("王芳"), "600.00")
    case.refresh_from_db()
    assert case.closed_at is None


def test_money_that_was_taken_back_answers_nothing(account: Account, inside: Any) -> None:
    case = opened(account, "pending_transfer", inside, claimed_amount=D("1200.00"))
    reverse_payment(payment=paid(account, "600.00"), by=None, at=at(TODAY, 17), reason="认错户")
    paid(account, "600.00")
    case.refresh_from_db()
    assert case.closed_at is None


def test_money_answers_no_other_kind(account: Account, inside: Any) -> None:
    case = opened(account, "legacy_issue", inside, issue_owner="工程部李工", review_on=date(2026, 10, 1))
    paid(account, "2400.00")
    case.refresh_from_db()
    assert case.closed_at is None


def test_who_opened_a_case_cannot_agree_to_it(account: Account, inside: Any) -> None:
    case = opened(account, "other", inside, by=inside.people["supervisor"])
    with pytest.raises(SpecialCaseRefused) as no:
        approve_special_case(case=case, by=inside.people["supervisor"], at=at(TODAY))
    assert no.value.code == "two_people_needed"
    approved = approve_special_case(case=case, by=inside.people["manager"], at=at(TODAY))
    assert approved.approved_by == inside.people["manager"]
    with pytest.raises(SpecialCaseRefused) as again:
        approve_special_case(case=case, by=inside.people["manager"], at=at(TODAY))
    assert again.value.code == "approved_already"


@pytest.mark.parametrize(
    ("kind", "code"), [("pending_transfer", "no_approval_needed"), ("vacancy_discount", "decide_reductions")]
)
def test_some_are_not_agreed_to_by_name(account: Account, inside: Any, kind: str, code: str) -> None:
    case = opened(account, kind, inside, evidence=proof())
    with pytest.raises(SpecialCaseRefused) as no:
        approve_special_case(case=case, by=inside.people["manager"], at=at(TODAY))
    assert no.value.code == code


def test_a_review_says_why_it_goes_on_and_until_when(account: Account, inside: Any) -> None:
    case = opened(account, "legacy_issue", inside, issue_owner="工程部李工", review_on=date(2026, 9, 10))
    by = inside.people["supervisor"]
    with pytest.raises(SpecialCaseRefused) as no:
        review_special_case(case=case, review_on=date(2026, 10, 10), note=" ", by=by, at=at("2026-09-10"))
    assert no.value.code == "note_missing"
    again = review_special_case(
        case=case, review_on=date(2026, 10, 10), note="开发商答应 10 月 8 日修", by=by, at=at("2026-09-10")
    )
    assert again.review_on == date(2026, 10, 10)
    assert again.note.startswith("业主来访说明")
    assert "开发商答应" in again.note


def test_a_transfer_is_not_prolonged(account: Account, inside: Any) -> None:
    case = opened(account, "pending_transfer", inside)
    with pytest.raises(SpecialCaseRefused) as no:
        review_special_case(
            case=case, review_on=date(2026, 10, 10), note="再等等", by=inside.people["manager"], at=at(TODAY)
        )
    assert no.value.code == "ends_by_itself"


# Vacancy (S8)


def vacancy(account: Account, office: Any, **given: Any) -> SpecialCase:
    facts = {
        "vacant": (date(2024, 2, 1), date(2024, 6, 30)), "payable_percent": D(70), "note": "全年未入住",
        "evidence": proof("水表读数.pdf"), "by": office.people["finance"], "at": at(TODAY),
    }  # fmt: skip
    return apply_for_vacancy(account=account, **(facts | given))


def test_a_vacancy_is_a_line_of_its_own_that_a_second_person_approves(account: Account, inside: Any) -> None:
    case = vacancy(account, inside)
    asked = list(Adjustment.objects.order_by("bill__due_on"))
    assert [(line.amount, line.state, line.kind) for line in asked] == [
        (D("118.68"), "proposed", "vacancy"),  # 60 of 91 days at 70 %
        (D("180.00"), "proposed", "vacancy"),
    ]
    assert owed(account) == D("2400.00"), "nothing counts before it is approved"
    with pytest.raises(ReductionRefused) as no:
        approve_reduction(adjustment=asked[0], by=inside.people["finance"], at=at(TODAY))
    assert no.value.code == "two_people_needed"
    approve_reduction(adjustment=asked[0], by=inside.people["manager"], at=at(TODAY))
    case.refresh_from_db()
    assert case.closed_at is None, "one is still to be decided"
    refuse_reduction(adjustment=asked[1], by=inside.people["manager"], at=at(TODAY))
    case.refresh_from_db()
    assert (case.closed_by, case.approved_by) == (inside.people["manager"],) * 2
    assert owed(account) == D("2281.32")
    assert {bill.amount for bill in Bill.objects.all()} == {D("600.00")}, "the bill itself is never overwritten"


def test_a_vacancy_that_is_withdrawn_takes_its_lines_along(account: Account, inside: Any) -> None:
    close_special_case(case=vacancy(account, inside), by=inside.people["manager"], at=at(TODAY), reason="证明不足")
    assert set(Adjustment.objects.values_list("state", flat=True)) == {"refused"}


@pytest.mark.parametrize(
    ("given_facts", "code"),
    [
        pytest.param({"evidence": None}, "evidence_missing", id="no-proof"),
        pytest.param({"payable_percent": D(100)}, "percent_wrong", id="no-discount"),
        pytest.param({"vacant": (date(2024, 6, 30), date(2024, 2, 1))}, "ends_before_start", id="backwards"),
        pytest.param({"vacant": (date(2022, 1, 1), date(2022, 6, 30))}, "no_bill", id="nothing-billed-then"),
    ],
)
def test_a_vacancy_that_is_not_complete_leaves_nothing(
    account: Account, inside: Any, given_facts: dict[str, Any], code: str
) -> None:
    with pytest.raises((ReductionRefused, SpecialCaseRefused)) as no:
        vacancy(account, inside, **given_facts)
    assert no.value.code == code
    assert not SpecialCase.objects.exists()
    assert not Adjustment.objects.exists()


def test_nobody_asks_for_a_vacancy_without_proof(account: Account, inside: Any) -> None:
    with pytest.raises(ReductionRefused) as no:
        propose_reduction(
            bill=account.bills.first(), amount=D(1), kind="vacancy", reason="空置", by=inside.people["finance"], at=at(TODAY)
        )  # fmt: skip
    assert no.value.code == "vacancy_needs_proof"
