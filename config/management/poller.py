"""Sending without Redis: a plain loop over PostgreSQL rows, beside the doorbell or instead of it (reliability C2.4)."""

from __future__ import annotations

import time
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from collection.operations.sending import send_due_messages
from offices.models import Office


def send_once(office_id: int | None = None, **options: Any) -> int:
    """Send what is due of one office, or of every active one; returns how many left."""
    offices = [office_id] if office_id else list(Office.objects.filter(is_active=True).values_list("pk", flat=True))
    return sum(send_due_messages(office_id=each, at=timezone.now(), **options).sent for each in offices)


def send_for_ever(*, every: float, office_id: int | None = None, **options: Any) -> None:
    """As above, again and again with `every` seconds in between; a database that is away is waited for."""
    while True:
        try:
            send_once(office_id, **options)
        except (OperationalError, InterfaceError):
            connections.close_all()
        time.sleep(every)
