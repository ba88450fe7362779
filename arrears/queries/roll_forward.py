"""期初到期末 (domain 6): opening + billed − reduced − received − offset = closing, to the cent, for any period and any slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from arrears.rules.position import ZERO
from offices.scoping import current_office, current_office_id
from offices.scoping.plans import prepared

SLICES = {
    "community": (_("小区"), "m.name", "m.position, m.name"),
    "building": (_("楼栋"), "concat_ws(' ', m.name, o.building)", "m.position, m.name, min(o.sort_key)"),
    "item": (_("收费项目"), "f.name", "f.name"),
    "year": (_("欠费年度"), "extract(year FROM b.period_start)::int::text", "1"),
    "person": (_("负责人"), "coalesce(u.display_name, '')", "coalesce(u.display_name, '')"),
}
"""How the figures can be cut: code → its name, the text of a row's key, the order of rows. Every bill is in one row."""

DEFINITION = _(
    "期初＋应收－减免－实收－预存冲抵＝期末。期初、期末为当日终了全部未缴金额（含未到期）；应收按入账日并扣除撤销的账单；减免按生效日；实收按到账日；预存冲抵为账单入账前已到账的款项，按账单入账日计。不含违约金。"
)
"""What the figures are; printed beside them (domain 6)."""


@dataclass(frozen=True, slots=True)
class RollForward:
    """One row, in yuan. `opening` and `closing` are what was unpaid at the end of the eve and of the last day, due or not.

    `billed` is net of bills cancelled; `received` are payments by value date, `offset` money that had come in before its
    bill was in the books (预交冲抵, on the day of the bill). A bill paid twice over counts below zero.
    """

    key: str
    opening: Decimal = ZERO
    billed: Decimal = ZERO
    reduced: Decimal = ZERO
    received: Decimal = ZERO
    offset: Decimal = ZERO
    closing: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """What the row fails to tie by; 0.00 unless the books are broken."""
        return self.opening + self.billed - self.reduced - self.received - self.offset - self.closing


# `closing` is summed from the bills that stand on the last day, each movement from entries between the two days.
_ROLL = """
WITH bill AS (
  SELECT b.*, billed_on <= %(eve)s AND (voided_at IS NULL OR (voided_at AT TIME ZONE %(zone)s)::date > %(eve)s) AS stood,
    billed_on <= %(last)s AND (voided_at IS NULL OR (voided_at AT TIME ZONE %(zone)s)::date > %(last)s) AS stands
  FROM billing_bill b WHERE office_id = %(office)s AND billed_on <= %(last)s
), reduced AS (
  SELECT bill_id, sum(amount) FILTER (WHERE effective_on <= %(eve)s) AS before, sum(amount) AS after
  FROM billing_adjustment WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(last)s GROUP BY bill_id
), paid AS (
  SELECT a.bill_id,
    sum(a.amount) FILTER (WHERE NOT k.is_offset AND a.value_on <= %(eve)s) AS before, sum(a.amount) FILTER (WHERE NOT k.is_offset) AS after,
    sum(a.amount) FILTER (WHERE k.is_offset AND a.value_on <= %(eve)s) AS offset_before,
    sum(a.amount) FILTER (WHERE k.is_offset) AS offset_after
  FROM billing_allocation a
  JOIN billing_payment y ON y.office_id = %(office)s AND y.id = a.payment_id
  JOIN billing_bill b ON b.office_id = %(office)s AND b.id = a.bill_id
  LEFT JOIN billing_payment was ON was.office_id = %(office)s AND was.id = y.reverses_id
  CROSS JOIN LATERAL (SELECT coalesce(was.kind, y.kind) <> 'opening' AND coalesce(was.value_on, y.value_on) < b.billed_on AS is_offset) k
  WHERE a.office_id = %(office)s AND a.value_on <= %(last)s GROUP BY a.bill_id
), side AS (
  SELECT b.*, CASE WHEN stood THEN amount ELSE 0 END AS billed_0, CASE WHEN stands THEN amount ELSE 0 END AS billed_1,
    CASE WHEN stood THEN coalesce(r.before, 0) ELSE 0 END AS reduced_0, CASE WHEN stands THEN coalesce(r.after, 0) ELSE 0 END AS reduced_1,
    CASE WHEN stood THEN coalesce(p.before, 0) ELSE 0 END AS paid_0, CASE WHEN stands THEN coalesce(p.after, 0) ELSE 0 END AS paid_1,
    CASE WHEN stood THEN coalesce(p.offset_before, 0) ELSE 0 END AS offset_0,
    CASE WHEN stands THEN coalesce(p.offset_after, 0) ELSE 0 END AS offset_1
  FROM bill b LEFT JOIN reduced r ON r.bill_id = b.id LEFT JOIN paid p ON p.bill_id = b.id WHERE stood OR stands
)
SELECT {key}, sum(billed_0 - reduced_0 - paid_0 - offset_0), sum(billed_1 - billed_0), sum(reduced_1 - reduced_0),
  sum(paid_1 - paid_0), sum(offset_1 - offset_0), sum(billed_1 - reduced_1 - paid_1 - offset_1)
FROM side b
JOIN billing_account c ON c.office_id = %(office)s AND c.id = b.account_id
JOIN billing_room o ON o.office_id = %(office)s AND o.id = c.room_id
JOIN offices_community m ON m.office_id = %(office)s AND m.id = o.community_id
JOIN billing_feeitem f ON f.office_id = %(office)s AND f.id = b.fee_item_id
LEFT JOIN billing_responsibility w ON w.office_id = %(office)s AND w.community_id = o.community_id AND w.building = o.building
LEFT JOIN offices_user u ON u.id = w.user_id
GROUP BY {group} ORDER BY {order}
"""


def roll_forward(first: date, last: date, by: str = "community") -> list[RollForward]:
    """The office's figures from `first` to `last` (both inclusive), a row for every slice of `SLICES`. One statement."""
    _label, key, order = SLICES[by]
    group = "1, m.position, m.name" if by in ("community", "building") else "1"
    facts = {
        "office": current_office_id(),
        "zone": current_office().time_zone,
        "eve": first - timedelta(days=1),
        "last": last,
    }
    with connection.cursor() as cursor:
        return [
            RollForward(*row)
            for row in prepared(cursor, _ROLL.format(key=key, group=group, order=order), facts, by_hash=True)
        ]


def total_of(rows: list[RollForward]) -> RollForward:
    """The sum of all rows."""
    names = ("opening", "billed", "reduced", "received", "offset", "closing")
    return RollForward("", *(sum((getattr(row, name) for row in rows), ZERO) for name in names))
