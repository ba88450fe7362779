"""The facts that the guards of sending look at.

What is frozen, what the office has set and what the accounts owe is read for all messages of a claim together; whatever
can change while they leave one after the other is read for each under its locks, right before it is handed over.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from arrears.queries import position, positions
from arrears.rules.position import ZERO, Position
from billing.models import Room
from collection.models import Action, Message, OwnerPreference, Promise
from collection.queries.facts import business_day, office_day
from collection.queries.freshness import data_days, fresh_from
from collection.queries.hours import OfficeHours, office_hours
from collection.queries.instalments import instalment_as_of
from collection.queries.promises import missing
from collection.queries.reminders import UNUSABLE
from collection.queries.strategies import as_rule, steps_of
from collection.rules.channels import CHANNELS
from collection.rules.guards import CAP_SPAN
from collection.rules.measures import bans_for
from collection.rules.sendoff import Facts
from collection.rules.steps import Step
from offices.models import OfficeSettings
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id
from offices.scoping.plans import prepared

FRESH_SECONDS = 1.0
"""So long what was read for a whole claim is believed; a slow provider makes it be read again."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What was frozen of a message when it was queued, and where it goes. `amount` in yuan, `position` and `kind` of its step."""

    id: int
    account_id: int
    action_id: int | None
    promise_id: int | None
    instalment_id: int | None
    channel: str
    recipient: str
    subject: str
    body: str
    amount: Any
    position: int | None
    kind: str
    strategy_id: int
    community_id: int
    place: str
    province: str
    city: str


@dataclass(frozen=True, slots=True)
class Load:
    """What a sender carries from one claim to the calls.

    `standing`: account → its `change_seq` and its position as of `on`; a later sequence means that the position is to
    be read again. `steps`: the ladders of the strategies that the messages belong to. `read`: on the monotonic clock.
    """

    read: float
    on: date
    queued: Mapping[int, Queued]
    standing: Mapping[int, tuple[int, Position]]
    steps: Mapping[int, Sequence[Step]]
    settings: OfficeSettings
    hours: OfficeHours
    fresh_on: date | None
    data_days: Mapping[int, date]

    def is_fresh(self) -> bool:
        """Whether it may still be believed."""
        return time.monotonic() - self.read < FRESH_SECONDS


_QUEUED = (
    "pk", "account_id", "action_id", "promise_id", "instalment_id", "channel", "recipient", "subject", "body", "amount", "action__position",
    "action__step__kind", "case__strategy_id", "account__room__community_id", "account__room__building", "account__room__unit",
    "account__room__number", "account__room__community__name", "account__room__community__province",
    "account__room__community__city", "account__change_seq",
)  # fmt: skip


def sendoff_load(message_ids: Sequence[int], at: datetime) -> Load:
    """Everything about these messages that one statement can read for all of them. Some seven statements in all."""
    read, on, queued, seqs = time.monotonic(), business_day(at), {}, {}
    for row in Message.objects.filter(pk__in=message_ids).values_list(*_QUEUED):
        pk, account_id, action_id, promise_id, instalment_id, channel, recipient, subject, body, amount, step = row[:11]
        kind, strategy_id, community_id, building, unit, number, community, province, city, seq = row[11:]
        room = Room(building=building, unit=unit, number=number)
        queued[pk] = Queued(
            pk, account_id, action_id, promise_id, instalment_id, channel, recipient, subject, body, amount, step,
            kind or ("promise" if promise_id is not None else "instalment"), strategy_id, community_id, f"{community}{room}", province, city,
        )  # fmt: skip
        seqs[account_id] = seq
    found = {
        p.account_id: p for p in positions(on, list(seqs))
    }  # after the sequences: what changes in between is noticed
    ladders = steps_of(message.strategy_id for message in queued.values())
    fresh_on = fresh_from(on)
    return Load(
        read=read,
        on=on,
        queued=queued,
        standing={pk: (seq, found.get(pk) or Position(account_id=pk, on=on)) for pk, seq in seqs.items()},
        steps={key: tuple(as_rule(step) for step in steps) for key, steps in ladders.items()},
        settings=office_settings(),
        hours=office_hours(),
        fresh_on=fresh_on,
        data_days=data_days() if fresh_on else {},
    )


# The days of the last week on which an account's owner was really reached (S38), over every account and channel of the
# same owner (invariant 35); a message that is leaving or whose end is unclear counts as well, one that bounced does not.
_CONTACTS = """
SELECT array_agg((each.at AT TIME ZONE %(zone)s)::date ORDER BY each.at) AS days
FROM billing_account same CROSS JOIN LATERAL (
  SELECT at FROM collection_contact WHERE office_id = %(office)s AND account_id = same.id AND reached AND corrects_id IS NULL
  UNION ALL
  SELECT CASE WHEN state = 'sent' THEN sent_at ELSE cleared_at END FROM collection_message
  WHERE office_id = %(office)s AND account_id = same.id AND state IN ('sent', 'sending', 'unknown') AND fate <> 'bounced'
) each
WHERE same.office_id = %(office)s AND same.owner_id = a.owner_id AND each.at >= %(since)s AND each.at < %(until)s
"""

_LIVING = f"""
SELECT x.state, p.state, p.promised_on, cp.state, w.refused::text, w.quiet_from, w.quiet_until,
  EXISTS (SELECT FROM collection_promise o WHERE o.office_id = %(office)s AND o.account_id = m.account_id AND o.state = 'open'),
  r.days
FROM collection_message m
JOIN billing_account a ON a.office_id = %(office)s AND a.id = m.account_id
JOIN billing_contactpoint cp ON cp.office_id = %(office)s AND cp.id = m.contact_point_id
LEFT JOIN collection_action x ON x.office_id = %(office)s AND x.id = m.action_id
LEFT JOIN collection_promise p ON p.office_id = %(office)s AND p.id = m.promise_id
LEFT JOIN collection_ownerpreference w ON w.office_id = %(office)s AND w.owner_id = a.owner_id
LEFT JOIN LATERAL ({_CONTACTS}) r ON true
WHERE m.office_id = %(office)s AND m.id = %(message)s
"""  # noqa: S608


class _Living(NamedTuple):
    """What may have changed of a message since it was claimed."""

    action_state: str | None
    promise_state: str | None
    promised_on: date | None
    address_state: str
    refused: str | None
    quiet_from: Any
    quiet_until: Any
    has_promise: bool
    contacts: list[date] | None

    @property
    def wish(self) -> OwnerPreference | None:
        if self.refused is None:
            return None
        return OwnerPreference(
            refused=json.loads(self.refused), quiet_from=self.quiet_from, quiet_until=self.quiet_until
        )


def sendoff_facts(message: Queued, load: Load, change_seq: int, at: datetime) -> Facts:
    """What is true of `message` at `at`. Reads only; the caller holds the locks that keep it true.

    `change_seq`: the account's, read under its lock; while it is the load's, so is what the account owes.
    """
    local = at.astimezone(ZoneInfo(current_office().time_zone))
    on, living = local.date(), _living(message, local.date())
    seq, now = load.standing[message.account_id]
    if seq != change_seq or on != load.on:
        now = position(message.account_id, on)
    wish, settings = living.wish, load.settings
    matter = _matter(message, living, now, on)
    return Facts(
        at=local,
        is_planned=matter.is_planned,
        is_first_step=message.position is None or message.position <= 1,
        amount=message.amount,
        named=matter.named,
        arrears=matter.arrears,
        tolerance=settings.tolerance,
        text=f"{message.subject}\n{message.body}",
        text_kind=CHANNELS[message.channel].words,
        bans=bans_for((message.province, message.city), on),
        blockers=matter.blockers,
        has_promise=message.promise_id is None and living.has_promise,
        refused=_refused(message, living, wish),
        hours=load.hours.of(message.channel, wish),
        contacts=tuple(living.contacts or ()),
        cap=settings.max_contacts_per_week,
        fresh_on=load.fresh_on,
        data_on=load.data_days.get(message.community_id),
    )


class _Matter(NamedTuple):
    """What the message speaks of, as it stands now: `named` yuan of it, `arrears` yuan without which nothing is asked."""

    is_planned: bool
    named: Decimal
    arrears: Decimal
    blockers: tuple[str, ...]


def _matter(message: Queued, living: _Living, now: Position, on: date) -> _Matter:
    """A step of the case, a promise, or an instalment; that its plan is in force is no reason not to speak of it."""
    if message.promise_id is not None:
        promise = Promise.objects.get(pk=message.promise_id)
        return _Matter(_still_to_come(living, on), missing(promise, on), now.open_amount, now.blockers)
    if message.instalment_id is not None:
        due = instalment_as_of(message.instalment_id, on)
        owed = due.missing if due is not None else ZERO
        return _Matter(due is not None, owed, owed, tuple(code for code in now.blockers if code != "under_plan"))
    return _Matter(living.action_state == Action.State.PLANNED, now.remindable, now.arrears, now.blockers)


def _living(message: Queued, on: date) -> _Living:
    facts = {
        "office": current_office_id(),
        "message": message.id,
        "zone": current_office().time_zone,
        "since": office_day(on - CAP_SPAN + timedelta(days=1))[0],
        "until": office_day(on)[1],
    }
    with connection.cursor() as cursor:
        return _Living(*prepared(cursor, _LIVING, facts)[0])


def _still_to_come(living: _Living, on: date) -> bool:
    return living.promise_state == Promise.State.OPEN and living.promised_on is not None and on <= living.promised_on


def _refused(message: Queued, living: _Living, wish: OwnerPreference | None) -> str:
    """Why this channel or address may not be used any more; empty when it may."""
    if wish is not None and message.channel in wish.refused:
        return _("业主不接受%(channel)s") % {"channel": Message.Channel(message.channel).label}
    if living.address_state in UNUSABLE:
        return _("%(channel)s地址已失效") % {"channel": Message.Channel(message.channel).label}
    return ""
