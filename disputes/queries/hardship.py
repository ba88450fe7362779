"""Who is in confirmed economic hardship; nothing here says why (个人信息保护法 §28)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from disputes.models import HardshipReview

State = HardshipReview.State


def hardships_on(on: date) -> QuerySet[HardshipReview]:
    """The hardships that are confirmed on `on`; a past day keeps its truth."""
    return HardshipReview.objects.filter(
        state__in=[State.CONFIRMED, State.ENDED], starts_on__lte=on, ends_before__gt=on
    ).order_by()


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
