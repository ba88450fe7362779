"""When a channel may reach an owner: the office's hours, the noon rest, public holidays, and the owner's own wishes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from billing.models import Account
from collection.models import ChannelSetting, OwnerPreference
from collection.rules import channels
from collection.rules.guards import CALL_REST_FROM, CALL_REST_UNTIL, Hours, Rest, Window
from offices.queries import office_settings, working_calendar
from offices.rules.days import WorkingCalendar
from offices.scoping import current_office


def contact_hours(channel: str, preference: OwnerPreference | None = None) -> Hours:
    """The hours of one channel, of the office alone or together with an owner's wish. Two queries."""
    return _hours(channel, ChannelSetting.objects.filter(channel=channel).first(), _days_off(), preference)


def channel_settings() -> dict[str, ChannelSetting]:
    """Channel → what the office has set for it, where it has."""
    return {row.channel: row for row in ChannelSetting.objects.all()}


def openings(at: datetime) -> dict[str, datetime]:
    """Channel of messages → the first instant from `at` on at which the office may use it. Two queries."""
    local = at.astimezone(ZoneInfo(current_office().time_zone))
    rows, days_off = channel_settings(), _days_off()
    return {
        channel: _hours(channel, rows.get(channel), days_off, None).next_opening(local) or local + timedelta(days=1)
        for channel in channels.MESSAGES
    }


def _days_off() -> WorkingCalendar | None:
    return None if office_settings().contact_on_holidays else working_calendar()


def _hours(
    channel: str, row: ChannelSetting | None, days_off: WorkingCalendar | None, preference: OwnerPreference | None
) -> Hours:
    settings, rests = office_settings(), []
    if row is None and channel == channels.CALL:
        rests.append(Rest(CALL_REST_FROM, CALL_REST_UNTIL))
    elif row is not None and row.rest_from and row.rest_until:
        rests.append(Rest(row.rest_from, row.rest_until))
    if preference is not None and preference.quiet_from and preference.quiet_until:
        rests.append(Rest(preference.quiet_from, preference.quiet_until))
    window = Window(
        (row.contact_from if row else None) or settings.contact_from,
        (row.contact_until if row else None) or settings.contact_until,
    )
    return Hours(window, tuple(rests), days_off)


def preferences(account_ids: Iterable[int]) -> dict[int, OwnerPreference]:
    """Account → its owner's wishes, where there are any."""
    owners = dict(Account.objects.filter(pk__in=list(account_ids)).values_list("pk", "owner_id"))
    wishes = {row.owner_id: row for row in OwnerPreference.objects.filter(owner_id__in=set(owners.values()))}
    return {account: wishes[owner] for account, owner in owners.items() if owner in wishes}
