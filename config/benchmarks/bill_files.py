"""A bill export of any length for measurements: 15 columns, four quarters for every room, with the usual dirt in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from django.conf import settings

from billing.models import Account, ContactPoint, Owner, Room
from billing.rules.rooms import RoomKey
from offices.operations.offices import add_community

COMMUNITY = "测速花园"
HEADER = (
    "小区", "楼栋号", "单元号", "房号", "业主姓名", "联系电话", "建筑面积", "费用类型", "计费起始日期", "计费截止日期",
    "应收金额", "已收金额", "欠费金额", "缴费截止日期", "备注",
)  # fmt: skip
_QUARTERS = [
    (date(2024, 3 * q + 1, 1), date(2024, 3 * q + 3, (31, 30, 30, 31)[q]), date(2024 + (q == 3), (4, 7, 10, 1)[q], 15))
    for q in range(4)
]
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华"


def owner_of(room: int) -> str:
    """The name of the owner of room number `room`, from 0."""
    return _SURNAMES[room % 20] + _GIVEN[room // 20 % 20] + _GIVEN[room // 400 % 20]


def place_of(room: int) -> tuple[int, int, str]:
    """Building, unit and number: 200 rooms to a building, two units of 25 floors with four rooms each."""
    building, at = divmod(room, 200)
    unit, door = divmod(at, 100)
    return building + 1, unit + 1, f"{door // 4 + 1:02}{door % 4 + 1:02}"


def bill_file(rows: int) -> Path:
    """The .xlsx file with that many bills, made once and kept in the house's var directory."""
    path = settings.ENV.var_dir / "benchmarks" / f"bills-{rows}.xlsx"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    book = xlsxwriter.Workbook(str(draft), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("账单")
    sheet.write_row(0, 0, HEADER)
    for number, row in enumerate(_rows(rows), 1):
        sheet.write_row(number, 0, row)
    book.close()
    draft.rename(path)
    return path


def _rows(rows: int) -> Iterator[tuple[object, ...]]:
    """One row in 5 is paid, one in 50 reduced for vacancy, one in 200 names a room that does not exist."""
    for number in range(rows):
        room, quarter = divmod(number, 4)
        building, unit, door = place_of(room)
        start, end, due = _QUARTERS[quarter]
        amount = 400 + room % 977 + (room % 100) / 100
        paid, reduced = number % 5 == 0, number % 50 == 7
        open_amount = 0 if paid else round(amount * 0.7, 2) if reduced else amount
        yield (
            COMMUNITY, building, unit, "9999" if number % 200 == 3 else door, owner_of(room), f"139{room:08}",
            80 + room % 60 + 0.5, "物业服务费", _day(start), _day(end), amount, amount if paid else 0, open_amount,
            _day(due), "空置房优惠" if reduced else "",
        )  # fmt: skip


def _day(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001


def move_in(rooms: int) -> None:
    """Rooms, owners and accounts as a register of that size leaves them, in the open office."""
    home = add_community(name=COMMUNITY, by=None)
    keys = [RoomKey(str(building), str(unit), door) for building, unit, door in map(place_of, range(rooms))]
    places = Room.objects.bulk_create(
        Room(community=home, building=k.building, unit=k.unit, number=k.number, sort_key=k.sort_key) for k in keys
    )
    owners = Owner.objects.bulk_create(Owner(name=owner_of(room)) for room in range(rooms))
    Account.objects.bulk_create(Account(room=place, owner=owner) for place, owner in zip(places, owners, strict=True))
    ContactPoint.objects.bulk_create(
        ContactPoint(owner=owner, kind=ContactPoint.Kind.PHONE, value=f"139{room:08}", tail=f"{room % 10_000:04}")
        for room, owner in enumerate(owners)
    )
