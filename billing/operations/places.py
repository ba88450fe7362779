"""Which room and which account each row means, found once per distinct place: a room's rows stand there together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from billing.queries.accounts import suggest_rooms
from billing.rules.rooms import RoomKey
from offices.scoping import current_office_id
from offices.scoping.plans import joined_by_hash

# community and room → ids of room and account, and the name of its first owner
KnownPlaces = Mapping[tuple[int | None, RoomKey | None], tuple[int, int, str]]

LARGE = 1_000_000  # bytes; while so many are unpacked there is time to learn the office's rooms
# a room with one open account, as it is registered: what nearly every row of a file spells
_KNOWN = """
SELECT r.community_id, r.building, r.unit, r.number, r.id, min(a.id), min(o.name)
FROM billing_room r JOIN billing_account a ON a.office_id = r.office_id AND a.room_id = r.id AND a.closed_on IS NULL
JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
WHERE r.office_id = %(office)s GROUP BY r.office_id, r.id HAVING count(*) = 1
"""
_PLACES = """
DROP TABLE IF EXISTS import_place;
CREATE TEMP TABLE import_place ON COMMIT DROP AS
SELECT community_id, building, unit, number, sort_key, names, NULL::bigint AS room_id, NULL::bigint AS account_id,
  '[]'::jsonb AS doubts, '[]'::jsonb AS refusals
FROM import_staged WHERE number <> '' AND community_id IS NOT NULL AND room_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
ANALYZE import_place
"""
# the room: as written, else without regard to leading zeros, else without the unit; each only where unique
_EXACT = """
UPDATE import_place p SET room_id = r.id FROM billing_room r
WHERE r.office_id = %(office)s AND r.community_id = p.community_id
  AND r.building = p.building AND r.unit = p.unit AND r.number = p.number
"""
_WITHOUT_ZEROS = """
WITH one AS (
  SELECT community_id, sort_key, min(id) AS id, min(number) AS number FROM billing_room
  WHERE office_id = %(office)s GROUP BY community_id, sort_key HAVING count(*) = 1
)
UPDATE import_place p SET room_id = one.id, doubts = jsonb_build_array(jsonb_build_object('column', '房号',
  'code', 'room_zero_lost', 'level', 'warning',
  'message', '房号 ' || p.number || ' 按登记的 ' || one.number || ' 匹配（前面的 0 丢失）。'))
FROM one WHERE p.room_id IS NULL AND one.community_id = p.community_id AND one.sort_key = p.sort_key
"""
_WITHOUT_UNIT = """
WITH one AS (
  SELECT community_id, split_part(sort_key, '|', 1) AS b, split_part(sort_key, '|', 3) AS n, min(id) AS id,
    min(concat_ws('-', building, nullif(unit, ''), number)) AS label
  FROM billing_room WHERE office_id = %(office)s GROUP BY 1, 2, 3 HAVING count(*) = 1
)
UPDATE import_place p SET room_id = one.id, doubts = jsonb_build_array(jsonb_build_object('column', '房号',
  'code', 'room_short', 'level', 'warning',
  'message', '房号没有写全，按唯一相符的 ' || one.label || ' 匹配，请核对。'))
FROM one WHERE p.room_id IS NULL AND p.unit = '' AND p.building <> '' AND one.community_id = p.community_id
  AND one.b = split_part(p.sort_key, '|', 1) AND one.n = split_part(p.sort_key, '|', 3)
"""
_BY_NUMBER = """
WITH one AS (
  SELECT community_id, split_part(sort_key, '|', 3) AS n, min(id) AS id,
    min(concat_ws('-', nullif(building, ''), nullif(unit, ''), number)) AS label
  FROM billing_room WHERE office_id = %(office)s GROUP BY 1, 2 HAVING count(*) = 1
)
UPDATE import_place p SET room_id = one.id, doubts = jsonb_build_array(jsonb_build_object('column', '房号',
  'code', 'room_short', 'level', 'warning',
  'message', '房号没有写全，按唯一相符的 ' || one.label || ' 匹配，请核对。'))
FROM one WHERE p.room_id IS NULL AND p.unit = '' AND p.building = '' AND one.community_id = p.community_id
  AND one.n = split_part(p.sort_key, '|', 3)
"""
# the account: the room's open one; where there are several, the one whose owner the row names
_ONLY_ACCOUNT = """
UPDATE import_place p SET account_id = one.id FROM (
  SELECT room_id, min(id) AS id FROM billing_account
  WHERE office_id = %(office)s AND closed_on IS NULL GROUP BY room_id HAVING count(*) = 1
) one WHERE one.room_id = p.room_id
"""
_NAMED_ACCOUNT = """
UPDATE import_place p SET account_id = (
  SELECT a.id FROM billing_account a JOIN billing_owner o ON o.office_id = a.office_id AND o.id = a.owner_id
  WHERE a.office_id = %(office)s AND a.room_id = p.room_id AND a.closed_on IS NULL
  ORDER BY o.name = ANY(p.names) DESC, a.opened_on DESC NULLS LAST, a.id DESC LIMIT 1
) WHERE p.room_id IS NOT NULL AND p.account_id IS NULL
"""
# what a bill cannot do without: refused once per place, told to the rows together with what was found
_UNKNOWN = "SELECT DISTINCT community_id, building, unit, number FROM import_place WHERE room_id IS NULL"
_REFUSE_UNKNOWN = """
UPDATE import_place p SET refusals = jsonb_build_array(jsonb_build_object(
  'column', '房号', 'code', 'room_unknown', 'level', 'error', 'message', a.words))
FROM jsonb_to_recordset(%s::jsonb) AS a(c bigint, b text, u text, n text, words text)
WHERE p.room_id IS NULL AND p.community_id = a.c AND p.building = a.b AND p.unit = a.u AND p.number = a.n
"""
_REFUSE_OWNERLESS = """
UPDATE import_place SET refusals = jsonb_build_array(jsonb_build_object(
  'column', '房号', 'code', 'account_missing', 'level', 'error', 'message', '这个房屋没有业主，请先在业主登记表里补上。'))
WHERE room_id IS NOT NULL AND account_id IS NULL
"""
_HINTED = 100  # rooms for which the nearest are looked up; a file of another community needs no thousand hints
_TELL_ROWS = """
UPDATE import_staged t SET room_id = p.room_id, account_id = p.account_id,
  reasons = t.reasons || p.doubts || CASE WHEN t.sort = 'data' THEN p.refusals ELSE '[]' END
FROM import_place p WHERE (p.room_id IS NOT NULL OR p.refusals <> '[]') AND p.community_id = t.community_id
  AND p.building = t.building AND p.unit = t.unit AND p.number = t.number AND p.names = t.names AND t.room_id IS NULL
"""


def known_places() -> KnownPlaces:
    """The rooms of the office that have one open account, by their registered spelling. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"office": current_office_id()})
        return {(row[0], RoomKey(*row[1:4])): row[4:] for row in cursor.fetchall()}


def learn_rooms(known: dict[Any, tuple[int, int, str]], size: int) -> None:
    """Fill `known` while a file of so many bytes is unpacked, where that takes long enough."""
    if size > LARGE:
        known.update(known_places())


def find_places(*, short: bool = True, refuse_unknown: bool = False, refuse_ownerless: bool = False) -> None:
    """Set room and account of every staged row that has them and does not know them yet.

    `short`: also take a room without unit or building where only one can be meant. Never for a register.
    `refuse_unknown`: rows of rooms that are not in the register are refused, with the nearest rooms;
    `refuse_ownerless`: those of rooms without an account, too.
    """
    steps = [_PLACES, _EXACT, _WITHOUT_ZEROS]
    if short:
        steps += [_WITHOUT_UNIT, _BY_NUMBER]
    with connection.cursor() as cursor:
        for sql in (*steps, _ONLY_ACCOUNT, _NAMED_ACCOUNT):
            cursor.execute(sql, {"office": current_office_id()})
        if refuse_unknown:
            _refuse_unknown(cursor)
        if refuse_ownerless:
            cursor.execute(_REFUSE_OWNERLESS)
        with joined_by_hash(cursor):
            cursor.execute(_TELL_ROWS)


def _refuse_unknown(cursor: Any) -> None:
    cursor.execute(_UNKNOWN)
    keys = sorted((row[0], RoomKey(*row[1:])) for row in cursor.fetchall())
    if not keys:
        return
    near = suggest_rooms(keys[:_HINTED])
    answers = [
        {"c": community_id, "b": key.building, "u": key.unit, "n": key.number, "words": _words(key, hints)}
        for community_id, key in keys
        for hints in [near.get((community_id, key))]
    ]
    cursor.execute(_REFUSE_UNKNOWN, [json.dumps(answers)])


def _words(key: RoomKey, hints: list[str] | None) -> str:
    near = f"，相近的有 {'、'.join(hints)}" if hints else ""
    return f"登记表里没有 {key.label}{near}。请改正房号，或先导入业主登记表。"
