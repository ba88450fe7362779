"""Small workbooks as finance would upload them: a register and a bill export of a few rooms."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

REGISTER_HEADER = [
    "小区",
    "楼栋",
    "单元",
    "房号",
    "建筑面积",
    "业主姓名",
    "联系电话",
    "备用电话",
    "微信号",
    "邮箱",
    "入住状态",
    "交付日期",
    "邮寄地址",
]
BILLS_HEADER = [
    "楼栋号",
    "单元号",
    "房号",
    "业主姓名",
    "联系电话",
    "费用类型",
    "计费起始日期",
    "计费截止日期",
    "应收金额",
    "已收金额",
    "欠费金额",
    "缴费截止日期",
    "备注",
]


def workbook(rows: Sequence[Sequence[Any]], title: str = "Sheet1") -> BytesIO:
    """The rows as an .xlsx file, ready to be uploaded."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    out.seek(0)
    out.name = f"{title}.xlsx"
    return out


def register(rooms: Sequence[tuple[str, str, str]], *, community: str = "华庭苑", email: str = "") -> BytesIO:
    """A register of rooms on 1栋1单元: (room number, owner, phone)."""
    body = [
        [
            community,
            1,
            1,
            number,
            94.56,
            owner,
            phone,
            "",
            "",
            email,
            "自住",
            "2018-05-06",
            f"{community}1栋1单元{number}室",
        ]
        for number, owner, phone in rooms
    ]
    return workbook([REGISTER_HEADER, *body], "业主登记表")


def bills(rows: Sequence[tuple[str, str, str, str, str, str]]) -> BytesIO:
    """Bills on 1栋1单元: (room number, owner, period start, period end, due, amount)."""
    body = [
        [1, 1, number, owner, "", "物业服务费", start, end, float(amount), 0, float(amount), due, ""]
        for number, owner, start, end, due, amount in rows
    ]
    return workbook([BILLS_HEADER, *body], "账单")
