"""The watermark of an office: the last business date that was lived to its end (invariant 42, decisions 24)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from offices.models import OfficeSettings
from offices.queries import office_settings
from offices.scoping.context import forget_settings


@transaction.atomic
def close_day(*, on: date) -> bool:
    """Raise the watermark to `on`; never lowers it. Returns whether it moved."""
    if not OfficeSettings.objects.exists():
        office_settings().save()
    forget_settings()
    return bool(
        OfficeSettings.objects.filter(Q(last_closed_on=None) | Q(last_closed_on__lt=on)).update(last_closed_on=on)
    )


@transaction.atomic
def begin_watermark(*, on: date) -> bool:
    """Begin the watermark with the office's first import, if nothing was lived yet: earlier days are not caught up."""
    if not OfficeSettings.objects.exists():
        office_settings().save()
    forget_settings()
    return bool(OfficeSettings.objects.filter(last_closed_on=None).update(last_closed_on=on))
