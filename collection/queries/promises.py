"""承诺: what owners said they would pay, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.models import Payment
from billing.queries import find_accounts
from collection.models import Promise

TABS: dict[str, str] = {
    "open": "未到期",
    "due": "今明到期",
    "broken": "已失约",
    "kept": "已兑现",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """Counts by tab, and the share of promises that were kept; None while none has come due."""

    counts: dict[str, int]
    open_amount: Decimal
    kept_rate: Decimal | None


def promises(*, on: date, tab: str = "", text: str = "") -> QuerySet[Promise]:
    """Promises with their household, the next due first; `text` finds room, name or phone."""
    found = Promise.objects.select_related("account__room__community", "account__owner", "contact__by")
    if tab == "due":
        found = found.filter(state=Promise.State.OPEN, promised_on__lte=on + timedelta(days=1))
    elif tab in Promise.State.values:
        found = found.filter(state=tab)
    if text:
        found = found.filter(account__in=find_accounts(text).values("pk"))
    return found.order_by("promised_on", "id") if tab in {"", "open", "due"} else found.order_by("-settled_on", "-id")


def due_tomorrow(on: date) -> QuerySet[Promise]:
    """Open promises that fall due the day after `on`, made before it: whom to remind (R2)."""
    return Promise.objects.filter(state=Promise.State.OPEN, promised_on=on + timedelta(days=1), made_on__lt=on)


def missing(promise: Promise, on: date) -> Decimal:
    """What of the promised amount has not come in by value date."""
    paid = Payment.objects.filter(account_id=promise.account_id, value_on__range=(promise.made_on, on))
    return promise.amount - (paid.aggregate(total=Sum("amount"))["total"] or Decimal("0.00"))


def promise_figures(on: date) -> PromiseFigures:
    """Counts over all promises, in one statement."""
    is_due = Q(state=Promise.State.OPEN, promised_on__lte=on + timedelta(days=1))
    found = Promise.objects.aggregate(
        due=Count("pk", filter=is_due),
        amount=Sum("amount", filter=Q(state=Promise.State.OPEN)),
        **{state: Count("pk", filter=Q(state=state)) for state in Promise.State.values},
    )
    ended = found["kept"] + found["broken"]
    return PromiseFigures(
        counts={tab: found[tab] for tab in TABS},
        open_amount=found["amount"] or Decimal("0.00"),
        kept_rate=Decimal(found["kept"]) / ended if ended else None,
    )
