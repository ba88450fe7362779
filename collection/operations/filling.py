"""What hangs from a planned step: its message or its proposed notice. The row is the queue: what has none yet is found here."""

from __future__ import annotations

from datetime import date, datetime

from arrears.queries.positions import demands
from collection.operations.notices import propose_notices
from collection.operations.reminders import queue_reminders
from collection.queries.unwritten import unwritten


def fill_planned(*, on: date, at: datetime) -> int:
    """Write the message of every planned reminder, and propose the notice of every planned letter, that has none yet.

    Ask as often as you like: a step that has one is left alone, and the keys refuse a second. Call inside the
    day's transaction. Returns how many there were.
    """
    steps = unwritten()
    if not steps:
        return 0
    owed = demands({step.account_id for step in steps}, on)
    queue_reminders([step for step in steps if step.is_reminder], owed, on=on, at=at)
    letters = [step for step in steps if not step.is_reminder]
    if letters:
        pursuable = {account_id: demand.pursuable for account_id, demand in owed.items()}
        propose_notices(actions=letters, owed=pursuable, at=at)
    return len(steps)
