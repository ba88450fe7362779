"""What special cases ask of people: a transfer that never came, a case nobody has agreed to, a review that is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from billing.models import SpecialCase
from billing.queries import cases_to_approve, cases_to_review
from collection.models import Contact
from collection.queries.facts import business_day
from collection.queries.wording import month_day


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
    last = (case.ends_before or day) - timedelta(days=1)
    gaps = {"day": month_day(day), "last": month_day(last), "amount": case.claimed_amount}
    if case.claimed_amount is None:
        return _("业主称 %(day)s 已转账，等到 %(last)s 仍未到账，核对流水后再联系") % gaps
    return _("业主称 %(day)s 已转账 %(amount)s 元，等到 %(last)s 仍未到账，核对流水后再联系") % gaps


def to_look_at(on: date) -> Iterable[Asked]:
    """Cases that wait for a second person, then those whose day of review has come (S9)."""
    for case in cases_to_approve(on):
        who = _("（%s登记）") % case.opened_by if case.opened_by else ""
        yield Asked(case.account_id, _("特殊情况「%s」待批准") % case.get_kind_display() + who)
    for case in cases_to_review(on):
        whose = _("（负责人：%s）") % case.issue_owner if case.issue_owner else ""
        assert case.review_on is not None
        gaps = {"kind": case.get_kind_display(), "day": month_day(case.review_on)}
        yield Asked(case.account_id, _("特殊情况「%(kind)s」应于 %(day)s 复核") % gaps + whose)
