"""Whom a sweep has to look at that no case stands for yet, and whether the books have changed since the last one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from arrears.queries import positions
from arrears.rules.position import Position
from offices.scoping import current_office_id
from offices.scoping.plans import prepared

# Households that may be newly late: a bill past due that money has not covered, and no case. Few of them owe nothing after
# reductions; which, the positions say.
_CANDIDATES = """
SELECT DISTINCT b.account_id FROM billing_bill b
LEFT JOIN (
  SELECT bill_id, sum(amount) AS amount FROM billing_allocation WHERE office_id = %(office)s AND value_on <= %(on)s GROUP BY bill_id
) paid ON paid.bill_id = b.id
WHERE b.office_id = %(office)s AND b.due_on < %(on)s AND b.billed_on <= %(on)s AND b.amount > coalesce(paid.amount, 0)
  AND (%(since)s::date IS NULL OR b.due_on >= %(since)s) AND (%(only)s::bigint[] IS NULL OR b.account_id = ANY(%(only)s))
  AND b.account_id NOT IN (SELECT account_id FROM collection_case WHERE office_id = %(office)s AND state IN ('open', 'referred'))
"""


def newly_late(
    on: date, tolerance: Decimal, only: Collection[int] | None = None, *, since: date | None = None
) -> list[Position]:
    """Accounts (of those in `only`) with more than `tolerance` yuan overdue and no case that is open or with the lawyers.

    `since`: the day of the last look, when the books have not changed after it: only what fell due since then can be new.
    """
    with connection.cursor() as cursor:
        facts = {"office": current_office_id(), "on": on, "since": since, "only": None if only is None else list(only)}
        ids = [row[0] for row in prepared(cursor, _CANDIDATES, facts, by_hash=True)]
    return [p for p in positions(on, sorted(ids)) if p.arrears > tolerance] if ids else []


@dataclass(frozen=True, slots=True)
class Look:
    """The last run of the office (None: there was none yet) and the state of its books.

    `books` grows with every change of any account, and `then` is what it was at that run: equal numbers mean that nothing was
    billed, paid or held since. `next_due_on`: when the first bill fell due that was not late at that run.
    """

    sweep_id: int | None
    on: date | None
    then: int | None
    next_due_on: date | None
    books: int

    def finds_nobody(self, on: date) -> bool:
        """On `on` nobody can be late who was not at the last run: nothing has changed, and no bill became late."""
        if self.books != self.then:
            return False
        return self.on == on or (self.next_due_on is not None and on <= self.next_due_on)

    @property
    def since(self) -> date | None:
        """The day of the last run, while the books have not changed after it; None: look at all of them."""
        return self.on if self.books == self.then else None


_LAST = """
SELECT l.id, l."on", l.books, l.next_due_on, b.books FROM (
  SELECT (coalesce(sum(change_seq), 0) + count(*))::bigint AS books FROM billing_account WHERE office_id = %(office)s
) b LEFT JOIN LATERAL (
  SELECT id, "on", books, next_due_on FROM collection_sweep WHERE office_id = %(office)s ORDER BY "on" DESC, id DESC LIMIT 1
) l ON true
"""


def last_look(*, lock: str = "") -> Look:
    """The last run and how the books stand, in one statement, once the SQL of a `lock` has been granted (over `office`)."""
    with connection.cursor() as cursor:
        return Look(*prepared(cursor, _LAST, {"office": current_office_id()}, first=lock)[0])
