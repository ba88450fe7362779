"""A whole day of the office in its order: what became of yesterday's messages, what changed, what was promised, what is due, what leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from arrears.queries import bill_lines
from billing.operations import apply_credit
from billing.queries import accounts_with_credit
from collection.models import ChannelSetting, Step, Sweep
from collection.operations.changes import consume_changes
from collection.operations.corrections import propose_corrections
from collection.operations.day_before import remind_of_instalments, remind_of_promises
from collection.operations.filling import fill_planned
from collection.operations.promises import settle_promises
from collection.operations.receipts import ask_for_receipts
from collection.operations.rendering import render_due_notices
from collection.operations.sending import SendReport, send_due_messages
from collection.operations.strategies import ensure_default_strategy
from collection.operations.sweeps import lock_sweep, run_sweep
from collection.queries.facts import business_day
from collection.queries.scripts import IN_FORCE
from disputes.operations import settle_plans
from offices.models import Community, OfficeSettings, WorkingDay
from offices.scoping import office_scope
from offices.scoping.rows import Table, read_together

SMALL_TABLES: tuple[Table, ...] = (
    *((model, "true") for model in (OfficeSettings, Step, WorkingDay, Community, ChannelSetting)),
    IN_FORCE,
)
"""What a sweep and its texts read whole: settings, steps, calendar, places, hours, texts. Neither of them changes any of it."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """What one day came to."""

    on: date
    sweep: Sweep
    changed: int
    promises: dict[str, int]
    rendered: int = 0
    sent: SendReport = field(default_factory=SendReport)


@transaction.atomic
def plan_day(*, on: date, at: datetime) -> DayReport:
    """Everything of a day that is decided inside the house, in one transaction under the sweep's lock.

    Credit pays what has fallen due, then plans are judged, then payments and holds, then promises, then the sweep: nobody is reminded of
    what came in overnight or was prepaid (S5). A missed day is run on its own date; what has changed since is read as of today.
    """
    lock_sweep()
    ensure_default_strategy(by=None, at=at)
    _use_credit(on)
    settle_plans(on=on, at=at)
    changed, seen_on = 0, max(on, business_day(at))
    while page := consume_changes(on=seen_on, at=at):  # a night's statements may touch more cases than one page holds
        changed += page
    propose_corrections(at=at)
    promises = settle_promises(on=on, at=at)
    remind_of_promises(on=on, at=at)
    remind_of_instalments(on=on, at=at)
    sweep = plan_steps(on=on, at=at)
    return DayReport(on=on, sweep=sweep, changed=changed, promises=promises)


def plan_steps(*, on: date, at: datetime) -> Sweep:
    """The sweep and what hangs from its steps, from one reading of the office's small tables. Call inside the day's transaction."""
    with read_together(*SMALL_TABLES):
        sweep = run_sweep(on=on, at=at)
        fill_planned(on=on, at=at)
    return sweep


def _use_credit(on: date) -> None:
    """Contested bills are not paid out of credit (domain 4.3)."""
    ids = accounts_with_credit(on)
    contested = {line.bill_id for line in bill_lines(ids, on, only_open=True) if line.contested > 0} if ids else ()
    apply_credit(account_ids=ids, on=on, spare=contested)


def run_day(*, office_id: int, on: date, at: datetime) -> DayReport:
    """One day from beginning to end, as the timetable lives it; the same for demos and tests.

    Opens its own short office scopes, since nothing may be sent while a transaction is open. `at` is the
    business instant of the day: ten o'clock in `run_day --on`. Raises `SweepRefused` for a past day.
    """
    ask_for_receipts(office_id=office_id, at=at)
    with office_scope(office_id):
        planned = plan_day(on=on, at=at)
    with office_scope(office_id):
        rendered = render_due_notices(at=at, limit=500)
    sent = send_due_messages(office_id=office_id, at=at, limit=100_000)
    return DayReport(
        on=on, sweep=planned.sweep, changed=planned.changed, promises=planned.promises, rendered=rendered, sent=sent
    )
