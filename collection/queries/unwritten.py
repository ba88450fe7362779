"""Planned steps of which nothing is written yet, with everything that is needed to write it: one statement for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from collection.rules import channels
from collection.rules import steps as s
from offices.scoping import current_office_id
from offices.scoping.plans import prepared

_UNWRITTEN = """
SELECT a.id, a.case_id, a.account_id, a.kind, a.position, s.channels::json, s.template, c.tier, m.name,
  concat_ws('-', nullif(r.building, ''), nullif(r.unit, ''), nullif(r.number, '')), w.preferred, w.refused::json, p.points
FROM collection_action a
JOIN collection_step s ON s.office_id = %(office)s AND s.id = a.step_id
JOIN collection_case c ON c.office_id = %(office)s AND c.id = a.case_id
JOIN billing_account h ON h.office_id = %(office)s AND h.id = a.account_id
JOIN billing_room r ON r.office_id = %(office)s AND r.id = h.room_id
JOIN offices_community m ON m.office_id = %(office)s AND m.id = r.community_id
LEFT JOIN collection_ownerpreference w ON w.office_id = %(office)s AND w.owner_id = h.owner_id
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_array(id, kind, value) ORDER BY rank, id) AS points FROM billing_contactpoint
  WHERE office_id = %(office)s AND owner_id = h.owner_id AND state NOT IN ('dead', 'refused', 'others') AND a.kind = 'reminder'
) p ON true
WHERE a.office_id = %(office)s AND a.state = 'planned' AND (
  a.kind = 'reminder' AND NOT a.by_hand
    AND NOT EXISTS (SELECT FROM collection_message t WHERE t.office_id = %(office)s AND t.action_id = a.id)
  OR a.kind IN ('formal', 'final')
    AND NOT EXISTS (SELECT FROM collection_notice t WHERE t.office_id = %(office)s AND t.action_id = a.id)
)
ORDER BY a.id
"""


class Point(NamedTuple):
    """An address of an owner: its row's id, kind and value."""

    pk: int
    kind: str
    value: str


class Wish(NamedTuple):
    """The channel an owner prefers (empty: none) and those that may not be used."""

    preferred: str
    refused: list[str]


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A planned reminder without a message, or a planned letter without a notice. `points`: first usable address per channel."""

    pk: int
    case_id: int
    account_id: int
    kind: str
    position: int
    channels: list[str]
    template: str
    tier: str
    community: str
    room: str
    wish: Wish | None
    points: dict[str, Point]

    @property
    def is_reminder(self) -> bool:
        """A message is missing; otherwise a notice."""
        return self.kind == s.REMINDER


def unwritten() -> list[Unwritten]:
    """Every such step of the open office, in the order in which they were planned."""
    with connection.cursor() as cursor:
        rows = prepared(cursor, _UNWRITTEN, {"office": current_office_id()})
    return [_read(*row) for row in rows]


def _read(*row: Any) -> Unwritten:
    preferred, refused, points = row[10:]
    return Unwritten(
        pk=row[0],
        case_id=row[1],
        account_id=row[2],
        kind=row[3],
        position=row[4],
        channels=row[5],
        template=row[6],
        tier=row[7],
        community=row[8],
        room=row[9],
        wish=None if refused is None else Wish(preferred, refused),
        points=_by_channel([Point(*point) for point in points or ()]),
    )


def _by_channel(points: list[Point]) -> dict[str, Point]:
    found: dict[str, Point] = {}
    for point in points:
        for channel in channels.MESSAGES:
            if channel not in found and channels.is_address(channel, point.kind, point.value):
                found[channel] = point
    return found
