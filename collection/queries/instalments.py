"""Instalments of running plans: which fall due tomorrow, and how one stands at the moment its reminder leaves (S88)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from arrears.rules.position import ZERO
from disputes.models import Instalment, InstalmentPlan
from disputes.queries.plans import PlanCard, plan_cards

State = InstalmentPlan.State


@dataclass(frozen=True, slots=True)
class DueInstalment:
    """An instalment that is not fully paid. `missing`: yuan that have not come in for it by value date."""

    instalment_id: int
    account_id: int
    seq: int
    due_on: date
    missing: Decimal

    @property
    def name(self) -> str:
        """As owners are told of it; number 0 is the down payment."""
        return "首付" if self.seq == 0 else f"第 {self.seq} 期"


def instalments_due_tomorrow(on: date) -> list[DueInstalment]:
    """Unpaid instalments of plans in force that fall due the day after `on`. A fixed number of statements."""
    tomorrow = on + timedelta(days=1)
    rows = list(
        Instalment.objects.filter(plan__state=State.ACTIVE, plan__starts_on__lte=on, due_on=tomorrow)
        .select_related("plan")
        .order_by("pk")
    )
    cards = {card.plan.pk: card for card in plan_cards({row.plan_id: row.plan for row in rows}.values(), on)}
    return [due for row in rows if (due := _due(row, cards[row.plan_id])) is not None]


def instalment_as_of(instalment_id: int, on: date) -> DueInstalment | None:
    """The instalment while it can still be paid in time: its plan is in force and its day not over; else None.

    `missing` is 0 once it is paid. Four statements.
    """
    row = Instalment.objects.select_related("plan").get(pk=instalment_id)
    if row.plan.state != State.ACTIVE or on > row.due_on:
        return None
    (card,) = plan_cards([row.plan], on)
    if card.standing.state == State.BROKEN:
        return None
    return _due(row, card) or DueInstalment(row.pk, row.plan.account_id, row.seq, row.due_on, ZERO)


def _due(row: Instalment, card: PlanCard) -> DueInstalment | None:
    line = next(each for each in card.standing.lines if each.line.seq == row.seq)
    if card.standing.state != State.ACTIVE or line.paid_on is not None:
        return None
    return DueInstalment(row.pk, card.plan.account_id, row.seq, row.due_on, row.amount - line.received)
