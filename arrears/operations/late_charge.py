"""违约金 is posted, and a waiver of it asked for, in the books of billing (decisions 11, 15)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.queries.late_charge import ACCOUNTS_AT_ONCE, batched, charge_totals
from billing.models import Account, Bill, ChargeWaiver
from billing.operations.accounts import business_date
from billing.operations.charges import Booked, book_charges
from billing.operations.waivers import WaiverRefused, propose_waiver
from billing.queries.charges import open_charges
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.queries import office_settings
from offices.rules.money import ZERO
from offices.scoping.arrays import among


class PostingRefused(Refusal):
    """The late charge cannot be posted as asked; nothing was written."""

    code = "posting_refused"
    status = 422


def post_late_charges(
    *, on: date, at: datetime, by: User | None = None, account_ids: Collection[int] | None = None
) -> Booked:
    """Post the late charge of every bill up to and including `on`, for the open office or some of its accounts.

    What earlier runs missed is filled, what became known later is corrected by new entries, and nothing is posted twice,
    however often it runs (invariants 23, 25). An office that only estimates posts nothing. Accounts are locked and booked
    some thousands at a time, in a fixed number of statements each. Raises `PostingRefused`.
    """
    if on > business_date(at):
        raise PostingRefused(_("违约金只能计到今天为止，请改选日期。"), code="in_the_future")
    booked = Booked()
    if office_settings().posts_late_charge:
        accounts = Account.objects.order_by("pk").values_list("pk", flat=True)
        if account_ids is not None:
            accounts = accounts.filter(pk__in=account_ids)
        for some in batched(list(accounts), ACCOUNTS_AT_ONCE):
            booked += _post(some, on, by, at)
    return booked


@transaction.atomic
def ask_waiver(
    *,
    account: Account,
    reason: str,
    by: User,
    at: datetime,
    amount: Decimal | None = None,
    bill: Bill | None = None,
    evidence: StoredFile | None = None,
) -> ChargeWaiver:
    """Ask that late charge be waived, all of it up to today when no amount is named; it is posted up to today first.

    `bill` None: the account's bills, oldest first. Somebody else decides. Raises `WaiverRefused`.
    """
    if not office_settings().posts_late_charge:
        raise WaiverRefused(
            _("本办公室的违约金只测算、不入账，无须减免。需要入账请管理员在设置里开启。"), code="not_posted"
        )
    post_late_charges(on=business_date(at), at=at, by=by, account_ids=[account.pk])
    if amount is None:
        found = [line.ledger for line in open_charges([account.pk])[account.pk]]
        amount = sum((ledger.open for ledger in found if bill is None or ledger.bill_id == bill.pk), ZERO)
        if not amount:
            raise WaiverRefused(_("这户没有未缴的违约金，无须减免。"), code="nothing_to_waive")
    return propose_waiver(account=account, bill=bill, amount=amount, reason=reason, evidence=evidence, by=by, at=at)


@transaction.atomic
def _post(account_ids: list[int], on: date, by: User | None, at: datetime) -> Booked:
    list(
        Account.objects.select_for_update(of=("self",))
        .filter(pk__in=among(account_ids))
        .order_by("pk")
        .values_list("pk")
    )
    return book_charges(totals=charge_totals(account_ids, on), by=by, at=at)
