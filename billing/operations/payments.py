"""Money that came in: recorded once, spread over bills by law, reversed by a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Allocation, BankLine, Bill, Payment
from billing.operations.accounts import business_date, stamp_account
from billing.operations.special_cases import answer_claims
from billing.queries import open_bills
from billing.rules.allocation import Debt, allocate
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.rules.money import format_yuan, yuan


class PaymentRefused(Refusal):
    """The payment cannot be recorded or reversed as asked."""

    code = "payment_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What accompanies the money: where it came from. Any may be empty."""

    payer: str = ""
    memo: str = ""
    bank_line: BankLine | None = None
    voucher: StoredFile | None = None
    idempotency_key: str = ""


@transaction.atomic
def record_payment(
    *,
    account: Account,
    amount: Decimal,
    value_on: date,
    kind: str,
    by: User | None,
    at: datetime,
    payer: str = "",
    memo: str = "",
    designated_bills: Sequence[Bill | int] = (),
    receipt: Receipt | None = None,
) -> Payment:
    """Record money received for an account and spread it over its bills; the rest stays as credit (预存).

    The account is locked, so two payments never settle the same cent. The same `idempotency_key` again
    returns the first payment. Raises `PaymentRefused`.
    """
    receipt = receipt or Receipt(payer=payer, memo=memo)
    amount = yuan(amount)
    if amount <= 0:
        raise PaymentRefused(_("金额必须大于 0。退款请对原来的缴费记录做冲正。"), code="amount_not_positive")
    if value_on > business_date(at):
        raise PaymentRefused(_("到账日不能晚于今天，请核对日期。"), code="value_date_in_future")
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if receipt.idempotency_key:
        before = Payment.objects.filter(idempotency_key=receipt.idempotency_key).first()
        if before is not None:
            return _same_or_refuse(before, locked, amount)
    payment = Payment.objects.create(
        account=locked,
        kind=kind,
        amount=amount,
        value_on=value_on,
        payer=receipt.payer[:100],
        memo=receipt.memo[:300],
        bank_line=receipt.bank_line,
        voucher=receipt.voucher,
        idempotency_key=receipt.idempotency_key,
        recorded_by=by,
        recorded_at=at,
    )
    _spread(payment, amount, designated_bills)
    answer_claims(account=locked, by=by, at=at)
    stamp_account(account_id=locked.pk)
    return payment


def _same_or_refuse(before: Payment, account: Account, amount: Decimal) -> Payment:
    if before.account_id == account.pk and before.amount == amount:
        return before
    raise PaymentRefused(_("这个编号已用于另一笔缴费，请刷新页面后重新登记。"), code="idempotency_key_taken")


def _spread(payment: Payment, amount: Decimal, designated: Sequence[Bill | int]) -> None:
    wanted = [bill.pk if isinstance(bill, Bill) else bill for bill in designated]
    debts = [Debt(line.bill_id, line.due_on, line.open) for line in open_bills(account_id=payment.account_id)]
    foreign = set(wanted) - {debt.bill_id for debt in debts}
    if foreign:
        raise PaymentRefused(_("指定的账单不属于这一户或已经结清，请重新选择。"), code="designation_wrong")
    split = allocate(amount, debts, on=payment.value_on, designated=wanted)
    Allocation.objects.bulk_create(
        Allocation(payment=payment, bill_id=bill_id, amount=share, value_on=payment.value_on)
        for bill_id, share in split.shares
    )


@transaction.atomic
def reverse_payment(*, payment: Payment, by: User | None, at: datetime, reason: str) -> Payment:
    """Undo a payment (冲正): a negative twin dated today takes back every allocation exactly (golden A7).

    Raises `PaymentRefused` when it is a reversal itself, was reversed already, or no reason is given.
    """
    if not reason.strip():
        raise PaymentRefused(_("请填写冲正原因。"), code="reason_missing")
    Account.objects.select_for_update().get(pk=payment.account_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.kind == Payment.Kind.REVERSAL:
        raise PaymentRefused(_("冲正记录本身不能再冲正。请重新登记缴费。"), code="is_reversal")
    if Payment.objects.filter(reverses=payment).exists():
        raise PaymentRefused(
            _("这笔 %(amount)s 已经冲正过。") % {"amount": format_yuan(payment.amount)}, code="reversed_already"
        )
    on = max(business_date(at), payment.value_on)
    reversal = Payment.objects.create(
        account_id=payment.account_id,
        kind=Payment.Kind.REVERSAL,
        amount=-payment.amount,
        value_on=on,
        payer=payment.payer,
        memo=reason.strip()[:300],
        reverses=payment,
        recorded_by=by,
        recorded_at=at,
    )
    Allocation.objects.bulk_create(
        Allocation(payment=reversal, bill_id=share.bill_id, amount=-share.amount, value_on=on)
        for share in Allocation.objects.filter(payment=payment)
    )
    if payment.bank_line_id:
        BankLine.objects.filter(pk=payment.bank_line_id).update(
            state=BankLine.State.UNCLAIMED, claimed_by=None, claimed_at=None
        )
    stamp_account(account_id=payment.account_id)
    return reversal
