"""The billing calendar of the open office (S1), read from the bills that its imports brought."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from billing.rules.cycles import OVERDUE, Billed, Cycle, cycles_of
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id

_PERIODS = """
SELECT m.position, m.name, f.name, b.period_start, b.period_end, count(*), sum(b.amount),
  CASE WHEN bool_and(b.is_reconciled) THEN
    coalesce(max((i.signed_off_at AT TIME ZONE %(zone)s)::date), max(b.billed_on)) END
FROM billing_bill b
JOIN billing_account a ON a.office_id = %(office)s AND a.id = b.account_id
JOIN billing_room r ON r.office_id = %(office)s AND r.id = a.room_id
JOIN offices_community m ON m.office_id = %(office)s AND m.id = r.community_id
JOIN billing_feeitem f ON f.office_id = %(office)s AND f.id = b.fee_item_id
LEFT JOIN billing_importbatch i ON i.office_id = %(office)s AND i.id = b.batch_id
WHERE b.office_id = %(office)s AND b.voided_at IS NULL
GROUP BY m.position, m.name, f.name, b.period_start, b.period_end
ORDER BY m.position, m.name, f.name
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One fee item of one community with its cycles, newest first."""

    community: str
    item: str
    cycles: tuple[Cycle, ...]

    @property
    def overdue(self) -> int:
        """How many cycles finance is late with."""
        return sum(1 for each in self.cycles if each.state == OVERDUE)


def billing_calendar(on: date) -> list[Calendar]:
    """Every fee item that was ever billed, by community. One statement beside the settings."""
    found: dict[tuple[str, str], list[tuple[date, date, Billed]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PERIODS, {"office": current_office_id(), "zone": current_office().time_zone})
        for _position, community, item, start, end, bills, amount, signed_on in cursor.fetchall():
            found[community, item].append((start, end, Billed(bills, Decimal(amount), signed_on)))
    days = office_settings().billing_deadline_days
    return [
        Calendar(community, item, tuple(cycles_of(known, on=on, deadline_days=days)))
        for (community, item), known in found.items()
    ]
