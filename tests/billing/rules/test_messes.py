"""The 22 kinds of mess in strangers' files, each as a file and with what must come of it (domain 5.2).

A line of the expectation is a row of the file: what is booked from it, `✗ code` when it is refused, `! code` when it is
taken with a warning, or what sort of row it is. Messes that need the books (12, 13, 17) go on in `test_messes_in_the_books`.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billing.readers import FileRefused
from billing.readers.limits import MAX_ROWS
from billing.readers.reading import read
from billing.readers.sheets import Sheet, decode, encode
from billing.rules.columns import find_header
from billing.rules.rows import BillRow, RegisterRow, compare, read_bills, read_register
from offices.rules.money import format_yuan
from tests.factories.files import Rows, html, ods, text, xls, xlsx

D = Decimal
SAMPLES = Path(__file__).resolve().parents[3] / "samples"
IGNORED = {"due_assumed"}  # most of these tables name no day of payment

HEAD = ["房号", "业主姓名", "账期", "应收金额"]


def long(*rows: list[object]) -> Rows:
    return [HEAD, *rows]


def bill(room: object = "1-1-101", period: object = "2024年1月", amount: object = 100) -> list[object]:
    return [room, "张三", period, amount]


def sheets_of(data: bytes) -> list[Sheet]:
    return [Sheet(s.name, s.rows[:], s.merges) for s in decode(io.BytesIO(b"".join(encode(read(data))))).sheets]


def rows_of(data: bytes, kind: str = "bills", name: str = "账单") -> list[BillRow | RegisterRow]:
    """Every row of every sheet that has a header of this kind."""
    found: list[BillRow | RegisterRow] = []
    for sheet in sheets_of(data):
        header = find_header(sheet.rows, kind, names=(sheet.name, name), merges=sheet.merges)
        if header is not None and not header.missing(kind):
            reader = read_bills if kind == "bills" else read_register
            found += reader(sheet.rows, header, sheet.merges)
    return found


def told(data: bytes, kind: str = "bills", name: str = "账单") -> list[str]:
    """The file's rows in words."""
    return [line for row in rows_of(data, kind, name) for line in _told(row)]


def _told(row: BillRow | RegisterRow) -> list[str]:
    if row.sort != "data":
        return [row.sort]
    refusals = [reason.code for reason in row.reasons if reason.level == "error"]
    if refusals:
        return [f"✗ {code}" for code in refusals]
    place = "-".join(filter(None, (row.room.building, row.room.unit, row.room.number))) if row.room else "?"
    if isinstance(row, RegisterRow):
        lines = [f"{place} {'、'.join(row.names)} {' '.join(row.phones)}".strip()]
    else:
        lines = [
            " ".join(
                filter(
                    None,
                    (
                        place,
                        item.fee_item if item.fee_item != "物业费" else "",
                        item.period.label,
                        format_yuan(item.receivable, symbol=False),
                        f"减{format_yuan(item.reduction, symbol=False)}" if item.reduction else "",
                        f"收{format_yuan(item.received, symbol=False)}" if item.received else "",
                    ),
                )
            )
            for item in row.items
        ]
    return lines + [f"! {reason.code}" for reason in row.reasons if reason.code not in IGNORED]


MONTHS = [
    ["翠湖雅苑2023年度物业费收缴台账"],
    ["楼号", "单元", "室号", "1月", "", "2月", "", "欠费合计"],
    ["", "", "", "应收", "实收", "应收", "实收", ""],
    [1, 1, "0101", 165.21, 165.21, 165.21, 0, 165.21],
]
YEARS_OF_MONTHS = [
    ["房号", "业主", "2023年", "", "", "", "2024年", ""],
    ["", "", "11月", "", "12月", "", "1月", ""],
    ["", "", "应收", "实收", "应收", "实收", "应收", "实收"],
    ["1-1-101", "张三", 100, 100, 100, 0, 110, ""],
]
FEES = [
    ["2024年5月收费通知"],
    ["小区", "楼栋", "单元", "房号", "费用清单", "", "", "", "", "", "缴费合计"],
    ["", "", "", "", "管理费", "", "", "水费", "", "", ""],
    ["", "", "", "", "费用合计", "单价", "建筑面积", "费用合计", "单价", "用量", ""],
    ["华山小区", 1, 1, 101, 170, 2, 85, 33, 3, 11, 203],
]
MERGED = [
    ["楼栋", "房号", "账期", "应收金额"],
    [3, "101", "2024年1月", 5],
    ["", "102", "2024年1月", 5],
    ["", "103", "2024年1月", 5],
]

TABLE: list[tuple[int, str, bytes, list[str]]] = [
    (
        1,
        "title rows merged above the header",
        xlsx([["华庭苑2024年物业费欠费明细表"], ["制表日期：2024年12月28日"], [], *long(bill())], merge=["A1:D1", "A2:D2"]),
        ["1-1-101 2024年1月 100.00"],
    ),
    (
        1,
        "the header stands in row 15",
        xlsx([*[[f"说明文字 {number}"] for number in range(14)], *long(bill())]),
        ["1-1-101 2024年1月 100.00"],
    ),
    (
        2,
        "two header rows: 1月 → 应收|实收, the parents merged",
        xlsx(MONTHS, merge=["A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2", "H2:H3"]),
        ["1-1-0101 2023年1月 165.21 收165.21", "1-1-0101 2023年2月 165.21"],
    ),
    (2, "the same without any merge, as text", text(MONTHS), ["1-1-0101 2023年1月 165.21 收165.21", "1-1-0101 2023年2月 165.21"]),
    (
        2,
        "three header rows: 2023年 → 11月 → 应收|实收",
        xlsx(YEARS_OF_MONTHS, merge=["A1:A3", "B1:B3", "C1:F1", "G1:H1", "C2:D2", "E2:F2", "G2:H2"]),
        ["1-1-101 2023年11月 100.00 收100.00", "1-1-101 2023年12月 100.00", "1-1-101 2024年1月 110.00"],
    ),
    (
        2,
        "three header rows: a group of three columns per fee item, the month in the title",
        xlsx(FEES, merge=["A2:A4", "B2:B4", "C2:C4", "D2:D4", "E2:J2", "E3:G3", "H3:J3", "K2:K4"]),
        ["1-1-101 管理费 2024年5月 170.00", "1-1-101 水费 2024年5月 33.00", "! period_of_title"],
    ),
    (
        3,
        "小计, 本页合计, 合计, 制表人 and a disclaimer are no bills; the header repeated on page two is none either",
        xlsx(
            long(
                bill(), ["1栋小计", "", "", 100], HEAD, bill("2-1-101"), ["本页合计", "", "", 200], ["合计", "", "", 200],
                ["制表人：李四", "", "审核：", ""], ["以上数据仅供参考"],
            )
        ),
        ["1-1-101 2024年1月 100.00", "subtotal", "heading", "2-1-101 2024年1月 100.00", "subtotal", "total", "footer", "footer"],
    ),
    (
        3,
        "合计 stands under 序号, a column that is not read",
        xlsx([["序号", *HEAD], [1, *bill()], ["合计", "", "", "", 100]]),
        ["1-1-101 2024年1月 100.00", "total"],
    ),
    (4, "a building merged downwards", xlsx(MERGED, merge=["A2:A3"]), ["3-101 2024年1月 5.00", "3-102 2024年1月 5.00", "103 2024年1月 5.00"]),
    (4, "the same in .ods", ods(MERGED, tall={(1, 0): 2}), ["3-101 2024年1月 5.00", "3-102 2024年1月 5.00", "103 2024年1月 5.00"]),
    (4, "the same in HTML", html(MERGED, tall={(1, 0): 2}), ["3-101 2024年1月 5.00", "3-102 2024年1月 5.00", "103 2024年1月 5.00"]),
    (
        5,
        "a column per month, one header row, the year in the title",
        xlsx([["2024年物业费台账"], ["房号", "业主", "1月", "2月", "3月"], ["1-1-101", "张三", 10, "", 0], ["1-1-102", "李四", "", "", ""]]),
        ["1-1-101 2024年1月 10.00", "empty"],
    ),
    (
        5,
        "a column per year",
        xlsx([["房号", "业主", "2022年欠费", "2023年欠费", "合计"], ["1-1-101", "张三", 1200, 600, 1800]]),
        ["1-1-101 2022年1月—12月 1,200.00", "1-1-101 2023年1月—12月 600.00"],
    ),
    (
        5,
        "a column per quarter, and months that Excel made dates",
        xlsx([["房号", "业主", "2024年一季度", date(2024, 4, 1)], ["1-1-101", "张三", 300, 100]]),
        ["1-1-101 2024年1月—3月 300.00", "1-1-101 2024年4月 100.00"],
    ),
    (
        5,
        "a column per fee item beside each other",
        xlsx([["房号", "业主", "账期", "物业费", "水费", "合计"], ["1-1-101", "张三", "2024年1月", 100, 20, 120]]),
        ["1-1-101 2024年1月 100.00", "1-1-101 水费 2024年1月 20.00"],
    ),
    (
        6,
        "what was charged is arrears and what was paid, where the file gives only these",
        xlsx([["房号", "账期", "已收金额", "减免", "欠费金额"], ["1-1-101", "2024年1月", 40, 10, 50]]),
        ["1-1-101 2024年1月 100.00 减10.00 收40.00"],
    ),
    (
        6,
        "合计 beside 欠费 is what was charged",
        xlsx([["房号", "账期", "物业费", "水费", "合计", "已收", "欠费"], ["1-1-101", "2024年1月", 80, 20, 100, 40, 60]]),
        ["1-1-101 2024年1月 100.00 收40.00"],
    ),
    (6, "a blank amount is not zero", xlsx(long(bill(amount=""), bill(amount="—"), bill(amount=0))), ["✗ amount_missing", "✗ amount_missing", "empty"]),
    (
        7,
        "amounts as people type them",
        xlsx(
            long(
                *(
                    bill(amount=amount)
                    for amount in ("１，２３４．５０", "￥1,234.5元", " 1234.50\u00a0", "人民币1234.5", 1234.5, "1 234.50", "+1234.50")
                )
            )
        ),
        ["1-1-101 2024年1月 1,234.50"] * 7,
    ),
    (
        7,
        "what is no amount is refused, not guessed",
        xlsx(long(*(bill(amount=amount) for amount in ("(123.45)", "#REF!", "待核", "12,34", "1.2.3")))),
        ["✗ amount_negative", *["✗ amount_unreadable"] * 4],
    ),
    (
        7,
        "a broken formula of a wide table refuses its row: the month does not vanish",
        xlsx([["房号", "2024年1月", "2024年2月"], ["1-1-101", 100, "#REF!"], ["1-1-102", 100, 100]]),
        ["✗ amount_unreadable", "1-1-102 2024年1月 100.00", "1-1-102 2024年2月 100.00"],
    ),
    (
        7,
        "the same in .ods",
        ods([["房号", "2024年1月", "2024年2月"], ["1-1-101", 100, "#DIV/0!"], ["1-1-102", 100, 100]]),
        ["✗ amount_unreadable", "1-1-102 2024年1月 100.00", "1-1-102 2024年2月 100.00"],
    ),
    (
        7,
        "the same in legacy .xls",
        xls([["房号", "2024年1月", "2024年2月"], ["1-1-101", 100, "#REF!"], ["1-1-102", 100, 100]]),
        ["✗ amount_unreadable", "1-1-102 2024年1月 100.00", "1-1-102 2024年2月 100.00"],
    ),
    (
        8,
        "periods as people write them",
        xlsx(
            long(
                *(
                    bill(period=period)
                    for period in (
                        "2024年1月", "2024.1", "202401", "24.1-24.6", "2024年1-3月", "2024年第一季度", "2024年一季度", "2024年上半年",
                        "2023.12.1-2024.5.31", "2024/1/1 0:00:00", datetime(2024, 1, 1), 45292, "2024年度", "去年", "",
                    )
                )
            )
        ),
        [
            *[f"1-1-101 {period} 100.00" for period in (
                "2024年1月", "2024年1月", "2024年1月", "2024年1月—6月", "2024年1月—3月", "2024年1月—3月", "2024年1月—3月", "2024年1月—6月",
                "2023年12月—2024年5月", "2024年1月", "2024年1月", "2024年1月", "2024年1月—12月",
            )],
            "✗ period_unreadable",
            "✗ period_missing",
        ],
    ),
    (
        8,
        "an end that is the first day of the next period is exclusive",
        xlsx([
            ["房号", "开始时间", "结束时间", "应缴金额"],
            ["1-1-101", date(2016, 1, 1), date(2017, 1, 1), 5],
            ["1-1-102", date(2016, 1, 1), date(2016, 12, 31), 5],
            ["1-1-103", "2016-01", "2016-12", 5],
        ]),
        [f"1-1-{room} 2016年1月—12月 5.00" for room in (101, 102, 103)],
    ),
    (
        8,
        "the period stands in the sheet's name, the year in the file's",
        xlsx({"1月": [["房号", "应收金额"], ["1-1-101", 5]], "2月": [["房号", "应收金额"], ["1-1-101", 6]]}),
        ["1-1-101 2024年1月 5.00", "! period_of_title", "1-1-101 2024年2月 6.00", "! period_of_title"],
    ),
    (
        9,
        "Excel made a room a date or a number",
        xlsx([["楼栋", "单元", *HEAD], [1, 1, *bill(date(2024, 3, 2))], [1.0, 1.0, *bill(1502.0)], ["01", "02", *bill("0101")]]),
        ["✗ room_is_date", "1-1-1502 2024年1月 100.00", "1-2-0101 2024年1月 100.00"],
    ),
    (
        10,
        "one room in many spellings",
        xlsx(long(*(bill(room) for room in ("3栋2单元1502室", "3#-2-1502", "３号楼二单元1502", "3－2－1502", "03-02-1502")))),
        ["3-2-1502 2024年1月 100.00"] * 5,
    ),
    (10, "a room that cannot be understood is refused", xlsx(long(bill("东门岗亭"), bill(""))), ["✗ room_unreadable", "✗ room_missing"]),
    (14, "rows that are already paid owe nothing", xlsx([[*HEAD, "是否回款"], [*bill(), "是"], [*bill("1-1-102"), "否"]]), ["1-1-101 2024年1月 100.00 收100.00", "1-1-102 2024年1月 100.00"]),
    (
        15,
        "a total of the line that drops decimals is a warning",
        xlsx([["房号", "2024年1月", "2024年2月", "欠费合计"], ["1-1-101", 100.4, 100.4, 200], ["1-1-102", 100.4, 100.4, 200.8]]),
        ["1-1-101 2024年1月 100.40", "1-1-101 2024年2月 100.40", "! line_sum_differs", "1-1-102 2024年1月 100.40", "1-1-102 2024年2月 100.40"],
    ),
    (
        16,
        "a reversal reduces its bill; one without a bill is refused",
        xlsx(long(bill(), bill(amount=-30), bill("1-1-102", amount=-5))),
        ["1-1-101 2024年1月 100.00 减30.00", "reversal", "✗ amount_negative"],
    ),
    (18, "UTF-8 with a mark", text(long(bill()), encoding="utf-8-sig"), ["1-1-101 2024年1月 100.00"]),
    (18, "UTF-8 without one, semicolons", text(long(bill()), separator=";"), ["1-1-101 2024年1月 100.00"]),
    (18, "GB18030 with a rare character, tabs", text(long(["1-1-101", "张𠮷", "2024年1月", 100]), encoding="gb18030", separator="\t"), ["1-1-101 2024年1月 100.00"]),
    (18, "UTF-16, as Excel's “Unicode text”", text(long(bill()), encoding="utf-16", separator="\t"), ["1-1-101 2024年1月 100.00"]),
    (18, "a leading quote and trailing tabs", text(long(["'1-1-101\t", "张三", "2024年1月\t", "'100\t"])), ["1-1-101 2024年1月 100.00"]),
    (19, ".xlsx", xlsx(long(bill())), ["1-1-101 2024年1月 100.00"]),
    (19, ".ods", ods(long(bill())), ["1-1-101 2024年1月 100.00"]),
    (19, "an HTML table named .xls", html(long(bill())), ["1-1-101 2024年1月 100.00"]),
    (
        20,
        "one sheet per building; a hidden row is a row, a hidden sheet is not read",
        xlsx({"1栋": long(bill(), bill("1-1-102")), "2栋": long(bill("2-1-101")), "旧": long(bill("9-1-101"))}, hide=["旧"], hide_rows=[3]),
        ["1-1-101 2024年1月 100.00", "1-1-102 2024年1月 100.00", "2-1-101 2024年1月 100.00"],
    ),
    (
        21,
        "instructions beside the data, an example row, a row of 必填 and a note under it",
        xlsx([
            [*HEAD, "", "说明"],
            ["必填", "选填", "必填", "必填", "", ""],
            ["示例数据，导入前请删除本行", "张三", "", "", "", ""],
            [*bill(), "", "房号请填写：楼栋-单元-房屋"],
            ["", "", "", "", "", "账期请填写年月"],
            ["注：缴费请到服务中心前台办理", "", "", ""],
        ]),
        ["footer", "footer", "1-1-101 2024年1月 100.00", "footer", "footer"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"), [pytest.param(d, e, id=f"{number:02} {what}") for number, what, d, e in TABLE]
)
def test_a_messy_bill_file(data: bytes, expected: list[str]) -> None:
    assert told(data, name="2024年账单.xlsx") == expected


REGISTER_HEAD = ["房号", "业主姓名", "联系电话"]


@pytest.mark.parametrize(
    ("owner", "phone", "expected"),
    [
        ("张三/李四", "13900139001/13900139002", "1-1-101 张三、李四 13900139001 13900139002"),
        ("张三、李四", "13900139001(妻)", "1-1-101 张三、李四 13900139001"),
        ("张三(共有)", "0571-88886666", "1-1-101 张三 0571-88886666"),
        ("张三 李四", 13900139001, "1-1-101 张三、李四 13900139001"),
        ("欧阳 娜娜", "(0571)88886666", "1-1-101 欧阳 娜娜 0571-88886666"),
        ("张三等3人", "13900139001", "1-1-101 张三 13900139001"),
        ("华润（深圳）有限公司", "139 0013 9001", "1-1-101 华润(深圳)有限公司 13900139001"),
    ],
)
def test_11_several_owners_and_phones_in_a_cell(owner: str, phone: object, expected: str) -> None:
    assert told(xlsx([REGISTER_HEAD, ["1-1-101", owner, phone]]), "register") == [expected]


def test_11_a_phone_that_lost_its_digits_is_told() -> None:
    assert told(xlsx([REGISTER_HEAD, ["1-1-101", "张三", "1.38E+10"]]), "register") == [
        "1-1-101 张三",
        "! phone_unreadable",
    ]


def test_03_the_grand_total_is_checked_against_the_rows() -> None:
    rows = rows_of(xlsx(long(bill(), bill("1-1-102"), ["合计", "", "", 250])))
    lines = [(row.row_no, row.stated, True) for row in rows if isinstance(row, BillRow) and row.sort == "data"]
    (difference,) = compare([row.control for row in rows if isinstance(row, BillRow) and row.control], lines)
    assert (difference.label, difference.theirs, difference.ours, difference.agrees) == ("合计", 250, 200, False)


def test_19_a_legacy_xls_is_read() -> None:
    data = (SAMPLES / "4_收缴台账_宽表_2023.xls").read_bytes()
    assert decode(io.BytesIO(b"".join(encode(read(data))))).format == "xls"
    assert len([line for line in told(data) if "月" in line and "—" not in line]) == 1560


def test_20_a_hidden_sheet_is_named_and_not_read() -> None:
    sheets = sheets_of(xlsx({"1栋": long(bill()), "旧": long(bill())}, hide=["旧"]))
    assert [(sheet.name, len(sheet.rows)) for sheet in sheets] == [("1栋", 2), ("旧（隐藏）", 1)]


def test_22_a_long_file_is_read_and_an_endless_one_is_refused() -> None:
    rows = [bill(f"1-{unit}-{number:04}") for unit in range(1, 5) for number in range(1, 5001)]
    assert len(told(text(long(*rows)))) == 20_000
    with pytest.raises(FileRefused, match="拆成几个文件") as refusal:
        sheets_of(b"1,2\n" * (MAX_ROWS + 1))
    assert refusal.value.code == "too_many_rows"
