"""Special cases: what stops a wrong notice before it is sent (S5–S10)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, SpecialCase
from billing.operations.accounts import business_date, stamp_account
from offices.models import StoredFile, User
from offices.operations import Refusal

TRANSFER_DAYS = 3  # how long a claimed transfer is waited for when nobody says otherwise (S6)


class SpecialCaseRefused(Refusal):
    """The special case cannot be opened or closed as asked."""

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
) -> SpecialCase:
    """Hold an account from `starts_on` to `ends_on`, both inclusive; without an end until somebody closes it.

    A claimed transfer always has an end, by default three days on. Raises `SpecialCaseRefused`.
    """
    if kind not in SpecialCase.Kind.values:
        raise SpecialCaseRefused(_("请选择特殊情况的类型。"), code="kind_unknown")
    if not note.strip():
        raise SpecialCaseRefused(_("请写明情况，例如依据、经办人、预计何时解决。"), code="note_missing")
    if kind == SpecialCase.Kind.PENDING_TRANSFER and ends_on is None:
        ends_on = starts_on + timedelta(days=TRANSFER_DAYS)
    if ends_on is not None and ends_on < starts_on:
        raise SpecialCaseRefused(_("结束日期早于开始日期，请核对。"), code="ends_before_start")
    Account.objects.select_for_update().get(pk=account.pk)
    case = SpecialCase.objects.create(
        account=account,
        kind=kind,
        starts_on=starts_on,
        ends_before=ends_on + timedelta(days=1) if ends_on else None,
        blocks_reminder=blocks_reminder,
        note=note.strip()[:300],
        evidence=evidence,
        opened_by=by,
        opened_at=at,
    )
    stamp_account(account_id=account.pk)
    return case


@transaction.atomic
def close_special_case(*, case: SpecialCase, by: User | None, at: datetime, reason: str) -> SpecialCase:
    """End a special case: from today the account is free again. Raises `SpecialCaseRefused`."""
    if not reason.strip():
        raise SpecialCaseRefused(_("请填写解除原因。"), code="reason_missing")
    case = SpecialCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.closed_at is not None:
        raise SpecialCaseRefused(_("这条特殊情况已经解除。"), code="closed_already")
    today = business_date(at)
    if case.ends_before is None or case.ends_before > today:
        case.ends_before = max(today, case.starts_on)
    case.closed_by, case.closed_at, case.close_reason = by, at, reason.strip()[:200]
    case.save(update_fields=["ends_before", "closed_by", "closed_at", "close_reason"])
    stamp_account(account_id=case.account_id)
    return case
