"""Strangers' tables: headers, subtotals, merges, wide months, and what each row means (domain 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.rules.columns import Header, find_header, remapped, samples
from billing.rules.headings import field_of
from billing.rules.rows import BillRow, Control, Sums, compare, read_bills, read_register

D = Decimal

HEAD = [
    "楼栋",
    "单元",
    "房号",
    "业主姓名",
    "收费项目",
    "账期",
    "应收金额",
    "已收金额",
    "欠费金额",
    "缴费截止日期",
    "备注",
]


def bills(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> list[BillRow]:
    table = [["××小区物业费明细表"], list(head), *[list(row) for row in rows]]
    header = find_header(table, "bills")
    assert header is not None
    assert not header.missing("bills")
    return list(read_bills(table, header))


def row(amount: Any = 100, received: Any = 0, arrears: Any = None, **changes: Any) -> list[Any]:
    cells = dict(
        zip(
            HEAD, [1, 1, "101", "张三", "物业费", "2024年1月", amount, received, arrears, "2024-02-15", ""], strict=True
        )
    )
    return list((cells | changes).values())


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("￥1,234.50元", "1234.50"), ("１，０１３．５８", "1013.58"), (D("552.16"), "552.16"), (" 552.160 ", "552.16")],
)
def test_messy_amounts_are_read(cell: Any, amount: str) -> None:
    assert bills(row(cell))[0].items[0].receivable == D(amount)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        pytest.param({"应收金额": "待核"}, "G列「应收金额」", "amount_unreadable", id="to-be-checked"),
        pytest.param({"应收金额": "#REF!"}, "G列「应收金额」", "amount_unreadable", id="broken-formula"),
        pytest.param({"应收金额": ""}, "G列「应收金额」", "amount_missing", id="blank-is-not-zero"),
        pytest.param({"应收金额": -5}, "G列「应收金额」", "amount_negative", id="reversal-line"),
        pytest.param({"房号": date(2024, 3, 2)}, "C列「房号」", "room_is_date", id="excel-made-it-a-date"),
        pytest.param({"房号": ""}, "C列「房号」", "room_missing", id="no-room"),
        pytest.param({"账期": "去年"}, "F列「账期」", "period_unreadable", id="vague-period"),
        pytest.param({"账期": ""}, "F列「账期」", "period_missing", id="no-period"),
        pytest.param({"缴费截止日期": "月底"}, "J列「缴费截止日期」", "due_unreadable", id="vague-due-date"),
    ],
)
def test_a_bad_row_says_where_what_and_what_to_do(changes: dict[str, Any], column: str, code: str) -> None:
    (read,) = bills(row(**changes))
    assert read.refused
    assert [(r.column, r.code) for r in read.reasons] == [(column, code)]
    assert read.reasons[0].message.endswith("。")
    assert not read.items


def test_a_difference_with_a_recognised_remark_is_a_reduction() -> None:
    (read,) = bills(row(D("552.16"), D("386.51"), D("0"), 备注="空置七折"))
    assert (read.items[0].reduction, read.items[0].open, read.reasons) == (D("165.65"), D("0.00"), [])


def test_a_difference_without_a_reason_is_a_warning() -> None:
    (read,) = bills(row(100, 20, 50))
    assert (read.items[0].reduction, read.items[0].open) == (0, 80)
    assert [r.code for r in read.reasons] == ["difference_unexplained"]


def test_more_paid_than_owed_is_taken_with_a_warning() -> None:
    (read,) = bills(row(100, 130))
    assert [r.code for r in read.reasons] == ["paid_more"]


def test_a_table_without_a_day_of_payment_says_so_once_and_not_on_every_row() -> None:
    head = [heading for heading in HEAD if heading != "缴费截止日期"]
    cells = [value for heading, value in zip(HEAD, row(), strict=True) if heading != "缴费截止日期"]
    read = bills(cells, cells, cells, head=head)
    assert [[r.code for r in each.reasons] for each in read] == [["due_assumed"], [], []]
    (blank,) = bills(row(缴费截止日期=""))
    assert [(r.code, r.column) for r in blank.reasons] == [("due_assumed", "J列「缴费截止日期」")], (
        "a blank cell is that row's own"
    )


def test_a_zero_line_is_no_bill() -> None:
    (read,) = bills(row(0))
    assert (read.sort, read.items) == ("empty", [])


@pytest.mark.parametrize(
    ("line", "sort"),
    [
        (["1栋小计", "", "", "", "", "", "", "", 90], "subtotal"),
        (["合计", "", "", "", "", "", "", "", 90], "total"),
        (["", "", "合 计", "", "", "", 100, 10, 90], "total"),
        (["制表人：财务部", "", "", "审核：", "", "以上数据仅供内部核对"], "footer"),
    ],
)
def test_subtotals_and_footers_are_no_bills(line: list[Any], sort: str) -> None:
    assert bills(row(), line)[1].sort == sort


def test_control_rows_are_compared_with_the_rows_above_them() -> None:
    controls = [Control(4, "小计", False, {"arrears": D(30)}), Control(7, "合计", True, {"arrears": D(75)})]
    lines = [
        (2, Sums(arrears=D(10)), True),
        (3, Sums(arrears=D(20)), True),
        (5, Sums(arrears=D(40)), True),
        (6, Sums(arrears=D(5)), False),
    ]
    first, last = compare(controls, lines)
    assert (first.ours, first.theirs, first.agrees) == (D(30), D(30), True)
    assert (last.ours, last.refused, last.theirs, last.agrees) == (D(70), D(5), D(75), True)


def test_a_merged_building_fills_down_inside_its_merge_only() -> None:
    table = [
        ["楼号", "单元", "室号", "账期", "金额"],
        [1, 1, "101", "2024年1月", 5],
        ["", 1, "102", "2024年1月", 5],
        ["", 1, "103", "2024年1月", 5],
    ]
    header = find_header(table, "bills")
    assert header is not None
    read = list(read_bills(table, header, merges=[(1, 0, 2, 0)]))
    assert [r.room.building if r.room else None for r in read] == ["1", "1", ""]


def test_a_wide_table_gives_one_bill_per_month_with_an_amount() -> None:
    table = [
        ["翠湖雅苑2023年度物业费收缴台账"],
        ["楼号", "单元", "室号", "1月", "", "2月", "", "往年欠费", "欠费合计"],
        ["", "", "", "应收", "实收", "应收", "实收", "", ""],
        [1, 1, "0101", D("165.21"), 0, "", "", D("991.26"), D("1156.47")],
    ]
    header = find_header(table, "bills")
    assert header is not None
    (read,) = read_bills(table, header)
    assert [(i.period.label, i.open) for i in read.items] == [
        ("2023年1月", D("165.21")),
        ("2022年1月—12月", D("991.26")),
    ]
    assert "line_sum_differs" not in {r.code for r in read.reasons}


@pytest.mark.parametrize(
    ("heading", "kind", "field"),
    [
        ("应收金额（元）", "bills", "receivable"),
        ("计费 截止日期", "bills", "period_end"),
        ("*房号", "bills", "number"),
        ("本年应收金额", "bills", "receivable"),
        ("记账金额(支出)", "bank", "expense"),
        ("建筑面积㎡", "register", "area"),
        ("收银员", "bills", ""),
    ],
)
def test_headings(heading: str, kind: str, field: str) -> None:
    assert field_of(heading, kind)[0] == field


def test_without_an_amount_column_the_words_say_which_to_add() -> None:
    header = find_header([["房号", "账期", "业主姓名"], ["1-1-101", "2024年1月", "张三"]], "bills")
    assert header is not None
    assert header.missing("bills") == ["没有找到金额列。请在表头写明「应收金额」或「欠费金额」。"]


def test_a_register_row() -> None:
    table = [["房号", "业主姓名", "电话", "房屋状态"], ["3栋2单元1502", "张三/李四", "1.38E+10", "空置"]]
    header = find_header(table, "register")
    assert header is not None
    (read,) = read_register(table, header)
    assert (read.names, read.phones, read.residence) == (("张三", "李四"), (), "vacant")
    assert [(r.code, r.level) for r in read.reasons] == [("phone_unreadable", "warning")]


def _header(*headings: str, kind: str = "bills") -> Header:
    header = find_header([list(headings)], kind)
    assert header is not None
    return header


def test_a_person_corrects_what_the_columns_are() -> None:
    header = _header("房号", "账期", "应收金额", "本次结算", "费项")
    assert [(c.heading, c.field) for c in header.unread] == [("本次结算", "")]
    corrected = remapped(header, {3: "receivable", 4: "", 99: "owner"})
    assert {c.heading: c.field for c in corrected.columns} == {
        "房号": "number",
        "账期": "period",
        "本次结算": "receivable",
    }
    assert corrected.by_field["receivable"].confidence == 1.0
    assert [c.heading for c in corrected.unread] == ["应收金额", "费项"]
    assert corrected.fingerprint == header.fingerprint


def test_a_header_is_recognised_again_next_year_but_not_after_a_column_moved() -> None:
    first = _header("房号", "2023年1月", "2023年2月", "备注")
    assert first.fingerprint == _header("房号", "2024年1月", "2024年 2月", "备 注").fingerprint
    assert first.fingerprint != _header("房号", "备注", "2023年1月", "2023年2月").fingerprint


def test_three_sample_values_tell_what_a_column_holds() -> None:
    rows = [["", D("101.0")], ["张三", 101], ["张三"], ["李四"], ["王五"], ["赵六"]]
    assert samples(rows, 0) == ["张三", "李四", "王五"]
    assert samples(rows, 1) == ["101"]
