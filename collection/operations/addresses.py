"""What messages teach about the addresses they go to (S4): one that does not exist is not tried again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from billing.models import ContactPoint
from billing.operations.contact_points import mark_contact_point
from collection.models import Message

TRUSTED = (ContactPoint.State.UNVERIFIED, ContactPoint.State.GOOD)


def address_is_gone(message: Message, *, at: datetime) -> None:
    """Nobody has the number or the mailbox: the contact point is dead until a person brings it back. Call inside a transaction.

    Only what the provider says of the very address is told here; a phone that is off, or an owner who refuses, is another matter.
    """
    point = message.contact_point
    if point.state in TRUSTED:
        words = _("%(channel)s回执：%(error)s") % {
            "channel": message.get_channel_display(),
            "error": message.last_error,
        }
        mark_contact_point(point=point, state=ContactPoint.State.DEAD, by=None, at=at, reason=words)


def address_works(message: Message, *, at: datetime) -> None:
    """A message arrived after all at an address that a receipt had called dead. Call inside a transaction."""
    point = message.contact_point
    if point.state == ContactPoint.State.DEAD:
        mark_contact_point(point=point, state=ContactPoint.State.GOOD, by=None, at=at, reason=_("信息已到达，号码有效"))
