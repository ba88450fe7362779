"""Closing a day of the bank account: bank total = claimed + unclaimed + refunded + not fees (ux 3.5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import BankDay, BankLine
from billing.operations.accounts import business_date
from billing.queries.bank import sums_of_day
from offices.models import User
from offices.operations import Refusal


class DayRefused(Refusal):
    """The day cannot be closed."""

    code = "day_refused"


@transaction.atomic
def close_bank_day(*, on: date, by: User, at: datetime) -> BankDay:
    """Write down what the day's transfers were when it was closed, by name.

    What is still unclaimed may be claimed later; what was decided can from now on be undone by finance only, and the
    closed figures stay as they are. Raises `DayRefused`.
    """
    if on > business_date(at):
        raise DayRefused(_("不能结还没到的日子，请核对日期。"), code="day_in_future")
    lines = BankLine.objects.select_for_update(of=("self",)).filter(on=on).order_by("pk").values_list("pk")
    if not len(lines):
        raise DayRefused(_("这一天没有到账，不用日结。如果银行有收入，请先导入流水。"), code="no_lines")
    sums = sums_of_day(on)
    try:
        with transaction.atomic():
            return BankDay.objects.create(
                on=on, closed_at=at, closed_by=by, lines=sums.lines, total=sums.total, claimed=sums.claimed,
                unclaimed=sums.unclaimed, refunded=sums.refunded, not_fees=sums.not_fees,
            )  # fmt: skip
    except IntegrityError as twice:
        raise DayRefused(
            _("%(day)s 已经日结过，请刷新页面。") % {"day": f"{on:%Y-%m-%d}"}, code="closed_already"
        ) from twice
