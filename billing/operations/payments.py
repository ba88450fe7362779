"""Money that came in: recorded once, spread over bills by law, reversed by a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Allocation, BankLine, Bill, ChargePayment, Payment, PaymentReceipt
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.charges import take_back_charge_payments
from billing.operations.special_cases import answer_claims
from billing.queries.debts import OwedBill, owed_bills
from billing.rules.allocation import allocate
from billing.rules.designation import Named, designated
from billing.rules.special_cases import CLAIMS
from offices.models import OfficeSettings, StoredFile, User
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Money for one account. `bills` is the payer's designation; without it the memo is asked, then the law."""

    account_id: int
    amount: Decimal
    value_on: date
    kind: str
    receipt: Receipt
    bills: tuple[int, ...] = ()


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
    bills = tuple(bill.pk if isinstance(bill, Bill) else bill for bill in designated_bills)
    money = Incoming(
        account_id=account.pk,
        amount=amount,
        value_on=value_on,
        kind=kind,
        receipt=receipt or Receipt(payer=payer, memo=memo),
        bills=bills,
    )
    return record_payments(incoming=[money], by=by, at=at)[0]


@transaction.atomic
def record_payments(*, incoming: Sequence[Incoming], by: User | None, at: datetime) -> list[Payment]:
    """The same for any number of payments, in a fixed number of statements: all of them or none.

    Several for one account are spread in the order given. Raises `PaymentRefused`.
    """
    today = business_date(at)
    incoming = [replace(money, amount=yuan(money.amount)) for money in incoming]
    for money in incoming:
        if money.amount <= 0:
            raise PaymentRefused(_("金额必须大于 0。退款请对原来的缴费记录做冲正。"), code="amount_not_positive")
        if money.value_on > today:
            raise PaymentRefused(_("到账日不能晚于今天，请核对日期。"), code="value_date_in_future")
    wanted = sorted({money.account_id for money in incoming})
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    keys = [money.receipt.idempotency_key for money in incoming if money.receipt.idempotency_key]
    before = {p.idempotency_key: p for p in Payment.objects.filter(idempotency_key__in=keys)} if keys else {}
    fresh = [money for money in incoming if money.receipt.idempotency_key not in before]
    made = iter(_book(fresh, by, at))
    answer = [
        _same_or_refuse(before[money.receipt.idempotency_key], money)
        if money.receipt.idempotency_key in before
        else next(made)
        for money in incoming
    ]
    if fresh:
        _answer_claims(wanted, by, at)
        stamp_accounts(account_ids=sorted({money.account_id for money in fresh}))
    return answer


def _answer_claims(account_ids: Sequence[int], by: User | None, at: datetime) -> None:
    """End what waited for this money; few accounts have such a claim, and only those cost statements."""
    waiting = Account.objects.filter(
        pk__in=account_ids, special_cases__kind__in=CLAIMS, special_cases__closed_at=None
    ).distinct()
    for account in waiting:
        answer_claims(account=account, by=by, at=at)


def _same_or_refuse(before: Payment, money: Incoming) -> Payment:
    if before.account_id == money.account_id and before.amount == money.amount:
        return before
    raise PaymentRefused(_("这个编号已用于另一笔缴费，请刷新页面后重新登记。"), code="idempotency_key_taken")


def _book(incoming: Sequence[Incoming], by: User | None, at: datetime) -> list[Payment]:
    """Payments with their allocations; the accounts are locked."""
    mode = OfficeSettings.objects.values_list("allocation_mode", flat=True).first() or "property"
    owing = owed_bills({money.account_id for money in incoming}, business_date(at))
    payments: list[Payment] = []
    shares: list[Allocation] = []
    charges: list[ChargePayment] = []
    for money in incoming:
        owed = {bill.bill_id: bill for bill in owing.get(money.account_id, ()) if bill.open or bill.late}
        named, words = _designation(money, list(owed.values()))
        payment = _payment(money, words, by, at)
        debts = [bill.debt(money.value_on) for bill in owed.values()]
        split = allocate(money.amount, debts, on=money.value_on, designated=named, mode=mode)  # type: ignore[arg-type]
        for bill_id, part in split.parts:
            row = {"payment": payment, "bill_id": bill_id, "value_on": money.value_on}
            if part.principal:
                shares.append(Allocation(**row, amount=part.principal))
            if part.late:
                charges.append(ChargePayment(**row, amount=part.late, account_id=money.account_id))
            owed[bill_id].settle(part)
        payments.append(payment)
    Payment.objects.bulk_create(payments)
    for each in [*shares, *charges]:
        each.payment_id = each.payment.pk  # type: ignore[attr-defined]
    Allocation.objects.bulk_create(shares)
    ChargePayment.objects.bulk_create(charges)
    return payments


def _payment(money: Incoming, designation: str, by: User | None, at: datetime) -> Payment:
    receipt = money.receipt
    return Payment(
        account_id=money.account_id,
        kind=money.kind,
        amount=money.amount,
        value_on=money.value_on,
        payer=receipt.payer[:100],
        memo=receipt.memo[:300],
        bank_line=receipt.bank_line,
        voucher=receipt.voucher,
        designation=designation,
        idempotency_key=receipt.idempotency_key,
        recorded_by=by,
        recorded_at=at,
    )


def _designation(money: Incoming, lines: Sequence[OwedBill]) -> tuple[tuple[int, ...], str]:
    """What the payer designated, and in words; what was chosen by hand comes before what the memo says."""
    foreign = set(money.bills) - {line.bill_id for line in lines}
    if foreign:
        raise PaymentRefused(_("指定的账单不属于这一户或已经结清，请重新选择。"), code="designation_wrong")
    named = [Named(line.bill_id, line.period, line.fee_item) for line in lines]
    bills = money.bills or designated(money.receipt.memo, named)
    words = {line.bill_id: f"{line.period.label} {line.fee_item}" for line in lines}
    return bills, "、".join(words[bill_id] for bill_id in bills)[:200]


@transaction.atomic
def reverse_payment(*, payment: Payment, by: User | None, at: datetime, reason: str) -> Payment:
    """Undo a payment (冲正): a negative twin dated today takes back every allocation exactly (golden A7).

    A transfer that was split over households is undone as a whole, on the bank page. Raises `PaymentRefused` when
    it is a reversal or a refund itself, was reversed already, or no reason is given.
    """
    if payment.bank_line_id is not None:
        BankLine.objects.select_for_update(of=("self",)).get(pk=payment.bank_line_id)
        if Payment.objects.filter(bank_line_id=payment.bank_line_id, reversals=None).exclude(pk=payment.pk).exists():
            raise PaymentRefused(
                _("这笔到账拆分给了几户，请在“到账核对”里撤销整笔认领，再重新认领。"), code="split_transfer"
            )
    reversal = reverse_payments(payments=[payment], by=by, at=at, reason=reason)[0]
    if payment.bank_line_id is not None:
        BankLine.objects.filter(pk=payment.bank_line_id).update(
            state=BankLine.State.UNCLAIMED, claimed_by=None, claimed_at=None, is_auto_posted=False
        )
    return reversal


@transaction.atomic
def reverse_payments(*, payments: Sequence[Payment], by: User | None, at: datetime, reason: str) -> list[Payment]:
    """Reverse several payments together; their receipts are void. Raises `PaymentRefused`."""
    if not reason.strip():
        raise PaymentRefused(_("请填写冲正原因。"), code="reason_missing")
    accounts = sorted({payment.account_id for payment in payments})
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=accounts).order_by("pk"))
    ids = [payment.pk for payment in payments]
    locked = list(Payment.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    for payment in locked:
        _may_reverse(payment)
    today = business_date(at)
    twins = {payment.pk: _twin(payment, max(today, payment.value_on), by, at, reason) for payment in locked}
    Payment.objects.bulk_create(twins.values())
    Allocation.objects.bulk_create(
        Allocation(payment=twin, bill_id=share.bill_id, amount=-share.amount, value_on=twin.value_on)
        for share in Allocation.objects.filter(payment_id__in=ids).order_by("pk")
        for twin in [twins[share.payment_id]]
    )
    take_back_charge_payments(twins=twins)
    PaymentReceipt.objects.filter(payment_id__in=ids, voided_at=None).update(voided_at=at)
    stamp_accounts(account_ids=accounts)
    return list(twins.values())


def _may_reverse(payment: Payment) -> None:
    if payment.kind == Payment.Kind.REVERSAL:
        raise PaymentRefused(_("冲正记录本身不能再冲正。请重新登记缴费。"), code="is_reversal")
    if payment.kind == Payment.Kind.REFUND:
        raise PaymentRefused(_("退款不能冲正。钱若退回公司账户，请重新登记收款。"), code="is_refund")
    if Payment.objects.filter(reverses=payment).exists():
        raise PaymentRefused(
            _("这笔 %(amount)s 已经冲正过。") % {"amount": format_yuan(payment.amount)}, code="reversed_already"
        )


def _twin(payment: Payment, on: date, by: User | None, at: datetime, reason: str) -> Payment:
    return Payment(
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
