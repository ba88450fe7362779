"""Notices: proposed, approved by name, frozen, drawn, and stopped by whatever changes before they leave."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from billing.models import Bill, SpecialCase
from collection.models import Action, Notice, Promise
from collection.models.contacts import Contact
from collection.operations.notices import (
    NoticeRefused,
    approve_notice,
    propose_notice,
    refresh_notices,
    reject_notice,
    replace_notice,
    void_notice,
)
from collection.operations.rendering import render_due_notices, take_pdf, take_print_run
from collection.rules.wording import check
from offices.filing import open_file
from offices.models import OfficeSettings, SecurityEvent
from tests.collection.cast import household, pay, proposed, rendered, served, settle_in
from tests.conftest import at


def words_of(notice: Notice) -> str:
    """The text of the stored PDF without white space."""
    from io import BytesIO

    reader = PdfReader(BytesIO(open_file(notice.pdf)))
    return "".join("".join((page.extract_text() or "").split()) for page in reader.pages)


@pytest.fixture(autouse=True)
def _letterhead(request: Any) -> None:
    """The office inside its scope, with its letterhead filled in."""
    if "inside" in request.fixturenames:
        request.getfixturevalue("inside")
        settle_in()


def test_the_formal_notice_says_all_that_the_specification_lists(inside: Any) -> None:
    notice = rendered(inside, household())
    text = words_of(notice)
    for piece in (
        "华庭物业服务有限公司", "华物催〔2026〕1号", "物业费催缴通知书", "华庭苑3-1-0502室", "林秀英",  # S43
        "2025年1月—3月", "2025-01-15", "2025-04-15", "1,200.00", "壹仟贰佰元整",  # S44, S45
        "2026年9月28日",  # deadline: expected service + 15 days (S46)
        "11020228090012345" , "附言",  # ways to pay (S47)
        "向人民法院提起诉讼", "第九百四十四条",  # further measures (S48)
        "周敏", "0512-66660000",  # contact (S49, S50)
        "异议", "分期缴纳",  # hardship and objection route (S26)
        "送达回证", "骑缝",
    ):  # fmt: skip
        assert piece in text, piece
    assert notice.amount == sum(line.amount for line in notice.lines.all()) == Decimal("1200.00")
    assert notice.pdf_sha256 == notice.pdf.sha256


def test_no_letter_says_a_forbidden_word(inside: Any) -> None:
    account = household()
    formal = served(inside, account)
    final = rendered(inside, account, "final", "2026-10-15")
    for notice in (formal, final):
        text, quoted = words_of(notice), [law["text"] for law in notice.frozen["citations"]]
        assert "滞纳金" not in text
        assert check(text, notice.kind, quoted=quoted) == ()


def test_the_final_notice_cites_the_law_and_names_the_consequences(inside: Any) -> None:
    account = household()
    formal = served(inside, account)
    final = rendered(inside, account, "final", "2026-10-15")
    text = words_of(final)
    for piece in (
        "物业费催缴最后通知书", "华物催终〔2026〕1号", formal.number.replace(" ", ""), "2026年9月12日", "2026年9月28日",
        "《物业管理条例》第六十四条", "第九百四十四条第二款", "支付令", "加倍支付迟延履行期间的债务利息",
    ):  # fmt: skip
        assert piece in text, piece


def test_no_final_notice_without_a_served_formal_one(inside: Any) -> None:
    notice = proposed(household(), "final", "2026-10-15")
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-10-15"))
    assert no.value.code == "FORMAL_NOT_SERVED"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        pytest.param("2026-09-27", "DEADLINE_RUNNING", id="the-day-before"),
        pytest.param("2026-09-28", "DEADLINE_RUNNING", id="on-the-last-day"),
        pytest.param("2026-09-29", "", id="the-day-after"),
    ],
)
def test_no_final_notice_while_the_printed_deadline_runs(inside: Any, day: str, code: str) -> None:
    account = household()
    served(inside, account)
    notice = proposed(account, "final", day)
    if not code:
        assert approve_notice(notice=notice, by=inside.people["manager"], at=at(day)).state == "approved"
        return
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at(day))
    assert no.value.code == code


def test_a_bill_that_was_never_demanded_is_not_on_the_final_notice(inside: Any) -> None:
    account = household()
    formal = served(inside, account)
    first = Bill.objects.filter(account=account).first()
    assert first is not None
    Bill.objects.create(
        account=account, fee_item=first.fee_item, period_start=date(2026, 7, 1), period_end=date(2026, 9, 30),
        due_on=date(2026, 9, 30), amount=Decimal("600.00"), is_reconciled=True, billed_on=date(2026, 9, 30),
    )  # fmt: skip
    final = rendered(inside, account, "final", "2026-10-15")
    assert {line.bill_id for line in final.lines.all()} == {line.bill_id for line in formal.lines.all()}


@pytest.mark.parametrize(
    ("role", "kind", "allowed"),
    [
        ("collector", "formal", False),
        ("supervisor", "formal", True),
        ("manager", "formal", True),
        ("finance", "formal", False),
        ("supervisor", "final", False),
        ("manager", "final", True),
        ("legal", "final", False),
    ],
)
def test_who_may_approve(inside: Any, role: str, kind: str, allowed: bool) -> None:
    account = household()
    if kind == "final":
        served(inside, account)
    notice = proposed(account, kind, "2026-10-15")
    if allowed:
        assert approve_notice(notice=notice, by=inside.people[role], at=at("2026-10-15")).state == "approved"
        return
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people[role], at=at("2026-10-15"))
    assert no.value.code == "NOT_YOURS"


def test_nobody_approves_what_he_proposed(inside: Any) -> None:
    notice = proposed(household())
    Notice.objects.filter(pk=notice.pk).update(proposed_by=inside.people["manager"])
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10"))
    assert no.value.code == "TWO_PERSONS"


def test_a_letter_without_contact_or_way_to_pay_is_not_approved(inside: Any) -> None:
    settings = OfficeSettings.objects.get()
    settings.contact_phone = settings.payee_account = ""
    settings.save()
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=proposed(household()), by=inside.people["manager"], at=at("2026-09-10"))
    assert no.value.code == "LETTERHEAD_INCOMPLETE"
    assert "联系电话" in str(no.value)


def test_numbers_are_given_once_and_in_order(inside: Any) -> None:
    notices = [rendered(inside, household(f"0{n}01", "王芳")) for n in range(1, 4)]
    void_notice(notice=notices[2], reason="地址有误", by=inside.people["manager"], at=at("2026-09-11"))
    after = rendered(inside, household("0901", "李强"), day="2026-09-12")
    assert [n.number for n in (*notices, after)] == [f"华物催〔2026〕{n} 号" for n in (1, 2, 3, 4)]


def test_paid_before_approval_makes_the_proposal_void(inside: Any) -> None:
    account = household()
    notice = proposed(account)
    pay(account, dict.fromkeys(account.bills.all(), "600.00"), "2026-09-10")
    answer = approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10"))
    assert (answer.state, answer.number) == ("void", "")
    assert Action.objects.get(pk=notice.action_id).state == "void"


def test_paid_between_approval_and_drawing_stops_the_letter(inside: Any) -> None:
    account = household()
    notice = approve_notice(notice=proposed(account), by=inside.people["manager"], at=at("2026-09-10"))
    pay(account, dict.fromkeys(account.bills.all(), "600.00"), "2026-09-10")
    assert render_due_notices(at=at("2026-09-10", 11)) == 0
    notice.refresh_from_db()
    assert (notice.state, notice.pdf) == ("void", None)


def test_part_paid_supersedes_with_a_new_number(inside: Any) -> None:
    account = household()
    notice = rendered(inside, account)
    first = account.bills.first()
    pay(account, {first: "100.00"}, "2026-09-11")
    [successor] = refresh_notices(account=account, on=date(2026, 9, 11), at=at("2026-09-11"))
    notice.refresh_from_db()
    assert (notice.state, successor.state, successor.supersedes_id) == ("superseded", "proposed", notice.pk)
    assert successor.amount == Decimal("1100.00")
    again = approve_notice(notice=successor, by=inside.people["supervisor"], at=at("2026-09-11"))
    assert again.number != notice.number
    assert [line.amount for line in again.lines.all()] == [Decimal("500.00"), Decimal("600.00")]
    assert notice.lines.get(bill=first).amount == Decimal("600.00"), "paper that was numbered is never edited"


def test_a_payment_does_not_touch_what_was_served(inside: Any) -> None:
    account = household()
    notice = served(inside, account)
    before = open_file(notice.pdf)
    pay(account, {account.bills.first(): "100.00"}, "2026-09-20")
    assert refresh_notices(account=account, on=date(2026, 9, 20), at=at("2026-09-20")) == []
    notice.refresh_from_db()
    assert notice.state == "served"
    assert open_file(notice.pdf) == before


def test_a_new_bill_does_not_replace_an_approved_letter(inside: Any) -> None:
    account = household()
    rendered(inside, account)
    first = account.bills.first()
    Bill.objects.create(
        account=account, fee_item=first.fee_item, period_start=date(2026, 7, 1), period_end=date(2026, 9, 30),
        due_on=date(2026, 9, 10), amount=Decimal("600.00"), is_reconciled=True, billed_on=date(2026, 9, 1),
    )  # fmt: skip
    assert refresh_notices(account=account, on=date(2026, 9, 12), at=at("2026-09-12")) == []


def test_a_special_case_stops_the_letter(inside: Any) -> None:
    account = household()
    notice = proposed(account)
    SpecialCase.objects.create(
        account=account,
        kind="pending_transfer",
        starts_on=date(2026, 9, 9),
        note="业主称已转账",
        opened_at=at("2026-09-09"),
    )
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-10"))
    assert no.value.code == "ON_HOLD"


def test_an_open_promise_delays_the_letter(inside: Any) -> None:
    account = household()
    notice = proposed(account)
    contact = Contact.objects.create(
        account=account, channel="call", outcome="promised", reached=True, at=at("2026-09-09")
    )
    Promise.objects.create(
        account=account,
        contact=contact,
        made_on=date(2026, 9, 9),
        promised_on=date(2026, 9, 12),
        amount=Decimal("1200.00"),
    )
    with pytest.raises(NoticeRefused) as no:
        approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-13"))
    assert no.value.code == "PROMISE_OPEN"
    assert approve_notice(notice=notice, by=inside.people["manager"], at=at("2026-09-14")).state == "approved"


def test_a_rejected_notice_gives_its_reason_and_comes_back_later(inside: Any) -> None:
    notice = proposed(household())
    with pytest.raises(NoticeRefused):
        reject_notice(notice=notice, reason="  ", by=inside.people["manager"], at=at("2026-09-10"))
    gone = reject_notice(notice=notice, reason="业主住院，暂缓", by=inside.people["manager"], at=at("2026-09-10"))
    gone.case.refresh_from_db()
    assert (gone.state, gone.closed_reason) == ("void", "未批准：业主住院，暂缓")
    assert gone.case.next_action_on == date(2026, 9, 24)


def test_a_letter_that_was_left_lying_is_replaced(inside: Any) -> None:
    notice = rendered(inside, household())
    successor = replace_notice(notice=notice, reason="期限将至", by=inside.people["supervisor"], at=at("2026-09-26"))
    fresh = approve_notice(notice=successor, by=inside.people["manager"], at=at("2026-09-26"))
    assert fresh.deadline_on == date(2026, 10, 14)


def test_one_living_notice_per_step(inside: Any) -> None:
    notice = proposed(household())
    assert propose_notice(action=notice.action, on=date(2026, 9, 11), at=at("2026-09-11")) is None


def test_printing_again_gives_the_same_bytes_and_is_logged(inside: Any) -> None:
    notice, by = rendered(inside, household()), inside.people["collector"]
    first = take_pdf(notice=notice, by=by, at=at("2026-09-11"))
    second = take_pdf(notice=notice, by=by, at=at("2026-09-25"))
    assert first == second
    assert SecurityEvent.objects.filter(kind="notice_opened", subject=notice.number).count() == 2


def test_the_same_dict_draws_the_same_bytes(inside: Any) -> None:
    from offices.letterhead import letter_pdf

    notice = rendered(inside, household())
    assert letter_pdf(notice.kind, notice.template_version, notice.frozen) == open_file(notice.pdf)


@pytest.mark.parametrize(("bills", "pages"), [(1, 1), (4, 1), (30, 2)])
def test_pages(inside: Any, bills: int, pages: int) -> None:
    from offices.letterhead import page_count

    notice = rendered(inside, household(bills=bills))
    assert page_count(open_file(notice.pdf)) == pages
    assert notice.lines.count() == bills


def test_a_print_run_holds_every_letter(inside: Any) -> None:
    from offices.letterhead import page_count

    notices = [rendered(inside, household(f"0{n}01", "王芳")) for n in (1, 2)]
    run = take_print_run(notices=notices, by=inside.people["collector"], at=at("2026-09-11"))
    assert page_count(run) == 2


def test_a_letter_that_cannot_be_drawn_holds_up_nobody(inside: Any, caplog: Any) -> None:
    broken = approve_notice(notice=proposed(household("0101")), by=inside.people["manager"], at=at("2026-09-10"))
    whole = approve_notice(notice=proposed(household("0201")), by=inside.people["manager"], at=at("2026-09-10"))
    Notice.objects.filter(pk=broken.pk).update(template_version="v0")
    assert render_due_notices(at=at("2026-09-10", 11)) == 1
    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.state, whole.state) == ("approved", "rendered")
    assert "TemplateDoesNotExist" in broken.render_error
