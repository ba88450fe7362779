"""Special cases: what stops a wrong notice before it is sent (S5–S10).

A case holds from the moment it is opened; who opened it cannot agree to it. Each ends by itself, or has a day
on which somebody looks at it again.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import Account, Adjustment, Payment, SpecialCase
from billing.operations.accounts import business_date, stamp_account
from billing.operations.expected import expect_amount, withdraw_expected
from billing.rules import special_cases as rules
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.queries import office_settings, working_calendar
from offices.rules.money import ZERO, yuan

Kind = SpecialCase.Kind


class SpecialCaseRefused(Refusal):
    """The special case cannot be opened, agreed to, prolonged or closed as asked."""

    code = "special_case_refused"


@transaction.atomic
def open_special_case(
    *,
    account: Account,
    kind: str,
    starts_on: date,
    note: str,
    by: User | None,
    at: datetime,
    ends_on: date | None = None,
    blocks_reminder: bool = False,
    evidence: StoredFile | None = None,
    review_on: date | None = None,
    issue_owner: str = "",
    claimed_amount: Decimal | None = None,
    claimed_on: date | None = None,
    claimed_payer: str = "",
) -> SpecialCase:
    """Hold an account from `starts_on` to `ends_on`, both inclusive; without an end until somebody closes it.

    A claimed transfer ends by itself after the office's working days (S6), and what was claimed is waited for
    in bank matching. Every other kind has a day of review. Raises `SpecialCaseRefused`.
    """
    today = business_date(at)
    _check(kind, note, starts_on, ends_on, today)
    given = {
        "evidence": evidence,
        "issue_owner": issue_owner.strip(),
        "review_on": review_on,
        "claimed_amount": claimed_amount,
    }
    for field in rules.lacking(kind, given):
        raise SpecialCaseRefused(_LACKS[field](), code=f"{field}_missing", field=field)
    _check_review(review_on, today)
    _check_claim(claimed_amount, claimed_on, today)
    if kind == Kind.PENDING_TRANSFER:
        _check_claimed_again(account, evidence, today)
    if kind == Kind.PENDING_TRANSFER and ends_on is None:
        ends_on = working_calendar().working_days_after(starts_on, office_settings().transfer_hold_days)
    Account.objects.select_for_update().get(pk=account.pk)
    case = SpecialCase.objects.create(
        account=account,
        kind=kind,
        starts_on=starts_on,
        ends_before=ends_on + timedelta(days=1) if ends_on else None,
        blocks_reminder=blocks_reminder,
        note=note.strip()[:300],
        evidence=evidence,
        review_on=rules.review_day(kind, today, review_on),
        issue_owner=issue_owner.strip()[:60],
        claimed_amount=None if claimed_amount is None else yuan(claimed_amount),
        claimed_on=claimed_on,
        claimed_payer=claimed_payer.strip()[:100],
        opened_by=by,
        opened_at=at,
    )
    if kind in rules.CLAIMS and case.claimed_amount is not None:
        expect_amount(account=account, due_on=claimed_on or starts_on, amount=case.claimed_amount, source=_source(case))
    stamp_account(account_id=account.pk)
    return case


_LACKS = {
    "evidence": lambda: _("请上传证明材料（照片或 PDF），例如空置证明、交房单。"),
    "issue_owner": lambda: _("请写明由谁负责解决，例如工程部李工。"),
    "review_on": lambda: _("请选择复核日期：到那一天由谁再看一次。"),
    "claimed_amount": lambda: _("请填写业主所说的预缴金额，入账后据此核对。"),
}


def _check(kind: str, note: str, starts_on: date, ends_on: date | None, today: date) -> None:
    if kind not in Kind.values:
        raise SpecialCaseRefused(_("请选择特殊情况的类型。"), code="kind_unknown", field="kind")
    if not note.strip():
        raise SpecialCaseRefused(_("请写明情况，例如依据、经办人、预计何时解决。"), code="note_missing", field="note")
    if starts_on > today:
        raise SpecialCaseRefused(
            _("开始日期不能晚于今天；到那一天再登记。"), code="starts_in_future", field="starts_on"
        )
    if ends_on is not None and ends_on < starts_on:
        raise SpecialCaseRefused(_("结束日期早于开始日期，请核对。"), code="ends_before_start", field="ends_on")


def _check_review(review_on: date | None, today: date) -> None:
    if review_on is not None and not today < review_on <= today + rules.LONGEST_REVIEW:
        raise SpecialCaseRefused(
            _("复核日期须在明天到 %(last)s 之间。") % {"last": today + rules.LONGEST_REVIEW},
            code="review_out_of_range",
            field="review_on",
        )


def _check_claim(claimed_amount: Decimal | None, claimed_on: date | None, today: date) -> None:
    if claimed_amount is not None and claimed_amount <= 0:
        raise SpecialCaseRefused(_("声称的金额必须大于 0。"), code="amount_not_positive", field="claimed_amount")
    if claimed_on is not None and claimed_on > today:
        raise SpecialCaseRefused(_("声称的付款日期不能晚于今天。"), code="claimed_in_future", field="claimed_on")


def _check_claimed_again(account: Account, evidence: StoredFile | None, today: date) -> None:
    """A transfer that did not come while it was waited for may be claimed again only with the bank's voucher (S6)."""
    if evidence is not None:
        return
    waited = (
        SpecialCase.objects.filter(account=account, kind=Kind.PENDING_TRANSFER, closed_at=None, ends_before__lte=today)
        .order_by("-ends_before")
        .first()
    )
    if waited is not None and waited.ends_before > today - rules.CLAIM_REMEMBERED:
        raise SpecialCaseRefused(
            _("%(day)s 登记过一次转账未到账，等待期内没有到账。再次登记请上传转账凭证（截图或回单）。")
            % {"day": waited.starts_on},
            code="voucher_missing",
            field="evidence",
        )


def _source(case: SpecialCase) -> str:
    return f"claim:{case.pk}"


def locked_case(case: SpecialCase) -> SpecialCase:
    """The case under its lock, after its account's; refused once it is closed."""
    Account.objects.select_for_update().get(pk=case.account_id)
    case = (
        SpecialCase.objects.select_for_update(of=("self",)).select_related("account__room__community").get(pk=case.pk)
    )
    if case.closed_at is not None:
        raise SpecialCaseRefused(_("这条特殊情况已经解除。"), code="closed_already")
    return case


@transaction.atomic
def approve_special_case(*, case: SpecialCase, by: User, at: datetime) -> SpecialCase:
    """A second person agrees that the case stands. Not the one who opened it. Raises `SpecialCaseRefused`."""
    case = locked_case(case)
    if not rules.CONTROLS[case.kind].needs_second:
        raise SpecialCaseRefused(_("转账未到账到期自动恢复，不需要批准。"), code="no_approval_needed")
    if case.kind == Kind.VACANCY_DISCOUNT:
        raise SpecialCaseRefused(_("空置房优惠请在减免处逐笔审批，审批后自动解除。"), code="decide_reductions")
    if case.approved_at is not None:
        raise SpecialCaseRefused(_("这条特殊情况已经批准过。"), code="approved_already")
    if case.opened_by_id == by.pk:
        raise SpecialCaseRefused(
            _("不能批准自己登记的特殊情况，请由另一位有权限的同事批准。"), code="two_people_needed"
        )
    case.approved_by, case.approved_at = by, at
    case.save(update_fields=["approved_by", "approved_at"])
    return case


@transaction.atomic
def review_special_case(*, case: SpecialCase, review_on: date, note: str, by: User, at: datetime) -> SpecialCase:
    """Somebody has looked again: it goes on, and the next look is on `review_on`. Raises `SpecialCaseRefused`."""
    case = locked_case(case)
    if case.review_on is None:
        raise SpecialCaseRefused(_("转账未到账到期自动恢复，不能延长；仍未到账请重新登记。"), code="ends_by_itself")
    if not note.strip():
        raise SpecialCaseRefused(_("请写明复核的结果和为什么还要继续。"), code="note_missing", field="note")
    _check_review(review_on, business_date(at))
    looked = _("%(day)s %(who)s 复核：%(note)s") % {"day": business_date(at), "who": by, "note": note.strip()}
    case.review_on, case.note = review_on, f"{case.note}\n{looked}"[-300:]
    case._history_date, case._history_user = at, by
    case.save(update_fields=["review_on", "note"])
    return case


@transaction.atomic
def add_evidence(*, case: SpecialCase, evidence: StoredFile, by: User, at: datetime) -> SpecialCase:
    """Put proof with a case that was opened without it, or newer proof; the older stays in its history."""
    case = locked_case(case)
    case.evidence = evidence
    case._history_date, case._history_user = at, by
    case.save(update_fields=["evidence"])
    return case


@transaction.atomic
def close_special_case(*, case: SpecialCase, by: User | None, at: datetime, reason: str) -> SpecialCase:
    """End a special case: from today the account is free again. Raises `SpecialCaseRefused`."""
    if not reason.strip():
        raise SpecialCaseRefused(_("请填写解除原因。"), code="reason_missing", field="reason")
    return end_case(locked_case(case), by=by, at=at, reason=reason.strip())


def end_case(case: SpecialCase, *, by: User | None, at: datetime, reason: str) -> SpecialCase:
    """Close a locked case; what it waited for, or asked for and was not given, is not waited for any more."""
    if case.kind == Kind.VACANCY_DISCOUNT:
        asked = Adjustment.objects.filter(
            bill__account_id=case.account_id, kind=Adjustment.Kind.VACANCY, state=Adjustment.State.PROPOSED
        )
        asked.update(state=Adjustment.State.REFUSED, decided_by=by, decided_at=at)
    today = business_date(at)
    if case.ends_before is None or case.ends_before > today:
        case.ends_before = max(today, case.starts_on)
    case.closed_by, case.closed_at, case.close_reason = by, at, reason[:200]
    case.save(update_fields=["ends_before", "closed_by", "closed_at", "close_reason"])
    withdraw_expected(source=_source(case), at=at)
    stamp_account(account_id=case.account_id)
    return case


def answer_claims(*, account: Account, by: User | None, at: datetime) -> list[SpecialCase]:
    """Close the claims of an account that the money booked since then answers (S5, S6); returns them.

    Called under the account's lock, in the transaction that books the money.
    """
    claims = SpecialCase.objects.select_for_update(of=("self",)).filter(
        account=account, kind__in=rules.CLAIMS, closed_at=None
    )
    answered = []
    for case in claims:
        booked = Payment.objects.filter(account=account, recorded_at__gte=case.opened_at)
        received = booked.aggregate(sum=Sum("amount"))["sum"] or ZERO
        if rules.answers_claim(case.claimed_amount, received):
            answered.append(end_case(case, by=by, at=at, reason=_("款项已入账，自动解除。")))
    return answered
