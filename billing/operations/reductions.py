"""Reductions of a bill: proposed by one person, decided by another, never netted into the bill (S8)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Adjustment, Bill, SpecialCase
from billing.operations.accounts import business_date, stamp_account
from billing.operations.special_cases import end_case, open_special_case
from billing.queries import open_bills
from billing.rules.shares import WHOLE, vacancy_reduction
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.rules.money import ZERO, format_yuan, yuan


class ReductionRefused(Refusal):
    """The reduction cannot be proposed or decided as asked."""

    code = "reduction_refused"


def _open_of(bill: Bill) -> Decimal:
    return next((line.open for line in open_bills(account_id=bill.account_id) if line.bill_id == bill.pk), ZERO)


def _is_applied_for(account_id: int) -> bool:
    """Whether an application with proof is open (S8)."""
    return SpecialCase.objects.filter(
        account_id=account_id, kind=SpecialCase.Kind.VACANCY_DISCOUNT, closed_at=None, evidence__isnull=False
    ).exists()


@transaction.atomic
def propose_reduction(
    *,
    bill: Bill,
    amount: Decimal,
    kind: str,
    reason: str,
    by: User | None,
    at: datetime,
    effective_on: date | None = None,
) -> Adjustment:
    """Ask for a reduction of one bill; it counts once somebody else approves it. Raises `ReductionRefused`."""
    amount = yuan(amount)
    Account.objects.select_for_update().get(pk=bill.account_id)
    if amount <= 0:
        raise ReductionRefused(_("减免金额必须大于 0。"), code="amount_not_positive")
    if not reason.strip():
        raise ReductionRefused(_("请填写减免理由。"), code="reason_missing")
    if kind == Adjustment.Kind.VACANCY and not _is_applied_for(bill.account_id):
        raise ReductionRefused(
            _("空置房优惠需要证明：请在特殊情况里申请，系统按空置天数算出减免。"), code="vacancy_needs_proof"
        )
    rest = _open_of(bill)
    if amount > rest:
        raise ReductionRefused(
            _("减免 %(amount)s 超过这笔账单的未缴金额 %(rest)s，请核对。")
            % {"amount": format_yuan(amount), "rest": format_yuan(rest)},
            code="more_than_open",
        )
    adjustment = Adjustment.objects.create(
        bill=bill,
        kind=kind,
        amount=amount,
        effective_on=effective_on or business_date(at),
        reason=reason.strip()[:200],
        proposed_by=by,
        proposed_at=at,
    )
    stamp_account(account_id=bill.account_id)
    return adjustment


@transaction.atomic
def approve_reduction(*, adjustment: Adjustment, by: User, at: datetime) -> Adjustment:
    """Let a proposed reduction count. Not by the one who proposed it. Raises `ReductionRefused`."""
    return _decide(adjustment, Adjustment.State.APPROVED, by, at)


@transaction.atomic
def refuse_reduction(*, adjustment: Adjustment, by: User, at: datetime) -> Adjustment:
    """Turn a proposed reduction down. Raises `ReductionRefused`."""
    return _decide(adjustment, Adjustment.State.REFUSED, by, at)


def _decide(adjustment: Adjustment, state: str, by: User, at: datetime) -> Adjustment:
    bill = Bill.objects.get(pk=adjustment.bill_id)
    Account.objects.select_for_update().get(pk=bill.account_id)
    adjustment = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.pk)
    if adjustment.state != Adjustment.State.PROPOSED:
        raise ReductionRefused(_("这条减免已经审批过。"), code="decided_already")
    if adjustment.proposed_by_id == by.pk:
        raise ReductionRefused(_("不能审批自己提出的减免，请由另一位有权限的同事审批。"), code="two_people_needed")
    if state == Adjustment.State.APPROVED and adjustment.amount > _open_of(bill):
        raise ReductionRefused(_("这笔账单的未缴金额已少于减免金额，请驳回后重新提出。"), code="more_than_open")
    adjustment.state, adjustment.decided_by, adjustment.decided_at = state, by, at
    adjustment.save(update_fields=["state", "decided_by", "decided_at"])
    stamp_account(account_id=bill.account_id)
    if adjustment.kind == Adjustment.Kind.VACANCY:
        _end_vacancies(bill.account_id, by, at)
    return adjustment


def _end_vacancies(account_id: int, by: User, at: datetime) -> None:
    """The last reduction asked for a vacancy is decided: nothing has to be waited for any more."""
    asked = Adjustment.objects.filter(bill__account_id=account_id, kind=Adjustment.Kind.VACANCY)
    if asked.filter(state=Adjustment.State.PROPOSED).exists():
        return
    for case in SpecialCase.objects.select_for_update(of=("self",)).filter(
        account_id=account_id, kind=SpecialCase.Kind.VACANCY_DISCOUNT, closed_at=None
    ):
        if asked.filter(state=Adjustment.State.APPROVED, decided_at__gte=case.opened_at).exists():
            case.approved_by, case.approved_at = by, at
            case.save(update_fields=["approved_by", "approved_at"])
        end_case(case, by=by, at=at, reason=_("空置房优惠已审批。"))


@transaction.atomic
def apply_for_vacancy(
    *,
    account: Account,
    vacant: tuple[date, date],
    payable_percent: Decimal,
    note: str,
    evidence: StoredFile | None,
    by: User,
    at: datetime,
) -> SpecialCase:
    """Ask that the days from `vacant[0]` to `vacant[1]` (inclusive) cost only `payable_percent` of the fee (S8).

    Holds the account, and proposes one reduction for each unpaid bill with such days; the bills stay as they are.
    Somebody else decides; with the last decision the hold ends. Raises `SpecialCaseRefused`, `ReductionRefused`.
    """
    if vacant[1] < vacant[0]:
        raise ReductionRefused(_("空置的结束日期早于开始日期，请核对。"), code="ends_before_start", field="vacant_to")
    if not 0 <= payable_percent < WHOLE:
        raise ReductionRefused(
            _("应缴比例须小于 100，例如填 70 表示按七成缴纳。"), code="percent_wrong", field="payable_percent"
        )
    case = open_special_case(
        account=account,
        kind=SpecialCase.Kind.VACANCY_DISCOUNT,
        starts_on=business_date(at),
        note=note,
        evidence=evidence,
        blocks_reminder=True,
        by=by,
        at=at,
    )
    words = _("空置 %(first)s 至 %(last)s，按 %(percent)s%% 计收：%(note)s") % {
        "first": vacant[0],
        "last": vacant[1],
        "percent": payable_percent.normalize().to_eng_string(),
        "note": note.strip(),
    }
    found = False
    for line in open_bills(account_id=account.pk):
        less = vacancy_reduction(line.amount, (line.period.start, line.period.end), vacant, payable_percent)
        if less > 0:
            propose_reduction(
                bill=Bill.objects.get(pk=line.bill_id),
                amount=min(less, line.open),
                kind=Adjustment.Kind.VACANCY,
                reason=words,
                by=by,
                at=at,
            )
            found = True
    if not found:
        raise ReductionRefused(
            _("这段时间没有未缴的账单，无从优惠。请核对空置的起止日期。"), code="no_bill", field="vacant_from"
        )
    return case
