-- The plain joins on the same data, without weighing: lines to the rooms that their memos name (read before, table
-- memo_room), to owners by name, and to the open bills of those accounts. Loops are off here as in the work itself.
SET LOCAL enable_nestloop = off;
CREATE TEMP TABLE floor_match ON COMMIT DROP AS
WITH pair AS (
  SELECT m.line_id, a.id AS account_id FROM memo_room m
  JOIN billing_room r ON r.office_id = %(office)s AND r.sort_key = m.sort_key
  JOIN billing_account a ON a.office_id = r.office_id AND a.room_id = r.id
  UNION
  SELECT l.id, a.id FROM billing_bankline l
  JOIN billing_owner o ON o.office_id = l.office_id AND o.name = l.payer
  JOIN billing_account a ON a.office_id = o.office_id AND a.owner_id = o.id
  WHERE l.office_id = %(office)s
), open AS (
  SELECT b.account_id, b.id, b.amount - coalesce(sum(p.amount), 0) AS amount FROM billing_bill b
  LEFT JOIN billing_allocation p ON p.office_id = b.office_id AND p.bill_id = b.id
  WHERE b.office_id = %(office)s AND b.voided_at IS NULL GROUP BY b.account_id, b.id, b.amount
)
SELECT p.line_id, p.account_id, bool_or(o.amount = l.amount) AS is_bill, sum(o.amount) = l.amount AS is_all
FROM pair p JOIN billing_bankline l ON l.office_id = %(office)s AND l.id = p.line_id
JOIN open o ON o.account_id = p.account_id
GROUP BY p.line_id, p.account_id, l.amount;
UPDATE billing_bankline l SET suggested_id = f.account_id, score = 70
FROM (SELECT line_id, min(account_id) AS account_id FROM floor_match GROUP BY line_id HAVING count(*) = 1) f
WHERE l.office_id = %(office)s AND l.id = f.line_id;
