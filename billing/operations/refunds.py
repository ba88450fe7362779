"""Money given back: what a household has paid beyond what it owes (预存)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Payment
from billing.operations.accounts import business_date, stamp_account
from billing.operations.payments import PaymentRefused
from billing.queries import credits_of
from offices.models import User
from offices.rules.money import ZERO, format_yuan, yuan


@transaction.atomic
def refund_credit(
    *, account: Account, amount: Decimal, value_on: date, reason: str, by: User, at: datetime, idempotency_key: str = ""
) -> Payment:
    """Give back credit: a payment of kind REFUND with a negative amount, settling no bill.

    What settled a bill is reversed first, so that a refund never leaves a bill paid by money that is gone.
    Raises `PaymentRefused`.
    """
    amount = yuan(amount)
    if amount <= 0:
        raise PaymentRefused(_("退款金额必须大于 0。"), code="amount_not_positive")
    if not reason.strip():
        raise PaymentRefused(_("请填写退款原因和退回方式。"), code="reason_missing")
    if value_on > business_date(at):
        raise PaymentRefused(_("退款日不能晚于今天，请核对日期。"), code="value_date_in_future")
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    before = Payment.objects.filter(idempotency_key=idempotency_key).first() if idempotency_key else None
    if before is not None:
        if (before.kind, before.account_id, before.amount) != (Payment.Kind.REFUND, account.pk, -amount):
            raise PaymentRefused(_("这个编号已用于另一笔缴费，请刷新页面后重新登记。"), code="idempotency_key_taken")
        return before
    credit = credits_of([account.pk]).get(account.pk, ZERO)
    if amount > credit:
        raise PaymentRefused(
            _("这一户的预存只有 %(credit)s，不能退 %(amount)s。已抵账单的钱请先冲正对应的缴费。")
            % {"credit": format_yuan(credit), "amount": format_yuan(amount)},
            code="more_than_credit",
        )
    payment = Payment.objects.create(
        account=account, kind=Payment.Kind.REFUND, amount=-amount, value_on=value_on, memo=reason.strip()[:300],
        idempotency_key=idempotency_key, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    stamp_account(account_id=account.pk)
    return payment
