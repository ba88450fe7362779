"""Whose transfer it is, as a person says or the rule is sure of: claimed whole, split, together; undone; set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from billing.models import Account, BankDay, BankLine, Payment
from billing.operations.accounts import business_date
from billing.operations.payments import Incoming, Receipt, record_payments, reverse_payments
from billing.operations.suggestions import suggest_again
from offices.models import User
from offices.operations import Refusal
from offices.rules.money import format_yuan, total, yuan


class LineRefused(Refusal):
    """The bank line cannot be claimed, set aside or released as asked."""

    code = "line_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One household's part of a transfer. `bills`: what the payer designated; empty = the memo, then the law."""

    account: Account
    amount: Decimal
    bills: tuple[int, ...] = ()


@transaction.atomic
def claim_line(
    *, line: BankLine, account: Account, by: User | None, at: datetime, bills: Sequence[int] = ()
) -> Payment:
    """Say whose transfer it is: the line becomes a payment of that account. Raises `LineRefused`, `PaymentRefused`."""
    whole = Part(account=account, amount=line.amount, bills=tuple(bills))
    return split_line(line=line, parts=[whole], by=by, at=at)[0]


@transaction.atomic
def split_line(*, line: BankLine, parts: Sequence[Part], by: User | None, at: datetime) -> list[Payment]:
    """One transfer for several households: a payment for each, together the whole transfer (nothing may be left over;
    what a household does not owe becomes its credit). Raises `LineRefused`, `PaymentRefused`.
    """
    line = _locked_open(line)
    parts = [part for part in parts if part.amount]
    rest = line.amount - total([yuan(part.amount) for part in parts])
    if rest != 0 or not parts:
        raise LineRefused(
            _("各户金额之和与到账金额相差 %(rest)s，请补齐或调整后再认领；多出的钱可以记入某一户的预存。")
            % {"rest": format_yuan(rest)},
            code="split_does_not_add_up",
        )
    if len({part.account.pk for part in parts}) < len(parts):
        raise LineRefused(_("同一户写了两次，请合并成一行。"), code="split_names_one_twice")
    return _claim([(line, parts)], by=by, at=at)


@transaction.atomic
def claim_together(*, lines: Sequence[BankLine], account: Account, by: User | None, at: datetime) -> list[Payment]:
    """Several transfers of one household, each a payment of its own, in order of arrival. All or none.

    Raises `LineRefused`, `PaymentRefused`.
    """
    locked = [_locked_open(line) for line in sorted(lines, key=lambda line: line.pk)]
    if not locked:
        raise LineRefused(_("没有选中到账。请先勾选。"), code="nothing_chosen")
    locked.sort(key=lambda line: (line.on, line.row_no))
    return _claim([(line, [Part(account=account, amount=line.amount)]) for line in locked], by=by, at=at)


@transaction.atomic
def claim_suggested(*, line_ids: Sequence[int], by: User | None, at: datetime) -> list[Payment]:
    """Accept the suggestions of many lines in a fixed number of statements; lines decided meanwhile are left alone.

    `by=None` is the rule itself (auto-posting): it never books a line again that a person has released.
    """
    lines = BankLine.objects.select_for_update(of=("self",)).filter(
        pk__in=line_ids, state=BankLine.State.SUGGESTED, suggested__isnull=False, on__lte=business_date(at)
    )
    if by is None:
        lines = lines.exclude(pk__in=Payment.objects.filter(bank_line_id__in=line_ids).values("bank_line_id"))
    accounts = Account.objects.in_bulk([line.suggested_id for line in lines.order_by("pk")])
    found = sorted(lines, key=lambda line: (line.on, line.row_no))
    claims = [(line, [Part(account=accounts[line.suggested_id or 0], amount=line.amount)]) for line in found]
    return _claim(claims, by=by, at=at) if claims else []


def _claim(claims: Sequence[tuple[BankLine, Sequence[Part]]], *, by: User | None, at: datetime) -> list[Payment]:
    ids = [line.pk for line, _parts in claims]
    before = dict(
        Payment.objects.filter(bank_line_id__in=ids).order_by().values_list("bank_line_id").annotate(Count("pk"))
    )
    incoming = [
        Incoming(
            account_id=part.account.pk,
            amount=part.amount,
            value_on=line.on,
            kind=Payment.Kind.BANK,
            receipt=Receipt(
                payer=line.payer,
                memo=line.memo,
                bank_line=line,
                idempotency_key=f"bank:{line.pk}:{before.get(line.pk, 0) + number}",
            ),
            bills=part.bills,
        )
        for line, parts in claims
        for number, part in enumerate(parts)
    ]
    payments = record_payments(incoming=incoming, by=by, at=at)
    BankLine.objects.filter(pk__in=ids).update(
        state=BankLine.State.CLAIMED, claimed_by=by, claimed_at=at, is_auto_posted=by is None
    )
    suggest_again({payment.account_id for payment in payments})
    return payments


@transaction.atomic
def release_line(
    *, line: BankLine, by: User | None, at: datetime, reason: str, may_change_closed: bool = True
) -> BankLine:
    """Undo what was decided of a line: a claim is reversed with all its payments, a mark or refund is taken off.

    On a closed day only those who may close it (`may_change_closed`) can do so. Raises `LineRefused`.
    """
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state in BankLine.OPEN:
        raise LineRefused(_("这笔到账尚未认领，没有可撤销的内容。"), code="not_claimed")
    if not reason.strip():
        raise LineRefused(_("请填写撤销原因。"), code="reason_missing")
    if not may_change_closed and BankDay.objects.filter(on=line.on).exists():
        raise LineRefused(
            _("%(day)s 已经日结，认领结果只能由财务撤销。请告诉财务撤销的原因。") % {"day": f"{line.on:%Y-%m-%d}"},
            code="day_closed",
        )
    payments = list(Payment.objects.filter(bank_line=line, reversals=None))
    if payments:
        reverse_payments(payments=payments, by=by, at=at, reason=reason)
    line.state = BankLine.State.SUGGESTED if line.suggested_id else BankLine.State.UNCLAIMED
    line.claimed_by = line.claimed_at = line.refunded_on = None
    line.is_auto_posted, line.note = False, ""
    line.save(
        update_fields=["state", "claimed_by", "claimed_at", "refunded_on", "is_auto_posted", "note"],
    )
    return line


@transaction.atomic
def set_line_aside(*, line: BankLine, by: User | None, at: datetime, note: str = "") -> BankLine:
    """Mark an open line as no property fee (a deposit, a rent). Raises `LineRefused`."""
    line = _locked_open(line)
    line.state, line.note = BankLine.State.NOT_FEES, note.strip()[:200]
    line.claimed_by, line.claimed_at = by, at
    line.save(update_fields=["state", "note", "claimed_by", "claimed_at"])
    return line


@transaction.atomic
def refund_line(*, line: BankLine, refunded_on: date, note: str, by: User | None, at: datetime) -> BankLine:
    """Say that an unclaimed transfer was sent back to its payer, and when. Raises `LineRefused`."""
    line = _locked_open(line)
    if not note.strip():
        raise LineRefused(_("请写明退款原因和退回方式，例如“误转，原路退回”。"), code="note_missing")
    if refunded_on > business_date(at) or refunded_on < line.on:
        raise LineRefused(_("退款日应在到账日与今天之间，请核对日期。"), code="refund_date_wrong")
    line.state, line.refunded_on, line.note = BankLine.State.REFUNDED, refunded_on, note.strip()[:200]
    line.claimed_by, line.claimed_at = by, at
    line.save(update_fields=["state", "refunded_on", "note", "claimed_by", "claimed_at"])
    return line


def _locked_open(line: BankLine) -> BankLine:
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.state == BankLine.State.CLAIMED:
        raise LineRefused(_("这笔到账已经认领，请先撤销认领。"), code="claimed_already")
    if line.state == BankLine.State.NOT_FEES:
        raise LineRefused(_("这笔到账已标为非物业费，请先取消标记。"), code="not_fees")
    if line.state == BankLine.State.REFUNDED:
        raise LineRefused(_("这笔到账已经退款，请先撤销退款登记。"), code="refunded_already")
    return line
