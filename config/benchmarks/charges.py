"""违约金 of 20,000 bills: the first posting, the night after it with nothing to do, the next month, and a rule's preview."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from arrears.operations import post_late_charges
from arrears.queries.late_charge import rule_effect
from billing.models import ServiceContract
from billing.rules.late_charge import Cap
from billing.rules.late_charge_rules import Restraint
from config.benchmarks.arrears import PER_ACCOUNT, move_in
from config.benchmarks.measures import Figures, Spent, benchmark, meter, run_floor, settle
from offices.models import Community, Office
from offices.operations.offices import save_settings
from offices.scoping import office_scope

BILLS = 20_000
RATE = Decimal("0.0005")
ON = date(2025, 6, 30)


@benchmark("charges")
def charges(office: Office, rows: int | None) -> Figures:
    """20,000 bills: late charge posted up to a day; floor = one INSERT of principal × rate × days. A rule's preview beside it."""
    move_in(office, (rows or BILLS) // PER_ACCOUNT)
    with office_scope(office):
        save_settings(values={"posts_late_charge": True}, by=None, at=timezone.now())
        ServiceContract.objects.create(
            community=Community.objects.get(),
            kind=ServiceContract.Kind.REGULAR,
            starts_on=date(2023, 1, 1),
            late_charge_per_day=RATE,
        )
    settle()
    asked = {"office": office.pk, "on": ON, "rate": RATE, "now": timezone.now()}
    with office_scope(office), transaction.atomic():
        floor = run_floor("charges.sql", asked)
        transaction.set_rollback(True)
    first, entries = _posted(office, ON)
    again, none = _posted(office, ON)
    later, more = _posted(office, ON + timedelta(days=31))
    with office_scope(office), meter() as preview:
        rule_effect((None, Restraint(date(2023, 1, 1), cap=Cap.LPR_LOSS_130)), ON)
    notes: dict[str, Any] = {
        "again_seconds": round(again.seconds, 3),
        "again_entries": none,
        "next_month_seconds": round(later.seconds, 3),
        "next_month_entries": more,
        "preview_seconds": round(preview.seconds, 3),
    }
    return Figures(f"{rows or BILLS} bills, {entries} late", first, floor, notes)


def _posted(office: Office, on: date) -> tuple[Spent, int]:
    with office_scope(office), meter() as spent:
        booked = post_late_charges(on=on, at=timezone.now())
    return spent, booked.entries
