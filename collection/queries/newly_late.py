"""Whom a sweep has to look at that no case stands for yet, and whether the books have changed since the last one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum

from arrears.queries.positions import position_statement
from billing.models import Account
from offices.scoping.plans import rows_by_hash


def newly_late(on: date, tolerance: Decimal, only: Collection[int] | None = None) -> list[int]:
    """Accounts (of those in `only`) with more than `tolerance` yuan overdue and no case that is open or with the lawyers, in their order.

    Found inside the database: the households that owe nothing never leave it.
    """
    statement, facts = position_statement(on, only)
    sql = f"""SELECT p.account_id FROM ({statement}) p WHERE p.arrears > %(tolerance)s AND p.account_id NOT IN (
        SELECT account_id FROM collection_case WHERE office_id = %(office)s AND state IN ('open', 'referred')
      ) ORDER BY p.account_id"""
    with connection.cursor() as cursor:
        return [row[0] for row in rows_by_hash(cursor, sql, facts | {"tolerance": tolerance})]


def state_of_books() -> int:
    """A number that grows with every change of any account: equal numbers mean that nothing was billed, paid or held."""
    found = Account.objects.aggregate(changes=Sum("change_seq"), accounts=Count("pk"))
    return (found["changes"] or 0) + found["accounts"]
