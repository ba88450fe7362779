"""Several owners and several numbers in one cell (domain 5.2, 11)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.rules.people import is_mobile, read_email, read_names, read_phones


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
