"""Workbooks of the demo that are not among the sample files: e-mail addresses, and the second office's register and bills."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

REGISTER = (
    "小区",
    "楼栋",
    "单元",
    "房号",
    "建筑面积",
    "业主姓名",
    "联系电话",
    "邮箱",
    "入住状态",
    "交付日期",
    "邮寄地址",
)
BILLS = (
    "小区",
    "楼栋号",
    "单元号",
    "房号",
    "业主姓名",
    "费用类型",
    "计费起始日期",
    "计费截止日期",
    "应收金额",
    "已收金额",
    "欠费金额",
    "缴费截止日期",
    "备注",
)
CONTRACTS = (
    ("小区", "合同类型", "甲方", "起始日", "终止日", "收费标准（元/㎡·月）", "违约金条款", "送达地址条款", "争议解决"),
    ("华庭苑", "前期物业服务合同", "华庭置业有限公司", "2018-12-01", "2021-11-30", 1.85, "逾期每日按欠费的万分之五支付违约金", "有", "诉讼"),
    ("华庭苑", "物业服务合同", "华庭苑业主委员会", "2021-12-01", "2027-11-30", 2.35, "逾期支付的，按日万分之三支付违约金", "有", "诉讼"),
)  # fmt: skip
FEE_ITEMS = (("收费项目", "单价（元/㎡·月）", "计费周期", "备注"), ("物业服务费", 2.35, "季", "按建筑面积"))
CONTACTS = ("楼栋", "单元", "房号", "业主姓名", "催缴日期", "催缴方式", "催缴人", "催缴记录", "处理结果")
BEFORE_US = (
    ("2025-03-08", "电话", "前任收费员 王芳", "询问欠费原因，业主在外地出差", "答应回来后缴"),
    ("2025-06-12", "上门", "前任收费员 王芳", "业主反映电梯故障较多", "已转工程部"),
    ("2025-09-20", "电话", "前任收费员 王芳", "提醒第三季度物业费", "无人接听"),
)
TRANSFERS = ("交易日期", "流水号", "借方发生额", "贷方发生额", "余额", "对方账号", "对方户名", "摘要", "附言")
COMMUNITY = "翠湖湾"
RATE = 2.4  # yuan per square metre and month, as the invented contract has it
# Deliberately the room numbers that the first office has too: the wall between them is worth showing.
NEIGHBOURS = (
    ("0101", 89.2, "顾明远", "19900100101"), ("0102", 118.6, "沈佳", "19900100102"), ("0201", 89.2, "韩冰", "19900100201"),
    ("0202", 118.6, "曹文轩", "19900100202"), ("0301", 89.2, "许诺", "19900100301"), ("0302", 118.6, "彭勇", "19900100302"),
    ("0401", 89.2, "潘晓", "19900100401"), ("0402", 118.6, "田野", "19900100402"), ("0501", 89.2, "董洁", "19900100501"),
    ("0502", 118.6, "袁方", "19900100502"), ("0601", 89.2, "于海", "19900100601"), ("0602", 118.6, "蒋欣", "19900100602"),
)  # fmt: skip


def workbook(header: Sequence[str], rows: Sequence[Sequence[Any]], sheet: str) -> BytesIO:
    """The rows as an .xlsx file, ready to be uploaded."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate((header, *rows)):
        page.write_row(number, 0, row)
    book.close()
    out.seek(0)
    return out


def contacts(rooms: Sequence[Sequence[Any]]) -> BytesIO:
    """What was said before the office came to us. `rooms`: building, unit, number, owner."""
    return workbook(CONTACTS, [(*room, *BEFORE_US[n % len(BEFORE_US)]) for n, room in enumerate(rooms)], "历史催缴记录")


def addresses(rooms: Sequence[Sequence[Any]]) -> BytesIO:
    """A register of rooms known already, now with e-mail addresses. `rooms`: rows in the order of REGISTER."""
    return workbook(REGISTER, rows=rooms, sheet="邮箱补登")


def neighbours_register() -> BytesIO:
    """The register of the second office."""
    rows = [
        (COMMUNITY, "1", "1", number, area, owner, phone, f"{phone}@mail.example" if number.endswith("01") else "", "自住", "2019-06-18",
         f"{COMMUNITY}1栋1单元{number}室")
        for number, area, owner, phone in NEIGHBOURS
    ]  # fmt: skip
    return workbook(REGISTER, rows, "业主登记表")


def neighbours_bills(year: int) -> BytesIO:
    """Three quarters of a year; every third household has paid, every fifth in part."""
    rows = []
    for place, (number, area, owner, _phone) in enumerate(NEIGHBOURS):
        for quarter, due in enumerate((date(year, 4, 15), date(year, 7, 15), date(year, 10, 15))):
            amount = round(area * RATE * 3, 2)
            paid = amount if place % 3 == 0 or (place % 5 == 0 and quarter == 0) else 0.0
            first, last = date(year, 3 * quarter + 1, 1), date(year, 3 * quarter + 3, (31, 30, 30)[quarter])
            rows.append(
                (COMMUNITY, "1", "1", number, owner, "物业服务费", first.isoformat(), last.isoformat(), amount, paid,
                 round(amount - paid, 2), due.isoformat(), "")
            )  # fmt: skip
    return workbook(BILLS, rows, "账单导出")


def month_bills(rooms: Sequence[Sequence[Any]], due_on: date) -> BytesIO:
    """The fee of the month before `due_on`; every third household has paid. `rooms`: community, building, unit, number, owner, area."""
    last = due_on.replace(day=1) - timedelta(days=1)
    rows = []
    for place, (community, building, unit, number, owner, area) in enumerate(rooms):
        amount = round(float(area) * RATE, 2)
        paid = amount if place % 3 == 0 else 0.0
        rows.append(
            (community, building, unit, number, owner, "物业服务费", last.replace(day=1).isoformat(), last.isoformat(), amount, paid,
             round(amount - paid, 2), due_on.isoformat(), "")
        )  # fmt: skip
    return workbook(BILLS, rows, "账单导出")


def transfers(rooms: Sequence[Sequence[Any]], on: date) -> BytesIO:
    """A statement of the company's bank: one transfer per household, the room in its memo. `rooms`: building, unit, number, owner, amount."""
    balance, rows = Decimal("86000.00"), []
    for place, (building, unit, number, owner, amount) in enumerate(rooms):
        balance += amount
        rows.append(
            (on.isoformat(), f"TR{on:%Y%m%d}{place:04d}", "", str(amount), str(balance), f"6222****{place:04d}", owner, "转账",
             f"{building}栋{unit}单元{number} 物业费")
        )  # fmt: skip
    return workbook(TRANSFERS, rows, "交易明细")
