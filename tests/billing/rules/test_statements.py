"""Statements of banks and payment apps: money in only, and a line imported twice is one line (domain 5.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.rules.columns import find_header
from billing.rules.rows import BankRow, read_bank

D = Decimal
Table = list[list[Any]]

# each holds, in this order: 1,013.58 from 罗艳 for 1-1-0501 on 3 January, and 5.00 to a cleaning firm
BANKS: dict[str, Table] = {
    "ICBC: preamble, tabs, two amount columns, a total at the end": [
        ["卡号: 6222"],
        ["子账户序号: 0"],
        ["交易日期", "摘要", "交易详情", "交易场所", "记账金额(收入)", "记账金额(支出)", "余额", "对方户名", "对方账户"],
        ["2025-01-03\t", "转账", "1-1-0501 ", "网上银行", "1,013.58", "", "9,013.58", "罗艳", "6222"],
        ["2025-01-03\t", "支付", "保洁费 ", "网上银行", "", "5.00", "9,008.58", "某公司", "6222"],
        ["人民币合计", "", "", "", "1,013.58", "5.00"],
    ],
    "CCB: dates as numbers, no counterparty written as 0": [
        ["账号：4100"],
        ["户名：某物业"],
        ["起始日期：20250101"],
        ["终止日期：20250131"],
        ["币种：人民币"],
        [
            "记账日", "交易日期", "交易时间", "支出", "收入", "账户余额", "币种", "摘要", "对方账号", "对方户名", "交易地点",
        ],
        [D("20250103.0"), D("20250103.0"), "10:01:02", D("0"), D("1013.58"), D("9013.58"), "人民币", "1-1-0501", D("0"), "罗艳", ""],
        [D("20250103.0"), D("20250103.0"), "10:05:02", D("5"), D("0"), D("9008.58"), "人民币", "保洁费", D("0"), D("0"), ""],
        ["以上数据仅供参考，具体内容请以柜台打印为准"],
    ],
    "ABC: one signed amount": [
        ["交易日期", "交易时间", "交易摘要", "交易金额", "本次余额", "对手信息", "日志号", "交易渠道", "交易附言"],
        ["20250103", "100102", "转账", "+1013.58", "9013.58", "罗艳", "900000001", "网银", "1-1-0501"],
        ["20250103", "100502", "转账", "-5.00", "9008.58", "某公司", "900000002", "网银", "保洁费"],
    ],
    "BOC: a title line and 金额(±)": [
        ["中国银行交易流水明细清单"],
        [
            "记账日期", "记账时间", "币别", "金额(±)", "余额", "交易名称", "渠道", "网点名称", "附言", "对方账户名",
            "对方卡号/账号", "对方开户行",
        ],
        ["2025-01-03", "10:01:02", "人民币", "1,013.58", "9,013.58", "转账收入", "网银", "", "1-1-0501", "罗艳", "6222", ""],
        ["2025-01-03", "10:05:02", "人民币", "-5.00", "9,008.58", "转账支出", "网银", "", "保洁费", "某公司", "6222", ""],
    ],
    "BOCOM: a 借贷 column": [
        [
            "序号", "交易日期", "交易时间", "交易类型", "借贷(贷 Cr/借 Dr)", "交易金额", "余额", "对方账号", "对方户名",
            "交易地点", "摘要",
        ],
        [1, "2025-01-03", "10:01:02", "转账", "贷 Cr", D("1013.58"), D("9013.58"), "6222", "罗艳", "", "1-1-0501"],
        [2, "2025-01-03", "10:05:02", "转账", "借 Dr", D("5"), D("9008.58"), "6222", "某公司", "", "保洁费"],
    ],
    "corporate e-bank: credit is money in, the room stands in 用途": [
        [
            "交易日期/会计日期", "凭证号", "借方发生额(支出)", "贷方发生额(收入)", "余额", "对方账号", "对方户名", "摘要",
            "用途", "附言", "流水号",
        ],
        ["2025/01/03", "00000000", "", "1,013.58", "9,013.58", "6222", "罗艳", "转账", "1-1-0501物业费", "", "A202501030001"],
        ["2025/01/03", "00000000", "5.00", "", "9,008.58", "6222", "某公司", "转账", "保洁费", "", "A202501030002"],
    ],
    "corporate e-bank with one amount and a mark": [
        ["会计日期", "借贷标志", "发生额", "账户余额", "对方单位名称", "摘要"],
        ["2025-01-03", "贷", "1013.58", "9013.58", "罗艳", "1-1-0501"],
        ["2025-01-03", "借", "5.00", "9008.58", "某公司", "保洁费"],
    ],
    "WeChat: sixteen lines above the table": [
        ["微信支付账单明细"],
        *[[f"说明第{number}行"] for number in range(15)],
        [
            "交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式", "当前状态", "交易单号", "商户单号", "备注",
        ],
        ["2025-01-03 10:01:02", "转账", "罗艳", "1-1-0501", "收入", "¥1013.58", "/", "已存入零钱", "1000050001\t", "/", "/"],
        ["2025-01-03 10:05:02", "转账", "某公司", "保洁费", "支出", "¥5.00", "零钱", "支付成功", "1000050002\t", "/", "/"],
        ["2025-01-04 10:05:02", "转账", "罗艳", "多付", "收入", "¥9.00", "零钱", "已全额退款", "1000050003\t", "/", "/"],
    ],
    "Alipay: twenty-four lines above the table, neutral lines": [
        *[["------------------------支付宝支付科技有限公司  电子客户回单------------------------"] for _number in range(24)],
        [
            "交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式", "交易状态",
            "交易订单号", "商家订单号", "备注", "",
        ],
        [
            "2025-01-03 10:01:02", "转账红包", "罗艳", "139******01", "1-1-0501", "收入", "1013.58", "", "交易成功", "2025010300001\t",
            "", "",
        ],
        ["2025-01-03 10:05:02", "商业服务", "某公司", "a***@b.com", "保洁费", "支出", "5.00", "余额", "交易成功", "2025010300002\t"],
        ["2025-01-04 09:00:00", "投资理财", "余额宝", "", "转入", "不计收支", "100.00", "", "交易成功", "2025010300003\t"],
    ],
}  # fmt: skip


def lines(table: Table) -> list[BankRow]:
    header = find_header(table, "bank")
    assert header is not None
    assert header.missing("bank") == []
    return list(read_bank(table, header))


@pytest.mark.parametrize("bank", BANKS)
def test_money_in_is_read_and_money_out_is_told_apart(bank: str) -> None:
    came, went, *others = lines(BANKS[bank])
    assert (came.on, came.amount, came.payer, came.sort) == (date(2025, 1, 3), D("1013.58"), "罗艳", "data")
    assert "1-1-0501" in came.memo
    assert (went.sort, went.amount) == ("outgoing", D("5.00"))
    assert {line.sort for line in others} <= {"total", "footer", "void"}
    assert not any(line.reasons for line in (came, went, *others))


def test_the_total_at_the_end_is_a_control() -> None:
    total = lines(BANKS["ICBC: preamble, tabs, two amount columns, a total at the end"])[-1]
    assert total.control is not None
    assert total.control.amounts == {"received": D("1013.58")}


def test_a_counterparty_of_nought_is_nobody() -> None:
    went = lines(BANKS["CCB: dates as numbers, no counterparty written as 0"])[1]
    assert (went.payer, went.payer_account) == ("", "")


HEAD = ["交易日期", "交易时间", "收入", "余额", "对方户名", "摘要", "流水号"]


def line(**changes: Any) -> list[Any]:
    cells = dict(zip(HEAD, ["2025-01-03", "10:01:02", "100.00", "900.00", "张三", "物业费", ""], strict=True))
    return list((cells | changes).values())


def key(**changes: Any) -> str:
    return lines([HEAD, line(**changes)])[0].line_key


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"摘要": "网银转账 物业费"}, id="another layout words the memo otherwise"),
        pytest.param({"交易日期": "20250103", "交易时间": "100102"}, id="another spelling of the instant"),
        pytest.param({"收入": D("100"), "余额": "￥900"}, id="another spelling of the amounts"),
        pytest.param({"流水号": "00000000"}, id="a serial number of noughts is none"),
    ],
)
def test_a_line_exported_again_is_the_same_line(again: dict[str, Any]) -> None:
    assert key(**again) == key()


@pytest.mark.parametrize(
    "other",
    [
        {"收入": "100.01"},
        {"余额": "1000.00"},
        {"交易时间": "10:01:03"},
        {"交易日期": "2025-01-04"},
        {"流水号": "A0001"},
    ],
)
def test_another_line_is_another_line(other: dict[str, Any]) -> None:
    assert key(**other) != key()


def test_the_serial_number_decides_where_the_bank_gives_one() -> None:
    assert key(流水号="A0001") == key(流水号=" a0001", 余额="", 交易时间="", 摘要="x")
    assert key(流水号="A0001") != key(流水号="A0002")


def test_two_equal_transfers_without_balance_are_two_lines_and_the_same_file_again_is_the_same() -> None:
    table = [HEAD, line(余额=""), line(余额="")]
    once = [read.line_key for read in lines(table)]
    assert len(set(once)) == 2
    assert once == [read.line_key for read in lines(table)]
