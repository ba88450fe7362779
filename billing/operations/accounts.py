"""Facts that touch an account leave a stamp on it; collection reads the stamps (decisions 16)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import F

from billing.models import Account
from offices.scoping import current_office


def stamp_account(*, account_id: int) -> None:
    """Count one more change of what the account owes. In the transaction of the change itself."""
    Account.objects.filter(pk=account_id).update(change_seq=F("change_seq") + 1)


def stamp_accounts(*, account_ids: Collection[int]) -> None:
    """The same for many, in one statement."""
    Account.objects.filter(pk__in=account_ids).update(change_seq=F("change_seq") + 1)


def business_date(at: datetime) -> date:
    """The day of an instant in the zone of the open office."""
    return at.astimezone(ZoneInfo(current_office().time_zone)).date()
