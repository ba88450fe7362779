"""What an owner has asked for, and the hours an office sets per channel."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from collection.models import ChannelSetting, OwnerPreference
from collection.models.preferences import Way
from collection.rules.guards import PLATFORM_FROM, PLATFORM_UNTIL
from offices.models import User
from offices.operations import Refusal
from offices.operations.offices import note_security_event


class PreferenceRefused(Refusal):
    """The wish or the hours do not hold together; the message says what to change."""

    code = "preference_refused"


@transaction.atomic
def set_preference(
    *,
    account: Account,
    said: str,
    preferred: str = "",
    refused: tuple[str, ...] = (),
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    by: User | None,
    at: datetime,
) -> OwnerPreference:
    """What the account's owner wishes, for every account of theirs; `said`: when and how they said so.

    The latest wish replaces the one before, which stays readable in the history.
    """
    if not said.strip():
        raise PreferenceRefused(_("请写明依据，例如：8月3日来电要求。"), field="said")
    if preferred and preferred in refused:
        raise PreferenceRefused(_("首选方式不能同时是不接受的方式。"), field="preferred")
    _whole(quiet_from, quiet_until, "quiet_until")
    row, _created = OwnerPreference.objects.update_or_create(
        owner_id=account.owner_id,
        defaults={
            "preferred": preferred,
            "refused": [code for code in Way.values if code in refused],
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "said": said.strip()[:100],
        },
    )
    return row


@transaction.atomic
def set_channel_hours(
    *,
    channel: str,
    contact_from: time | None,
    contact_until: time | None,
    rest_from: time | None,
    rest_until: time | None,
    by: User | None,
    at: datetime,
) -> ChannelSetting:
    """The hours of one channel inside the platform's [8:00, 21:00); an empty end means the office's general one."""
    for field, given in (("contact_from", contact_from), ("contact_until", contact_until)):
        if given is not None and not PLATFORM_FROM <= given <= PLATFORM_UNTIL:
            raise PreferenceRefused(_("联系时间须在 8:00 至 21:00 之间，请改小范围后再保存。"), field=field)
    if contact_from and contact_until and contact_from >= contact_until:
        raise PreferenceRefused(_("最早联系时间须早于最晚联系时间。"), field="contact_until")
    _whole(rest_from, rest_until, "rest_until")
    row, _created = ChannelSetting.objects.update_or_create(
        channel=channel,
        defaults={
            "contact_from": contact_from,
            "contact_until": contact_until,
            "rest_from": rest_from,
            "rest_until": rest_until,
        },
    )
    note_security_event(kind="settings_changed", subject=row.get_channel_display(), by=by, at=at)
    return row


def _whole(start: time | None, end: time | None, field: str) -> None:
    """Both ends or none, in order."""
    if (start is None) != (end is None):
        raise PreferenceRefused(_("请同时填写开始和结束时间，或都不填。"), field=field)
    if start is not None and end is not None and start >= end:
        raise PreferenceRefused(_("结束时间须晚于开始时间。"), field=field)
