"""The dictionary of headings, and headers as real systems export them (domain 5.1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.aliases import ALIASES, LABELS, REQUIRED
from billing.rules.columns import fields_of, find_header, remapped
from billing.rules.headings import field_of, normalise

# the table of domain 5.1, heading by heading; what one file calls 合计 or 金额 depends on what stands beside it
DICTIONARY = {
    "room": "资源编码 资源编号 房屋编码 房屋编号 房产编码 房间编码 房间编号 房间 房产 收费资源编码 客户资源编码 客户备注 房屋 地址 housecode",
    "community": "小区 项目 组团区域",
    "building": "楼栋 楼号 栋号 楼栋号 楼栋编号 栋编号",
    "unit": "单元 单元号 单元编号",
    "number": "房号 房间号 室号 房屋号",
    "owner": "业主姓名 客户姓名 业主名称 客户名称 姓名 住户姓名 欠费人姓名",
    "phone": "联系电话 手机号 手机号码 电话 客户电话 业主电话",
    "fee_item": "收费项目 费项 费用项目 费用类型 费用名称 费用科目 收费科目 费种 应收项目 欠费项目",
    "area": "计费面积 建筑面积 套内面积 收费面积",
    "price": "单价 收费标准 计费单价",
    "quantity": "用量 上期读数 本期读数",
    "period_start": "计费起始日期 费用开始日期 欠费起始月 开始时间",
    "period_end": "计费截止日期 费用结束日期 欠费截止月 结束时间",
    "period": "账期 账单周期 费用年月 缴费周期 欠费期间",
    "due_on": "缴费截止日期 应缴日期 应收日期 截缴日期",
    "receivable": "应收金额 应缴金额 应收 费用合计 缴费合计 金额 应缴总额",
    "received": "实收金额 实缴金额 已缴金额 已收 回款",
    "waived": "减免 优惠金额 折扣 已减免",
    "prepaid": "预存 预交冲抵 上年预收今年 预收",
    "arrears": "欠费金额 未收金额 未缴金额 应收未收 欠缴金额 欠费余额 欠费合计 合计",
    "prior_arrears": "往年欠费 上年欠费 历年欠费",
    "late_charge": "滞纳金 违约金",
    "collected": "当前状态 欠费状态 缴费状态 是否回款",
    "debtor": "欠费主体",
    "ageing": "账龄天数 欠费天数 逾期天数 欠费时长",
}


@pytest.mark.parametrize(("field", "headings"), DICTIONARY.items())
def test_every_heading_of_the_dictionary_is_known_for_certain(field: str, headings: str) -> None:
    assert {heading: field_of(heading, "bills") for heading in headings.split()} == dict.fromkeys(
        headings.split(), (field, 1.0)
    )


def test_the_register_knows_the_second_phone_and_the_state_of_a_home() -> None:
    assert field_of("reservePhone", "register") == ("phone2", 1.0)
    assert field_of("房屋状态", "register") == ("residence", 1.0)


@pytest.mark.parametrize("kind", ALIASES)
def test_no_heading_means_two_things_and_every_field_has_a_name(kind: str) -> None:
    headings = [heading for line in ALIASES[kind].values() for heading in line.split()]
    assert len(headings) == len(set(headings))
    assert all(normalise(heading) == heading for heading in headings)
    assert set(fields_of(kind)) <= set(LABELS)
    assert {name for choices, _words in REQUIRED[kind] for name in choices} <= set(fields_of(kind))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        pytest.param("缴费截止时间", "due_on", id="until-when-to-pay-is-no-end-of-a-period"),
        pytest.param("付款截止日", "due_on", id="nor-is-this"),
        pytest.param("欠费截止日期", "period_end", id="until-when-owed"),
        pytest.param("应收物业费", "receivable", id="billed"),
        pytest.param("欠款金额", "arrears", id="owed"),
        pytest.param("缴费月份", "", id="when-it-was-paid-is-no-period"),
        pytest.param("付款方式", "", id="how-it-was-paid"),
        pytest.param("状态", "", id="a-state-of-anything"),
    ],
)
def test_what_bills_call_it(heading: str, field: str) -> None:
    assert field_of(heading, "bills")[0] == field


def test_how_it_was_paid_is_no_payer() -> None:
    assert field_of("付款方式", "bank")[0] == ""


@pytest.mark.parametrize("kind", ALIASES)
def test_a_column_named_as_the_page_names_the_field_is_understood(kind: str) -> None:
    for name in fields_of(kind):
        shown = LABELS[name].removesuffix("（不导入）")
        assert field_of(shown, kind) == (name, 1.0), shown


@given(st.sampled_from([h for line in ALIASES["bills"].values() for h in line.split()]), st.data())
def test_a_heading_is_known_however_it_is_dressed(heading: str, data: Any) -> None:
    before = data.draw(st.sampled_from(["", " ", "*", "【", "　"]))
    after = data.draw(st.sampled_from(["", " ", "：", "（元）", "(必填)", "】", "\n", "*"]))
    between = data.draw(st.sampled_from(["", " ", "\u00a0"]))
    dressed = before + between.join(heading) + after
    assert field_of(dressed, "bills") == field_of(heading, "bills")


REAL = {
    "GEN": ("楼栋号,单元号,房号,业主姓名,联系电话,费用类型,计费起始日期,计费截止日期,应收金额,缴费截止日期,备注", []),
    "MCW": ("房屋,收费项目,缴费周期,开始时间,结束时间,缴费时间,应缴金额,实缴金额,收银员,备注", ["缴费时间", "收银员"]),
    "FS": ("资源编码,楼栋,单元,房号,客户姓名,手机号,欠费金额,费项,欠费起始月,欠费截止月,账龄天数,当前状态", []),
    "TW": ("客户名称,资源编号,2021年,2022年,2023年,合计", []),
    "a ledger": ("序号,房号,业主,收费面积,单价,账期,本期应收(元),本期实收,减免,欠费余额,滞纳金,是否回款", ["序号"]),
}


@pytest.mark.parametrize("system", REAL)
def test_the_headers_of_real_systems(system: str) -> None:
    line, unread = REAL[system]
    header = find_header([["某某小区收费明细"], line.split(",")], "bills")
    assert header is not None
    assert (header.row, header.missing("bills")) == (1, [])
    assert [column.heading for column in header.unread] == unread


def test_a_header_without_a_period_takes_that_of_the_file_and_says_so_otherwise() -> None:
    minimal = [["房号", "金额", "费用名称"]]
    with_period = find_header(minimal, "bills", names=("Sheet1", "2024年5月.xlsx"))
    assert with_period is not None
    assert with_period.period is not None
    assert (with_period.period.label, with_period.missing("bills")) == ("2024年5月", [])
    without = find_header(minimal, "bills")
    assert without is not None
    assert "账期" in without.missing("bills")[0]


@given(st.dictionaries(st.integers(0, 15), st.sampled_from([*fields_of("bills"), ""]), max_size=8))
def test_any_correction_gives_a_header_whose_columns_are_all_there_once(choices: dict[int, str]) -> None:
    header = find_header([REAL["GEN"][0].split(",")], "bills")
    assert header is not None
    corrected = remapped(header, choices)
    assert [c.index for c in corrected.every] == [c.index for c in header.every]
    fields = [column.field for column in corrected.columns]
    assert len(fields) == len(set(fields))
    assert all(column.field != "" for column in corrected.columns)
    assert corrected.fingerprint == header.fingerprint
    assert remapped(corrected, choices) == corrected
