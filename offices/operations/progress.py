"""How far a job is, written while its one transaction is still open: on a connection of its own, committed at once.

The step at work calls `tell`; whoever runs it as a job opens `told_to`, and everywhere else `tell` does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, connection

from offices.models import Job
from offices.scoping import current_office_id

_listener: ContextVar[Callable[[int, int], None] | None] = ContextVar("progress", default=None)
# never waits: a row that is locked is being ended, and then says so itself
_TELL = """
UPDATE offices_job SET done = total::bigint * %(step)s / %(of)s, heartbeat_at = %(at)s
WHERE office_id = %(office)s AND id = (SELECT id FROM offices_job
  WHERE office_id = %(office)s AND id = %(job)s AND state = 'running' FOR UPDATE SKIP LOCKED)
"""


def tell(step: int, of: int) -> None:
    """`step` of `of` equal steps are done; every step goes through all rows."""
    listener = _listener.get()
    if listener is not None:
        listener(step, of)


@contextmanager
def told_to(job: Job, *, at: datetime) -> Iterator[None]:
    """Write what is told into the row of `job`; `at` is when it was begun.

    A database that takes no second connection costs the news, not the work.
    """
    second = connection.copy()
    begun = monotonic()

    def write(step: int, of: int) -> None:
        now = at + timedelta(seconds=monotonic() - begun)
        facts: dict[str, Any] = {"step": step, "of": of, "at": now, "office": current_office_id(), "job": job.pk}
        try:
            second.set_autocommit(False)
            with second.cursor() as cursor:
                cursor.execute(_TELL, facts)
            second.commit()
            second.set_autocommit(True)
        except DatabaseError:
            second.close()

    token = _listener.set(write)
    try:
        yield
    finally:
        _listener.reset(token)
        second.close()
