"""The outbox as people read it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from billing.queries import find_accounts
from collection.models import Message


def messages(*, state: str = "", text: str = "") -> QuerySet[Message]:
    """The open office's messages, newest first, narrowed by state or fate and by room, owner or words."""
    found = Message.objects.select_related("account__room", "account__owner", "account__room__community")
    if state in Message.State.values:
        found = found.filter(state=state)
    elif state in Message.Fate.values:
        found = found.filter(fate=state)
    if text:
        found = found.filter(
            Q(body__icontains=text) | Q(account_id__in=find_accounts(text).values_list("pk", flat=True))
        )
    return found.order_by("-queued_at", "-pk")
