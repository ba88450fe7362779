"""What special cases ask of people: a transfer that never came, a case nobody has agreed to, a review that is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from billing.models import SpecialCase
from billing.queries import cases_to_approve, cases_to_review
from collection.models import Contact
from collection.queries.facts import business_day


@dataclass(frozen=True, slots=True)
class Asked:
    """One household with the reason why somebody has to look at it."""

    account_id: int
    why: str


def expired_transfers(on: date) -> Iterable[Asked]:
    """Transfers that were claimed, not booked when their wait ended, and not spoken about since (S6)."""
    expired = list(
        SpecialCase.objects.filter(
            kind=SpecialCase.Kind.PENDING_TRANSFER, closed_at=None, ends_before__lte=on
        ).order_by("account_id", "-ends_before")
    )
    heard = {
        account: business_day(last)
        for account, last in Contact.objects.filter(account_id__in={c.account_id for c in expired}, reached=True)
        .order_by("account_id", "-at")
        .distinct("account_id")
        .values_list("account_id", "at")
    }
    told = set()
    for case in expired:
        spoken = heard.get(case.account_id)
        if case.account_id not in told and (spoken is None or spoken < (case.ends_before or on)):
            told.add(case.account_id)
            yield Asked(case.account_id, _unpaid(case))


def _unpaid(case: SpecialCase) -> str:
    day = case.claimed_on or case.starts_on
    amount = f" {case.claimed_amount} 元" if case.claimed_amount is not None else ""
    last = (case.ends_before or day) - timedelta(days=1)
    return f"业主称 {_day(day)} 已转账{amount}，等到 {_day(last)} 仍未到账，核对流水后再联系"


def to_look_at(on: date) -> Iterable[Asked]:
    """Cases that wait for a second person, then those whose day of review has come (S9)."""
    for case in cases_to_approve(on):
        who = f"（{case.opened_by}登记）" if case.opened_by else ""
        yield Asked(case.account_id, f"特殊情况「{case.get_kind_display()}」待批准{who}")
    for case in cases_to_review(on):
        whose = f"（负责人：{case.issue_owner}）" if case.issue_owner else ""
        assert case.review_on is not None
        yield Asked(case.account_id, f"特殊情况「{case.get_kind_display()}」应于 {_day(case.review_on)} 复核{whose}")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
