-- The least that posting late charge can cost: one INSERT of principal × rate × days for every bill that is late, with what
-- was paid by then taken off. Which days an amount was paid on, holds, contests, terms, caps and earlier entries are not looked at.
INSERT INTO billing_chargeentry (office_id, bill_id, kind, until_on, nth, amount, booked_on, booked_at)
SELECT %(office)s, id, 'posted', %(on)s, 0, charge, %(on)s, %(now)s FROM (
  SELECT b.id, round((b.amount - coalesce(p.amount, 0)) * %(rate)s * (%(on)s - b.due_on), 2) AS charge
  FROM billing_bill b LEFT JOIN (
    SELECT bill_id, sum(amount) AS amount FROM billing_allocation
    WHERE office_id = %(office)s AND value_on <= %(on)s GROUP BY bill_id
  ) p ON p.bill_id = b.id
  WHERE b.office_id = %(office)s AND b.voided_at IS NULL AND b.due_on < %(on)s
) late WHERE charge > 0
