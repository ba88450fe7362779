"""Finding a household: by room in any spelling, by name, by pinyin, by the tail of a phone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from billing.models import Account, ContactPoint, CoOwner, Occupant, Owner, Room
from billing.rules.rooms import RoomKey, spoken
from offices.rules.search import read_search
from offices.scoping import current_office_id


def find_accounts(text: str) -> QuerySet[Account]:
    """Accounts that answer to what a person typed, open ones first, in the order of their rooms.

    `3-1-502`, `3栋1单元0502`, `502`, `301502` are rooms; 张三, `zhangsan`, `zs` names; the last digits
    of a phone (three at least) find its owner. Nothing typed finds nothing.
    """
    wanted = read_search(text)
    condition = Q(pk__in=[])
    if "room" in wanted.sorts:
        condition |= _rooms(spoken(wanted.text))
    if "phone" in wanted.sorts:
        condition |= _phones(wanted.text)
    if "latin" in wanted.sorts:
        condition |= _people(
            Q(owner__search_keys__startswith=wanted.text) | Q(owner__search_keys__contains=" " + wanted.text)
        )
    if "name" in wanted.sorts:
        condition |= _people(Q(owner__name__icontains=wanted.text))
    return (
        Account.objects.filter(condition)
        .select_related("room", "room__community", "owner")
        .order_by(F("closed_on").desc(nulls_first=True), "room__community__position", "room__sort_key", "pk")
    )


def owners_of(account: Account) -> QuerySet[Owner]:
    """The owner of an account and its co-owners."""
    shares = CoOwner.objects.filter(account=account).values("owner_id")
    return Owner.objects.filter(Q(pk=account.owner_id) | Q(pk__in=shares)).order_by("pk")


def is_somebody_elses(owner: Owner, number: str) -> bool:
    """Whether a number belongs to a person of the owner's household who may not be told of the debt (S11)."""
    theirs = Q(account__owner=owner) | Q(account__co_owners__owner=owner)
    people = Occupant.objects.filter(theirs, phone=number, left_on=None)
    return any(not person.may_be_told for person in people)


def _people(match: Q) -> Q:
    """The first owner matches, or a co-owner does."""
    return match | Q(Exists(CoOwner.objects.filter(match, account=OuterRef("pk"))))


def _phones(digits: str) -> Q:
    """A whole number exactly, or the last digits."""
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE)
    points = (
        points.filter(value=digits)
        if len(digits) >= 7
        else points.filter(tail__endswith=digits[-4:], value__endswith=digits)
    )
    return _people(Q(owner__in=points.values("owner")))


def _rooms(keys: Iterable[RoomKey]) -> Q:
    condition = Q(pk__in=[])
    for key in keys:
        parts = key.sort_key
        if key.building and key.unit:
            condition |= Q(room__sort_key=parts)
        elif key.building:
            building, _unit, number = parts.split("|")
            condition |= Q(room__sort_key__startswith=building + "|", room__sort_key__endswith="|" + number)
        elif key.unit:
            condition |= Q(room__sort_key__endswith=parts)
        else:
            condition |= Q(room__sort_key__endswith="|" + parts.split("|")[2])
    return condition


def account_of(room: Room) -> Account | None:
    """The account that pays for a room now."""
    return Account.objects.filter(room=room, closed_on=None).order_by("-opened_on", "-pk").first()


# Nearest first: the number elsewhere in the building, the next rooms of the building, the number elsewhere.
_NEAR = """
WITH wanted AS (
  SELECT * FROM jsonb_to_recordset(%(keys)s::jsonb) AS w(at int, community_id bigint, b text, n text, sort_key text)
), rooms AS (
  SELECT id, community_id, sort_key, split_part(sort_key, '|', 1) AS b, split_part(sort_key, '|', 3) AS n,
    concat_ws('-', nullif(building, ''), nullif(unit, ''), number) AS label
  FROM billing_room WHERE office_id = %(office)s AND community_id IN (SELECT community_id FROM wanted)
), near AS (
  SELECT w.at, r.*, CASE WHEN r.b = w.b THEN 1 ELSE 3 END AS rank FROM wanted w JOIN rooms r USING (community_id, n)
  UNION ALL
  SELECT w.at, r.*, 2 FROM wanted w JOIN rooms r USING (community_id, b) WHERE r.sort_key > w.sort_key
), nearest AS (
  SELECT DISTINCT ON (at, id) at, label, rank, sort_key FROM near ORDER BY at, id, rank
)
SELECT at, (array_agg(label ORDER BY rank, sort_key))[:%(limit)s] FROM nearest GROUP BY at
"""


def suggest_rooms(keys: Iterable[tuple[int, RoomKey]], *, limit: int = 3) -> dict[tuple[int, RoomKey], list[str]]:
    """For rooms that do not exist, what they may have meant: same number elsewhere in the community,
    or the nearest in the building. One statement, however many rooms.
    """
    wanted = list(keys)
    lines = []
    for at, (community_id, key) in enumerate(wanted):
        building, _unit, number = key.sort_key.split("|")
        line = {"at": at, "community_id": community_id, "b": building, "n": number, "sort_key": key.sort_key}
        lines.append(line)
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"keys": json.dumps(lines), "office": current_office_id(), "limit": limit})
        return {wanted[at]: labels for at, labels in cursor.fetchall()}
