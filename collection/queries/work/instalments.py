"""分期 on the list of the day: the day before an instalment a call, after a missed one the person responsible (S88)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from collection.models import Case, Contact
from collection.queries.facts import business_day
from disputes.models import InstalmentPlan
from disputes.queries.plans import PlanCard, plan_cards

State = InstalmentPlan.State


@dataclass(frozen=True, slots=True)
class Due:
    """An instalment to speak of. `is_late`: missed; `is_over`: and the agreement has ended by it."""

    account_id: int
    is_late: bool
    is_over: bool
    why: str


def instalments_to_speak_of(on: date) -> list[Due]:
    """Instalments due tomorrow and not paid; missed ones and broken agreements that nobody spoke about with the owner since.

    By value dates, in a fixed number of statements. Households whose case is closed are not called.
    """
    plans = (
        InstalmentPlan.objects.filter(account__cases__state=Case.State.OPEN, starts_on__lte=on)
        .filter(state__in=[State.ACTIVE, State.BROKEN])
        .order_by("account_id", "-pk")
        .distinct("account_id")
    )
    cards = plan_cards(plans, on)
    heard = _heard([card.plan.account_id for card in cards])
    return [due for card in cards if (due := _due(card, on, heard.get(card.plan.account_id))) is not None]


def _heard(account_ids: list[int]) -> dict[int, date]:
    """The day of the last conversation with each of these owners."""
    last = Contact.objects.filter(account_id__in=account_ids, reached=True).order_by("account_id", "-at")
    return {account: business_day(at) for account, at in last.distinct("account_id").values_list("account_id", "at")}


def _due(card: PlanCard, on: date, heard_on: date | None) -> Due | None:
    plan, standing = card.plan, card.standing
    missed = next((line for line in standing.lines if line.is_missed), None)
    if missed is not None:
        since = plan.ends_before or missed.line.due_on + timedelta(days=plan.grace_days + 1)
        if heard_on is not None and heard_on >= since:
            return None
        gap, day = missed.line.amount - missed.received, missed.line.due_on
        what = f"分期{_name(missed.line.seq)} {day.month}月{day.day}日到期，还差 {gap} 元"
        if plan.state == State.BROKEN:
            words = f"{what}，协议已终止，余额 {card.rest} 元一次到期，请告知业主"
            return Due(plan.account_id, is_late=True, is_over=True, why=words)
        words = f"{what}；累计 {plan.broken_after} 期未按期，协议终止"
        return Due(plan.account_id, is_late=True, is_over=False, why=words)
    following = standing.following
    if plan.state != State.ACTIVE or following is None or following.line.due_on != on + timedelta(days=1):
        return None
    gap = following.line.amount - following.received
    words = f"明日应缴分期{_name(following.line.seq)}，还差 {gap} 元，请致电提醒"
    return Due(plan.account_id, is_late=False, is_over=False, why=words)


def _name(seq: int) -> str:
    return "首付" if seq == 0 else f"第 {seq} 期"
