"""A house is sold: the register comes again with another name (issue 3; domain 7, 17).

The new owner begins on the day of the change; what was owed before stays with the owner of the period, and nothing is
netted between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from archive.queries import timeline
from billing.models import Account, ContactPoint, ImportBatch, ImportRow, Owner, Room, SpecialCase
from billing.operations import (
    ImportRefused,
    UndoRefused,
    commit_import,
    fix_rows,
    record_payment,
    undo_import,
    upload_file,
)
from billing.queries import open_bills
from billing.queries.accounts import account_of, find_accounts
from tests.conftest import at
from tests.factories.workbooks import bills, workbook

pytestmark = pytest.mark.django_db

UPLOADED = at("2026-09-01")
HEAD = ["小区", "楼栋", "单元", "房号", "业主姓名", "联系电话", "入住状态", "交付日期", "变更日期"]


def room(
    number: str, owner: str, phone: str, changed: str = "", *, state: str = "自住", since: str = "2018-05-06"
) -> Any:
    return ["华庭苑", 1, 1, number, owner, phone, state, since, changed]


OLD = [room("101", "朱轩华", "13900000101"), room("102", "刘秀/张三", "13900000102")]
SOLD = [room("101", "王芳", "13900000201", "2024-07-01"), OLD[1]]
Q = {
    1: ("2024-01-01", "2024-03-31"), 2: ("2024-04-01", "2024-06-30"), 3: ("2024-07-01", "2024-09-30"),
    4: ("2024-10-01", "2024-12-31"),
}  # fmt: skip


@pytest.fixture
def desk(inside: SimpleNamespace) -> SimpleNamespace:
    """Finance, with the register of two rooms on file."""
    finance = inside.people["finance"]

    def upload(kind: str, file: Any, when: Any = UPLOADED) -> ImportBatch:
        return upload_file(kind=kind, file=file, name=f"{kind}.xlsx", community=None, by=finance, at=when)

    def commit(batch: ImportBatch, accept_good: bool = False) -> ImportBatch:
        return commit_import(batch=batch, accept_good=accept_good, by=finance, at=UPLOADED)

    def register(*rows: Sequence[Any]) -> ImportBatch:
        return upload("register", workbook([HEAD, *rows], "登记表"))

    def bill(*lines: tuple[str, str, int, str]) -> ImportBatch:
        """Lines: (room, owner as written, quarter of 2024, amount)."""
        return upload("bills", bills([(no, who, *Q[q], Q[q][1], amount) for no, who, q, amount in lines]))

    commit(register(*OLD))
    return SimpleNamespace(
        finance=finance,
        upload=upload,
        commit=commit,
        register=register,
        bill=bill,
        undo=lambda batch: undo_import(batch=batch, by=finance, at=UPLOADED, reason="传错了"),
        sell=lambda *rows: commit(register(*(rows or SOLD))),
    )


def former() -> Account:
    return Account.objects.get(room__number="101", owner__name="朱轩华")


def present() -> Account:
    return Account.objects.get(room__number="101", owner__name="王芳")


def reasons(batch: ImportBatch) -> dict[str, str]:
    rows = ImportRow.objects.filter(batch=batch)
    return {reason["code"]: reason["message"] for row in rows for reason in row.reasons}


def owed(account: Account) -> list[tuple[str, Decimal]]:
    return [(str(line.period.start), line.open) for line in open_bills(account_id=account.pk)]


def test_the_preview_says_who_follows_whom_and_what_stays(desk: SimpleNamespace) -> None:
    desk.commit(desk.bill(("101", "朱轩华", 1, "600.00"), ("101", "朱轩华", 2, "600.00")))
    batch = desk.register(*SOLD)
    assert (batch.totals["changed"], batch.totals["unchanged"], batch.totals["warned"]) == (1, 1, 1)
    words = reasons(batch)["owner_changed"]
    assert words == (
        "变更业主：朱轩华 → 王芳，自 2024-07-01 起。之前账期的欠费仍由 朱轩华 承担（现未缴 ¥1200.00），不转给新业主，也不冲抵。"
    )
    assert former().closed_on is None  # a preview changes nothing


def test_the_new_owner_begins_where_the_former_ends(desk: SimpleNamespace) -> None:
    batch = desk.sell()
    assert batch.totals["written"]["changed_owners"] == 1
    assert batch.totals["written"]["rooms"] == 0
    assert str(former().closed_on) == "2024-06-30"
    assert former().history.first().closed_on == former().closed_on
    assert (str(present().opened_on), present().closed_on) == ("2024-07-01", None)
    assert account_of(Room.objects.get(number="101")) == present()
    assert Room.objects.count() == 2
    assert ImportRow.objects.get(batch=batch, row_no=2).account == present()


def test_arrears_and_credit_stay_with_the_owner_of_the_period(desk: SimpleNamespace) -> None:
    desk.commit(desk.bill(("101", "朱轩华", 1, "600.00"), ("101", "朱轩华", 2, "600.00")))
    record_payment(
        account=former(),
        amount=Decimal("700.00"),
        value_on=UPLOADED.date(),
        kind="counter",
        by=desk.finance,
        at=UPLOADED,
    )
    desk.sell()
    desk.commit(desk.bill(("101", "王芳", 3, "600.00")))
    assert owed(former()) == [("2024-04-01", Decimal("500.00"))]
    assert owed(present()) == [("2024-07-01", Decimal("600.00"))]
    assert not present().payments.exists()


def test_letters_for_the_former_owner_do_not_go_to_the_room(desk: SimpleNamespace) -> None:
    Room.objects.filter(number="101").update(address="华庭苑1栋1单元101室")
    desk.sell()
    assert (former().mailing_address, present().mailing_address) == ("", "华庭苑1栋1单元101室")


def test_a_search_shows_who_has_the_room_now_first(desk: SimpleNamespace) -> None:
    desk.sell()
    assert list(find_accounts("1-1-101")) == [present(), former()]


def test_both_households_tell_of_the_change(desk: SimpleNamespace, sign_in: Any) -> None:
    desk.sell()
    assert [event.title for event in timeline(former(), UPLOADED.date(), only="system")] == [
        "业主变更：本户到此为止，之前账期的欠费仍由本户承担"
    ]
    (event,) = timeline(present(), UPLOADED.date(), only="system")
    assert (str(event.when), event.lines) == ("2024-07-01", ("原业主：朱轩华，之前账期的欠费仍由其承担",))
    former_id, present_id = former().pk, present().pk
    client = sign_in(desk.finance)
    assert "本页欠费仍由 朱轩华 承担" in client.get(f"/households/{former_id}/").content.decode()
    page = client.get(f"/households/{present_id}/").content.decode()
    assert "原业主 朱轩华（至 2024年6月30日）的欠费在其自己的账户里，与本户无关" in page


def test_both_accounts_are_looked_at_again(desk: SimpleNamespace) -> None:
    before = former().change_seq
    desk.sell()
    assert former().change_seq == before + 1
    assert present().change_seq == 1


def test_the_former_owners_phone_is_not_the_new_ones(desk: SimpleNamespace) -> None:
    batch = desk.register(room("101", "王芳", "13900000101/13900000201", "2024-07-01"), OLD[1])
    assert "不会用于新业主" in reasons(batch)["phone_of_former_owner"]
    desk.commit(batch)
    points = ContactPoint.objects.filter(owner=present().owner)
    assert [point.value for point in points] == ["13900000201"]
    assert ContactPoint.objects.filter(owner=former().owner).count() == 1


def test_a_file_without_the_day_takes_its_own_and_says_so(desk: SimpleNamespace) -> None:
    table = [["业主登记表 制表日期：2024年8月15日"], HEAD, room("101", "王芳", "13900000201"), OLD[1]]
    batch = desk.upload("register", workbook(table))
    assert "没有变更日期" in reasons(batch)["owner_changed"]
    desk.commit(batch)
    assert str(present().opened_on) == "2024-08-15"


def test_a_new_handover_date_is_the_day_of_the_change(desk: SimpleNamespace) -> None:
    desk.sell(room("101", "王芳", "13900000201", since="2024-07-15"), OLD[1])
    assert str(former().closed_on) == "2024-07-14"


@pytest.mark.parametrize(
    ("changed", "code"),
    [("2026-12-01", "change_in_future"), ("2018-05-06", "change_before_opening"), ("去年", "date_unreadable")],
)
def test_an_impossible_day_is_refused(desk: SimpleNamespace, changed: str, code: str) -> None:
    batch = desk.register(room("101", "王芳", "13900000201", changed), OLD[1])
    assert batch.totals["refused"] == 1
    assert code in reasons(batch)
    with pytest.raises(ImportRefused):
        desk.commit(batch)
    with pytest.raises(ObjectDoesNotExist):
        present()


def test_a_wrong_day_is_mended_in_place(desk: SimpleNamespace) -> None:
    batch = desk.register(room("101", "王芳", "13900000201", "2026-12-01"), OLD[1])
    batch = fix_rows(batch=batch, fixes={("登记表", 2): {8: "2024-07-01"}}, by=desk.finance, at=UPLOADED)
    desk.commit(batch)
    assert str(present().opened_on) == "2024-07-01"


def test_the_same_register_again_and_the_old_one_change_nothing_more(desk: SimpleNamespace) -> None:
    desk.sell()
    again = desk.register(room("101", "王 芳", "13900000201", "2024-07-01"), OLD[1])
    assert again.totals["unchanged"] == 2
    stale = desk.upload("register", workbook([["登记表 制表日期：2024年5月1日"], HEAD, *OLD]))
    assert "change_before_opening" in reasons(stale)
    assert stale.totals["refused"] == 1


def test_a_co_owner_in_common_or_a_space_is_no_change(desk: SimpleNamespace) -> None:
    batch = desk.register(room("101", "朱 轩 华", "13900000101"), room("102", "张三", "13900000102"))
    assert (batch.totals["changed"], batch.totals["unchanged"]) == (0, 2)


def test_undo_gives_the_room_back(desk: SimpleNamespace) -> None:
    batch = desk.sell()
    desk.undo(batch)
    assert former().closed_on is None
    assert not Owner.objects.filter(name="王芳").exists()
    assert Room.objects.count() == 2
    assert ImportRow.objects.get(batch=batch, row_no=2).account == former()


def test_undo_waits_while_the_new_owner_has_bills_or_a_successor(desk: SimpleNamespace) -> None:
    first = desk.sell()
    third = desk.sell(room("101", "陈静", "13900000301", "2025-02-01"), OLD[1])
    with pytest.raises(UndoRefused):
        desk.undo(first)
    desk.undo(third)
    desk.commit(desk.bill(("101", "王芳", 3, "600.00")))
    with pytest.raises(UndoRefused) as refusal:
        desk.undo(first)
    assert refusal.value.code == "undo_blocked"
    assert str(former().closed_on) == "2024-06-30"


def test_two_previews_of_one_sale_make_one_new_owner(desk: SimpleNamespace) -> None:
    batch = desk.register(*SOLD)
    desk.sell(room("101", "王芳", "13900000201", "2024-07-01"))
    with pytest.raises(ImportRefused) as refusal:
        desk.commit(batch)
    assert refusal.value.code == "changed_since_preview"
    assert Account.objects.filter(room__number="101").count() == 2


def test_a_handover_by_the_developer_is_pointed_out_and_left_to_its_papers(desk: SimpleNamespace) -> None:
    desk.sell(*OLD, room("103", "陈静", "13900000103", state="未交付", since=""))
    silent = desk.register(*OLD, room("103", "陈静", "13900000103", state="", since=""))
    assert silent.totals["unchanged"] == 3  # a list that does not say so hands nothing over
    batch = desk.register(*OLD, room("103", "陈静", "13900000103", since="2026-06-01"))
    assert "登记交付（上传交房单）" in reasons(batch)["handover_not_recorded"]
    desk.commit(batch)
    account = Account.objects.get(room__number="103")
    assert (account.owner.kind, account.closed_on) == ("developer", None)
    assert SpecialCase.objects.get(account=account).closed_at is None


# the bills of a room that changed hands


@pytest.mark.parametrize("named", ["朱轩华", "王芳", ""], ids=["the-former", "the-present", "nobody"])
def test_a_bill_goes_to_the_owner_of_its_period_whoever_the_file_names(desk: SimpleNamespace, named: str) -> None:
    desk.sell()
    batch = desk.commit(desk.bill(("101", named, 1, "600.00"), ("101", named, 3, "650.00"), ("102", "", 3, "500.00")))
    assert owed(former()) == [("2024-01-01", Decimal("600.00"))]
    assert owed(present()) == [("2024-07-01", Decimal("650.00"))]
    assert "former_owner" in reasons(batch) or named == "朱轩华"
    assert "owner_differs" not in reasons(batch)
    assert ImportRow.objects.get(batch=batch, row_no=2).account == former()


def test_a_wide_row_is_shared_between_the_owners_of_its_months(desk: SimpleNamespace) -> None:
    desk.sell()
    head = ["小区", "楼栋", "单元", "房号", "业主", "2024年5月", "2024年6月", "2024年7月", "2024年8月"]
    table = [["2024年度物业费"], head, ["华庭苑", 1, 1, "101", "王芳", 200, 200, 210, 210]]
    desk.commit(desk.upload("bills", workbook(table)))
    assert [line[0] for line in owed(former())] == ["2024-05-01", "2024-06-01"]
    assert [line[0] for line in owed(present())] == ["2024-07-01", "2024-08-01"]


def test_a_period_that_spans_the_change_needs_a_name_or_two_rows(desk: SimpleNamespace) -> None:
    desk.sell(room("101", "王芳", "13900000201", "2024-08-15"), OLD[1])
    silent = desk.bill(("101", "", 3, "600.00"))
    assert silent.totals["refused"] == 1
    assert "2024-08-15" in reasons(silent)["period_spans_owners"]
    desk.commit(desk.bill(("101", "王芳", 3, "600.00")))
    assert owed(present()) == [("2024-07-01", Decimal("600.00"))]


def test_bills_booked_before_the_change_was_known_are_not_billed_twice(desk: SimpleNamespace) -> None:
    desk.commit(desk.bill(("101", "朱轩华", 3, "600.00")))
    batch = desk.register(*SOLD)
    assert "1 笔账期在变更之后的账单（¥600.00）" in reasons(batch)["bills_after_change"]
    desk.commit(batch)
    again = desk.bill(("101", "王芳", 3, "600.00"), ("101", "王芳", 4, "600.00"))
    assert (again.totals["unchanged"], again.totals["new"]) == (1, 1)
    desk.commit(again)
    assert owed(former()) == [("2024-07-01", Decimal("600.00"))]
    assert owed(present()) == [("2024-10-01", Decimal("600.00"))]


def test_an_old_contact_is_the_former_owners(desk: SimpleNamespace) -> None:
    desk.sell()
    head = ["房号", "业主姓名", "沟通日期", "沟通内容"]
    rows = [["1-1-101", "", "2023-11-05", "称楼道灯坏"], ["1-1-101", "王芳", "2023-11-06", "写错了人"]]
    rows.append(["1-1-101", "", "2024-08-01", "新业主来电"])
    desk.commit(desk.upload("contacts", workbook([head, *rows])))
    assert [contact.text for contact in former().past_contacts.all()] == ["称楼道灯坏"]
    assert [contact.text for contact in present().past_contacts.all()] == ["写错了人", "新业主来电"]
