"""What is learnt about a way to reach an owner (S4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from billing.models import ContactPoint
from billing.operations.accounts import business_date
from offices.models import User


@transaction.atomic
def mark_contact_point(*, point: ContactPoint, state: str, by: User | None, at: datetime) -> ContactPoint:
    """Note that an address works, is dead, or may not be used; the change stands in its history."""
    row = ContactPoint.objects.select_for_update().get(pk=point.pk)
    row.state = ContactPoint.State(state)
    if row.state == ContactPoint.State.GOOD:
        row.last_good_on = business_date(at)
    row._history_date = at
    row.save(update_fields=["state", "last_good_on"])
    return row
