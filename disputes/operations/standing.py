"""What the value dates say of the plans is written down once a day, so that positions need not compute it (invariant 14)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing.models import ExpectedAmount
from billing.operations import stamp_account, withdraw_expected
from disputes.models import InstalmentPlan
from disputes.operations.plans import LIVING, State, expect_instalment, expected_source
from disputes.queries.plans import standings_of
from disputes.rules.plans import Standing

LOOK_BACK = timedelta(days=90)
"""So long after a plan was kept or broken, money booked with an earlier value date, or given back, may change that."""


@transaction.atomic
def settle_plans(*, on: date, at: datetime) -> dict[str, int]:
    """Kept when all of it has come in, broken when instalments were missed; both from the day the value dates say.

    A statement that arrives late changes the verdict, also back: who paid in time kept the plan. A broken plan lets its
    account be pursued again, by the case as it stood before. Returns how many plans changed to each state.
    """
    recent = Q(state__in=[State.KEPT, State.BROKEN], ends_before__gt=on - LOOK_BACK)
    rows = list(
        InstalmentPlan.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(Q(state=State.ACTIVE) | recent, starts_on__lte=on)
        .order_by("pk")
    )
    standings = standings_of(rows, on)
    busy = set(
        InstalmentPlan.objects.filter(account__in=[r.account_id for r in rows], state__in=LIVING).values_list(
            "account_id", flat=True
        )
    )
    count: dict[str, int] = {}
    for plan in rows:
        found = standings[plan.pk]
        if found.state != plan.state and (plan.state == State.ACTIVE or plan.account_id not in busy):
            plan.state = found.state
            plan.ends_before = max(found.since, plan.starts_on) if found.since and plan.starts_on else None
            plan.save(update_fields=["state", "ends_before"])
            stamp_account(account_id=plan.account_id)
            count[found.state] = count.get(found.state, 0) + 1
        _tell_matching(plan, found, at)
    return count


def _tell_matching(plan: InstalmentPlan, found: Standing, at: datetime) -> None:
    """Unpaid instalments of a running plan are expected, and no others (decisions 17)."""
    running = plan.state == State.ACTIVE
    wanted = {line.line.seq for line in found.lines if running and line.paid_on is None}
    instalments = {expected_source(row): row for row in plan.instalments.all()}
    expected = set(
        ExpectedAmount.objects.filter(source__in=instalments, withdrawn_at=None).values_list("source", flat=True)
    )
    for source, row in instalments.items():
        if row.seq in wanted and source not in expected:
            expect_instalment(plan, row)
        elif row.seq not in wanted and source in expected:
            withdraw_expected(source=source, at=at)
