"""When a channel may reach an owner: the office's hours, the noon rest, public holidays, and the owner's own wishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from billing.models import Account
from collection.models import ChannelSetting, OwnerPreference
from collection.rules import channels, guards
from collection.rules.guards import CALL_REST_FROM, CALL_REST_UNTIL, Hours, Rest, Window
from offices.models import OfficeSettings
from offices.queries import office_settings, working_calendar
from offices.rules.days import WorkingCalendar
from offices.scoping import current_office
from offices.scoping.rows import rows_of


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """What the office has set about its hours, read at one moment."""

    settings: OfficeSettings
    rows: Mapping[str, ChannelSetting]
    days_off: WorkingCalendar | None

    def of(self, channel: str, preference: OwnerPreference | None = None) -> Hours:
        """The hours of one channel, of the office alone or together with an owner's wish."""
        row, rests = self.rows.get(channel), []
        if row is None and channel in (channels.CALL, channels.VISIT):
            rests.append(Rest(CALL_REST_FROM, CALL_REST_UNTIL))
        elif row is not None and row.rest_from and row.rest_until:
            rests.append(Rest(row.rest_from, row.rest_until))
        if preference is not None and preference.quiet_from and preference.quiet_until:
            rests.append(Rest(preference.quiet_from, preference.quiet_until))
        window = Window(
            (row.contact_from if row else None) or self.settings.contact_from,
            (row.contact_until if row else None) or self.settings.contact_until,
        )
        return Hours(window, tuple(rests), self.days_off)


def office_hours() -> OfficeHours:
    """The hours of every channel as the office has set them now. Two queries."""
    settings = office_settings()
    return OfficeHours(settings, channel_settings(), None if settings.contact_on_holidays else working_calendar())


def contact_hours(channel: str, preference: OwnerPreference | None = None) -> Hours:
    """The hours of one channel, of the office alone or together with an owner's wish. Two queries."""
    return office_hours().of(channel, preference)


def visit_objection(account_id: int, at: datetime) -> str:
    """Why the account's owner should not be visited at `at`; empty when one may (S38)."""
    wish = preferences([account_id]).get(account_id)
    return guards.visit_objection(
        at.astimezone(ZoneInfo(current_office().time_zone)),
        hours=contact_hours(channels.VISIT, wish),
        is_unwanted=wish is not None and channels.VISIT in wish.refused,
    )


def channel_settings() -> dict[str, ChannelSetting]:
    """Channel → what the office has set for it, where it has."""
    return {row.channel: row for row in rows_of(ChannelSetting)}


def openings(at: datetime) -> dict[str, datetime]:
    """Channel of messages → the first instant from `at` on at which the office may use it. Two queries."""
    local, hours = at.astimezone(ZoneInfo(current_office().time_zone)), office_hours()
    return {
        channel: hours.of(channel).next_opening(local) or local + timedelta(days=1) for channel in channels.MESSAGES
    }


def preferences(account_ids: Iterable[int]) -> dict[int, OwnerPreference]:
    """Account → its owner's wishes, where there are any."""
    owners = dict(Account.objects.filter(pk__in=list(account_ids)).values_list("pk", "owner_id"))
    wishes = {row.owner_id: row for row in OwnerPreference.objects.filter(owner_id__in=set(owners.values()))}
    return {account: wishes[owner] for account, owner in owners.items() if owner in wishes}
