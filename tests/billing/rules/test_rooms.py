"""Every spelling of one room gives one key; two rooms never share one (domain 5.2, 9 and 10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.rooms import (
    RoomKey,
    became_a_date,
    read_building,
    read_number,
    read_room,
    read_unit,
    rooms_in_text,
    spoken,
)


@pytest.mark.parametrize(
    "text",
    [
        "3栋2单元1502室",
        "3#-2-1502",
        "３号楼二单元1502",
        "3－2－1502",
        "三幢2门1502",
        "3号楼2单元1502号房",
        "03-02-1502",
        "3/2/1502",
        "花园3栋2单元1502",
    ],
)
def test_one_room_in_many_spellings(text: str) -> None:
    assert read_room(text) == RoomKey("3", "2", "1502")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1-101", "A-1-101"),
        ("1-101", "1-1-01"),
        ("11-2-101", "1-12-101"),
        ("3-2-1502", "32-1502"),
        ("1-0-101", "1-101"),
    ],
)
def test_two_rooms_stay_two(one: str, other: str) -> None:
    assert read_room(one) != read_room(other)
    assert read_room(one).sort_key != read_room(other).sort_key  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "待定", "3-2-15-02", "3栋", "物业费", "1502室/1503室的车位"])
def test_what_cannot_be_understood_is_not_guessed(text: str) -> None:
    assert read_room(text) is None


def test_the_community_in_front_is_not_a_building() -> None:
    assert read_room("华庭苑1栋1单元0101室", community="华庭苑") == RoomKey("1", "1", "0101")


def test_a_lost_zero_sorts_to_the_same_place() -> None:
    assert RoomKey("1", "1", "103").sort_key == RoomKey("1", "1", "0103").sort_key


def test_rooms_are_listed_as_people_count() -> None:
    keys = [RoomKey("10", "1", "101"), RoomKey("2", "1", "1001"), RoomKey("2", "1", "901")]
    assert [k.number for k in sorted(keys, key=lambda k: k.sort_key)] == ["901", "1001", "101"]


def test_parts_from_numeric_cells() -> None:
    assert (read_building(Decimal("3.0")), read_unit("02单元"), read_number(Decimal("1502.0"))) == ("3", "2", "1502")
    assert became_a_date(date(2024, 3, 2))


@pytest.mark.parametrize(
    ("memo", "rooms"),
    [
        ("1栋2单元0101 物业费", ["1-2-0101"]),
        ("交3号楼1单元0603室物业", ["3-1-0603"]),
        ("1-1-0501物业费", ["1-1-0501"]),
        ("3-1-0503/3-1-0504物业费", ["3-1-0503", "3-1-0504"]),
        ("2024-12-31 物业费", []),
        ("2024年1-3月物业费", []),
        ("往来款", []),
        ("房租1500元", []),
    ],
)
def test_rooms_named_in_a_memo(memo: str, rooms: list[str]) -> None:
    assert ["-".join(p for p in (k.building, k.unit, k.number) if p) for k in rooms_in_text(memo)] == rooms


def test_a_run_of_digits_may_be_cut_in_several_ways() -> None:
    assert RoomKey("3", "1", "502") in spoken("301502")


PARTS = st.from_regex("[A-Z]?[1-9][0-9]{0,2}", fullmatch=True)
NUMBERS = st.from_regex("[0-9]{3,4}[A-Z]?", fullmatch=True)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(101, 3999))
def test_what_we_print_we_can_read(building: int, unit: int, number: int) -> None:
    key = RoomKey(str(building), str(unit), str(number))
    assert read_room(key.label) == key
    assert rooms_in_text(f"交{key.label}物业费") == [key]


@given(PARTS, PARTS, NUMBERS)
def test_every_spelling_of_a_room_is_that_room(building: str, unit: str, number: str) -> None:
    key = RoomKey(building, unit, number)
    spellings = [
        key.label,
        f"{building}-{unit}-{number}",
        f"{building}#-{unit}-{number}",
        f"{building}号楼{unit}单元{number}",
        f"{building}幢 {unit}门 {number} 室",
        f"{building}－{unit}／{number}",
        f"华庭苑{building}栋{unit}单元{number}号房",
    ]
    assert {read_room(text, community="华庭苑") for text in spellings} == {key}
    assert read_room(f"{building}栋{number}") == RoomKey(building, "", number)


@given(st.tuples(PARTS, PARTS | st.just(""), NUMBERS), st.tuples(PARTS, PARTS | st.just(""), NUMBERS))
def test_two_rooms_are_never_merged(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    keys = [RoomKey(*one), RoomKey(*other)]
    read = [read_room("-".join(filter(None, parts))) for parts in (one, other)]
    assert read == keys
    same = [tuple(part.lstrip("0") for part in parts) for parts in (one, other)]
    assert (keys[0].sort_key == keys[1].sort_key) == (same[0] == same[1])


@given(st.from_regex("[A-Z]", fullmatch=True), PARTS.filter(str.isdigit), NUMBERS)
def test_a_letter_before_the_building_and_a_building_of_that_letter_stay_two(
    letter: str, digits: str, number: str
) -> None:
    one, other = read_room(f"{letter}{digits}-{number}"), read_room(f"{letter}-{digits}-{number}")
    assert one == RoomKey(f"{letter}{digits}", "", number)
    assert other == RoomKey(letter, digits, number)
    assert one.sort_key != other.sort_key


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader_and_what_it_reads_it_reads_again(text: str) -> None:
    key = read_room(text)
    if key is not None and key.building:
        assert read_room("-".join(filter(None, (key.building, key.unit, key.number)))) == key
