"""What hangs from a planned step: its message or its proposed notice. The row is the queue: what has none yet is found here."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from collection.models import Action
from collection.operations.notices import propose_notices
from collection.operations.reminders import queue_reminders
from collection.rules import steps as s


@transaction.atomic
def fill_planned(*, on: date, at: datetime) -> int:
    """Write the message of every planned reminder, and propose the notice of every planned letter, that has none yet.

    Ask as often as you like: a step that has one is left alone, and the keys refuse a second. Returns how many there were.
    """
    bare = Action.objects.filter(state=Action.State.PLANNED).select_related("step").order_by("pk")
    reminders = list(bare.filter(kind=s.REMINDER, by_hand=False, messages__isnull=True))
    queue_reminders(reminders, on=on, at=at)
    letters = list(bare.filter(kind__in=sorted(s.LETTERS), notices__isnull=True))
    if letters:
        propose_notices(actions=letters, on=on, at=at)
    return len(reminders) + len(letters)
