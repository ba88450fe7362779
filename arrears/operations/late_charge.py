"""违约金 is posted: the office's late bills are brought up to a day, in the books of billing (decisions 11)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.queries.late_charge import charge_totals
from billing.models import Account
from billing.operations.accounts import business_date
from billing.operations.charges import Booked, book_charges
from offices.models import User
from offices.operations import Refusal
from offices.queries import office_settings

ACCOUNTS_AT_ONCE = 2000


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
        for some in _some_at_once(account_ids):
            booked += _post(some, on, by, at)
    return booked


def _some_at_once(account_ids: Collection[int] | None) -> Iterator[list[int]]:
    accounts = Account.objects.order_by("pk").values_list("pk", flat=True)
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
    last = 0
    while some := list(accounts.filter(pk__gt=last)[:ACCOUNTS_AT_ONCE]):
        yield some
        last = some[-1]


@transaction.atomic
def _post(account_ids: list[int], on: date, by: User | None, at: datetime) -> Booked:
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=account_ids).order_by("pk").values_list("pk"))
    return book_charges(totals=charge_totals(account_ids, on), by=by, at=at)
