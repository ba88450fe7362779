"""An office moves in with its spreadsheets: fee items, service contracts, and what was said to owners before (issue 3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from billing.documents import refused_workbook
from billing.models import Bill, FeeItem, ImportBatch, ImportRow, PastContact, ServiceContract
from billing.operations import ImportRefused, UndoRefused, commit_import, fix_rows, undo_import, upload_file
from tests.conftest import at
from tests.factories.workbooks import bills, register, workbook

pytestmark = pytest.mark.django_db

UPLOADED = at("2026-09-01")
ITEMS = ["收费项目", "单价（元/㎡·月）", "计费周期", "备注"]
CONTRACTS = [
    "小区",
    "合同类型",
    "甲方",
    "起始日",
    "终止日",
    "收费标准（元/㎡·月）",
    "违约金条款",
    "送达地址条款",
    "争议解决",
]
CONTACTS = ["楼栋", "单元", "房号", "业主姓名", "催缴日期", "催缴方式", "催缴人", "催缴记录", "处理结果"]
PRELIMINARY = [
    "华庭苑", "前期物业服务合同", "华庭置业有限公司", "2016-05-01", "2021-04-30", 1.85, "逾期每日加收万分之五", "有", "诉讼",
]  # fmt: skip
REGULAR = [
    "华庭苑", "物业服务合同", "华庭苑业主委员会", "2021-05-01", "2026-04-30", 2.35, "逾期支付的，按日万分之三支付违约金", "有",
    "提交苏州仲裁委员会仲裁",
]  # fmt: skip


@pytest.fixture
def desk(inside: SimpleNamespace) -> SimpleNamespace:
    """The finance clerk's desk: `upload`, `commit`, `take` (both), `undo`."""
    finance = inside.people["finance"]

    def upload(kind: str, *rows: Sequence[Any], file: Any = None) -> ImportBatch:
        return upload_file(
            kind=kind, file=file or workbook(rows), name=f"{kind}.xlsx", community=None, by=finance, at=UPLOADED
        )

    def commit(batch: ImportBatch, accept_good: bool = False) -> ImportBatch:
        return commit_import(batch=batch, accept_good=accept_good, by=finance, at=UPLOADED)

    def undo(batch: ImportBatch) -> ImportBatch:
        return undo_import(batch=batch, by=finance, at=UPLOADED, reason="传错了文件")

    return SimpleNamespace(
        upload=upload, commit=commit, undo=undo, take=lambda *args, **more: commit(upload(*args, **more))
    )


@pytest.fixture
def moved_in(desk: SimpleNamespace) -> SimpleNamespace:
    """The register of three rooms is there."""
    rooms = [("101", "朱轩华", "13900000101"), ("102", "刘秀", "13900000102"), ("103", "陈静", "13900000103")]
    desk.take("register", file=register(rooms))
    return desk


def verdicts(batch: ImportBatch) -> list[str]:
    return list(ImportRow.objects.filter(batch=batch).order_by("row_no").values_list("verdict", flat=True))


def codes(batch: ImportBatch) -> list[str]:
    rows = ImportRow.objects.filter(batch=batch).order_by("row_no")
    return [reason["code"] for row in rows for reason in row.reasons]


# fee items


def test_fee_items_come_with_price_and_cycle(desk: SimpleNamespace) -> None:
    batch = desk.take("fee_items", ITEMS, ["物业服务费", 2.35, "季", "按建筑面积"], ["停车费", "80元/月", "月", ""])
    assert batch.totals["written"] == {"items": 2, "changed": 0}
    item = FeeItem.objects.get(name="物业服务费")
    assert (item.unit_rate, item.cycle_months, item.note) == (Decimal("2.35"), 3, "按建筑面积")


def test_the_same_fee_items_again_change_nothing(desk: SimpleNamespace) -> None:
    desk.take("fee_items", ITEMS, ["物业服务费", 2.35, "季", ""])
    again = desk.upload("fee_items", ITEMS, ["物业服务费", "2.350", "3个月", ""], ["", "", "", ""])
    assert verdicts(again) == ["unchanged"]


def test_a_new_price_is_a_change_and_undo_restores_the_old_one(desk: SimpleNamespace) -> None:
    desk.take("fee_items", ITEMS, ["物业服务费", 2.35, "季", "按建筑面积"])
    dearer = desk.upload("fee_items", ITEMS, ["物业服务费", 2.6, "", ""])
    assert verdicts(dearer) == ["changed"]
    desk.commit(dearer)
    item = FeeItem.objects.get()
    assert (item.unit_rate, item.cycle_months, item.note) == (Decimal("2.6"), 3, "按建筑面积")
    desk.undo(dearer)
    assert FeeItem.objects.get().unit_rate == Decimal("2.35")


def test_undo_waits_for_what_came_later(desk: SimpleNamespace) -> None:
    first = desk.take("fee_items", ITEMS, ["物业服务费", 2.35, "季", ""])
    second = desk.take("fee_items", ITEMS, ["物业服务费", 2.6, "", ""])
    with pytest.raises(UndoRefused):
        desk.undo(first)
    desk.undo(second)
    desk.undo(first)
    assert not FeeItem.objects.exists()


def test_a_fee_item_with_bills_stays(moved_in: SimpleNamespace) -> None:
    items = moved_in.take("fee_items", ITEMS, ["物业服务费", 2.35, "季", ""])
    moved_in.take("bills", file=bills([("101", "朱轩华", "2024-01-01", "2024-03-31", "2024-03-31", "600.00")]))
    with pytest.raises(UndoRefused, match="账单") as refusal:
        moved_in.undo(items)
    assert refusal.value.code == "undo_blocked"
    assert FeeItem.objects.get().bills.count() == Bill.objects.count() == 1


def test_a_fee_item_that_cannot_be_read_is_refused_with_place_and_remedy(desk: SimpleNamespace) -> None:
    batch = desk.upload(
        "fee_items", ITEMS, ["物业服务费", "面议", "季", ""], ["停车费", 80, "看情况", ""], ["停车费", 90, "月", ""]
    )
    assert verdicts(batch) == ["refused", "new", "refused"]
    assert codes(batch) == ["rate_unreadable", "cycle_unreadable", "row_repeated"]
    with pytest.raises(ImportRefused, match="2 行错误"):
        desk.commit(batch)


# contracts


def test_contracts_bring_type_rate_clauses_and_term(moved_in: SimpleNamespace) -> None:
    batch = moved_in.take("contracts", CONTRACTS, PRELIMINARY, REGULAR)
    assert batch.totals["written"] == {"contracts": 2, "changed": 0}
    regular, preliminary = ServiceContract.objects.all()
    assert (preliminary.kind, str(preliminary.ends_on)) == ("preliminary", "2021-04-30")
    assert (regular.unit_rate, regular.late_charge_per_day) == (Decimal("2.35"), Decimal("0.0003"))
    assert regular.late_charge_clause == "逾期支付的，按日万分之三支付违约金"  # word for word
    assert (regular.has_address_clause, regular.has_arbitration_clause) == (True, True)
    assert (preliminary.has_address_clause, preliminary.has_arbitration_clause) == (True, False)


def test_the_term_may_stand_in_one_cell_and_the_type_follow_from_the_party(moved_in: SimpleNamespace) -> None:
    head = ["甲方", "合同期限", "单价", "违约金"]
    batch = moved_in.take(
        "contracts",
        head,
        ["华庭置业有限公司", "2016.5.1-2021.5.1", 1.85, "0.05%"],
        ["华庭苑业委会", "2021-05-02至长期", 2.35, ""],
    )
    assert batch.community.name == "华庭苑"
    regular, preliminary = ServiceContract.objects.all()
    assert (preliminary.kind, str(preliminary.ends_on)) == ("preliminary", "2021-05-01")  # a term ends on its last day
    assert (regular.kind, regular.ends_on, regular.late_charge_per_day) == ("regular", None, None)


def test_the_same_contracts_again_change_nothing(moved_in: SimpleNamespace) -> None:
    moved_in.take("contracts", CONTRACTS, PRELIMINARY, REGULAR)
    assert verdicts(moved_in.upload("contracts", CONTRACTS, REGULAR, PRELIMINARY)) == ["unchanged", "unchanged"]


def test_a_changed_term_has_a_history_and_can_be_taken_back(moved_in: SimpleNamespace) -> None:
    first = moved_in.take("contracts", CONTRACTS, REGULAR)
    longer = [*REGULAR[:4], "2029-04-30", *REGULAR[5:]]
    second = moved_in.take("contracts", CONTRACTS, longer)
    contract = ServiceContract.objects.get()
    assert str(contract.ends_on) == "2029-04-30"
    assert contract.history.count() == 1
    with pytest.raises(UndoRefused):
        moved_in.undo(first)
    moved_in.undo(second)
    assert str(ServiceContract.objects.get().ends_on) == "2026-04-30"
    moved_in.undo(first)
    assert not ServiceContract.objects.exists()


def test_contracts_that_contradict_are_refused_or_doubted(moved_in: SimpleNamespace) -> None:
    batch = moved_in.upload(
        "contracts",
        CONTRACTS,
        REGULAR,
        REGULAR,
        ["华庭苑", "物业服务合同", "华庭苑业主委员会", "2025-01-01", "2027-12-31", 2.5, "", "", ""],
        ["翠湖雅苑", *REGULAR[1:]],
        ["华庭苑", "", "", "2020-01-01", "", "", "", "", ""],
        ["华庭苑", "前期物业服务合同", "", "2020-01-01", "2019-01-01", "", "违约金每月1%", "大概有", "仲裁或诉讼"],
    )
    assert verdicts(batch) == ["new", "refused", "new", "refused", "refused", "refused"]
    assert codes(batch) == [
        "row_repeated", "term_overlaps", "community_unknown", "contract_kind_missing", "term_backwards",
        "late_charge_unclear", "clause_unclear", "clause_unclear",
    ]  # fmt: skip


def test_contracts_before_any_community_are_refused_with_the_way_to_go(desk: SimpleNamespace) -> None:
    with pytest.raises(ImportRefused, match="先导入业主登记表") as refusal:
        desk.upload("contracts", CONTRACTS[1:], REGULAR[1:])
    assert refusal.value.code == "register_first"


def test_a_bill_from_before_the_first_contract_is_pointed_out(moved_in: SimpleNamespace) -> None:
    old = ("101", "朱轩华", "2016-01-01", "2016-03-31", "2016-03-31", "500.00")
    new = (
        "101",
        "朱轩华",
        "2026-07-01",
        "2026-09-30",
        "2026-09-30",
        "600.00",
    )  # beyond the last term: it goes on (948)
    assert "no_contract" not in codes(moved_in.upload("bills", file=bills([old, new])))
    moved_in.take("contracts", CONTRACTS, PRELIMINARY, REGULAR)
    batch = moved_in.upload("bills", file=bills([old, new]))
    assert (codes(batch), batch.totals["refused"], batch.totals["warned"]) == (["no_contract"], 0, 1)


# the log of contacts


def log(*lines: tuple[str, str, str, str, str]) -> list[list[Any]]:
    """Lines of the old log: (room, owner, day, text, result)."""
    return [
        CONTACTS,
        *[[1, 1, room, owner, day, "电话", "王敏", text, result] for room, owner, day, text, result in lines],
    ]


def test_old_contacts_find_their_household(moved_in: SimpleNamespace) -> None:
    batch = moved_in.take(
        "contacts",
        *log(
            ("101", "朱轩华", "2023/11/5", "称楼道灯坏未修", "拒缴"),
            ("102", "", "2023-12-1 15:30", "", "承诺年底前缴"),
        ),
    )
    assert batch.totals["written"] == {"contacts": 2}
    assert batch.totals["households"] == 2
    contact = PastContact.objects.get(account__room__number="101")
    assert (str(contact.on), contact.channel, contact.person) == ("2023-11-05", "电话", "王敏")
    assert (contact.text, contact.result) == ("称楼道灯坏未修", "拒缴")


def test_a_longer_log_adds_only_its_new_lines(moved_in: SimpleNamespace) -> None:
    old = ("101", "朱轩华", "2023-11-05", "称楼道灯坏未修", "拒缴")
    moved_in.take("contacts", *log(old))
    longer = moved_in.upload("contacts", *log(old, ("101", "朱轩华", "2023-11-05", "再次致电", "无人接听")))
    assert verdicts(longer) == ["unchanged", "new"]
    moved_in.commit(longer)
    assert PastContact.objects.count() == 2
    moved_in.undo(longer)
    assert PastContact.objects.count() == 1


def test_lines_that_cannot_be_placed_are_refused(moved_in: SimpleNamespace) -> None:
    batch = moved_in.upload(
        "contacts",
        *log(
            ("901", "某人", "2023-11-05", "电话", ""),
            ("101", "朱轩华", "2033-11-05", "年份写错", ""),
            ("101", "朱轩华", "去年冬天", "没写清", ""),
            ("101", "朱轩华", "2023-11-05", "", ""),
            ("102", "刘秀", "2023-11-05", "同一句", ""),
            ("102", "刘秀", "2023-11-05", "同一句", ""),
            ("103", "周涛", "2023-11-05", "旧名字", ""),
        ),
    )
    assert verdicts(batch) == ["refused", "refused", "refused", "refused", "new", "refused", "new"]
    assert codes(batch) == [
        "room_unknown", "date_future", "date_unreadable", "text_missing", "row_repeated", "owner_differs",
    ]  # fmt: skip


# what every kind of file can do


def test_a_cell_of_any_kind_is_mended_in_place(moved_in: SimpleNamespace, inside: SimpleNamespace) -> None:
    def mend(batch: ImportBatch, row: int, column: int, text: str) -> ImportBatch:
        return fix_rows(batch=batch, fixes={("Sheet1", row): {column: text}}, by=inside.people["finance"], at=UPLOADED)

    contacts = moved_in.upload("contacts", *log(("101", "朱轩华", "去年冬天", "称楼道灯坏", "拒缴")))
    assert verdicts(mend(contacts, 2, 4, "2023-12-01")) == ["new"]
    contracts = moved_in.upload("contracts", CONTRACTS, ["华庭苑", "", "", *REGULAR[3:]])
    assert verdicts(mend(contracts, 2, 1, "物业服务合同")) == ["new"]
    items = moved_in.upload("fee_items", ITEMS, ["物业服务费", "面议", "季", ""])
    assert verdicts(mend(items, 2, 1, "2.35")) == ["new"]
    for batch in (contacts, contracts, items):
        batch.refresh_from_db()
        moved_in.commit(batch)
    assert (PastContact.objects.count(), ServiceContract.objects.count(), FeeItem.objects.count()) == (1, 1, 1)


def test_refused_lines_are_mended_in_a_file_of_their_own(moved_in: SimpleNamespace, inside: SimpleNamespace) -> None:
    lines = log(("101", "朱轩华", "2023-11-05", "称楼道灯坏", "拒缴"), ("901", "刘秀", "2023-11-06", "再次致电", ""))
    batch = moved_in.commit(moved_in.upload("contacts", *lines), accept_good=True)
    book = load_workbook(BytesIO(refused_workbook(batch)))
    book.active["C2"] = "102"
    mended = BytesIO()
    book.save(mended)
    mended.seek(0)
    again = upload_file(
        kind="",
        file=mended,
        name="错误行.xlsx",
        community=None,
        by=inside.people["finance"],
        at=UPLOADED,
        corrects=batch,
    )
    assert (again.kind, verdicts(again)) == ("contacts", ["new"])
    moved_in.commit(again)
    assert PastContact.objects.get(text="再次致电").account.room.number == "102"
