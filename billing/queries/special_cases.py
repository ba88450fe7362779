"""Special cases as pages and the work list show them: what each blocks, in words, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account, ImportRow, SpecialCase
from billing.rules.special_cases import CONTROLS

Kind = SpecialCase.Kind
WHAT_ENDS_IT = {
    Kind.PREPAID: gettext_lazy("预缴款入账后自动解除；已入账的预存款会先抵扣到期账单，不够的部分才算欠费。"),
    Kind.PENDING_TRANSFER: gettext_lazy("款项入账后自动解除；等待期满仍未到账，自动恢复催缴并列入今日。"),
    Kind.NOT_HANDED_OVER: gettext_lazy("交付前由建设单位缴费，不向买受人催缴；登记交付后账单按天分摊，自动解除。"),
    Kind.VACANCY_DISCOUNT: gettext_lazy("空置房优惠审批完毕后自动解除。"),
    Kind.LEGACY_ISSUE: gettext_lazy("问题解决后由负责人解除。"),
    Kind.OTHER: gettext_lazy("核实清楚后解除。"),
}
TABS = ("approve", "review", "unpaid", "open", "closed")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A special case on a day. `ends_on` is the last day it holds, inclusive."""

    case: SpecialCase
    on: date

    @property
    def ends_on(self) -> date | None:
        """The last day it holds; None while nobody knows."""
        return self.case.ends_before - timedelta(days=1) if self.case.ends_before else None

    @property
    def is_active(self) -> bool:
        """It holds the account on the day."""
        return self.case.starts_on <= self.on and (self.case.ends_before is None or self.case.ends_before > self.on)

    @property
    def is_unpaid(self) -> bool:
        """A claimed transfer that was waited for in vain and that nobody has settled."""
        return self.case.kind == Kind.PENDING_TRANSFER and self.case.closed_at is None and not self.is_active

    @property
    def waits_for_approval(self) -> bool:
        """A second person has not agreed yet. Reductions for a vacancy are decided one by one; what a register says
        of rooms not handed over needs no second word.
        """
        case = self.case
        return (
            case.closed_at is None
            and case.approved_at is None
            and case.batch_id is None
            and CONTROLS[case.kind].needs_second
            and case.kind != Kind.VACANCY_DISCOUNT
        )

    @property
    def is_review_due(self) -> bool:
        """Somebody has to look at it again by now."""
        return self.is_active and self.case.review_on is not None and self.case.review_on <= self.on

    @property
    def blocks(self) -> str:
        """What does not happen while it is open."""
        if self.case.blocks_reminder:
            return _("不发温馨提示、不打催缴电话、不发催缴通知书和最后通知书，逾期天数暂停计算。")
        return _("不打催缴电话、不发催缴通知书和最后通知书，逾期天数暂停计算；温馨提示照常。")

    @property
    def ends_when(self) -> str:
        """What brings it to an end."""
        return str(WHAT_ENDS_IT[Kind(self.case.kind)])


def special_cases() -> QuerySet[SpecialCase]:
    """Special cases with everything a line shows, newest first."""
    return SpecialCase.objects.select_related(
        "account__room__community", "account__owner", "evidence", "opened_by", "approved_by", "closed_by"
    ).order_by("-starts_on", "-pk")


def special_cases_of(account: Account, on: date) -> list[CaseLine]:
    """Special cases of one account, those that hold on `on` or wait for somebody first."""
    lines = [CaseLine(case, on) for case in special_cases().filter(account=account)]
    return sorted(lines, key=lambda line: not (line.is_active or line.is_unpaid))


def _holding(on: date) -> Q:
    return Q(closed_at=None, starts_on__lte=on) & (Q(ends_before=None) | Q(ends_before__gt=on))


def cases_to_approve(on: date) -> QuerySet[SpecialCase]:
    """Those that hold and wait for a second person."""
    named = [kind for kind, control in CONTROLS.items() if control.needs_second and kind != Kind.VACANCY_DISCOUNT]
    return (
        special_cases().filter(_holding(on), kind__in=named, approved_at=None, batch=None).order_by("opened_at", "pk")
    )


def cases_to_review(on: date) -> QuerySet[SpecialCase]:
    """Those whose day of review has come, longest overdue first."""
    return special_cases().filter(_holding(on), review_on__lte=on).order_by("review_on", "pk")


def cases_of_tab(tab: str, on: date) -> QuerySet[SpecialCase]:
    """The cases of one tab of the list of all special cases."""
    if tab == "approve":
        return cases_to_approve(on)
    if tab == "review":
        return cases_to_review(on)
    if tab == "unpaid":
        return special_cases().filter(kind=Kind.PENDING_TRANSFER, closed_at=None, ends_before__lte=on)
    if tab == "closed":
        ended = Q(ends_before__lte=on) & ~Q(kind=Kind.PENDING_TRANSFER)
        return special_cases().filter(Q(closed_at__isnull=False) | ended).order_by(F("closed_at").desc(nulls_last=True))
    return special_cases().filter(_holding(on))


def case_counts(on: date) -> dict[str, int]:
    """Number of cases per tab."""
    return {tab: cases_of_tab(tab, on).count() for tab in TABS}


def register_people(case: SpecialCase) -> tuple[str, str]:
    """Name and phone of the buyer as the owner register gave them for a room not handed over; empty without."""
    row = ImportRow.objects.filter(batch=case.batch_id, account=case.account_id).first() if case.batch_id else None
    parsed = row.parsed if row else {}
    names = "、".join(owner["name"] for owner in parsed.get("owners", []))
    return names, next(iter(parsed.get("phones", [])), "")
