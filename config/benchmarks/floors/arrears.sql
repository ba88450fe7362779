-- The least that arrears can cost: one GROUP BY account over the open bills, into a table. What is open is the bill
-- less its reductions and payments of the day; holds, contests, credit, buckets, periods and tiers are not looked at.
INSERT INTO floor_arrears
SELECT account_id, sum(open_amount) AS open_amount, min(due_on) AS oldest_due_on, count(*) AS bills FROM (
  SELECT b.account_id, b.due_on, b.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0) AS open_amount
  FROM billing_bill b
  LEFT JOIN (
    SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
    WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s GROUP BY bill_id
  ) r ON r.bill_id = b.id
  LEFT JOIN (
    SELECT bill_id, sum(amount) AS amount FROM billing_allocation
    WHERE office_id = %(office)s AND value_on <= %(on)s GROUP BY bill_id
  ) p ON p.bill_id = b.id
  WHERE b.office_id = %(office)s AND b.voided_at IS NULL AND b.billed_on <= %(on)s
) bill WHERE open_amount > 0 GROUP BY account_id
