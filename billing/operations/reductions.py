"""Reductions of a bill: proposed by one person, decided by another, never netted into the bill (S8)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Adjustment, Bill
from billing.operations.accounts import business_date, stamp_account
from billing.queries import open_bills
from offices.models import User
from offices.operations import Refusal
from offices.rules.money import ZERO, format_yuan, yuan


class ReductionRefused(Refusal):
    """The reduction cannot be proposed or decided as asked."""

    code = "reduction_refused"


def _open_of(bill: Bill) -> Decimal:
    return next((line.open for line in open_bills(account_id=bill.account_id) if line.bill_id == bill.pk), ZERO)


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
    return adjustment
