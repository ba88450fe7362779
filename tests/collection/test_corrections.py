"""更正函: a letter in the owner's hands was wrong, and another takes it back (S10, S91, invariant 40)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from archive.queries.timeline import timeline
from arrears.queries import bill_lines, clocks
from arrears.rules.limitation import years_after
from billing.models import Bill
from billing.operations.accounts import stamp_account
from collection.models import Action, Case, Correction, Notice
from collection.operations.corrections import (
    CorrectionRefused,
    approve_correction,
    drop_correction,
    propose_correction,
    propose_corrections,
    record_correction_sent,
)
from collection.operations.days import plan_day
from collection.operations.notices import NoticeRefused, approve_notice
from collection.operations.service import serve_notice
from collection.queries.notices import served_demand
from collection.rules.corrections import right_amount
from offices.filing import open_file
from tests.collection.cast import household, proposed, rendered, served, settle_in
from tests.conftest import ROLES, at

FOUND = "2026-09-20"  # eight days after the letter was served


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        pytest.param([("600.00", "600.00")], "0.00", id="the-only-bill-is-cancelled"),
        pytest.param([("600.00", "600.00"), ("600.00", "0")], "600.00", id="one-of-two"),
        pytest.param([("600.00", "100.00"), ("600.00", "0")], "1100.00", id="a-part-of-one"),
        pytest.param([("200.00", "600.00")], "0.00", id="more-was-wrong-than-was-still-owed"),
    ],
)
def test_what_the_letter_should_have_said(lines: list[tuple[str, str]], right: str) -> None:
    assert right_amount((Decimal(a), Decimal(b)) for a, b in lines) == Decimal(right)


@pytest.fixture
def letter(inside: Any) -> Notice:
    """A formal notice over two bills of 600.00, served by hand on 12 September 2026, deadline 28 September."""
    settle_in()
    return served(inside, household())


def cancel(bill: Bill, amount: str = "600.00", *, kind: str = "reversal", day: str = FOUND) -> None:
    """The books say that the bill was wrong."""
    bill.adjustments.create(
        kind=kind, state="approved", amount=Decimal(amount), effective_on=at(day).date(), reason="重复计费",
        proposed_at=at(day),
    )  # fmt: skip
    stamp_account(account_id=bill.account_id)


def test_a_cancelled_bill_on_a_served_letter_brings_a_correction_once(letter: Notice) -> None:
    cancel(letter.account.bills.first())
    for hour in (10, 11):
        plan_day(on=at(FOUND).date(), at=at(FOUND, hour))
    [row] = Correction.objects.all()
    assert (row.notice, row.state, row.right_amount, row.proposed_by) == (letter, "proposed", Decimal("600.00"), None)
    assert "重复计费" in row.reason
    letter.refresh_from_db()
    assert letter.state == "served"


@pytest.mark.parametrize(
    ("kind", "day", "found"),
    [
        pytest.param("reversal", FOUND, 1, id="cancelled"),
        pytest.param("dispute", FOUND, 1, id="found-wrong-in-a-dispute"),
        pytest.param("waiver", FOUND, 0, id="a-favour-makes-no-letter-wrong"),
        pytest.param("vacancy", FOUND, 0, id="nor-does-a-discount"),
        pytest.param("reversal", "2026-09-05", 0, id="known-before-the-letter"),
    ],
)
def test_what_makes_a_letter_wrong(letter: Notice, kind: str, day: str, found: int) -> None:
    cancel(letter.account.bills.first(), "100.00", kind=kind, day=day)
    assert len(propose_corrections(at=at(FOUND))) == found


def test_a_letter_in_the_house_needs_no_correction(inside: Any) -> None:
    settle_in()
    notice = approve_notice(notice=proposed(household()), by=inside.people["manager"], at=at("2026-09-10"))
    cancel(notice.account.bills.first())
    assert propose_corrections(at=at(FOUND)) == []
    with pytest.raises(CorrectionRefused, match="没有送出"):
        propose_correction(
            notice=notice, reason="金额有误", right=Decimal(0), by=inside.people["manager"], at=at(FOUND)
        )


@pytest.fixture
def approved(inside: Any, letter: Notice) -> Correction:
    """The correction of the served letter, one of its two bills cancelled, approved by the supervisor."""
    cancel(letter.account.bills.first())
    [row] = propose_corrections(at=at(FOUND))
    return approve_correction(correction=row, by=inside.people["supervisor"], at=at(FOUND, 11))


def test_an_approved_correction_has_a_number_and_a_letter(approved: Correction) -> None:
    assert (approved.number, approved.state) == ("华物催更〔2026〕1 号", "issued")
    assert approved.pdf is not None
    assert open_file(approved.pdf).startswith(b"%PDF-")
    says = approved.frozen
    assert (says["notice_number"], says["wrong"], says["right"]) == (approved.notice.number, "¥1,200.00", "¥600.00")


def test_a_letter_that_was_taken_back_proves_nothing_and_its_step_is_taken_anew(
    inside: Any, letter: Notice, approved: Correction
) -> None:
    assert served_demand(letter.case_id) is None
    case = Case.objects.get(pk=letter.case_id)
    assert (case.letter_deadline_on, Action.objects.get(pk=letter.action_id).state) == (None, "void")
    assert case.reached < letter.action.position
    final = proposed(letter.account, "final", "2026-10-12")
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=final, by=inside.people["manager"], at=at("2026-10-12"))
    assert no.value.code == "FORMAL_NOT_SERVED"


def test_the_safe_limitation_date_no_longer_counts_a_letter_that_was_taken_back(
    letter: Notice, approved: Correction
) -> None:
    """Money was asked for all the same: that stays arguable (民法典 195). The day before keeps what stood on it."""
    [line] = bill_lines([letter.account_id], at(FOUND).date(), only_open=True)
    served_until, never_served = date(2029, 9, 12), years_after(line.due_on, 3)
    before, after = (clocks([line], day)[line.bill_id] for day in (date(2026, 9, 19), at(FOUND).date()))
    assert (before.safe_until, before.arguable_until) == (served_until, served_until)
    assert (after.safe_until, after.arguable_until) == (never_served, served_until)


def test_a_letter_that_arrives_after_it_was_taken_back_interrupts_nothing_for_sure(inside: Any) -> None:
    settle_in()
    notice = rendered(inside, household())
    mailed = {"method": "ems", "tracking_number": "1234567890123", "by": inside.people["collector"]}
    serve_notice(notice=notice, outcome="in_transit", served_at=at("2026-09-12", 15), **mailed)
    cancel(notice.account.bills.first())
    [row] = propose_corrections(at=at(FOUND))
    approve_correction(correction=row, by=inside.people["supervisor"], at=at(FOUND, 11))
    serve_notice(notice=notice, outcome="delivered", served_at=at("2026-09-21", 15), signer="王建国", **mailed)
    [line] = bill_lines([notice.account_id], date(2026, 9, 22), only_open=True)
    clock = clocks([line], date(2026, 9, 22))[line.bill_id]
    assert (clock.safe_until, clock.arguable_until) == (years_after(line.due_on, 3), date(2029, 9, 21))
    assert Case.objects.get(pk=notice.case_id).letter_deadline_on is None


def test_what_was_built_on_the_wrong_letter_is_withdrawn(inside: Any, letter: Notice) -> None:
    final = proposed(letter.account, "final", "2026-09-19")
    cancel(letter.account.bills.first())
    [row] = propose_corrections(at=at(FOUND))
    approve_correction(correction=row, by=inside.people["supervisor"], at=at(FOUND))
    final.refresh_from_db()
    assert (final.state, final.action.state) == ("void", "void")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param({"method": "hand_delivery"}, "", id="by-the-same-way"),
        pytest.param({"method": "ems", "tracking_number": "EA1"}, "OTHER_WAY", id="another-way"),
        pytest.param({"method": "ems", "tracking_number": "EA1", "note": "业主外出"}, "", id="another-way-with-reason"),
        pytest.param({"method": "ems", "note": "业主外出"}, "TRACKING_MISSING", id="mail-without-number"),
        pytest.param({"method": "hand_delivery", "sent_on": date(2026, 9, 19)}, "DATE", id="before-approval"),
        pytest.param({"method": "hand_delivery", "sent_on": date(2026, 9, 22)}, "DATE", id="tomorrow"),
    ],
)
def test_it_goes_out_the_way_the_wrong_letter_did(
    inside: Any, approved: Correction, how: dict[str, Any], code: str
) -> None:
    said = {"sent_on": date(2026, 9, 21), "by": inside.people["collector"], "at": at("2026-09-21")} | how
    if code:
        with pytest.raises(CorrectionRefused) as no:
            record_correction_sent(correction=approved, **said)
        assert no.value.code == code
    else:
        assert record_correction_sent(correction=approved, **said).state == "sent"
        with pytest.raises(CorrectionRefused):
            record_correction_sent(correction=approved, **said)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_propose_and_approve(inside: Any, letter: Notice, role: str) -> None:
    may = role in ("supervisor", "manager")
    if not may:
        with pytest.raises(CorrectionRefused, match="客服主管或项目经理"):
            propose_correction(notice=letter, reason="错", right=Decimal(0), by=inside.people[role], at=at(FOUND))
        return
    row = propose_correction(
        notice=letter, reason="面积有误", right=Decimal("900.00"), by=inside.people[role], at=at(FOUND)
    )
    with pytest.raises(CorrectionRefused) as no:
        approve_correction(correction=row, by=inside.people[role], at=at(FOUND))
    assert no.value.code == "TWO_PERSONS"
    other = "manager" if role == "supervisor" else "supervisor"
    assert approve_correction(correction=row, by=inside.people[other], at=at(FOUND)).state == "issued"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param({"reason": " "}, "REASON_MISSING", id="no-reason"),
        pytest.param({"right": Decimal("1200.00")}, "AMOUNT", id="nothing-wrong"),
        pytest.param({"right": Decimal("-1")}, "AMOUNT", id="below-zero"),
    ],
)
def test_what_a_proposal_needs(inside: Any, letter: Notice, facts: dict[str, Any], code: str) -> None:
    said = {"reason": "面积有误", "right": Decimal("900.00")} | facts
    with pytest.raises(CorrectionRefused) as no:
        propose_correction(notice=letter, by=inside.people["manager"], at=at(FOUND), **said)
    assert no.value.code == code


def test_a_letter_that_was_right_after_all_is_left_alone(inside: Any, letter: Notice) -> None:
    cancel(letter.account.bills.first())
    [row] = propose_corrections(at=at(FOUND))
    drop_correction(correction=row, reason="红冲属另一账期", by=inside.people["manager"], at=at(FOUND))
    assert propose_corrections(at=at(FOUND, 12)) == []
    assert served_demand(letter.case_id) == letter


def test_the_household_tells_the_whole_story(inside: Any, letter: Notice, approved: Correction) -> None:
    record_correction_sent(
        correction=approved, method="hand_delivery", sent_on=date(2026, 9, 21), by=inside.people["collector"],
        at=at("2026-09-21"),
    )  # fmt: skip
    titles = [event.title for event in timeline(letter.account, at("2026-09-21").date() + timedelta(days=1))]
    assert f"发现 {letter.number} 有误，提出更正函" in titles
    assert f"批准更正函 {approved.number}，{letter.number} 不再作为催缴证据" in titles
    assert f"更正函 {approved.number} 已送出：上门送达" in titles


def test_the_pages_from_found_to_sent(office: Any, sign_in: Any) -> None:
    with office.open():
        settle_in()
        notice = served(office, household())
    browser = sign_in(office.people["supervisor"])
    assert "提出更正" in browser.get(f"/notices/{notice.pk}/").content.decode()
    assert browser.get(f"/notices/{notice.pk}/correct/").status_code == 200
    browser.post(f"/notices/{notice.pk}/correct/", {"reason": "面积有误", "right": "900.00"})
    with office.open():
        row = Correction.objects.get()
    assert "1 份更正函待批准或送出" in browser.get("/notices/").content.decode()
    assert browser.post(f"/corrections/{row.pk}/drop/", {"reason": ""}).status_code == 422
    browser = sign_in(office.people["manager"])
    browser.post(f"/corrections/{row.pk}/approve/")
    with office.open():
        row.refresh_from_db()
    assert row.state == "issued"
    assert browser.get(f"/corrections/{row.pk}/pdf/").content.startswith(b"%PDF-")
    assert "不作为催缴证据" in browser.get(f"/notices/{notice.pk}/").content.decode()
    browser = sign_in(office.people["collector"])
    assert browser.post(f"/corrections/{row.pk}/approve/").status_code == 403
    sent = {"method": "hand_delivery", "sent_on": f"{timezone.localdate():%Y-%m-%d}"}
    assert browser.post(f"/corrections/{row.pk}/sent/", sent).status_code == 302
    with office.open():
        assert Correction.objects.get().state == "sent"
    for again in (sent, {}):  # clicked twice
        answer = browser.post(f"/corrections/{row.pk}/sent/", again, follow=True)
        assert (answer.status_code, "已被处理（已送出）" in answer.content.decode()) == (200, True)
    assert "已送出" in browser.get("/corrections/").content.decode()
