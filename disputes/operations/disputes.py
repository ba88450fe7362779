"""Raising, following and deciding disputes. Raising one holds the contested amount; the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from billing.operations.accounts import business_date, stamp_account
from billing.operations.reductions import propose_reduction
from disputes.models import Dispute, DisputedBill, DisputeStep
from disputes.queries import contestable_lines
from disputes.rules.course import BY_CODE as MOVES
from disputes.rules.course import CLOSED, OPEN, PARTLY, STATE_LABELS, is_full_contest, may_rule, reduction
from disputes.rules.kinds import BY_CODE as KINDS
from disputes.rules.kinds import FEEDBACK_DAYS
from offices.models import StoredFile, User
from offices.operations import Refusal


class DisputeRefused(Refusal):
    """The dispute cannot be raised, moved or decided like this; the message says what to do instead."""

    code = "dispute_refused"


@transaction.atomic
def raise_dispute(
    *,
    account: Account,
    kind: str,
    owner_words: str,
    lines: Mapping[int, Decimal],
    by: User | None,
    at: datetime,
    demand: str = "",
    channel: str = "",
    promised_feedback_on: date | None = None,
) -> Dispute:
    """Record an objection in the owner's own words and hold what it contests, from today on.

    `lines`: bill id → contested amount in yuan; what takes all that is open on a bill holds its days too
    (decisions 10). A service dispute may name no line: it still stops formal steps (S82). Raises `DisputeRefused`.
    """
    on = business_date(at)
    Account.objects.select_for_update().get(pk=account.pk)
    if kind not in KINDS:
        raise DisputeRefused(_("请选择争议类型。"), code="no_kind")
    if not owner_words.strip():
        raise DisputeRefused(_("请先记录业主的原话，再填写其他内容。"), code="no_words")
    if not lines and not KINDS[kind].holds_account:
        raise DisputeRefused(_("请勾选有争议的账单；只有“物业服务不到位”可以不指明账单。"), code="no_lines")
    promised = promised_feedback_on or on + timedelta(days=FEEDBACK_DAYS)
    if promised < on:
        raise DisputeRefused(_("承诺反馈日期不能早于今天，请重新选择。"), code="promised_in_the_past")
    contested = _checked_lines(account, lines, on)
    dispute = Dispute.objects.create(
        account=account,
        kind=kind,
        owner_words=owner_words.strip(),
        demand=demand.strip(),
        channel=channel,
        department=KINDS[kind].department,
        promised_feedback_on=promised,
        raised_on=on,
        raised_at=at,
        raised_by=by,
    )
    DisputedBill.objects.bulk_create(
        DisputedBill(dispute=dispute, bill_id=bill_id, amount=amount, is_full=is_full)
        for bill_id, amount, is_full in contested
    )
    DisputeStep.objects.create(dispute=dispute, kind=DisputeStep.Kind.RAISED, text=dispute.owner_words, at=at, by=by)
    stamp_account(account_id=account.pk)
    return dispute


@transaction.atomic
def add_step(
    *,
    dispute: Dispute,
    kind: str,
    text: str,
    by: User | None,
    at: datetime,
    department: str = "",
    is_satisfied: bool | None = None,
    attachment: StoredFile | None = None,
) -> DisputeStep:
    """Record one step and move the dispute where the step leads (rules.course). Raises `DisputeRefused`.

    `department` counts for a dispatch, `is_satisfied` for an answer (S79, S81).
    """
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    move = MOVES.get(kind)
    if move is None or dispute.state not in move.from_states:
        raise DisputeRefused(
            _("争议现在是“%(state)s”，不能进行这一步，请刷新页面后再看。") % {"state": STATE_LABELS[dispute.state]},
            code="wrong_state",
        )
    if not text.strip():
        raise DisputeRefused(_("请填写内容：%(hint)s。") % {"hint": move.hint}, code="no_text")
    step = DisputeStep.objects.create(
        dispute=dispute,
        kind=kind,
        text=text.strip(),
        is_satisfied=is_satisfied if kind == "answer" else None,
        at=at,
        by=by,
        attachment=attachment,
    )
    if kind == "dispatch" and department:
        dispute.department = department
    if move.to_state is not None:
        dispute.state = move.to_state
    dispute.save()
    return step


@transaction.atomic
def resolve_dispute(
    *,
    dispute: Dispute,
    ruling: str,
    explanation: str,
    by: User | None,
    at: datetime,
    granted: Mapping[int, Decimal] | None = None,
) -> Dispute:
    """Decide a dispute and let collection go on from today with what remains (S81, S82).

    `explanation` is what the owner is told; it is recorded as the answer when none was given before.
    Upheld amounts become reductions proposed for approval by another person, and stay out of reach until
    that is decided; `granted` names them per bill when the dispute is partly upheld. Raises `DisputeRefused`.
    """
    Account.objects.select_for_update().get(pk=dispute.account_id)
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if not may_rule(dispute.state, ruling):
        raise DisputeRefused(_ruling_words(dispute.state), code="wrong_state")
    if not explanation.strip():
        raise DisputeRefused(_("请填写给业主的答复，业主有权知道处理结果和理由。"), code="no_explanation")
    on = business_date(at)
    reductions = _reductions(dispute, ruling, granted or {}, on)
    dispute.state, dispute.ruling, dispute.explanation = CLOSED, ruling, explanation.strip()
    dispute.resolved_on, dispute.resolved_at, dispute.resolved_by = max(on, dispute.raised_on), at, by
    dispute.save()
    if ruling != Dispute.Ruling.WITHDRAWN and not dispute.steps.filter(kind=DisputeStep.Kind.ANSWER).exists():
        DisputeStep.objects.create(
            dispute=dispute, kind=DisputeStep.Kind.ANSWER, text=dispute.explanation, at=at, by=by
        )
    DisputeStep.objects.create(
        dispute=dispute,
        kind=DisputeStep.Kind.RULING,
        text=f"{dispute.get_ruling_display()}：{dispute.explanation}",
        at=at,
        by=by,
    )
    for line, amount in reductions:
        propose_reduction(
            bill=line.bill,
            amount=amount,
            kind="dispute",
            reason=_("争议%(ruling)s：%(why)s")
            % {"ruling": dispute.get_ruling_display(), "why": dispute.explanation[:150]},
            effective_on=dispute.resolved_on,
            by=by,
            at=at,
        )
    stamp_account(account_id=dispute.account_id)
    return dispute


def _checked_lines(account: Account, lines: Mapping[int, Decimal], on: date) -> list[tuple[int, Decimal, bool]]:
    """(bill id, amount, whether it takes all that is open), or a refusal that names the wrong line."""
    known = {line.bill_id: line for line in contestable_lines(account.pk, on)}
    checked = []
    for bill_id, amount in lines.items():
        line = known.get(bill_id)
        if line is None:
            raise DisputeRefused(
                _("勾选的账单中有一笔已缴清或不属于该户，请刷新页面后重选。"), code="bill_not_open", bill=bill_id
            )
        period = f"{line.period_start:%Y-%m-%d} 至 {line.period_end:%Y-%m-%d}"
        if amount <= 0:
            raise DisputeRefused(_("%(period)s 的争议金额应大于 0。") % {"period": period}, code="amount", bill=bill_id)
        if amount > line.free:
            raise DisputeRefused(
                _("%(period)s 的争议金额 %(amount)s 元超过尚可争议的 %(free)s 元，请改小。")
                % {"period": period, "amount": f"{amount:,.2f}", "free": f"{line.free:,.2f}"},
                code="amount",
                bill=bill_id,
            )
        checked.append((bill_id, amount, is_full_contest(amount, line.open_amount)))
    return checked


def _reductions(
    dispute: Dispute, ruling: str, granted: Mapping[int, Decimal], on: date
) -> list[tuple[DisputedBill, Decimal]]:
    lines = list(dispute.lines.select_related("bill").order_by("pk"))
    open_amounts = {line.bill_id: line.open_amount for line in contestable_lines(dispute.account_id, on)}
    found = []
    for line in lines:
        contested = min(line.amount, open_amounts.get(line.bill_id, Decimal("0.00")))
        try:
            amount = reduction(ruling, contested, granted.get(line.bill_id))
        except ValueError as wrong:
            raise DisputeRefused(
                _("部分成立时，请为每笔争议账单填写同意减少的金额，在 0 与争议金额之间。"),
                code="granted",
                bill=line.bill_id,
            ) from wrong
        if amount > 0:
            found.append((line, amount))
    if ruling == PARTLY and lines and not found:
        raise DisputeRefused(_("部分成立须至少同意减少一笔金额；完全不减请选择“不成立”。"), code="granted")
    return found


def _ruling_words(state: str) -> str:
    if state == CLOSED:
        return _("争议已经关闭，不能再次认定；业主有新的意见请另行登记。")
    if state == OPEN:
        return _("争议尚未受理，请先受理并核实，再作认定。")
    return _("请选择认定结果。")
