"""What disputes can be asked: the list, what one household may still contest, one dispute with its course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Adjustment, Allocation, Bill
from disputes.models import Dispute, DisputedBill, DisputeStep
from disputes.rules.course import CLOSED, STATES, Promptness, promptness

ZERO = Decimal("0.00")
_MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class ContestableLine:
    """One unpaid bill of a household: what is open on it, and how much of that is already contested."""

    bill_id: int
    fee_item: str
    period_start: date
    period_end: date
    due_on: date
    open_amount: Decimal
    contested: Decimal

    @property
    def free(self) -> Decimal:
        """What may still be contested."""
        return max(self.open_amount - self.contested, ZERO)


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """A dispute as it stands in the list and on the board."""

    dispute: Dispute
    amount: Decimal
    promptness: Promptness
    last_step_at: Any


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One state of the board with its disputes."""

    state: str
    label: str
    cards: tuple[DisputeCard, ...]


def contestable_lines(account_id: int, on: date) -> list[ContestableLine]:
    """The household's bills that are not settled on `on`, oldest due date first. One statement."""
    reduced = _sum(Adjustment.objects.filter(bill=OuterRef("pk"), state="approved", effective_on__lte=on), "bill")
    paid = _sum(Allocation.objects.filter(bill=OuterRef("pk"), value_on__lte=on), "bill")
    contested = _sum(DisputedBill.objects.filter(bill=OuterRef("pk"), dispute__resolved_on=None), "bill")
    bills = (
        Bill.objects.filter(account_id=account_id, voided_at=None, billed_on__lte=on)
        .select_related("fee_item")
        .annotate(open_amount=F("amount") - reduced - paid, contested=contested)
        .filter(open_amount__gt=0)
        .order_by("due_on", "pk")
    )
    return [
        ContestableLine(
            bill_id=bill.pk,
            fee_item=bill.fee_item.name,
            period_start=bill.period_start,
            period_end=bill.period_end,
            due_on=bill.due_on,
            open_amount=bill.open_amount,
            contested=min(bill.contested, bill.open_amount),
        )
        for bill in bills
    ]


def disputes(
    *, state: str = "", kind: str = "", department: str = "", account_id: int | None = None
) -> QuerySet[Dispute]:
    """Disputes, newest first; `state` may be `undecided` for all that are not closed."""
    found = Dispute.objects.select_related("account__room__community", "account__owner", "raised_by").annotate(
        amount=Coalesce(Sum("lines__amount"), ZERO, output_field=_MONEY)
    )
    if state == "undecided":
        found = found.exclude(state=CLOSED)
    elif state:
        found = found.filter(state=state)
    for name, value in (("kind", kind), ("department", department), ("account_id", account_id)):
        if value:
            found = found.filter(**{name: value})
    return found.order_by("-raised_at", "-pk")


def cards(found: QuerySet[Dispute], on: date) -> list[DisputeCard]:
    """Disputes with how they stand against the promised feedback. Two statements."""
    rows = list(found)
    steps = DisputeStep.objects.filter(dispute__in=[row.pk for row in rows]).values("dispute_id")
    times = {
        step["dispute_id"]: step
        for step in steps.annotate(last=Max("at"), answered=Max("at", filter=Q(kind="answer"))).order_by()
    }
    return [
        DisputeCard(
            dispute=row,
            amount=row.amount,  # type: ignore[attr-defined]  # annotated by `disputes`
            promptness=_promptness(row, times.get(row.pk, {}).get("answered"), on),
            last_step_at=times.get(row.pk, {}).get("last"),
        )
        for row in rows
    ]


def board(found: QuerySet[Dispute], on: date, *, closed: int = 20) -> list[BoardColumn]:
    """The open disputes by state, and the latest closed ones."""
    undecided = cards(found.exclude(state=CLOSED), on)
    done = cards(found.filter(state=CLOSED)[:closed], on)
    return [
        BoardColumn(state, label, tuple(card for card in (*undecided, *done) if card.dispute.state == state))
        for state, label in STATES
    ]


def state_counts() -> dict[str, int]:
    """How many disputes stand in each state."""
    return dict(Dispute.objects.order_by().values_list("state").annotate(Count("pk")))


def dispute_with_course(dispute_id: int) -> Dispute:
    """One dispute with its lines and steps loaded. Raises `Dispute.DoesNotExist`, also for another office's."""
    return (
        Dispute.objects.select_related("account__room__community", "account__owner", "raised_by", "resolved_by")
        .prefetch_related("lines__bill__fee_item", "steps__by", "steps__attachment")
        .get(pk=dispute_id)
    )


def promptness_of(dispute: Dispute, on: date) -> Promptness:
    """How one loaded dispute stands against its promised feedback."""
    answered = [step.at for step in dispute.steps.all() if step.kind == "answer"]
    return _promptness(dispute, max(answered, default=None), on)


def _promptness(dispute: Dispute, answered: Any, on: date) -> Promptness:
    ended = answered.date() if answered else dispute.resolved_on
    until = dispute.resolved_on or on
    return promptness(dispute.raised_on, dispute.promised_feedback_on or until, until, ended)


def _sum(rows: QuerySet[Any], by: str) -> Coalesce:
    summed = rows.order_by().values(by).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(summed, output_field=_MONEY), ZERO, output_field=_MONEY)
