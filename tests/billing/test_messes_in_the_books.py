"""Messes that show only beside the books, and the layouts of other systems' templates from upload to commit
(domain 5.1, 5.2).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum
from django.urls import reverse

from billing.models import Account, Adjustment, Bill, ImportBatch, ImportRow, Payment, Room
from billing.operations import ImportRefused, map_columns, upload_file
from billing.queries import open_bills
from offices.models import Community
from tests.billing.conftest import UPLOADED
from tests.factories.files import text, xlsx
from tests.factories.workbooks import register

pytestmark = pytest.mark.django_db
D = Decimal
HEAD = ["房号", "收费项目", "账期", "应收金额"]


@pytest.fixture
def send(inside: SimpleNamespace) -> Any:
    """Upload bytes as the finance clerk: `send("bills", data)`."""

    def upload(kind: str, data: bytes, *, name: str = "账单.xlsx", community: Community | None = None) -> ImportBatch:
        return upload_file(
            kind=kind, file=io.BytesIO(data), name=name, community=community, by=inside.people["finance"], at=UPLOADED
        )

    return upload


@pytest.fixture
def house(send: Any, commit: Any) -> Community:
    """华庭苑 with three rooms on 1栋1单元: 0101, 0102 and 0103."""
    community = Community.objects.create(name="华庭苑")
    rooms = [("0101", "张三", "13900139001"), ("0102", "李四", "13900139002"), ("0103", "王五", "13900139003")]
    commit(send("register", register(rooms).read(), community=community))
    return community


def bill(room: str = "1-1-0101", item: str = "物业费", period: str = "2024年1月", amount: object = 100) -> list[object]:
    return [room, item, period, amount]


def verdicts(batch: ImportBatch) -> list[tuple[str, str]]:
    """Of every row: the verdict and the last reason."""
    rows = ImportRow.objects.filter(batch=batch)
    return [(row.verdict, row.reasons[-1]["code"] if row.reasons else "") for row in rows]


def test_12_a_room_twice_is_a_conflict_only_for_the_same_item_and_period(house: Community, send: Any) -> None:
    batch = send(
        "bills",
        xlsx(
            [
                HEAD,
                bill(),
                bill(item="水费"),
                bill(period="2024年2月"),
                bill("1-1-0102"),
                bill("1-1-0102"),
                bill("1-1-0103"),
                bill("1栋1单元0103室", amount=90),
            ]
        ),
    )
    assert [verdict for verdict, _code in verdicts(batch)] == [*["new"] * 4, *["refused"] * 3]
    assert [code for verdict, code in verdicts(batch) if verdict == "refused"] == [
        "row_repeated",
        "row_conflict",
        "row_conflict",
    ]


def test_13_the_same_bills_in_another_file_add_nothing(house: Community, send: Any, commit: Any) -> None:
    commit(send("bills", xlsx([HEAD, bill(), bill("1-1-0102")])))
    again = send(
        "bills", text([["导出时间：2024-05-01"], HEAD, bill(period="202401"), bill("1#1单元102")]), name="导出.csv"
    )
    assert (again.totals["new"], again.totals["unchanged"], again.totals["refused"]) == (0, 2, 0)


def test_09_a_lost_zero_is_found_and_marked(house: Community, send: Any) -> None:
    batch = send("bills", xlsx([["楼栋", "单元", *HEAD], [1, 1, 101, "物业费", "2024年1月", 5]]))
    assert verdicts(batch) == [("new", "room_zero_lost")]


def test_16_a_reversal_is_booked_as_a_reduction_of_its_bill(house: Community, send: Any, commit: Any) -> None:
    rows = [HEAD, bill(), bill(amount=-30), bill("1-1-0102", amount=-5), ["合计", "", "", 65]]
    batch = send("bills", xlsx(rows))
    assert verdicts(batch)[1:3] == [("skipped", "reversal"), ("refused", "amount_negative")]
    assert [(c["theirs"], c["ours"], c["agrees"]) for c in batch.totals["controls"]] == [("65.00", "70.00", True)]
    commit(batch)
    (reduction,) = Adjustment.objects.all()
    assert (reduction.bill.amount, reduction.amount, reduction.reason) == (D("100.00"), D("30.00"), "第3行红冲")
    assert [line.open for line in open_bills()] == [D("70.00")]


def test_17_a_column_splits_a_file_by_community(house: Community, send: Any, commit: Any) -> None:
    other = Community.objects.create(name="翠湖雅苑")
    commit(send("register", register([("0101", "赵六", "13900139004")], community="翠湖雅苑").read()))
    commit(send("bills", xlsx([["小区", *HEAD], ["华庭苑", *bill()], ["翠湖雅苑", *bill()]])))
    assert {b.account.room.community for b in Bill.objects.select_related("account__room")} == {house, other}


def test_17_sheets_of_several_communities_without_a_column_are_refused(house: Community, send: Any) -> None:
    Community.objects.create(name="翠湖雅苑")
    with pytest.raises(ImportRefused, match="几个小区的工作表") as refusal:
        send("bills", xlsx({"华庭苑": [HEAD, bill()], "翠湖雅苑": [HEAD, bill()]}))
    assert refusal.value.code == "several_communities"


def test_the_sheets_name_may_name_the_community(house: Community, send: Any) -> None:
    Community.objects.create(name="华庭苑二期")
    assert send("bills", xlsx({"华庭苑": [HEAD, bill()]})).community == house


def test_20_a_summary_beside_the_sheets_it_sums_is_not_billed_again(house: Community, send: Any) -> None:
    months = {f"{n}月": [["房号", "应收金额"], ["1-1-0101", 100]] for n in (1, 2)}
    summary = {"汇总": [["房号", "账期", "应收金额"], ["1-1-0101", "2024年", 200]]}
    batch = send("bills", xlsx(months | summary), name="2024年账单.xlsx")
    assert batch.layout["ignored_sheets"] == ["汇总"]
    assert batch.totals["accepted"]["receivable"] == "200.00"
    alone = send("bills", xlsx(summary))
    assert alone.totals["accepted"]["receivable"] == "200.00"


def test_a_year_and_a_month_of_it_in_one_file_are_marked(house: Community, send: Any) -> None:
    rows = [HEAD, bill(period="2024年", amount=1200), bill(period="2024年3月"), bill(period="2025年1月")]
    batch = send("bills", xlsx([*rows, bill("1-1-0102", period="2024年3月")]))
    assert [code for _verdict, code in verdicts(batch)].count("period_overlaps_in_file") == 1
    assert verdicts(batch)[1] == ("new", "period_overlaps_in_file")


def test_a_total_row_of_a_wide_table_is_checked_column_by_column(house: Community, send: Any) -> None:
    rows = [
        ["2024年台账"],
        ["房号", "1月", "", "2月", "", "欠费合计"],
        ["", "应收", "实收", "应收", "实收", ""],
        ["1-1-0101", 100, 100, 100, 40, 60],
        ["1-1-0102", 100, "", "", "", 100],
        ["合计", 200, 100, 100, 40, 170],
    ]
    controls = send("bills", xlsx(rows)).totals["controls"]
    assert [(c["field"], c["theirs"], c["ours"], c["agrees"]) for c in controls] == [
        ("arrears", "170.00", "160.00", False),
        ("receivable", "300.00", "300.00", True),
        ("received", "140.00", "140.00", True),
    ]


# --- the layouts of other systems' import templates -------------------------------------------------------------

ROOMS: Sequence[Sequence[Any]] = [
    ["楼号", "单元", "房间", "楼层", "建筑面积", "房屋状态", "业主名称", "性别", "手机号", "业主类型", "", "", ""],
    [1, 1, 1001, 1, 94.56, 2001, "吴学文", "男", 13900139005, 1001, "", "", ""],
    [],
    ["", "", "", "", "", "", "", "", "", "", "", "说明", "请一定看下面说明"],
    ["", "", "", "", "", "", "", "", "", "", "", "楼号", "楼栋编号"],
]
FEE_DETAIL: Sequence[Sequence[Any]] = [
    [
        "房屋",
        "收费项目",
        "缴费周期",
        "开始时间",
        "结束时间",
        "缴费时间",
        "应缴金额",
        "实缴金额",
        "收银员",
        "备注",
        "",
        "",
        "",
    ],
    ["1-1-1001", "物业费", 12, date(2016, 1, 1), date(2017, 1, 1), date(2017, 1, 1), 1000, 1000, "甲", "手工导入"],
    ["1-1-1001", "物业费", 12, 42736, 43101, 42736, 1000, 400, "甲", "手工导入", "", "说明：", ""],
    ["", "", "", "", "", "", "", "", "", "", "", "房屋", "请填写系统中的房屋编号"],
]
GROUPS: Sequence[Sequence[Any]] = [
    ["", "", "", "", "", "说明：费用清单包含费用类型，每类费用包括（费用名称、费用合计、单价、计价单位），没有的字段则为空"],
    ["小区", "楼栋", "单元", "房号", "业主姓名", "费用清单", *[""] * 11, "缴费合计"],
    ["", "", "", "", "", "管理费", "", "", "水费", "", "", "往月欠费合计", "", "", "滞纳金", "", "", ""],
    ["", "", "", "", "", *["费用合计", "单价", "用量"] * 4, ""],
    ["阳光花园", "1", "1", "1001", "吴学文", 170, 2, 85, 33, 3, 11, 50, "", "", 4.5, "", "", 257.5],
]  # fmt: skip
GROUP_MERGES = ("A2:A4", "B2:B4", "C2:C4", "D2:D4", "E2:E4", "F2:Q2", "F3:H3", "I3:K3", "L3:N3", "O3:Q3", "R2:R4")


@pytest.fixture
def sunny(send: Any, commit: Any) -> Community:
    """阳光花园, whose register comes as a room template with instructions beside and under it."""
    community = Community.objects.create(name="阳光花园")
    commit(send("register", xlsx(ROOMS), name="房屋导入.xlsx", community=community))
    return community


def test_a_room_template_with_instructions_in_it_is_a_register(sunny: Community) -> None:
    (room,) = Room.objects.all()
    assert (room.building, room.unit, room.number, room.area) == ("1", "1", "1001", D("94.56"))
    assert str(Account.objects.get().owner) == "吴学文"


def test_a_fee_detail_template_with_serial_dates_and_exclusive_ends(sunny: Community, send: Any, commit: Any) -> None:
    batch = commit(send("bills", xlsx(FEE_DETAIL)))
    assert (batch.totals["rows"], batch.totals["refused"]) == (2, 0)
    assert [(str(b.period_start), str(b.period_end)) for b in Bill.objects.order_by("period_start")] == [
        ("2016-01-01", "2016-12-31"),
        ("2017-01-01", "2017-12-31"),
    ]
    assert Payment.objects.aggregate(x=Sum("amount"))["x"] == D("1400.00")
    assert [line.open for line in open_bills()] == [D("600.00")]


def test_a_template_of_three_header_rows_gives_a_bill_per_fee_item(sunny: Community, send: Any, commit: Any) -> None:
    batch = commit(send("bills", xlsx(GROUPS, merge=GROUP_MERGES), name="2024年5月账单.xlsx"))
    assert {(b.fee_item.name, str(b.period_start), b.amount) for b in Bill.objects.select_related("fee_item")} == {
        ("管理费", "2024-05-01", D("170.00")),
        ("水费", "2024-05-01", D("33.00")),
        ("物业费", "2023-01-01", D("50.00")),  # 往月欠费, with a warning
    }
    codes = {reason["code"] for reason in ImportRow.objects.get(batch=batch).reasons}
    assert codes == {
        "period_of_title",
        "prior_period_assumed",
        "line_sum_differs",
        "due_assumed",
    }  # 滞纳金 is not billed


def test_without_any_period_a_person_says_it_for_the_whole_file(sunny: Community, send: Any, commit: Any) -> None:
    batch = send("bills", xlsx([["房号", "应收金额"], ["1-1-1001", 5]]))
    assert batch.state == ImportBatch.State.MAPPING
    assert "标题、工作表名或文件名" in batch.layout["sheets"][0]["missing"][0]
    with pytest.raises(ImportRefused) as refusal:
        map_columns(batch=batch, choices={}, by=None, at=UPLOADED)
    assert refusal.value.code == "column_missing"
    with pytest.raises(ImportRefused, match="看不懂账期") as refusal:
        map_columns(batch=batch, choices={}, period="上个月", by=None, at=UPLOADED)
    assert refusal.value.code == "period_unreadable"
    batch = map_columns(batch=batch, choices={}, period="2024.1-2024.3", by=None, at=UPLOADED)
    assert batch.layout["period"] == "2024年1月—3月"
    commit(batch)
    assert [(str(b.period_start), str(b.period_end)) for b in Bill.objects.all()] == [("2024-01-01", "2024-03-31")]


def test_the_columns_page_asks_for_the_period_only_where_it_is_missing(
    sunny: Community, send: Any, sign_in: Any, inside: SimpleNamespace
) -> None:
    client = sign_in(inside.people["finance"])
    silent = send("bills", xlsx([["房号", "应收金额"], ["1-1-1001", 5]]))
    told = send("bills", xlsx([["房号", "应收金额", "账期"], ["1-1-1001", 5, "2024年1月"]]))
    assert "整张表的账期" in client.get(reverse("billing:import-columns", args=[silent.pk])).content.decode()
    assert "整张表的账期" not in client.get(reverse("billing:import-columns", args=[told.pk])).content.decode()
