"""Proposing, refusing, activating and ending an instalment plan (S54, S55, S83–S88)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from billing.operations import expect_amount, stamp_account, withdraw_expected
from billing.operations.accounts import business_date
from disputes.models import CoveredBill, Instalment, InstalmentPlan
from disputes.queries import ContestableLine, contestable_lines, plan_policy
from disputes.rules.plans import Fault, Line, fault_of
from offices.models import StoredFile, User
from offices.operations import Refusal

State = InstalmentPlan.State
LIVING = (State.PROPOSED, State.APPROVED, State.ACTIVE)


class PlanRefused(Refusal):
    """The plan cannot be agreed, approved or put in force like this; the message says what to do instead."""

    code = "plan_refused"


@transaction.atomic
def propose_plan(
    *,
    account: Account,
    bill_ids: Collection[int],
    schedule: Sequence[Line],
    reason: str,
    willingness: str,
    by: User | None,
    at: datetime,
) -> InstalmentPlan:
    """Put a plan before the manager: which bills it covers, wholly, and what is paid when (S83–S88).

    `schedule`: instalments in their order, number 0 being the down payment; together what is open on the bills, to the
    cent. Nothing is held yet. Raises `PlanRefused`.
    """
    on = business_date(at)
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if not reason.strip():
        raise PlanRefused(_("请写明业主的困难情况和核实结果。"), code="no_reason", field="reason")
    if willingness not in InstalmentPlan.Willingness.values:
        raise PlanRefused(_("请选择业主怎样表示了缴费意愿。"), code="no_willingness", field="willingness")
    if InstalmentPlan.objects.filter(account=account, state__in=LIVING).exists():
        raise PlanRefused(_("这户已有进行中的分期，请先终止原来的，再提出新的。"), code="plan_exists")
    covered = _covered(account, bill_ids, on)
    total = sum((line.open_amount for line in covered), Decimal("0.00"))
    policy = plan_policy()
    fault = fault_of(schedule, total=total, on=on, policy=policy)
    if fault is not None:
        raise PlanRefused(fault_words(fault), code=fault.code, field="schedule")
    plan = InstalmentPlan.objects.create(
        account=account,
        total=total,
        reason=reason.strip()[:500],
        willingness=willingness,
        grace_days=policy.grace_days,
        broken_after=policy.broken_after,
        proposed_at=at,
        proposed_by=by,
    )
    CoveredBill.objects.bulk_create(
        CoveredBill(plan=plan, bill_id=line.bill_id, amount=line.open_amount) for line in covered
    )
    Instalment.objects.bulk_create(
        Instalment(plan=plan, seq=line.seq, due_on=line.due_on, amount=line.amount) for line in schedule
    )
    return plan


@transaction.atomic
def refuse_plan(*, plan: InstalmentPlan, reason: str, by: User, at: datetime) -> InstalmentPlan:
    """The manager turns a proposed plan down, with the reason. Raises `PlanRefused`."""
    plan = locked(plan, State.PROPOSED)
    if not reason.strip():
        raise PlanRefused(_("请写明不同意的原因，同事要据此答复业主。"), code="no_reason", field="reason")
    plan.state, plan.decided_by, plan.decided_at = State.REFUSED, by, at
    plan.end_reason = reason.strip()[:200]
    plan.save()
    return plan


@transaction.atomic
def activate_plan(*, plan: InstalmentPlan, signed_copy: StoredFile, by: User, at: datetime) -> InstalmentPlan:
    """Put an approved plan in force, now that the agreement came back signed (S55).

    From today its bills are not pursued and their days do not count; the amounts are told to bank matching. Refused when
    what is open on the bills is no longer what was agreed. Raises `PlanRefused`.
    """
    plan = locked(plan, State.APPROVED)
    on = business_date(at)
    now_open = {line.bill_id: line for line in contestable_lines(plan.account_id, on)}
    for line in plan.covered.select_related("bill"):
        found = now_open.get(line.bill_id)
        if found is None or found.open_amount != line.amount or found.contested:
            raise PlanRefused(
                _("%(from)s 至 %(to)s 的账单在审批之后有了缴费、减免或争议，金额与协议不符。请终止这份分期，重新提出。")
                % {"from": line.bill.period_start, "to": line.bill.period_end},
                code="amount_changed",
            )
    plan.state, plan.signed_copy, plan.starts_on = State.ACTIVE, signed_copy, on
    plan.activated_by, plan.activated_at = by, at
    plan.save()
    for instalment in plan.instalments.all():
        expect_instalment(plan, instalment)
    stamp_account(account_id=plan.account_id)
    return plan


@transaction.atomic
def end_plan(*, plan: InstalmentPlan, reason: str, by: User, at: datetime) -> InstalmentPlan:
    """End a plan before its time: withdrawn before it was in force, or stopped while it runs. Raises `PlanRefused`.

    What is not paid is pursued again from today, by the case as it stood before (invariant 14).
    """
    plan = locked(plan, *LIVING)
    if not reason.strip():
        raise PlanRefused(_("请写明终止的原因。"), code="no_reason", field="reason")
    was_active = plan.state == State.ACTIVE
    plan.state, plan.ended_by, plan.end_reason = State.ENDED, by, reason.strip()[:200]
    if was_active:
        plan.ends_before = business_date(at)
    plan.save()
    if was_active:
        for instalment in plan.instalments.all():
            withdraw_expected(source=expected_source(instalment), at=at)
        stamp_account(account_id=plan.account_id)
    return plan


def locked(plan: InstalmentPlan, *states: str) -> InstalmentPlan:
    """The plan under its account's lock, which it must be in one of `states` for. Raises `PlanRefused`."""
    Account.objects.select_for_update(of=("self",)).get(pk=plan.account_id)
    found = InstalmentPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if found.state not in states:
        raise PlanRefused(
            _("这份分期现在是“%(state)s”，不能进行这一步，请刷新页面后再看。") % {"state": found.get_state_display()},
            code="wrong_state",
        )
    return found


def expected_source(instalment: Instalment) -> str:
    """Under which name bank matching knows the instalment (decisions 17)."""
    return f"instalment:{instalment.pk}"


def expect_instalment(plan: InstalmentPlan, instalment: Instalment) -> None:
    """Tell bank matching that this instalment is waited for."""
    expect_amount(
        account=plan.account, due_on=instalment.due_on, amount=instalment.amount, source=expected_source(instalment)
    )


def fault_words(fault: Fault) -> str:
    """A fault of the schedule, in words that say what to change."""
    words = {
        "no_lines": _("请填写各期的日期和金额。"),
        "too_many": _("共 %(count)d 期，超过办公室规定的 %(limit)d 期，请减少期数。"),
        "amount": _("第 %(seq)d 期的金额须大于 0。"),
        "in_the_past": _("首笔的日期 %(day)s 已过，请改为今天或以后。"),
        "order": _("各期的日期须一期比一期晚，请检查。"),
        "too_long": _("最后一期超过办公室规定的 %(limit)d 个月（最迟 %(day)s），请提前。"),
        "sum": _("各期合计 %(agreed)s 元，与所选账单的未缴金额 %(total)s 元相差 %(difference)s 元，须分毫不差。"),
        "down_too_small": _("首付不得低于 %(least)s 元（总额的 %(percent)d%%），请提高首付。"),
    }
    return words[fault.code] % fault.values


def _covered(account: Account, bill_ids: Collection[int], on: date) -> list[ContestableLine]:
    known = {line.bill_id: line for line in contestable_lines(account.pk, on)}
    if not bill_ids:
        raise PlanRefused(_("请勾选分期要包括的账单。"), code="no_bills", field="bills")
    lines = [known[bill_id] for bill_id in dict.fromkeys(bill_ids) if bill_id in known]
    if len(lines) != len(set(bill_ids)):
        raise PlanRefused(
            _("勾选的账单中有一笔已缴清或不属于该户，请刷新页面后重选。"), code="bill_not_open", field="bills"
        )
    contested = next((line for line in lines if line.contested), None)
    if contested is not None:
        raise PlanRefused(
            _("%(from)s 至 %(to)s 的账单有争议，请先处理争议，再谈分期。")
            % {"from": contested.period_start, "to": contested.period_end},
            code="bill_contested",
            field="bills",
        )
    return lines
