"""What instalment plans can be asked: the list, one household's, one with its schedule, and how each stands on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from billing.models import Adjustment, Allocation
from disputes.models import CoveredBill, InstalmentPlan
from disputes.queries.disputes import ContestableLine, contestable_lines
from disputes.rules.plans import Line, PlanPolicy, Standing, standing_of
from offices.queries import office_settings
from offices.scoping import current_office

State = InstalmentPlan.State


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan with how it stands as of a day."""

    plan: InstalmentPlan
    standing: Standing

    @property
    def rest(self) -> Decimal:
        """What is still to come, in yuan."""
        return max(self.plan.total - self.standing.received, Decimal("0.00"))


def plan_policy() -> PlanPolicy:
    """What the open office lets people agree (S86)."""
    settings = office_settings()
    return PlanPolicy(
        max_instalments=settings.plan_max_instalments,
        max_months=settings.plan_max_months,
        min_down_percent=settings.plan_min_down_percent,
        grace_days=settings.plan_grace_days,
        broken_after=settings.plan_broken_after,
    )


def coverable_lines(account_id: int, on: date) -> list[ContestableLine]:
    """The household's unpaid bills of which nothing is contested: what a plan may cover, each of them wholly."""
    return [line for line in contestable_lines(account_id, on) if not line.contested]


def plans(*, state: str = "") -> QuerySet[InstalmentPlan]:
    """Plans with their household, newest first; `state` may be `living` for all that still wait for something."""
    found = InstalmentPlan.objects.select_related("account__room__community", "account__owner", "proposed_by")
    if state == "living":
        return found.filter(state__in=[State.PROPOSED, State.APPROVED, State.ACTIVE])
    return found.filter(state=state) if state else found


def plans_of(account_id: int, on: date) -> list[PlanCard]:
    """The plans of one household as of `on`, newest first. A fixed number of statements."""
    return plan_cards(plans().filter(account_id=account_id), on)


def plan_with_schedule(plan_id: int) -> InstalmentPlan:
    """One plan with what its page shows. Raises `InstalmentPlan.DoesNotExist`, also for another office's."""
    return (
        InstalmentPlan.objects.select_related(
            "account__room__community", "account__owner", "proposed_by", "decided_by", "activated_by", "ended_by",
            "agreement", "signed_copy",
        )
        .prefetch_related("covered__bill__fee_item", "instalments")
        .get(pk=plan_id)
    )  # fmt: skip


def plan_cards(found: Iterable[InstalmentPlan], on: date) -> list[PlanCard]:
    """These plans with how they stand on `on`. Four statements, however many there are."""
    rows = list(found)
    standings = standings_of(rows, on)
    return [PlanCard(row, standings[row.pk]) for row in rows]


def standings_of(rows: Iterable[InstalmentPlan], on: date) -> dict[int, Standing]:
    """How each plan stands on `on`, from what came in for its covered bills by value date."""
    rows = list(rows)
    ids = [row.pk for row in rows]
    lines: dict[int, list[Line]] = defaultdict(list)
    for plan_id, seq, due_on, amount in (
        InstalmentPlan.objects.filter(pk__in=ids)
        .exclude(instalments=None)
        .order_by("pk", "instalments__seq")
        .values_list("pk", "instalments__seq", "instalments__due_on", "instalments__amount")
    ):
        lines[plan_id].append(Line(seq, due_on, amount))
    money = _money(ids)
    return {
        row.pk: standing_of(
            lines[row.pk], money[row.pk], on=on, grace_days=row.grace_days, broken_after=row.broken_after
        )
        for row in rows
    }


def _money(plan_ids: Iterable[int]) -> dict[int, list[tuple[date, Decimal]]]:
    """(day, yuan) of everything that made the covered bills smaller, less what had done so before they were agreed.

    A covered bill that was cancelled counts as gone from that day.
    """
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    zone = ZoneInfo(current_office().time_zone)
    covering: dict[int, list[int]] = defaultdict(list)
    covered = CoveredBill.objects.filter(plan__in=list(plan_ids))
    for plan_id, bill_id, amount, billed, voided_at in covered.values_list(
        "plan_id", "bill_id", "amount", "bill__amount", "bill__voided_at"
    ):
        found[plan_id].append((date.min, amount - billed))
        if voided_at is not None:
            found[plan_id].append((voided_at.astimezone(zone).date(), billed))
        else:
            covering[bill_id].append(plan_id)
    paid = Allocation.objects.filter(bill__in=list(covering))
    reduced = Adjustment.objects.filter(bill__in=list(covering), state=Adjustment.State.APPROVED)
    for bill_id, day, amount in (
        *paid.values_list("bill_id", "value_on", "amount"),
        *reduced.values_list("bill_id", "effective_on", "amount"),
    ):
        for plan_id in covering[bill_id]:
            found[plan_id].append((day, amount))
    return found
