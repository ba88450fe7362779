"""Who is in confirmed economic hardship; nothing here says why (个人信息保护法 §28)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from disputes.models import HardshipReview

State = HardshipReview.State


def hardship_accounts(on: date, account_ids: Collection[int] | None = None) -> set[int]:
    """Accounts whose hardship is confirmed on `on` (of those asked for, or of the office). One statement."""
    found = HardshipReview.objects.filter(
        state__in=[State.CONFIRMED, State.ENDED], starts_on__lte=on, ends_before__gt=on
    ).order_by()
    if account_ids is not None:
        found = found.filter(account__in=list(account_ids))
    return set(found.values_list("account_id", flat=True))


def hardships_of(account_id: int) -> QuerySet[HardshipReview]:
    """What was recorded of one household, newest first, without the reasons."""
    return (
        HardshipReview.objects.filter(account_id=account_id)
        .select_related("asked_by", "decided_by")
        .defer("details")
        .order_by("-asked_at", "-pk")
    )


def hardship_with_account(review_id: int) -> HardshipReview:
    """One review. Raises `HardshipReview.DoesNotExist`, also for another office's."""
    return HardshipReview.objects.select_related("account__room", "account__owner", "evidence").get(pk=review_id)
