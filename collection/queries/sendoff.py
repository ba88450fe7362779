"""The facts that the guards of sending look at, read for one message at the moment it is to leave."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from arrears.queries import position
from billing.models import Account
from collection.models import Action, Message, OwnerPreference, Promise
from collection.queries.facts import contact_days
from collection.queries.freshness import data_days, fresh_from
from collection.queries.hours import contact_hours
from collection.queries.promises import missing
from collection.queries.reminders import UNUSABLE
from collection.rules.channels import CHANNELS
from collection.rules.measures import bans_for
from collection.rules.sendoff import Facts
from offices.queries import office_settings
from offices.scoping import current_office


def sendoff_facts(message: Message, account: Account, at: datetime) -> Facts:
    """What is true of `message` to `account` at `at`. Reads only; the caller holds the locks that keep it true."""
    settings, local = office_settings(), at.astimezone(ZoneInfo(current_office().time_zone))
    on = local.date()
    now = position(message.account_id, on)
    wish = OwnerPreference.objects.filter(owner_id=account.owner_id).first()
    fresh_on = fresh_from(on)
    community = account.room.community
    action, promise = message.action, message.promise
    return Facts(
        at=local,
        is_planned=action.state == Action.State.PLANNED if action is not None else _still_to_come(promise, on),
        is_first_step=action is None or action.position <= 1,
        amount=message.amount,
        named=now.remindable if promise is None else missing(promise, on),
        arrears=now.arrears if promise is None else now.open_amount,
        tolerance=settings.tolerance,
        text=f"{message.subject}\n{message.body}",
        text_kind=CHANNELS[message.channel].words,
        bans=bans_for((community.province, community.city), on),
        blockers=now.blockers,
        has_promise=promise is None
        and Promise.objects.filter(account_id=message.account_id, state=Promise.State.OPEN).exists(),
        refused=_refused(message, wish),
        hours=contact_hours(message.channel, wish),
        contacts=tuple(contact_days([message.account_id], on).get(message.account_id, ())),
        cap=settings.max_contacts_per_week,
        fresh_on=fresh_on,
        data_on=data_days().get(community.pk) if fresh_on else None,
    )


def _still_to_come(promise: Promise | None, on: date) -> bool:
    return promise is not None and promise.state == Promise.State.OPEN and on <= promise.promised_on


def _refused(message: Message, wish: OwnerPreference | None) -> str:
    """Why this channel or address may not be used any more; empty when it may."""
    if wish is not None and message.channel in wish.refused:
        return _("业主不接受%(channel)s") % {"channel": message.get_channel_display()}
    if message.contact_point.state in UNUSABLE:
        return _("%(channel)s地址已失效") % {"channel": message.get_channel_display()}
    return ""
