"""The SQL of the daily decision: everything it looks at for cases on one day, as one statement.

`{positions}` is the statement of `position_statement` narrowed to the accounts of these cases. Cases about which `decide`
can tell nothing apart come as one row: the columns from `strategy_id` to `next_due_on` are the same for all of them, the
amounts from `arrears` on are those of one of them, and the columns behind `households` are arrays, one entry for each
household in the same order. `%(apart)s` keeps every case a row of its own.
"""

from __future__ import annotations

# The cases come with the question, because some of them are not stored yet (a plan asks about those that a run would open).
FACTS = """
WITH due AS MATERIALIZED (
  SELECT * FROM unnest(%(accounts)s::bigint[], %(cases)s::bigint[], %(strategies)s::bigint[], %(tiers)s::text[], %(reached)s::int[],
    %(reached_on)s::date[], %(deadlines)s::date[], %(looks)s::date[])
    AS d(account_id, case_id, strategy_id, stored_tier, reached, reached_on, letter_deadline_on, look_on)
), standing AS MATERIALIZED (
  SELECT account_id, arrears, credit, under_plan, free, signed, remindable, pursuable, unreconciled > 0 AS is_unreconciled,
    oldest_due_on, counted_days, annual, quarterly, is_held, is_reminder_held, is_service_disputed, is_in_hardship,
    -- of an amount the tier knows only whether there is one, and which once it is large
    CASE WHEN counted_amount >= %(severe_from)s::numeric THEN counted_amount WHEN counted_amount > 0 THEN 0.01 ELSE 0 END AS weight
  FROM ({positions}) known
), home AS (
  SELECT id AS account_id, room_id, owner_id FROM billing_account WHERE office_id = %(office)s AND id = ANY(%(accounts)s::bigint[])
), waiting AS (  -- what is planned and not finished
  SELECT DISTINCT ON (case_id) case_id, id, step_id, kind, by_hand FROM collection_action
  WHERE office_id = %(office)s AND state = 'planned' ORDER BY case_id, due_on DESC, id DESC
), holding AS (  -- until the last special case ends, when every one has an end
  SELECT account_id, CASE WHEN bool_and(ends_before IS NOT NULL) THEN max(ends_before) END AS ends_on FROM billing_specialcase
  WHERE office_id = %(office)s AND starts_on <= %(on)s AND (ends_before IS NULL OR ends_before > %(on)s) GROUP BY account_id
), agreed AS (  -- what was agreed last
  SELECT DISTINCT ON (account_id) account_id, next_on FROM collection_contact
  WHERE office_id = %(office)s AND account_id = ANY(%(accounts)s::bigint[]) ORDER BY account_id, at DESC, id DESC
), same AS (  -- every account of the same owners
  SELECT id, owner_id FROM billing_account WHERE office_id = %(office)s AND owner_id = ANY(ARRAY(SELECT owner_id FROM home))
), talk AS (
  SELECT account_id, at FROM collection_contact
  WHERE office_id = %(office)s AND account_id = ANY(ARRAY(SELECT id FROM same)) AND reached AND corrects_id IS NULL
  UNION ALL
  -- a message that is leaving, or whose end is unclear, counts as well
  SELECT account_id, CASE WHEN state = 'sent' THEN sent_at ELSE cleared_at END FROM collection_message
  WHERE office_id = %(office)s AND account_id = ANY(ARRAY(SELECT id FROM same)) AND state IN ('sent', 'sending', 'unknown') AND fate <> 'bounced'
), reached AS (  -- on which days of the last week (S38), over every account and channel (invariant 35)
  SELECT owner_id, array_agg((at AT TIME ZONE %(zone)s)::date ORDER BY at) AS days
  FROM talk JOIN same ON same.id = talk.account_id WHERE at >= %(since)s AND at < %(until)s GROUP BY owner_id
), known AS (
  SELECT d.*,
    w.kind AS waiting_kind, w.by_hand AS waiting_by_hand,
    CASE WHEN w.id IS NOT NULL THEN (
      SELECT title FROM collection_step WHERE office_id = %(office)s AND id = w.step_id
    ) END AS waiting_title,
    CASE WHEN w.id IS NOT NULL THEN (
      SELECT state FROM collection_notice WHERE office_id = %(office)s AND action_id = w.id
        AND state IN ('proposed', 'approved', 'rendered', 'in_transit')
    ) END AS waiting_paper,
    p.promised_on + p.grace_days AS promise_until, CASE WHEN t.next_on > %(on)s THEN t.next_on END AS postponed_to,
    h.ends_on AS hold_ends_on, r.days AS contacts,
    CASE WHEN %(is_gated)s THEN (
      SELECT community_id FROM billing_room o WHERE o.office_id = %(office)s AND o.id = a.room_id
    ) END AS community_id,
    CASE WHEN s.counted_days <= %(rises_until)s THEN (  -- what is severe already rises no more
      SELECT min(due_on) FROM billing_bill l WHERE l.office_id = %(office)s AND l.account_id = d.account_id AND l.due_on >= %(on)s
        AND l.voided_at IS NULL
    ) END AS next_due_on,
    d.account_id IN (SELECT unnest(%(companies)s::bigint[])) AS is_company,
    coalesce(s.arrears, 0) AS arrears, coalesce(s.credit, 0) AS credit, coalesce(s.under_plan, 0) AS under_plan,
    coalesce(s.free, 0) AS free, coalesce(s.signed, 0) AS signed, coalesce(s.remindable, 0) AS remindable,
    coalesce(s.pursuable, 0) AS pursuable, coalesce(s.is_unreconciled, false) AS is_unreconciled, s.oldest_due_on,
    coalesce(s.counted_days, 0) AS counted_days, coalesce(s.weight, 0) AS weight, coalesce(s.annual, 0) AS annual,
    coalesce(s.quarterly, 0) AS quarterly, coalesce(s.is_held, false) AS is_held,
    coalesce(s.is_reminder_held, false) AS is_reminder_held, coalesce(s.is_service_disputed, false) AS is_service_disputed,
    coalesce(s.is_in_hardship, false) AS is_in_hardship
  FROM due d
  JOIN home a ON a.account_id = d.account_id
  LEFT JOIN standing s ON s.account_id = d.account_id
  LEFT JOIN waiting w ON w.case_id = d.case_id
  LEFT JOIN collection_promise p ON p.office_id = %(office)s AND p.account_id = d.account_id AND p.state = 'open'
  LEFT JOIN holding h ON h.account_id = d.account_id
  LEFT JOIN agreed t ON t.account_id = d.account_id
  LEFT JOIN reached r ON r.owner_id = a.owner_id
)
SELECT strategy_id, stored_tier, reached, reached_on, letter_deadline_on, oldest_due_on, counted_days, weight, annual, quarterly,
  is_company, is_in_hardship, is_held, is_reminder_held, is_service_disputed, is_unreconciled,
  waiting_kind, waiting_by_hand, waiting_title, waiting_paper, promise_until, postponed_to, hold_ends_on, contacts, community_id, next_due_on,
  min(arrears), min(credit), min(under_plan), min(free), min(signed), min(remindable), min(pursuable),
  count(*) AS households, array_agg(account_id)::text, array_agg(case_id)::text,
  array_agg(remindable)::text, array_agg(pursuable)::text, array_agg(look_on)::text
FROM known
GROUP BY strategy_id, stored_tier, reached, reached_on, letter_deadline_on, oldest_due_on, counted_days, weight, annual, quarterly,
  is_company, is_in_hardship, is_held, is_reminder_held, is_service_disputed, is_unreconciled,
  waiting_kind, waiting_by_hand, waiting_title, waiting_paper, promise_until, postponed_to, hold_ends_on, contacts, community_id, next_due_on,
  arrears > %(tolerance)s, free <= 0, 0 < under_plan AND under_plan = free, signed > 0 AND credit >= signed,
  remindable > 0, width_bucket(remindable, %(bounds)s::numeric[]), pursuable > 0, width_bucket(pursuable, %(bounds)s::numeric[]),
  CASE WHEN %(apart)s THEN account_id END
"""
