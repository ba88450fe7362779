"""Which segments accounts belong to; asked here and nowhere else (S17)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from arrears.rules.payers import COMPANY_NAME, DEVELOPER
from arrears.rules.segments import segments_of
from billing.models import Account
from disputes.queries import hardships_on
from offices.queries import office_settings

ZERO = Decimal("0.00")


def segments(
    on: date, arrears: Mapping[int, Decimal], account_ids: Collection[int] | None = None
) -> dict[int, tuple[str, ...]]:
    """Account → codes of `rules.segments.SEGMENTS`, for these accounts or the whole office. One statement.

    `arrears`: what each owes on `on`, in yuan, for the high-value segment.
    """
    accounts = Account.objects.order_by()
    if account_ids is not None:
        accounts = accounts.filter(pk__in=list(account_ids))
    threshold = office_settings().high_value_from
    in_hardship = Exists(hardships_on(on).filter(account=OuterRef("pk")))
    return {
        account_id: segments_of(
            kind=kind,
            name=name,
            residence=residence,
            is_in_hardship=is_in_hardship,
            arrears=arrears.get(account_id, ZERO),
            high_value_from=threshold,
        )
        for account_id, kind, name, residence, is_in_hardship in accounts.values_list(
            "pk", "owner__kind", "owner__name", "room__residence", in_hardship
        )
    }


def company_accounts(account_ids: Collection[int] | None = None) -> set[int]:
    """Accounts whose payer is a company or the developer. One statement."""
    found = Account.objects.order_by().filter(Q(owner__kind=DEVELOPER) | Q(owner__name__regex=COMPANY_NAME))
    if account_ids is not None:
        found = found.filter(pk__in=list(account_ids))
    return set(found.values_list("pk", flat=True))
