"""减免违约金: asked for by one person, decided by another within what the office lets them; the charge itself is not edited."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Bill, ChargeEntry, ChargeWaiver
from billing.operations.accounts import business_date, stamp_account
from billing.queries.charges import Ledger, open_charges, waiver_limit
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.rules.money import ZERO, format_yuan, yuan

_KINDS = ChargeEntry.Kind


class WaiverRefused(Refusal):
    """The waiver cannot be asked for or decided like this; the message says what to do instead."""

    code = "waiver_refused"


@transaction.atomic
def propose_waiver(
    *,
    account: Account,
    amount: Decimal,
    reason: str,
    by: User,
    at: datetime,
    bill: Bill | None = None,
    evidence: StoredFile | None = None,
) -> ChargeWaiver:
    """Ask that `amount` yuan of posted late charge be waived, on one bill or (None) on the account's oldest bills first.

    It counts once somebody else approves it. Raises `WaiverRefused`.
    """
    amount = yuan(amount)
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if amount <= 0:
        raise WaiverRefused(_("减免金额必须大于 0。"), code="amount_not_positive", field="amount")
    if not reason.strip():
        raise WaiverRefused(_("请填写减免理由。"), code="reason_missing", field="reason")
    if ChargeWaiver.objects.filter(account=account, state=ChargeWaiver.State.PROPOSED).exists():
        raise WaiverRefused(_("这户已有一条待审批的违约金减免，请先审批或驳回。"), code="waiver_waiting")
    _may_be_waived(account.pk, bill.pk if bill else None, amount)
    waiver = ChargeWaiver.objects.create(
        account=account, bill=bill, amount=amount, reason=reason.strip()[:200], evidence=evidence, proposed_by=by,
        proposed_at=at,
    )  # fmt: skip
    stamp_account(account_id=account.pk)
    return waiver


@transaction.atomic
def approve_waiver(*, waiver: ChargeWaiver, by: User, at: datetime) -> ChargeWaiver:
    """Take the amount off the charge, by entries of today, oldest bill first. Raises `WaiverRefused`."""
    waiver = _undecided(waiver, by)
    limit = waiver_limit(by)
    if limit is not None and waiver.amount > limit:
        raise WaiverRefused(
            _("您可批准的违约金减免不超过 %(limit)s，这一条是 %(amount)s，请由权限更高的同事审批。")
            % {"limit": format_yuan(limit), "amount": format_yuan(waiver.amount)},
            code="beyond_authority",
            limit=str(limit),
        )
    on, left = business_date(at), waiver.amount
    for ledger in _may_be_waived(waiver.account_id, waiver.bill_id, waiver.amount):
        part = min(left, ledger.open)
        if part > 0:
            until_on = ledger.until_on or on
            ChargeEntry.objects.create(
                bill_id=ledger.bill_id, kind=_KINDS.WAIVED, until_on=until_on, amount=-part, waiver=waiver, booked_on=on,
                nth=ledger.counts.get((_KINDS.WAIVED, until_on), 0) + 1, booked_by=by, booked_at=at,
            )  # fmt: skip
            left -= part
    return _decide(waiver, ChargeWaiver.State.APPROVED, by, at)


@transaction.atomic
def refuse_waiver(*, waiver: ChargeWaiver, by: User, at: datetime) -> ChargeWaiver:
    """Turn it down. Raises `WaiverRefused`."""
    return _decide(_undecided(waiver, by), ChargeWaiver.State.REFUSED, by, at)


def _undecided(waiver: ChargeWaiver, by: User) -> ChargeWaiver:
    Account.objects.select_for_update(of=("self",)).get(pk=waiver.account_id)
    waiver = ChargeWaiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
    if waiver.state != ChargeWaiver.State.PROPOSED:
        raise WaiverRefused(_("这条减免已经审批过。"), code="decided_already")
    if waiver.proposed_by_id == by.pk:
        raise WaiverRefused(_("不能审批自己提出的减免，请由另一位有权限的同事审批。"), code="two_people_needed")
    return waiver


def _decide(waiver: ChargeWaiver, state: str, by: User, at: datetime) -> ChargeWaiver:
    waiver.state, waiver.decided_by, waiver.decided_at = state, by, at
    waiver.save(update_fields=["state", "decided_by", "decided_at"])
    stamp_account(account_id=waiver.account_id)
    return waiver


def _may_be_waived(account_id: int, bill_id: int | None, amount: Decimal) -> list[Ledger]:
    """The ledgers it is taken from, oldest bill first."""
    found = [line.ledger for line in open_charges([account_id])[account_id]]
    found = [ledger for ledger in found if bill_id in (None, ledger.bill_id)]
    rest = sum((ledger.open for ledger in found), ZERO)
    if amount > rest:
        raise WaiverRefused(
            _("减免 %(amount)s 超过已入账未缴的违约金 %(rest)s，请核对。")
            % {"amount": format_yuan(amount), "rest": format_yuan(rest)},
            code="more_than_open",
            field="amount",
        )
    return found
