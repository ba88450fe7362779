"""What billing prints: the refused rows of a file, to be mended and uploaded again; receipts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import xlsxwriter

from billing.models import ImportBatch, ImportRow, Payment
from billing.queries import rows_of, with_cells
from billing.rules.mending import ADDED_HEADINGS, offending_columns
from billing.rules.periods import Period
from offices.letterhead import letter_pdf
from offices.models import Office, OfficeSettings
from offices.rules.money import format_yuan, in_words, total

_SHEET_NAME = 31  # characters, as Excel allows


def refused_workbook(batch: ImportBatch) -> bytes:
    """错误行.xlsx: the refused rows under the file's own title and headings, sheet by sheet; behind them the row number
    in the file and the reason, and the cells to be mended in colour. It can be uploaded again as it is (ux 3.4).

    Every text is written as text, so that no cell of a stranger's file becomes a formula (C4.4).
    """
    out = io.BytesIO()
    layouts = {sheet["name"]: sheet for sheet in batch.layout.get("sheets", [])}
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        looks = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "bad": book.add_format({"bg_color": "#FFE3A3"}),
            "why": book.add_format({"text_wrap": True, "valign": "top", "font_color": "#B3261E"}),
        }
        groups: dict[str, list[ImportRow]] = {}
        for row in with_cells(rows_of(batch, "refused")):
            groups.setdefault(row.sheet, []).append(row)
        for name, rows in groups.items():
            _sheet(book.add_worksheet(name[:_SHEET_NAME] or None), layouts.get(name, {}), rows, looks)
        if not groups:
            book.add_worksheet("错误行")
    return out.getvalue()


def _sheet(sheet: Any, layout: dict[str, Any], rows: Iterable[ImportRow], looks: dict[str, Any]) -> None:
    head = layout.get("head") or [[]]
    rows = list(rows)
    width = max(len(line) for line in (*head, *(row.cells for row in rows)))
    first = layout.get("header_row", 1) - 1
    for line, cells in enumerate(head):
        for column, text in enumerate(cells):
            if text:
                sheet.write_string(line, column, text, looks["head"] if line >= first else None)
    for top, left, bottom, right in layout.get("head_merges", []):
        text = head[top][left] if left < len(head[top]) else ""
        sheet.merge_range(top, left, bottom, right, text, looks["head"])
    for column, words in enumerate(ADDED_HEADINGS, width):
        sheet.write_string(first, column, words, looks["head"])
    for line, row in enumerate(rows, len(head)):
        cells = [row.fixes.get(str(column), cell) for column, cell in enumerate(row.cells)]
        marked = offending_columns(row.reasons, layout.get("columns", []))
        for column in range(width):
            text = str(cells[column]) if column < len(cells) else ""
            if text or column in marked:
                sheet.write_string(line, column, text, looks["bad"] if column in marked else None)
        sheet.write_number(line, width, row.row_no)
        words = "；".join(f"{r['column']} {r['message']}".strip() for r in row.reasons if r["level"] == "error")
        sheet.write_string(line, width + 1, words, looks["why"])
    sheet.set_column(width + 1, width + 1, 60)
    sheet.freeze_panes(len(head), 0)


# kind → (heading, how to fill it in, whether it must be). The headings are of the dictionary of the importer itself.
TEMPLATES: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "register": (
        ("小区", "与系统中的小区名称一致", True),
        ("楼栋", "只写编号，如 3", True),
        ("单元", "没有单元的留空", False),
        ("房号", "如 1502；以 0 开头的请设为文本格式", True),
        ("业主姓名", "共有人用 / 隔开", True),
        ("联系电话", "可写多个，用 / 隔开，第一个优先", False),
        ("微信号", "", False),
        ("邮箱", "", False),
        ("建筑面积", "平方米", False),
        ("入住状态", "自住、出租、空置、未交付", False),
        ("交付日期", "如 2024-05-01", False),
        ("变更日期", "业主变更时填写新业主开始承担的日期；之前的欠费仍由原业主承担", False),
        ("邮寄地址", "寄送通知书的地址", False),
    ),
    "bills": (
        ("小区", "只有一个小区时可留空", False),
        ("楼栋", "", True),
        ("单元", "", False),
        ("房号", "", True),
        ("业主姓名", "用来核对，不改登记", False),
        ("收费项目", "留空为物业服务费", False),
        ("计费起始日期", "账期第一天", True),
        ("计费截止日期", "账期最后一天，含当日", True),
        ("应收金额", "元", True),
        ("已收金额", "元", False),
        ("欠费金额", "元，用来核对", False),
        ("缴费截止日期", "合同约定的最后缴费日", False),
        ("备注", "减免请写明原因", False),
    ),
    "fee_items": (
        ("收费项目", "名称，每个只写一行", True),
        ("单价", "元，最多四位小数", False),
        ("计费周期", "月、季、半年、年，或月数", False),
        ("说明", "计费方式、依据", False),
    ),
    "contracts": (
        ("小区", "与系统中的小区名称一致", True),
        ("合同类型", "前期物业服务合同 或 物业服务合同", True),
        ("签订方", "建设单位或业主委员会的名称", False),
        ("起始日", "如 2021-05-01", True),
        ("终止日", "合同最后一天；不定期的留空", False),
        ("收费标准", "元/㎡·月", False),
        ("违约金日率", "如 0.03% 或 万分之三；没有约定的留空", False),
        ("违约金条款", "合同原文", False),
        ("约定送达地址", "有 或 无", False),
        ("约定仲裁", "有 或 无；约定法院的写 无", False),
    ),
    "contacts": (
        ("小区", "只有一个小区时可留空", False),
        ("楼栋", "", True),
        ("单元", "", False),
        ("房号", "", True),
        ("业主姓名", "当时的业主；业主变更过的房屋请写明", False),
        ("沟通日期", "如 2023-11-05", True),
        ("沟通方式", "电话、上门、短信……", False),
        ("经办人", "", False),
        ("沟通内容", "最多 1000 字", True),
        ("处理结果", "最多 200 字", False),
    ),
}


def template_workbook(kind: str) -> bytes:
    """An empty table of one of the `TEMPLATES` to be filled in, with a second sheet that says how. Raises KeyError."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        must, may = (
            book.add_format({"bold": True, "bottom": 1, "bg_color": color}) for color in ("#FFE3A3", "#E8EEF5")
        )
        text = book.add_format({"num_format": "@"})
        sheet, notes = book.add_worksheet(str(ImportBatch.Kind(kind).label)), book.add_worksheet("填写说明")
        notes.write_row(0, 0, ["列", "必填", "怎样填写"], may)
        for column, (heading, words, is_needed) in enumerate(TEMPLATES[kind]):
            # rooms and phones stay text: Excel makes 101 of 0101 and a date of 3-2
            sheet.set_column(column, column, 14, text if heading in {"楼栋", "单元", "房号", "联系电话"} else None)
            sheet.write_string(0, column, heading, must if is_needed else may)
            notes.write_row(column + 1, 0, [heading, "是" if is_needed else "", words])
        notes.set_column(0, 1, 12)
        notes.set_column(2, 2, 60)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


_ORDERS = {
    "property": "先冲抵账单本金，后冲抵违约金",
    "statutory": "先冲抵违约金，后冲抵账单本金（民法典第五百六十一条）",
}


def receipt_of(
    payment: Payment, *, number: str, issued_on: date, office: Office, settings: OfficeSettings
) -> dict[str, Any]:
    """Everything a receipt prints, frozen when it is issued: what was paid, by whom, and what it settled in which order
    (民法典 560, 561).
    """
    account = payment.account
    shares = payment.allocations.select_related("bill__fee_item").order_by("bill__due_on", "bill_id")
    charges = payment.charge_payments.select_related("bill__fee_item").order_by("bill__due_on", "bill_id", "nth")
    lines = [
        {
            "item": share.bill.fee_item.name,
            "period": Period(share.bill.period_start, share.bill.period_end).label,
            "amount": format_yuan(share.amount, symbol=False),
        }
        for share in shares
    ]
    lines += [
        {
            "item": f"{part.bill.fee_item.name}违约金",
            "period": Period(part.bill.period_start, part.bill.period_end).label,
            "amount": format_yuan(part.amount, symbol=False),
        }
        for part in charges
    ]
    credit = payment.amount - total([each.amount for each in (*shares, *charges)])
    return {
        "title": "收款收据",
        "number": number,
        "letterhead": settings.letterhead or office.name,
        "office": office.name,
        "issued": f"{issued_on.year}年{issued_on.month}月{issued_on.day}日",
        "payer": payment.payer or account.owner.name,
        "community": account.room.community.name,
        "room": str(account.room),
        "owner": "、".join(
            [account.owner.name, *(share.owner.name for share in account.co_owners.select_related("owner"))]
        ),
        "kind": str(payment.get_kind_display()),
        "value_on": f"{payment.value_on:%Y-%m-%d}",
        "memo": payment.memo,
        "lines": lines,
        "credit": format_yuan(credit, symbol=False) if credit else "",
        "total": format_yuan(payment.amount),
        "total_words": in_words(payment.amount),
        "order": f"按付款人指定：{payment.designation}" if payment.designation else _ORDERS[settings.allocation_mode],
        "cashier": str(payment.recorded_by or ""),
    }


def receipt_pdf(version: str, frozen: dict[str, Any]) -> bytes:
    """The receipt as PDF; the same frozen facts give the same bytes."""
    return letter_pdf("receipt", version, frozen)
