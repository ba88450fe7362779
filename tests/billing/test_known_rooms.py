"""Rooms learnt while a large file is unpacked: the rows say what they say when rooms are looked for afterwards (0008)."""

from __future__ import annotations

from typing import Any

import pytest

from billing.models import Account, ImportBatch, ImportRow, Owner, Room
from billing.operations import places
from billing.operations.places import known_places
from billing.rules.rooms import RoomKey
from tests.billing.conftest import BILLS, PLAIN_CSV, REGISTER, WIDE


def _said(batch: ImportBatch) -> list[Any]:
    rows = ImportRow.objects.filter(batch=batch).order_by("sheet", "row_no")
    return list(rows.values_list("sheet", "row_no", "verdict", "account_id", "reasons", "checks", "parsed"))


@pytest.mark.parametrize(
    ("kind", "name"), [("bills", BILLS), ("bills", WIDE), ("bills", PLAIN_CSV), ("register", REGISTER)]
)
def test_a_large_file_is_judged_like_a_small_one(
    registered: Any, upload: Any, monkeypatch: Any, kind: str, name: str
) -> None:
    home = registered.community
    small = _said(upload(kind, name, home))
    monkeypatch.setattr(places, "LARGE", 0)
    large = _said(upload(kind, name, home))
    assert any(account for _sheet, _row, _verdict, account, *_rest in large)
    assert large == small


def test_only_a_room_with_exactly_one_open_account_is_known(registered: Any) -> None:
    room = Room.objects.order_by("pk").first()
    assert room is not None
    key = (room.community_id, RoomKey(room.building, room.unit, room.number))
    account = Account.objects.get(room=room, closed_on=None)
    assert known_places()[key] == (room.pk, account.pk, account.owner.name)
    Account.objects.create(room=room, owner=Owner.objects.create(name="李四"))
    assert key not in known_places(), "whose bill it is, the row's owner says"
    empty = Room.objects.create(community_id=room.community_id, building="9", unit="1", number="101", sort_key="9")
    assert (empty.community_id, RoomKey("9", "1", "101")) not in known_places()


@pytest.mark.parametrize(("named", "doubted"), [("朱轩华", False), ("杨子刚", False), ("钱七", True), ("", False)])
def test_of_a_known_room_too_another_owner_is_told(
    registered: Any, send: Any, monkeypatch: Any, named: str, doubted: bool
) -> None:
    monkeypatch.setattr(places, "LARGE", 0)
    batch = send(["房号", "业主姓名", "账期", "应收金额"], ["1-1-0104", named, "2025年1月", 100])
    (row,) = ImportRow.objects.filter(batch=batch)
    assert (
        row.account_id
        == known_places()[
            (Room.objects.get(building="1", unit="1", number="0104").community_id, RoomKey("1", "1", "0104"))
        ][1]
    )
    assert ("owner_differs" in {reason["code"] for reason in row.reasons}) == doubted
