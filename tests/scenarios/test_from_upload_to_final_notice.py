"""From upload to final notice: the specification《物业费催缴工作流程规范》on finance's real files, day by day.

Register and bills of 华庭苑 are imported on 1 September 2026; room 1-1-0101 then hears every step in its order,
each after its own wait, and no step is skipped (S25). Dates in the tests are the ones a calendar gives.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from arrears.queries import positions
from billing.models import Adjustment, Bill, ImportRow, Payment, Room, SpecialCase
from collection.models import Case, Message, Notice, Skip
from collection.operations.days import run_day
from offices.filing import open_file
from offices.operations import Refusal
from tests.conftest import at, make_office
from tests.scenarios.world import SAMPLES, World, photo

pytestmark = pytest.mark.django_db(transaction=True)
EXPECTED = json.loads((SAMPLES / "expected.json").read_text("utf-8"))


@pytest.fixture
def huating(provider: Any) -> World:
    """华庭物业 on the day it moves in with its spreadsheets."""
    return World(office=make_office("huating", "华庭物业服务有限公司"), day=date(2026, 9, 1)).set_up()


def words_of(notice: Notice) -> str:
    """All that is printed on a letter, without spaces and line breaks."""
    pages = PdfReader(BytesIO(open_file(notice.pdf))).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def total(rows: Any) -> str:
    return f"{sum(rows, Decimal(0)):.2f}"


def test_from_upload_to_final_notice(huating: World, provider: Any) -> None:
    # 一.1 财务 uploads the register; 客服 finds every room and owner, and the rooms that were never handed over are held.
    huating.bring_in("register", SAMPLES / "1_业主登记表.xlsx")
    with huating.open():
        assert Room.objects.count() == EXPECTED["register"]["rooms"]
        assert SpecialCase.objects.filter(kind="not_handed_over").count() == EXPECTED["register"]["not_handed_over"]

    # The bills: exactly the eight bad rows are refused, each with row, column and reason, and nothing else is lost.
    batch = huating.upload("bills", SAMPLES / "2_账单导出_2024.xlsx")
    with huating.open():
        refused = ImportRow.objects.filter(batch=batch, verdict="refused")
        assert sorted(refused.values_list("row_no", flat=True)) == [e["row"] for e in EXPECTED["bills"]["errors"]]
        for row in refused:
            (reason,) = row.reasons
            assert reason["column"] == "I列「应收金额」"
            assert reason["message"] == "“待核”不是金额。请改成数字后重新导入这一行。"
        assert Bill.objects.count() == 0, "a preview writes no bill"

    # Committing with refused rows needs an explicit choice; without it nothing is written.
    from billing.operations import commit_import, sign_off_batch

    with huating.open("finance"), pytest.raises(Refusal):
        commit_import(batch=batch, accept_good=False, by=huating.who("finance"), at=huating.now())
    with huating.open("finance"):
        assert Bill.objects.count() == 0
        commit_import(batch=batch, accept_good=True, by=huating.who("finance"), at=huating.now())
        assert total(Bill.objects.values_list("amount", flat=True)) == EXPECTED["bills"]["receivable"]
        assert total(Payment.objects.values_list("amount", flat=True)) == EXPECTED["bills"]["received"]
        assert total(Adjustment.objects.values_list("amount", flat=True)) == EXPECTED["bills"]["waived"]
        standing = positions(on=huating.day)
        assert total(p.open_amount for p in standing) == EXPECTED["bills"]["arrears"]

    # S10: what nobody signed off reaches no owner.
    huating.live_until("2026-09-01")
    with huating.open():
        assert not Message.objects.exists()
    with huating.open("supervisor"):
        sign_off_batch(batch=batch, by=huating.who("supervisor"), at=huating.now())

    # 二.1 温馨提示 leaves by SMS, in a friendly tone, once, and not to rooms that were never handed over.
    huating.live_until("2026-09-02")
    first = [m for m in provider.arrived(str(huating.office.id)) if m["to"] == "19900000771"]
    assert len(first) == 1
    assert "如已缴费" in first[0]["text"]
    assert "1-1-0101" in first[0]["text"]
    with huating.open():
        held = set(SpecialCase.objects.filter(kind="not_handed_over").values_list("account_id", flat=True))
        assert held
        assert not Message.objects.filter(account_id__in=held).exists()
        sent_on_the_first_day = Message.objects.filter(state="sent").count()
        assert sent_on_the_first_day > 300

    # The same day again changes nothing (invariant 2).
    run_day(office_id=huating.office.id, on=huating.day, at=at("2026-09-02", 16))
    with huating.open():
        assert Message.objects.filter(state="sent").count() == sent_on_the_first_day

    # Severe arrears hear the second reminder after three days, and a call is due three days later.
    huating.live_until("2026-09-08")
    with huating.open():
        assert [m.state for m in huating.messages("0101")] == ["sent", "sent"]
        call = huating.todo("0101")
        assert call is not None
        assert call.kind == "call"
        assert not huating.notices("0101"), "no letter before the owner was spoken to"

    # 二.2 电话沟通: the owner answers and is told; the formal notice is proposed sixteen days later, not sent.
    huating.call("0101", "informed", explanation="已说明各期欠费与缴费方式", note="业主表示知道了")
    huating.live_until("2026-09-23")
    with huating.open():
        assert not huating.notices("0101")
    huating.live_until("2026-09-24")
    with huating.open():
        (formal,) = huating.notices("0101")
        assert (formal.kind, formal.state, formal.number) == ("formal", "proposed", "")

    # It is approved, numbered, frozen and rendered; the PDF says all that S43–S50 ask for.
    huating.approve(formal)
    assert formal.number.startswith("华物催〔2026〕")
    assert formal.deadline_on is not None
    huating.live_until("2026-09-25")
    with huating.open():
        formal.refresh_from_db()
        assert formal.state == "rendered"
        assert len(formal.pdf_sha256) == 64
        text = words_of(formal)
    for must in (
        "1-1-0101",
        "陈梅轩",
        "贰仟零贰拾柒元壹角陆分",
        "2,027.16",
        formal.number,
        "3205",
        "0512-6666 0000",
        "周敏",
    ):
        assert must.replace(" ", "") in text, must
    assert "滞纳金" not in text
    assert "停水" not in text

    # S25, S56: before it is served, nothing further happens, however long one waits.
    huating.live_until("2026-10-02")
    with huating.open():
        assert len(huating.notices("0101")) == 1
        assert Skip.objects.filter(case=huating.case("0101"), code="WAITING_FOR_SERVICE").exists()
        deadline = formal.deadline_on

    # 上门送达: nobody home, posted on the door with a photo (S39, S40); without the photo the record is refused.
    with pytest.raises(Refusal):
        huating.serve(formal, "door_posting", "posted")
    huating.serve(formal, "door_posting", "posted", photos=[(photo(), "door")], note="业主约定假期上门")
    with huating.open():
        assert huating.case("0101").letter_deadline_on == deadline

    # The day after the printed deadline a visit is due; the final notice is proposed fifteen days after the deadline.
    assert deadline is not None
    huating.live_until(deadline)
    with huating.open():
        assert huating.todo("0101") is None, "until the deadline has passed the owner is left in peace"
    huating.live_until(deadline + timedelta(days=1))
    with huating.open():
        visit = huating.todo("0101")
        assert visit is not None
        assert visit.kind == "follow_up"
    huating.call("0101", "refused", owner_words="我不交", explanation="已说明服务内容与欠费情况")
    huating.live_until(deadline + timedelta(days=14))
    with huating.open():
        assert len(huating.notices("0101")) == 1
    huating.live_until(deadline + timedelta(days=15))
    with huating.open():
        final = next(n for n in huating.notices("0101") if n.kind == "final")
        assert final.state == "proposed"

    # 二.3 最后通知书: only 项目经理 approves it; it cites the law; by hand two people must go (S66).
    with pytest.raises(Refusal):
        huating.approve(final, "supervisor")
    huating.approve(final, "manager")
    huating.live_until(huating.day + timedelta(days=1))
    with huating.open():
        final.refresh_from_db()
        text = words_of(final)
        assert "物业管理条例" in text
        assert "第九百四十四条" in text
    with pytest.raises(Refusal):
        huating.serve(final, "hand_delivery", "signed", signer="陈梅轩", signer_relation="本人")
    huating.serve(
        final,
        "hand_delivery",
        "refused",
        second_server=huating.who("supervisor"),
        witness="李芳",
        witness_organisation="华庭社区居委会",
        witness_phone="0512-00000000",
        photos=[(photo(), "scene")],
    )

    # After its own deadline nothing is automatic any more: 项目经理 decides (invariant 39).
    assert final.deadline_on is not None
    huating.live_until(final.deadline_on + timedelta(days=2))
    with huating.open():
        decision = huating.todo("0101")
        assert decision is not None
        assert decision.kind == "decision"
        assert Notice.objects.filter(account=huating.account("0101")).count() == 2
        assert len(huating.messages("0101")) == 2

    # Every case is either due later or stands before a person with a reason (invariant 5).
    with huating.open():
        assert not Case.objects.filter(state="open", next_action_on__lte=huating.day).exists()
