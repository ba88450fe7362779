"""Several owners and several numbers in one cell (domain 5.2, 11)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.people import is_mobile, read_email, read_names, read_phone, read_phones


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张三/李四", ("张三", "李四")),
        ("张三、李四", ("张三", "李四")),
        ("张三(共有)", ("张三",)),
        ("张三，李四；王五", ("张三", "李四", "王五")),
        ("欧阳娜娜", ("欧阳娜娜",)),
        ("和平饭店有限公司", ("和平饭店有限公司",)),
        ("", ()),
    ],
)
def test_owners_in_one_cell(cell: str, names: tuple[str, ...]) -> None:
    assert read_names(cell) == names


@pytest.mark.parametrize(
    ("cell", "good", "bad"),
    [
        ("19900004330/19900007933", ("19900004330", "19900007933"), ()),
        ("138 0013 8001", ("13800138001",), ()),
        (Decimal("13900139001.0"), ("13900139001",), ()),
        ("+8613900139001(妻)", ("13900139001",), ()),
        ("0571-88886666", ("0571-88886666",), ()),
        ("1.38E+10", (), ("1.38E+10",)),
        ("13900139001，12345", ("13900139001",), ("12345",)),
        ("18999999999", (), ("18999999999",)),  # the placeholder of another system's template
        ("", (), ()),
    ],
)
def test_phones_in_one_cell(cell: object, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    phones = read_phones(cell)  # type: ignore[arg-type]
    assert (phones.good, phones.bad) == (good, bad)


def test_messages_reach_mobiles_only() -> None:
    assert is_mobile("13900139001")
    assert not is_mobile("0571-88886666")


def test_mail_addresses() -> None:
    assert read_email("Li.Si@Example.com ") == "li.si@example.com"
    assert read_email("无") == ""


NAMES = st.from_regex("[王李张刘陈][\u4e00-\u9fa5]{1,2}", fullmatch=True).filter(lambda name: "和" not in name)
MOBILES = st.from_regex("1[3-9][0-9]{9}", fullmatch=True).filter(lambda number: read_phones(number).good)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.sampled_from(["/", "、", "，", ";", "\n", " / ", " "]))
def test_every_owner_is_found_whatever_stands_between(names: list[str], between: str) -> None:
    assert read_names(between.join(names)) == tuple(names)
    assert read_names(between.join(f"{name}（共有）" for name in names)) == tuple(names)


@given(st.lists(MOBILES, min_size=1, max_size=4, unique=True), st.sampled_from(["/", "、", "，", ";", "\n", " "]))
def test_every_number_is_found_whatever_stands_between(numbers: list[str], between: str) -> None:
    assert read_phones(between.join(numbers)).good == tuple(numbers)
    spaced = [f"+86 {number[:3]} {number[3:7]} {number[7:]}" for number in numbers]
    assert read_phones(*spaced).good == tuple(numbers)
    assert read_phones(*(Decimal(f"{number}.0") for number in numbers)).good == tuple(numbers)


@given(st.text(max_size=30))
def test_what_is_read_as_a_number_can_be_dialled_and_nothing_is_invented(text: str) -> None:
    for number in read_phones(text).good:
        assert set(number) <= set("0123456789-")
        assert read_phone(number) == number
    assert all(name == name.strip() and name for name in read_names(text))
