"""分期 on the list of the day: a call the day before when no message went, the person responsible after a missed one (S88)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from collection.models import Case, Contact, Message
from collection.queries.facts import business_day
from collection.queries.instalments import instalments_due_tomorrow
from collection.queries.wording import month_day
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
    """Instalments due tomorrow that no message reminded of; missed ones and broken agreements nobody spoke about since.

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
    late = [due for card in cards if (due := _missed(card, heard.get(card.plan.account_id))) is not None]
    return late + _tomorrow(on)


def _tomorrow(on: date) -> list[Due]:
    """To be rung: no message went, or it did not arrive."""
    due = instalments_due_tomorrow(on)
    told = Message.objects.filter(instalment__in=[line.instalment_id for line in due])
    told = told.exclude(state__in=[Message.State.FAILED, Message.State.VOID]).exclude(fate=Message.Fate.BOUNCED)
    known = set(told.values_list("instalment_id", flat=True))
    followed = set(
        Case.objects.filter(state=Case.State.OPEN, account__in=[line.account_id for line in due]).values_list(
            "account_id", flat=True
        )
    )
    return [
        Due(
            line.account_id,
            is_late=False,
            is_over=False,
            why=_("明日应缴分期%(name)s，还差 %(missing)s 元，没有发出提示，请致电提醒")
            % {"name": _name(line.seq), "missing": line.missing},
        )
        for line in due
        if line.account_id in followed and line.instalment_id not in known
    ]


def _heard(account_ids: list[int]) -> dict[int, date]:
    """The day of the last conversation with each of these owners."""
    last = Contact.objects.filter(account_id__in=account_ids, reached=True).order_by("account_id", "-at")
    return {account: business_day(at) for account, at in last.distinct("account_id").values_list("account_id", "at")}


def _missed(card: PlanCard, heard_on: date | None) -> Due | None:
    plan, standing = card.plan, card.standing
    missed = next((line for line in standing.lines if line.is_missed), None)
    if missed is None:
        return None
    since = plan.ends_before or missed.line.due_on + timedelta(days=plan.grace_days + 1)
    if heard_on is not None and heard_on >= since:
        return None
    gaps = {
        "name": _name(missed.line.seq),
        "day": month_day(missed.line.due_on),
        "gap": missed.line.amount - missed.received,
        "rest": card.rest,
        "count": plan.broken_after,
    }
    what = _("分期%(name)s %(day)s到期，还差 %(gap)s 元") % gaps
    if plan.state == State.BROKEN:
        words = what + _("，协议已终止，余额 %(rest)s 元一次到期，请告知业主") % gaps
        return Due(plan.account_id, is_late=True, is_over=True, why=words)
    words = what + _("；累计 %(count)s 期未按期，协议终止") % gaps
    return Due(plan.account_id, is_late=True, is_over=False, why=words)


def _name(seq: int) -> str:
    return _("首付") if seq == 0 else _("第 %d 期") % seq
