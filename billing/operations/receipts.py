"""Receipts (收据): numbered per office without gaps, drawn once, the same bytes at every reprint."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.documents import receipt_of, receipt_pdf
from billing.models import Account, Payment, PaymentReceipt
from billing.operations.accounts import business_date
from billing.operations.payments import PaymentRefused
from offices.filing import open_file, store_file
from offices.letterhead import VERSION
from offices.models import StoredFile, User
from offices.operations.numbers import next_number
from offices.queries import office_settings
from offices.scoping import current_office


@transaction.atomic
def issue_receipt(*, payment: Payment, by: User, at: datetime) -> PaymentReceipt:
    """Number, freeze and draw the receipt of a payment; asked again, the one that exists.

    The number is given in the transaction that keeps the PDF: a receipt that could not be drawn uses none up. A
    reversal makes the receipt void; its number is never given again. Raises `PaymentRefused`.
    """
    Account.objects.select_for_update(of=("self",)).get(pk=payment.account_id)
    payment = Payment.objects.select_related("account__room__community", "account__owner", "recorded_by").get(
        pk=payment.pk
    )
    if payment.kind not in (Payment.Kind.BANK, Payment.Kind.COUNTER):
        raise PaymentRefused(_("只有收到的款项可以开收据；期初、冲正和退款不开收据。"), code="no_receipt_for_kind")
    if payment.reversals.exists():
        raise PaymentRefused(_("这笔缴费已经冲正，不能开收据。"), code="reversed_already")
    living = payment.receipts.filter(voided_at=None).first()
    if living is not None:
        return living
    on = business_date(at)
    number = f"收〔{on.year}〕{next_number(key='receipt', year=on.year):06}号"
    frozen = receipt_of(payment, number=number, issued_on=on, office=current_office(), settings=office_settings())
    stored = store_file(
        receipt_pdf(VERSION, frozen), name=f"{payment.account.room} {number}.pdf", kind=StoredFile.Kind.EXPORT, by=by,
        at=at, mime="application/pdf",
    )  # fmt: skip
    return PaymentReceipt.objects.create(
        payment=payment, number=number, frozen=frozen, pdf=stored, pdf_sha256=stored.sha256, issued_at=at, issued_by=by
    )


def take_receipt(*, receipt: PaymentReceipt) -> bytes:
    """The stored PDF, byte for byte, for viewing or printing again."""
    return open_file(receipt.pdf)
