-- The least a sweep can cost: one INSERT ... SELECT of due steps, over the same tables, keys and indexes. It knows the
-- step that follows, its wait and its minimum, and what is still open; no holds, no promises, no reasons, no texts.
INSERT INTO collection_action (office_id, case_id, account_id, step_id, kind, position, by_hand, state, planned_on, due_on,
  why, code, void_reason, sweep_id, assignee_id)
WITH due AS MATERIALIZED (
  SELECT id, account_id, strategy_id, reached, reached_on, letter_deadline_on, assignee_id
  FROM collection_case c WHERE office_id = %(office)s AND state = 'open' AND next_action_on <= %(on)s
    AND NOT EXISTS (SELECT FROM collection_action a WHERE a.office_id = %(office)s AND a.case_id = c.id AND a.state = 'planned')
), owed AS (
  SELECT b.account_id, min(b.due_on) AS oldest, sum(b.amount - coalesce(p.amount, 0)) AS amount
  FROM due JOIN billing_bill b ON b.office_id = %(office)s AND b.account_id = due.account_id
  LEFT JOIN LATERAL (
    SELECT sum(amount) AS amount FROM billing_allocation p WHERE p.office_id = %(office)s AND p.bill_id = b.id
  ) p ON true
  WHERE b.voided_at IS NULL AND b.due_on < %(on)s GROUP BY b.account_id
)
SELECT %(office)s, c.id, c.account_id, s.id, s.kind, s.position, s.kind <> 'reminder', 'planned', %(on)s, %(on)s,
  '到期', 'DUE', '', %(sweep)s, c.assignee_id
FROM due c
JOIN collection_step s ON s.office_id = %(office)s AND s.strategy_id = c.strategy_id AND s.position = c.reached + 1
JOIN owed o ON o.account_id = c.account_id
WHERE o.amount >= s.minimum
  AND CASE WHEN s.counts_from_deadline THEN c.letter_deadline_on ELSE coalesce(c.reached_on, o.oldest) END + s.after_days <= %(on)s;
-- An insert has ended when its references are checked: a commit would do it, and the floor is taken back instead.
SET CONSTRAINTS ALL IMMEDIATE;
