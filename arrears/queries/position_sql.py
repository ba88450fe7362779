"""The SQL of positions: what a whole office owes as of any day, in one statement.

The texts are templates, filled by `WHOLE` or `NARROWED` and `where`; `%(office)s`, `%(on)s` and `%(zone)s` are asked with them.
Amounts in yuan; intervals half-open. `arrears.rules.position` says the same for one account in Python, and a property
test holds both to each other.
"""

from __future__ import annotations

from arrears.rules.ageing import BUCKETS, NOT_DUE
from arrears.rules.tier import ANNUAL_FROM_DAYS, QUARTERLY_FROM_DAYS, QUARTERLY_TO_DAYS

# The bands of the ageing table as SQL, from the one place that knows them.
# ruff: noqa: S608 - built from texts of this module and the bands, never from what anybody typed
BUCKET = " ".join(
    ["CASE", f"WHEN due_on >= %(on)s THEN '{NOT_DUE.code}'"]
    + [f"WHEN %(on)s - due_on <= {b.last} THEN '{b.code}'" for b in BUCKETS if b.last is not None]
    + [f"ELSE '{BUCKETS[-1].code}' END"]
)

# A bill that was cancelled and billed again stood in the books until the day that happened; courts ask for such days.
STANDS = "(b.voided_at IS NULL OR (b.voided_at AT TIME ZONE %(zone)s)::date > %(on)s)"

# What the texts read for a whole office, and for some accounts only: their bills say which periods there are, and what was
# paid on each is looked up. What only few accounts have at all is not.
WHOLE = {"only": "", "theirs": "", "them": "", "paid": "", "periods": "billing_bill b WHERE office_id = %(office)s"}
NARROWED = {
    "only": "AND b.account_id = ANY(%(accounts)s::bigint[])",
    "theirs": "AND bill_id IN (SELECT id FROM asked)",
    "them": "AND account_id IN (SELECT unnest(%(accounts)s::bigint[]))",
    "paid": "AND bill_id = ANY(ARRAY(SELECT id FROM asked))",
    "periods": "asked",
}

# What the day knows, by bill and by account.
_FACTS = f"""
WITH asked AS (
  SELECT id, account_id, period_start, period_end, due_on, is_reconciled, amount
  FROM billing_bill b
  WHERE office_id = %(office)s AND {STANDS} AND billed_on <= %(on)s {{only}}
), reduced AS (
  SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
  WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s {{theirs}} GROUP BY bill_id
), paid AS (
  SELECT bill_id, sum(amount) AS amount FROM billing_allocation
  WHERE office_id = %(office)s AND value_on <= %(on)s {{paid}} GROUP BY bill_id
), contest AS (
  SELECT l.bill_id, d.raised_on AS starts_on, d.resolved_on AS ends_before, l.amount, l.is_full, false AS is_plan
  FROM disputes_disputedbill l JOIN disputes_dispute d ON d.office_id = l.office_id AND d.id = l.dispute_id
  WHERE l.office_id = %(office)s AND d.raised_on <= %(on)s {{theirs}}
  UNION ALL  -- an upheld objection stays out of reach until its reduction is decided (S82)
  SELECT bill_id, effective_on, CASE state WHEN 'refused' THEN (decided_at AT TIME ZONE %(zone)s)::date END, amount, false, false
  FROM billing_adjustment
  WHERE office_id = %(office)s AND kind = 'dispute' AND state IN ('proposed', 'refused') AND effective_on <= %(on)s {{theirs}}
  UNION ALL  -- bills of an instalment plan, from its signature until it ends (decisions 10)
  SELECT bill_id, starts_on, ends_before, NULL, true, true
  FROM disputes_coveredbill l JOIN disputes_instalmentplan p ON p.office_id = l.office_id AND p.id = l.plan_id
  WHERE l.office_id = %(office)s AND p.starts_on <= %(on)s {{theirs}}
), contested AS (
  SELECT bill_id,
    sum(amount) FILTER (WHERE ends_before IS NULL OR ends_before > %(on)s) AS amount,
    bool_or(is_full AND NOT is_plan) FILTER (WHERE ends_before IS NULL OR ends_before > %(on)s) AS is_full,
    bool_or(is_plan) FILTER (WHERE ends_before IS NULL OR ends_before > %(on)s) AS is_planned,
    range_agg(daterange(starts_on, CASE WHEN ends_before < starts_on THEN starts_on ELSE ends_before END)) FILTER (WHERE is_full) AS days
  FROM contest GROUP BY bill_id
), special AS (
  SELECT account_id,
    bool_or(ends_before IS NULL OR ends_before > %(on)s) AS is_held,
    bool_or(blocks_reminder AND (ends_before IS NULL OR ends_before > %(on)s)) AS is_reminder_held,
    range_agg(daterange(starts_on, ends_before)) AS days
  FROM billing_specialcase b
  WHERE office_id = %(office)s AND starts_on <= %(on)s {{them}} GROUP BY account_id
), late AS (  -- what payments settled of late charge is no credit
  SELECT account_id, sum(amount) AS amount FROM billing_chargepayment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {{them}} GROUP BY account_id
)
"""

# One row per bill in the books.
LINES = (
    _FACTS
    + f"""
, line AS (
  SELECT a.id AS bill_id, a.account_id, a.period_start, a.period_end, a.due_on, a.is_reconciled, a.amount AS billed,
    coalesce(r.amount, 0) AS reduced, coalesce(p.amount, 0) AS paid,
    greatest(a.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0), 0) AS open_amount,
    greatest(coalesce(r.amount, 0) + coalesce(p.amount, 0) - a.amount, 0) AS overpaid,
    CASE WHEN a.due_on < %(on)s THEN greatest(a.amount - coalesce(r.amount, 0) - coalesce(p.amount, 0), 0) ELSE 0 END AS arrears,
    coalesce(c.amount, 0) AS claimed, coalesce(c.is_full, false) AS is_full, coalesce(c.is_planned, false) AS is_planned,
    coalesce(s.is_held, false) AS is_held, coalesce(s.is_reminder_held, false) AS is_reminder_held,
    coalesce(c.days, '{{{{}}}}'::datemultirange) + coalesce(s.days, '{{{{}}}}'::datemultirange) AS held_days
  FROM asked a
  LEFT JOIN reduced r ON r.bill_id = a.id
  LEFT JOIN paid p ON p.bill_id = a.id
  LEFT JOIN contested c ON c.bill_id = a.id
  LEFT JOIN special s ON s.account_id = a.account_id
), weighed AS (
  SELECT *, CASE WHEN is_full THEN arrears ELSE least(arrears, claimed) END AS contested,
    CASE WHEN arrears = 0 THEN 0 ELSE (%(on)s - due_on) - coalesce((
      SELECT sum(upper(part) - lower(part)) FROM unnest(held_days * datemultirange(daterange(due_on + 1, %(on)s + 1))) part
    ), 0) END::int AS days_overdue
  FROM line
), gross AS (
  SELECT *, CASE WHEN is_held AND NOT is_planned THEN arrears - contested ELSE 0 END AS held,
    CASE WHEN is_planned THEN arrears - contested ELSE 0 END AS under_plan,
    CASE WHEN is_reconciled AND NOT is_planned AND NOT is_reminder_held THEN arrears - contested ELSE 0 END AS remindable_gross,
    CASE WHEN is_reconciled AND NOT is_planned AND NOT is_held THEN arrears - contested ELSE 0 END AS pursuable_gross,
    arrears > 0 AND contested = arrears AS is_fully_contested
  FROM weighed
), money AS (
  SELECT account_id, sum(amount) AS amount FROM billing_payment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {{only}} GROUP BY account_id
), settled AS (
  SELECT account_id, sum(paid) - sum(overpaid) AS amount FROM gross GROUP BY account_id
), credit AS (
  SELECT account_id, greatest(coalesce(m.amount, 0) - coalesce(s.amount, 0) - coalesce(l.amount, 0), 0) AS amount
  FROM money m FULL JOIN settled s USING (account_id) LEFT JOIN late l USING (account_id)
), net AS (
  SELECT g.*, {BUCKET} AS bucket,
    remindable_gross - least(remindable_gross, greatest(c.amount - (sum(remindable_gross) OVER earlier - remindable_gross), 0))
      AS remindable,
    pursuable_gross - least(pursuable_gross, greatest(c.amount - (sum(pursuable_gross) OVER earlier - pursuable_gross), 0))
      AS pursuable
  FROM gross g JOIN credit c USING (account_id)
  WINDOW earlier AS (PARTITION BY account_id ORDER BY due_on, bill_id)
)
"""
)

BILLS = (
    LINES
    + """
SELECT bill_id, account_id, period_start, period_end, due_on, is_reconciled, billed, reduced, paid, open_amount, overpaid,
  arrears, contested, is_fully_contested, held, under_plan, remindable, pursuable, days_overdue, bucket
FROM net {where} ORDER BY account_id, due_on, bill_id
"""
)

# What is left of a bill, NULL when nothing is: sums pass over it, and most bills take no arithmetic at all.
_OPEN = """CASE WHEN r.amount IS NULL AND p.amount IS NULL THEN a.amount
      WHEN coalesce(r.amount + p.amount, p.amount, r.amount) < a.amount THEN a.amount - coalesce(r.amount + p.amount, p.amount, r.amount) END"""

_LATE = "open_amount IS NOT NULL AND due_on < %(on)s"

# One row per account in the books. Sums come first, and what holds for the whole account (special case, credit) is applied
# to them; only the few bills that are contested or held are looked at one by one. Every period of the office has a bit
# of its own: the periods owed are the bits of the late bills, however many bills a period has.
ACCOUNTS = (
    _FACTS
    + f"""
, period AS (
  SELECT period_start, period_end, set_bit(repeat('0', count(*) OVER ()::int)::varbit, row_number() OVER ()::int - 1, 1) AS bits,
    period_end - period_start + 1 AS length
  FROM (SELECT DISTINCT period_start, period_end FROM {{periods}}) each
), kept AS MATERIALIZED (
  SELECT bit_or(bits) FILTER (WHERE length >= {ANNUAL_FROM_DAYS}) AS annual,
    bit_or(bits) FILTER (WHERE length BETWEEN {QUARTERLY_FROM_DAYS} AND {QUARTERLY_TO_DAYS}) AS quarterly FROM period
), line AS (
  SELECT a.account_id, a.due_on, a.is_reconciled, a.amount AS billed, r.amount AS reduced, p.amount AS paid, n.bits,
    {_OPEN} AS open_amount,
    CASE WHEN c.amount IS NOT NULL AND a.due_on < %(on)s AND {_OPEN} > 0 THEN
      least(CASE WHEN NOT c.is_full THEN c.amount END, {_OPEN}) END AS contested,
    CASE WHEN c.is_planned AND a.due_on < %(on)s THEN
      {_OPEN} - CASE WHEN c.amount IS NULL THEN 0 ELSE least(CASE WHEN NOT c.is_full THEN c.amount END, {_OPEN}) END
    END AS under_plan,
    CASE WHEN coalesce(c.days, s.days) IS NOT NULL AND a.due_on < %(on)s AND {_OPEN} > 0 THEN
      (%(on)s - a.due_on) - coalesce((
        SELECT sum(upper(part) - lower(part)) FROM unnest(
          (coalesce(c.days, '{{{{}}}}') + coalesce(s.days, '{{{{}}}}')) * datemultirange(daterange(a.due_on + 1, %(on)s + 1))
        ) part
      ), 0) END::int AS unheld_days
  FROM asked a
  LEFT JOIN reduced r ON r.bill_id = a.id
  LEFT JOIN paid p ON p.bill_id = a.id
  LEFT JOIN contested c ON c.bill_id = a.id
  LEFT JOIN special s ON s.account_id = a.account_id
  LEFT JOIN period n ON n.period_start = a.period_start AND n.period_end = a.period_end  -- LEFT: the planner must not guess fewer
  OFFSET 0  -- computed once, not once for each sum below
), total AS (
  SELECT account_id, sum(billed) AS billed, sum(reduced) AS reduced, sum(paid) AS paid, sum(open_amount) AS open_amount,
    sum(open_amount) FILTER (WHERE due_on >= %(on)s) AS not_due,
    sum(contested) AS contested, sum(contested) FILTER (WHERE NOT is_reconciled) AS contested_unreconciled,
    sum(open_amount) FILTER (WHERE NOT is_reconciled AND due_on < %(on)s) AS unreconciled,
    sum(under_plan) AS under_plan, sum(under_plan) FILTER (WHERE is_reconciled) AS signed_under_plan,
    sum(open_amount) FILTER (WHERE contested = open_amount) AS wholly_contested,
    min(due_on) FILTER (WHERE {_LATE}) AS oldest_due_on,
    greatest(%(on)s - min(due_on) FILTER (WHERE {_LATE} AND unheld_days IS NULL), max(unheld_days), 0) AS days_overdue,
    greatest(%(on)s - min(due_on) FILTER (WHERE {_LATE} AND unheld_days IS NULL AND (contested = open_amount) IS NOT TRUE),
      max(unheld_days) FILTER (WHERE (contested = open_amount) IS NOT TRUE), 0) AS free_days,
    bit_or(bits) FILTER (WHERE {_LATE}) AS owed,
    bit_or(bits) FILTER (WHERE {_LATE} AND (contested = open_amount) IS NOT TRUE) AS free_owed
  FROM line GROUP BY account_id
), money AS (
  SELECT account_id, sum(amount) AS amount FROM billing_payment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {{only}} GROUP BY account_id
), account AS (
  SELECT account_id, coalesce(billed, 0) AS billed, coalesce(reduced, 0) AS reduced, coalesce(paid, 0) AS paid,
    coalesce(open_amount, 0) AS open_amount, coalesce(open_amount - coalesce(not_due, 0), 0) AS arrears,
    coalesce(contested, 0) AS contested, coalesce(under_plan, 0) AS under_plan, coalesce(unreconciled, 0) AS unreconciled,
    greatest(coalesce(m.amount, 0) - coalesce(l.amount, 0)
      - coalesce(billed - coalesce(reduced, 0) - coalesce(open_amount, 0), 0), 0) AS credit,
    coalesce(unreconciled, 0) - coalesce(contested_unreconciled, 0) + coalesce(signed_under_plan, 0) AS unsigned,
    coalesce(wholly_contested, 0) AS wholly_contested, oldest_due_on, coalesce(days_overdue, 0) AS days_overdue, free_days, owed, free_owed,
    coalesce(s.is_held, false) AS is_held, coalesce(s.is_reminder_held, false) AS is_reminder_held
  FROM total t FULL JOIN money m USING (account_id) LEFT JOIN special s USING (account_id) LEFT JOIN late l USING (account_id)
  OFFSET 0  -- each of these is used several times
), netted AS (
  SELECT *, greatest(arrears - contested - unsigned - credit, 0) AS net, arrears > wholly_contested AS is_partly_free
  FROM account OFFSET 0
), position AS (
  SELECT account_id, billed, reduced, paid, open_amount, arrears,
    CASE WHEN is_held THEN arrears - contested - under_plan ELSE 0 END AS special, contested, under_plan, unreconciled, credit,
    CASE WHEN is_reminder_held THEN 0 ELSE net END AS remindable, CASE WHEN is_held THEN 0 ELSE net END AS pursuable,
    oldest_due_on, days_overdue, coalesce(bit_count(owed), 0) AS periods_owed,
    CASE WHEN oldest_due_on IS NOT NULL THEN {BUCKET.replace("due_on", "oldest_due_on")} END AS bucket,
    arrears - contested AS free, arrears - contested - unsigned AS signed,
    -- the tier looks at what is not wholly contested, or at everything when all of it is
    CASE WHEN is_partly_free THEN free_days ELSE days_overdue END AS counted_days,
    CASE WHEN is_partly_free THEN arrears - wholly_contested ELSE arrears END AS counted_amount,
    coalesce(bit_count(CASE WHEN is_partly_free THEN free_owed ELSE owed END & kept.annual), 0) AS annual,
    coalesce(bit_count(CASE WHEN is_partly_free THEN free_owed ELSE owed END & kept.quarterly), 0) AS quarterly,
    is_held, is_reminder_held,
    account_id IN (SELECT d.account_id FROM disputes_dispute d WHERE d.office_id = %(office)s AND d.kind = 'service'
      AND d.raised_on <= %(on)s AND (d.resolved_on IS NULL OR d.resolved_on > %(on)s)) AS is_service_disputed,
    account_id IN (SELECT h.account_id FROM disputes_hardshipreview h WHERE h.office_id = %(office)s
      AND h.state IN ('confirmed', 'ended') AND h.starts_on <= %(on)s AND h.ends_before > %(on)s) AS is_in_hardship
  FROM netted CROSS JOIN kept
)
SELECT * FROM position {{where}}
"""
)
