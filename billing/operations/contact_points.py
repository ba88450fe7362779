"""What is learnt about a way to reach an owner (S4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ContactPoint
from billing.operations.accounts import business_date
from billing.queries import is_somebody_elses
from offices.models import User
from offices.operations import Refusal


class ContactPointRefused(Refusal):
    """The address is not in a state for this."""

    code = "contact_point_refused"


@transaction.atomic
def mark_contact_point(
    *, point: ContactPoint, state: str, by: User | None, at: datetime, reason: str = ""
) -> ContactPoint:
    """Note that an address works, is dead, or may not be used; the change and its `reason` stand in its history."""
    row = ContactPoint.objects.select_for_update().get(pk=point.pk)
    row.state = ContactPoint.State(state)
    if row.state == ContactPoint.State.GOOD:
        row.last_good_on = business_date(at)
    row._history_date, row._history_user, row._change_reason = at, by, reason[:100] or None
    row.save(update_fields=["state", "last_good_on"])
    return row


@transaction.atomic
def revive_contact_point(*, point: ContactPoint, by: User, at: datetime) -> ContactPoint:
    """A person says that an address may be tried again; whether it works is open until something arrives there.

    Raises `ContactPointRefused` when it is neither dead nor was kept apart, or is still of somebody who may not be told.
    """
    row = ContactPoint.objects.select_for_update().get(pk=point.pk)
    if row.state not in {ContactPoint.State.DEAD, ContactPoint.State.OTHERS}:
        raise ContactPointRefused(_("这个号码没有失效，请刷新页面查看。"))
    if is_somebody_elses(row.owner, row.value):
        raise ContactPointRefused(
            _("这个号码登记为住户的，业主没有授权与其谈欠费：登记业主授权后可用；登记有误的，先登记迁出再恢复。"),
            code="not_authorised",
        )
    return mark_contact_point(
        point=row, state=ContactPoint.State.UNVERIFIED, by=by, at=at, reason=_("人工恢复，可再次使用")
    )
