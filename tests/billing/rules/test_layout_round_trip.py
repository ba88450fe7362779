"""Any bills in any layout: written as a stranger's table, they are read back to the cent (domain 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules.aliases import ALIASES
from billing.rules.columns import find_header
from billing.rules.periods import Period, read_period
from billing.rules.rooms import RoomKey
from billing.rules.rows import compare, read_bills
from offices.rules.money import format_yuan

D = Decimal
Bill = tuple[RoomKey, Period, str, Decimal, Decimal]  # room, period, fee item, receivable, received
Table = list[list[Any]]

ROOMS = st.builds(
    RoomKey,
    st.from_regex("A?[1-9][0-9]?", fullmatch=True),
    st.from_regex("[1-9]", fullmatch=True),
    st.from_regex("[0-3][0-9]0[1-9]", fullmatch=True),
)
CENTS = st.integers(1, 10_000_000).map(lambda cents: D(cents) / 100)
ITEMS = st.sampled_from(["物业费", "水费", "车位管理费", "垃圾清运费"])
AMOUNTS: list[Callable[[Decimal], Any]] = [
    lambda x: x,
    lambda x: f"{x:,.2f}",
    lambda x: f"￥{x:,.2f}元",
    lambda x: f" {x}\u00a0",
    lambda x: f"{x:.2f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
]
PERIODS: list[Callable[[Period], str]] = [
    lambda p: f"{p.start.year}年{p.start.month}月",
    lambda p: f"{p.start:%Y%m}",
    lambda p: f"{p.start:%Y.%m}",
    lambda p: f"{p.start:%Y/%m/%d}-{p.end:%Y/%m/%d}",
    lambda p: f"{p.start}至{p.end}",
]
SPELLINGS: list[Callable[[RoomKey], str]] = [
    lambda r: f"{r.building}-{r.unit}-{r.number}",
    lambda r: f"{r.building}栋{r.unit}单元{r.number}室",
    lambda r: f"{r.building}#-{r.unit}-{r.number}",
    lambda r: f"{r.building}号楼{r.unit}单元{r.number}",
]
TITLES: Table = [["某某花园物业费明细表"], ["单位：元", "", "制表日期：2024年12月28日"], []]


def month(year: int, number: int) -> Period:
    found = read_period(f"{year}年{number}月")
    assert found is not None
    return found


def heading(draw: Any, field: str) -> str:
    """One of the words that files use for a field."""
    words = [
        word
        for word in ALIASES["bills"][field].split()
        if word not in ("金额", "合计", "地址", "room", "owner", "费用合计")
    ]
    return draw(st.sampled_from(words)) + draw(
        st.sampled_from(["", "", "（元）"] if field in ("receivable", "received") else [""])
    )


@st.composite
def long_tables(draw: Any) -> tuple[Table, list[Bill]]:
    """A row per bill: columns in any order, strangers among them, subtotals per building, a total, a footer."""
    rooms = sorted(draw(st.lists(ROOMS, min_size=1, max_size=5, unique=True)))
    bills: list[Bill] = []
    for room in rooms:
        for number in draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)):
            owed = draw(CENTS)
            bills.append((room, month(2024, number), draw(ITEMS), owed, draw(st.sampled_from([D(0), owed]))))
    spell, period, amount = (draw(st.sampled_from(forms)) for forms in (SPELLINGS, PERIODS, AMOUNTS))
    three = draw(st.booleans())
    columns: list[tuple[str, Callable[[Bill], Any]]] = [
        (heading(draw, "fee_item"), lambda b: b[2]),
        (heading(draw, "period"), lambda b: period(b[1])),
        (heading(draw, "receivable"), lambda b: amount(b[3])),
        (heading(draw, "received"), lambda b: amount(b[4]) if b[4] else 0),
        ("收银员", lambda _b: "甲"),
        ("档案编号", lambda _b: 7),
    ]
    columns += (
        [
            (heading(draw, "building"), lambda b: f"{b[0].building}栋"),
            (heading(draw, "unit"), lambda b: b[0].unit),
            (heading(draw, "number"), lambda b: b[0].number),
        ]
        if three
        else [(heading(draw, "room"), lambda b: spell(b[0]))]
    )
    columns = [("序号", lambda _b: 1), *draw(st.permutations(columns))]
    table: Table = [*TITLES[: draw(st.integers(0, 3))], [name for name, _cell in columns]]
    words = set(ALIASES["bills"]["receivable"].split())
    money = next(at for at, (name, _cell) in enumerate(columns) if name.removesuffix("（元）") in words)
    for building in dict.fromkeys(room.building for room in rooms):
        of_building = [b for b in bills if b[0].building == building]
        table += [[cell(b) for _name, cell in columns] for b in of_building]
        table.append(_sum_row(f"{building}栋小计", len(columns), money, of_building))
    table.append(_sum_row("合计", len(columns), money, bills))
    table.append(["制表人：李四"])
    return table, bills


def _sum_row(label: str, width: int, money: int, bills: list[Bill]) -> list[Any]:
    row: list[Any] = [label, *[""] * (width - 1)]
    row[money] = format_yuan(sum((b[3] for b in bills), D(0)), symbol=False)
    return row


@st.composite
def wide_tables(draw: Any) -> tuple[Table, list[tuple[int, int, int, int]], list[Bill]]:
    """A pair of columns per month under one, two or three header rows, with merges or without."""
    rooms = sorted(draw(st.lists(ROOMS, min_size=1, max_size=4, unique=True)))
    years = draw(st.sampled_from([[2023], [2023, 2024]]))
    months = [(year, number) for year in years for number in range(1, draw(st.integers(1, 12)) + 1)]
    pairs, top = draw(st.booleans()), draw(st.integers(0, 2))
    three = len(years) > 1 or draw(st.booleans())
    bills: list[Bill] = []
    body: Table = []
    for room in rooms:
        line: list[Any] = [f"{room.building}栋", room.unit, room.number, "张三"]
        for year, number in months:
            owed = draw(st.one_of(st.none(), st.just(D(0)), CENTS))
            paid = draw(st.sampled_from([D(0), owed or D(0)])) if pairs else D(0)
            line += [owed if owed is not None else "", *([paid if owed else ""] if pairs else [])]
            if owed:
                bills.append((room, month(year, number), "物业费", owed, paid))
        body.append(line)
    step = 2 if pairs else 1
    width = 4 + step * len(months)
    names = ["楼号", "单元", "房号", "业主"]
    blank = [""] * 4
    by_year = [f"{year}年" if number == 1 else "" for year, number in months]
    year_row = (names + [cell for y in by_year for cell in [y, *[""] * (step - 1)]]) if three else None
    labels = [f"{number}月" if three else f"{year}年{number}月" for year, number in months]
    month_row = (blank if three else names) + [cell for label in labels for cell in [label, *[""] * (step - 1)]]
    head = [row for row in (year_row, month_row) if row is not None]
    if pairs:
        head.append(blank + ["应收", "实收"] * len(months))
    titles = TITLES[:top]
    merges: list[tuple[int, int, int, int]] = []
    if draw(st.booleans()):
        merges = [(top, at, top + len(head) - 1, at) for at in range(4)]
        if pairs:
            row = top + len(head) - 2
            merges += [(row, 4 + 2 * at, row, 5 + 2 * at) for at in range(len(months))]
        if three:
            starts = [4 + step * at for at, (_year, number) in enumerate(months) if number == 1]
            merges += [(top, a, top, b - 1) for a, b in zip(starts, [*starts[1:], width], strict=True)]
    return [*titles, *head, *body], merges, bills


def read(table: Table, merges: list[tuple[int, int, int, int]] | None = None) -> tuple[list[Bill], list[Any]]:
    header = find_header(table, "bills", merges=merges or [])
    assert header is not None
    assert header.missing("bills") == []
    rows = list(read_bills(table, header, merges or []))
    assert [reason for row in rows for reason in row.reasons if reason.level == "error"] == []
    found = [
        (row.room, item.period, item.fee_item, item.receivable, item.received)
        for row in rows
        if row.room is not None
        for item in row.items
    ]
    return found, rows


@settings(max_examples=100, deadline=None)
@given(long_tables())
def test_a_long_table_is_read_back_and_its_totals_agree(made: tuple[Table, list[Bill]]) -> None:
    table, bills = made
    found, rows = read(table)
    assert sorted(found, key=str) == sorted(bills, key=str)
    controls = [row.control for row in rows if row.control]
    differences = compare(controls, [(row.row_no, row.stated, True) for row in rows if row.sort == "data"])
    assert len(differences) == len({bill[0].building for bill in bills}) + 1
    assert all(difference.agrees for difference in differences)


@settings(max_examples=100, deadline=None)
@given(wide_tables())
def test_a_wide_table_is_read_back(made: tuple[Table, list[tuple[int, int, int, int]], list[Bill]]) -> None:
    table, merges, bills = made
    found, _rows = read(table, merges)
    assert sorted(found, key=str) == sorted(bills, key=str)
