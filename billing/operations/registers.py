"""Booking an owner register: rooms, owners, accounts, ways to reach them; and taking it back."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import Account, ContactPoint, CoOwner, ImportBatch, ImportRow, Owner, Room, SpecialCase
from billing.operations import verdicts
from billing.operations.accounts import business_date
from billing.operations.staging import search_keys
from billing.operations.takeovers import close_former_accounts, judge_takeovers, reopen_former_accounts
from billing.queries import is_somebody_elses
from billing.rules.special_cases import NOT_HANDED_OVER, review_day
from offices.models import Community, User
from offices.operations.offices import add_community
from offices.operations.progress import tell
from offices.scoping import current_office_id
from offices.scoping.plans import forget_plans

# One line per new room with its ids drawn; an undelivered room belongs to the developer of its community (decisions 6).
_DRAW = """
DROP TABLE IF EXISTS register_person; DROP TABLE IF EXISTS register_room;
CREATE TEMP TABLE register_room ON COMMIT DROP AS
SELECT r.id AS row_id, r.parsed, c.id AS community_id, r.parsed->>'residence' = 'undelivered' AS is_undelivered,
  nextval(pg_get_serial_sequence('billing_room', 'id')) AS room_id,
  nextval(pg_get_serial_sequence('billing_account', 'id')) AS account_id
FROM billing_importrow r
JOIN offices_community c ON c.office_id = r.office_id AND c.name = r.parsed->>'community'
WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.verdict = 'new'
  AND NOT EXISTS (  -- a room without an open account keeps its row and gets a new account below
    SELECT 1 FROM billing_account a JOIN billing_room m ON m.office_id = a.office_id AND m.id = a.room_id
    WHERE a.office_id = %(office)s AND a.closed_on IS NULL AND m.community_id = c.id
      AND m.building = r.parsed->'room'->>0 AND m.unit = r.parsed->'room'->>1 AND m.number = r.parsed->'room'->>2);
UPDATE register_room d SET room_id = m.id FROM billing_room m
WHERE m.office_id = %(office)s AND m.community_id = d.community_id AND m.building = d.parsed->'room'->>0
  AND m.unit = d.parsed->'room'->>1 AND m.number = d.parsed->'room'->>2;
INSERT INTO register_room (row_id, parsed, community_id, is_undelivered, room_id, account_id)
SELECT r.id, r.parsed, m.community_id, false, m.id, nextval(pg_get_serial_sequence('billing_account', 'id'))
FROM billing_importrow r
JOIN billing_account a ON a.office_id = r.office_id AND a.id = (r.parsed->'takeover'->>'from')::bigint
JOIN billing_room m ON m.office_id = a.office_id AND m.id = a.room_id
WHERE r.office_id = %(office)s AND r.batch_id = %(batch)s AND r.verdict = 'changed';
CREATE TEMP TABLE register_person ON COMMIT DROP AS
SELECT d.row_id, d.account_id, p.rank, p.value->>'name' AS name, coalesce(p.value->>'keys', '') AS keys,
  nextval(pg_get_serial_sequence('billing_owner', 'id')) AS owner_id
FROM register_room d CROSS JOIN LATERAL jsonb_array_elements(d.parsed->'owners') WITH ORDINALITY AS p(value, rank)
WHERE NOT d.is_undelivered;
"""
_ROOMS = """
INSERT INTO billing_room (office_id, id, community_id, building, unit, number, sort_key, area, residence,
  handed_over_on, address)
SELECT %(office)s, room_id, community_id, parsed->'room'->>0, parsed->'room'->>1, parsed->'room'->>2,
  parsed->'room'->>3,
  (parsed->>'area')::numeric, parsed->>'residence', (parsed->>'handed_over_on')::date, parsed->>'address'
FROM register_room d
WHERE NOT EXISTS (SELECT 1 FROM billing_room m WHERE m.office_id = %(office)s AND m.id = d.room_id)
"""
_OWNERS = """
INSERT INTO billing_owner (office_id, id, name, kind, search_keys)
SELECT %(office)s, owner_id, name, 'person', keys FROM register_person
"""
_ACCOUNTS = """
INSERT INTO billing_account (office_id, id, room_id, owner_id, opened_on, change_seq)
SELECT %(office)s, d.account_id, d.room_id,
  CASE WHEN d.is_undelivered THEN (%(developers)s::jsonb->>(d.community_id::text))::bigint ELSE p.owner_id END,
  coalesce((d.parsed->'takeover'->>'on')::date, (d.parsed->>'handed_over_on')::date), 1
FROM register_room d LEFT JOIN register_person p ON p.row_id = d.row_id AND p.rank = 1
"""
_CO_OWNERS = """
INSERT INTO billing_coowner (office_id, account_id, owner_id)
SELECT %(office)s, account_id, owner_id FROM register_person WHERE rank > 1
"""
# The file gives one list of numbers per room; they are the first owner's until somebody says otherwise. What was known
# of a former owner is not taken for the new one.
_CONTACTS = """
INSERT INTO billing_contactpoint (office_id, owner_id, kind, value, tail, rank, state, source)
SELECT %(office)s, p.owner_id, w.kind, w.value, CASE w.kind WHEN 'phone' THEN right(w.value, 4) ELSE '' END,
  w.rank, 'unverified', %(source)s
FROM register_room d JOIN register_person p ON p.row_id = d.row_id AND p.rank = 1
CROSS JOIN LATERAL (
  SELECT 'phone' AS kind, n.value, n.rank - 1 AS rank
    FROM jsonb_array_elements_text(d.parsed->'phones') WITH ORDINALITY n(value, rank)
  UNION ALL SELECT 'wechat', d.parsed->>'wechat', 10 UNION ALL SELECT 'email', d.parsed->>'email', 20) w
WHERE w.value <> '' AND NOT EXISTS (
  SELECT 1 FROM billing_account a JOIN billing_contactpoint k ON k.office_id = a.office_id
    AND (k.owner_id = a.owner_id OR k.owner_id IN (
      SELECT s.owner_id FROM billing_coowner s WHERE s.office_id = a.office_id AND s.account_id = a.id))
  WHERE a.office_id = %(office)s AND a.id = (d.parsed->'takeover'->>'from')::bigint
    AND k.kind = w.kind AND k.value = w.value)
"""
_NOT_HANDED_OVER = """
INSERT INTO billing_specialcase (office_id, account_id, kind, starts_on, blocks_reminder, note, batch_id,
  opened_by_id, opened_at,
  close_reason, review_on)
SELECT %(office)s, account_id, 'not_handed_over', %(on)s, true, left(%(note)s || coalesce((
    SELECT string_agg(o->>'name', '、') FROM jsonb_array_elements(parsed->'owners') o), ''), 300), %(batch)s,
      %(by)s, %(at)s, '', %(review_on)s
FROM register_room WHERE is_undelivered
"""
_LINK_ROWS = """
UPDATE billing_importrow r SET account_id = d.account_id FROM register_room d WHERE r.office_id = %(office)s
  AND r.id = d.row_id
"""
_COUNT = """
SELECT count(*) FILTER (WHERE NOT parsed ? 'takeover'), count(*) FILTER (WHERE is_undelivered) FROM register_room
"""


def judge_register(batch: ImportBatch) -> None:
    """Find rooms that exist, refuse repeats, recognise changes of owner, and set the verdicts."""
    verdicts.find_registered()
    judge_takeovers(batch)
    verdicts.settle_register()


def book_register(batch: ImportBatch, *, by: User | None, at: datetime) -> dict[str, Any]:
    """Book the new rooms with owners, accounts and contact points; bring changed ones up to date.

    Returns what was written.
    """
    rows = ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.NEW)
    names = set(rows.values_list("parsed__community", flat=True))
    _communities(names, by)
    facts: dict[str, Any] = {
        "office": current_office_id(),
        "batch": batch.pk,
        "on": business_date(at),
        "review_on": review_day(NOT_HANDED_OVER, business_date(at)),
        "by": by.pk if by else None,
        "at": at,
        "source": batch.file_name[:60],
        "note": _("登记表注明未交付，交付前由建设单位承担物业费。登记的买受人："),
        "developers": _developers(
            set(rows.filter(parsed__residence="undelivered").values_list("parsed__community", flat=True))
        ),
    }
    changed_owners = close_former_accounts(batch, by=by, at=at)
    with connection.cursor() as cursor:
        statements = (_DRAW, _ROOMS, _OWNERS, _ACCOUNTS, _CO_OWNERS, _CONTACTS, _NOT_HANDED_OVER, _LINK_ROWS)
        for step, statement in enumerate(statements):
            tell(step, len(statements) + 1)
            forget_plans(cursor)
            cursor.execute(statement, facts)
        cursor.execute(_COUNT)
        rooms, undelivered = cursor.fetchone()
    written = {"rooms": rooms, "undelivered": undelivered, "changed": _bring_up_to_date(batch)}
    return written | {"changed_owners": changed_owners}


def _communities(names: set[str], by: User | None) -> None:
    for name in sorted(names - set(Community.objects.values_list("name", flat=True))):
        add_community(name=name, by=by)


def _developers(names: set[str]) -> str:
    """Community id → owner id of its developer, as JSON; made where there is none."""
    communities = Community.objects.filter(name__in=names)
    return json.dumps({str(community.pk): developer_of(community).pk for community in communities})


def developer_of(community: Community) -> Owner:
    """The developer (建设单位) of a community; made where there is none."""
    title = _("%(community)s建设单位") % {"community": community.name}
    developer = Owner.objects.filter(kind=Owner.Kind.DEVELOPER, name=title).first()
    if developer is None:
        developer = Owner.objects.create(kind=Owner.Kind.DEVELOPER, name=title, search_keys=search_keys(title))
    return developer


def _bring_up_to_date(batch: ImportBatch) -> int:
    """Rows whose room or ways of contact differ: the file's values are taken where it has any, with change history."""
    rows = list(
        ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.CHANGED).select_related("account__room")
    )
    for row in rows:
        account = row.account
        assert account is not None
        _update_room(account.room, row.parsed)
        if account.owner.kind == Owner.Kind.PERSON and "takeover" not in row.parsed:
            _add_contacts(account.owner, row.parsed, batch.file_name[:60])
    return len(rows)


def _update_room(room: Room, parsed: dict[str, Any]) -> None:
    values = {name: parsed[name] for name in ("area", "handed_over_on", "address") if parsed.get(name)}
    if parsed.get("residence") not in (None, "unknown"):
        values["residence"] = parsed["residence"]
    changed = [name for name, value in values.items() if str(getattr(room, name) or "") != value]
    for name in changed:
        setattr(room, name, values[name])
    if changed:
        room.save(update_fields=changed)


def _add_contacts(owner: Owner, parsed: dict[str, Any], source: str) -> None:
    wanted = [("phone", value, rank) for rank, value in enumerate(parsed["phones"])]
    wanted += [(kind, parsed[kind], rank) for kind, rank in (("wechat", 10), ("email", 20)) if parsed.get(kind)]
    for kind, value, rank in wanted:
        ContactPoint.objects.get_or_create(
            owner=owner,
            kind=kind,
            value=value,
            defaults={
                "tail": value[-4:] if kind == "phone" else "",
                "rank": rank,
                "source": source,
                "state": partial(_first_state, owner, value),
            },
        )


def _first_state(owner: Owner, number: str) -> ContactPoint.State:
    state = ContactPoint.State
    return state.OTHERS if is_somebody_elses(owner, number) else state.UNVERIFIED


def take_back_register(batch: ImportBatch, *, by: User | None, at: datetime) -> None:
    """Remove what the batch created; the database refuses while anything depends on it. Updates of older rooms stay.

    Former owners get their rooms back. A new owner who has been followed by another one stays (IntegrityError).
    """
    brought = Q(verdict=ImportRow.Verdict.NEW) | Q(verdict=ImportRow.Verdict.CHANGED, parsed__has_key="takeover")
    rows = ImportRow.objects.filter(brought, batch=batch, account__isnull=False)
    if rows.exclude(account__closed_on=None).exists():
        raise IntegrityError("an account of this file was closed since")
    accounts = list(rows.values_list("account_id", "account__room_id", "account__owner_id"))
    account_ids = [account for account, _room, _owner in accounts]
    people = {owner for _account, _room, owner in accounts}
    people |= set(CoOwner.objects.filter(account_id__in=account_ids).values_list("owner_id", flat=True))
    rows.update(account=None)
    SpecialCase.objects.filter(batch=batch).delete()
    CoOwner.objects.filter(account_id__in=account_ids).delete()
    Account.objects.filter(pk__in=account_ids).delete()
    orphans = Owner.objects.filter(pk__in=people, accounts=None, shares=None)
    ContactPoint.objects.filter(owner__in=orphans.values("pk")).delete()
    Owner.objects.filter(pk__in=list(orphans.values_list("pk", flat=True))).delete()
    Room.objects.filter(pk__in=[room for _account, room, _owner in accounts], accounts=None).delete()
    reopen_former_accounts(batch, by=by, at=at)
