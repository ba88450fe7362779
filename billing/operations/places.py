"""Which room and which account each row means, found once per distinct place: a room's rows stand there together."""

from __future__ import annotations

from django.db import connection

from offices.scoping import current_office_id

_PLACES = """
DROP TABLE IF EXISTS import_place;
CREATE TEMP TABLE import_place ON COMMIT DROP AS
SELECT community_id, building, unit, number, sort_key, names, NULL::bigint AS room_id, NULL::bigint AS account_id,
  '[]'::jsonb AS doubts
FROM import_staged WHERE number <> '' AND community_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6;
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
_TELL_ROWS = """
UPDATE import_staged t SET room_id = p.room_id, account_id = p.account_id, reasons = t.reasons || p.doubts
FROM import_place p WHERE p.room_id IS NOT NULL AND p.community_id = t.community_id AND p.building = t.building
  AND p.unit = t.unit AND p.number = t.number AND p.names = t.names
"""


def find_places(*, short: bool = True) -> None:
    """Set room and account of every staged row that has them.

    `short`: also take a room without unit or building where only one can be meant. Never for a register.
    """
    steps = [_PLACES, _EXACT, _WITHOUT_ZEROS]
    if short:
        steps += [_WITHOUT_UNIT, _BY_NUMBER]
    with connection.cursor() as cursor:
        for sql in (*steps, _ONLY_ACCOUNT, _NAMED_ACCOUNT, _TELL_ROWS):
            cursor.execute(sql, {"office": current_office_id()})
