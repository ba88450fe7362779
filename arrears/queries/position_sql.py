"""The SQL of positions: what a whole office owes as of any day, in one statement.

The texts are templates: `WHOLE` or `NARROWED` fills them, and `{where}`; `%(office)s`, `%(on)s` and `%(zone)s` are asked with them.
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

# What narrows a statement to some accounts, and nothing for a whole office. `{only}` stands where accounts are looked up one by
# one, `{them}` in small tables that are read whole, `{theirs}` beside the accounts' bills; `{periods}`: bills that have them all.
# The periods of a whole office: few, found by stepping through an index from one to the next, past all their bills.
_STEPS = """(
    WITH RECURSIVE step AS (
      ({next} ORDER BY fee_item_id, period_start, period_end LIMIT 1)
      UNION ALL
      SELECT later.* FROM step, LATERAL (
        {next} AND (fee_item_id, period_start, period_end) > (step.fee_item_id, step.period_start, step.period_end)
        ORDER BY fee_item_id, period_start, period_end LIMIT 1
      ) later
    ) SELECT period_start, period_end FROM step) step""".replace(
    "{next}", "SELECT fee_item_id, period_start, period_end FROM billing_bill WHERE office_id = %(office)s"
)
WHOLE = {
    "only": "",
    "them": "",
    "theirs": "",
    "periods": _STEPS,
    "paid": "SELECT bill_id, sum(amount) AS amount FROM billing_allocation "
    "WHERE office_id = %(office)s AND value_on <= %(on)s GROUP BY bill_id",
}
_ONLY = "AND b.account_id = ANY(%(accounts)s::bigint[])"
# By the accounts' payments, which pay only bills of the same account: households in arrears have fewer of them than bills.
# As an array, never as a join: however they are joined later, each payment is looked up once.
_PAID = (
    "SELECT bill_id, sum(amount) AS amount FROM billing_allocation WHERE office_id = %(office)s AND payment_id = ANY(ARRAY("
    "SELECT id FROM billing_payment b WHERE office_id = %(office)s {only})) AND value_on <= %(on)s GROUP BY bill_id"
)
NARROWED = {
    "only": _ONLY,
    "them": "AND account_id IN (SELECT unnest(%(accounts)s::bigint[]))",
    "theirs": "AND bill_id IN (SELECT id FROM asked)",
    "periods": "asked",
    "paid": _PAID.format(only=_ONLY),
}

# What the day knows of bills, and what of them is not plain.
_BOOKS = f"""asked AS (
  SELECT id, account_id, period_start, period_end, due_on, is_reconciled, amount
  FROM billing_bill b
  WHERE office_id = %(office)s AND {STANDS} AND billed_on <= %(on)s {{only}}
), reduced AS (
  SELECT bill_id, sum(amount) AS amount FROM billing_adjustment
  WHERE office_id = %(office)s AND state = 'approved' AND effective_on <= %(on)s {{theirs}} GROUP BY bill_id
), paid AS ({{paid}})
"""

_EXCEPTIONS = """contest AS (
  SELECT l.bill_id, d.raised_on AS starts_on, d.resolved_on AS ends_before, l.amount, l.is_full, false AS is_plan
  FROM disputes_disputedbill l JOIN disputes_dispute d ON d.office_id = l.office_id AND d.id = l.dispute_id
  WHERE l.office_id = %(office)s AND d.raised_on <= %(on)s {theirs}
  UNION ALL  -- an upheld objection stays out of reach until its reduction is decided (S82)
  SELECT bill_id, effective_on, CASE state WHEN 'refused' THEN (decided_at AT TIME ZONE %(zone)s)::date END, amount, false, false
  FROM billing_adjustment
  WHERE office_id = %(office)s AND kind = 'dispute' AND state IN ('proposed', 'refused') AND effective_on <= %(on)s {theirs}
  UNION ALL  -- bills of an instalment plan, from its signature until it ends (decisions 10)
  SELECT bill_id, starts_on, ends_before, NULL, true, true
  FROM disputes_coveredbill l JOIN disputes_instalmentplan p ON p.office_id = l.office_id AND p.id = l.plan_id
  WHERE l.office_id = %(office)s AND p.starts_on <= %(on)s {theirs}
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
  WHERE office_id = %(office)s AND starts_on <= %(on)s {them} GROUP BY account_id
), late AS (  -- what payments settled of late charge is no credit
  SELECT account_id, sum(amount) AS amount FROM billing_chargepayment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {them} GROUP BY account_id
)
"""

_FACTS = f"WITH {_BOOKS}, {_EXCEPTIONS}"

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
_SETTLED = "coalesce(r.amount + p.amount, p.amount, r.amount)"
_OPEN = f"CASE WHEN {_SETTLED} IS NULL THEN a.amount WHEN {_SETTLED} < a.amount THEN a.amount - {_SETTLED} END"

# A period as one number, and its place among all periods of the office. A set of periods is a word of 63 bits, and a longer
# one for offices that have more periods: the periods owed are counted from an OR over the late bills.
_KEY = "((period_start - '0001-01-01'::date)::bigint << 20) + (period_end - period_start)"
_PLACE = f"width_bucket({_KEY}, (SELECT keys FROM period))"


def _periods(name: str, condition: str = "true") -> str:
    """The set of the periods at `place` under a condition, as two columns."""
    return (
        f"bit_or(1::bigint << place - 1) FILTER (WHERE place <= 63 AND {condition}) AS {name}, "
        f"bit_or(set_bit((SELECT none FROM period), place - 64, 1)) FILTER (WHERE place > 63 AND {condition}) AS {name}_more"
    )


def _count(name: str, among: str = "") -> str:
    """How many periods the set has, or has of those kept under `among`."""
    word, more = (f"({name}{end} & (SELECT {among}{end} FROM kept))" if among else name + end for end in ("", "_more"))
    return f"coalesce(bit_count({word}::bit(64)), 0) + coalesce(bit_count({more}), 0)"


_PERIODS = f"""period AS MATERIALIZED (
  SELECT array_agg(key ORDER BY key) AS keys, repeat('0', greatest(count(*)::int - 63, 1))::varbit AS none
  FROM (SELECT DISTINCT {_KEY} AS key FROM {{periods}}) each
), kept AS MATERIALIZED (
  SELECT {_periods("annual", f"length >= {ANNUAL_FROM_DAYS}")},
    {_periods("quarterly", f"length BETWEEN {QUARTERLY_FROM_DAYS} AND {QUARTERLY_TO_DAYS}")}
  FROM (SELECT place::int, (key & 1048575) + 1 AS length FROM period, unnest(keys) WITH ORDINALITY AS each(key, place)) each
)
"""

# A row per bill, and one per payment with nothing but its money, so that one pass gives every sum of an account.
_LINE = f"""a.account_id, a.amount AS billed, r.amount AS reduced, p.amount AS paid,
    CASE WHEN {_SETTLED} > a.amount THEN {_SETTLED} - a.amount END AS overpaid,
    CASE WHEN a.due_on >= %(on)s THEN {_OPEN} END AS not_due,
    CASE WHEN a.due_on < %(on)s AND NOT a.is_reconciled THEN {_OPEN} END AS unreconciled, NULL::numeric AS money, a.due_on,
    CASE WHEN a.due_on < %(on)s AND ({_SETTLED} < a.amount) IS NOT FALSE THEN {_PLACE} END AS place"""
_JOINED = """FROM asked a
  LEFT JOIN reduced r ON r.bill_id = a.id
  LEFT JOIN paid p ON p.bill_id = a.id"""
_MONEY = """SELECT account_id, NULL, NULL, NULL, NULL, NULL, NULL, amount, NULL, NULL{more} FROM billing_payment b
  WHERE office_id = %(office)s AND value_on <= %(on)s {{only}}"""


def _sum(name: str) -> str:
    """A sum that is NULL where there is nothing to add up, and costs nothing there."""
    return f"sum({name}) FILTER (WHERE {name} IS NOT NULL)"


# Sums over an account that hold whatever else is known of it.
_SUMS = f"""sum(billed) AS billed, {_sum("reduced")} AS reduced, {_sum("paid")} AS paid,
    coalesce(sum(billed) - {_sum("reduced")}, sum(billed), 0) AS charged,
    coalesce({_sum("paid")} - {_sum("overpaid")}, {_sum("paid")}, -{_sum("overpaid")}, 0) AS settled,
    {_sum("not_due")} AS not_due, {_sum("unreconciled")} AS unreconciled, {_sum("money")} AS money,
    min(due_on) FILTER (WHERE place IS NOT NULL) AS oldest_due_on"""
_ARREARS = "coalesce(open_amount - not_due, open_amount)"
_SUMMED = "coalesce(billed, 0) AS billed, coalesce(reduced, 0) AS reduced, coalesce(paid, 0) AS paid, open_amount"
_BUCKET = f"CASE WHEN oldest_due_on IS NOT NULL THEN {BUCKET.replace('due_on', 'oldest_due_on')} END AS bucket"

# Accounts of which sums do not say everything: a special case, a contest, a plan, late charge paid, hardship, a dispute.
_ODD = """odd AS MATERIALIZED (
  SELECT account_id FROM billing_specialcase b WHERE office_id = %(office)s AND starts_on <= %(on)s {them}
  UNION ALL SELECT account_id FROM billing_chargepayment b WHERE office_id = %(office)s AND value_on <= %(on)s {them}
  UNION ALL SELECT account_id FROM disputes_dispute b WHERE office_id = %(office)s AND raised_on <= %(on)s {them}
  UNION ALL SELECT account_id FROM disputes_instalmentplan b WHERE office_id = %(office)s AND starts_on <= %(on)s {them}
  UNION ALL SELECT account_id FROM disputes_hardshipreview b WHERE office_id = %(office)s AND starts_on <= %(on)s {them}
  UNION ALL SELECT account_id FROM (  -- by their ids: there are few of them, and an account has many bills
    SELECT account_id FROM billing_bill WHERE office_id = %(office)s AND id = ANY(ARRAY(
      SELECT bill_id FROM billing_adjustment
      WHERE office_id = %(office)s AND kind = 'dispute' AND state IN ('proposed', 'refused') AND effective_on <= %(on)s)) OFFSET 0
  ) b WHERE true {only}
)
"""

# Plain accounts, that is nearly all: sums, and the credit.
_PLAIN = f"""
SELECT account_id, {_SUMMED}, arrears, 0.00 AS special, 0.00 AS contested, 0.00 AS under_plan,
  coalesce(unreconciled, 0) AS unreconciled, credit, net AS remindable, net AS pursuable,
  oldest_due_on, days_overdue, {_count("owed")} AS periods_owed, {_BUCKET},
  arrears AS free, signed, days_overdue AS counted_days, arrears AS counted_amount,
  {_count("owed", "annual")} AS annual, {_count("owed", "quarterly")} AS quarterly,
  false AS is_held, false AS is_reminder_held, false AS is_service_disputed, false AS is_in_hardship
FROM (
  SELECT *, greatest(signed - credit, 0) AS net FROM (
    SELECT *, {_ARREARS} AS arrears, coalesce({_ARREARS} - unreconciled, {_ARREARS}) AS signed,
      coalesce(%(on)s - oldest_due_on, 0) AS days_overdue
    FROM (
      SELECT *, charged - settled AS open_amount, greatest(coalesce(money, 0) - settled, 0) AS credit FROM total
      WHERE NOT EXISTS (SELECT FROM odd WHERE odd.account_id = total.account_id)
      OFFSET 0  -- each of these is used several times
    ) opened OFFSET 0
  ) account OFFSET 0
) netted
"""

# The few others: what holds for the whole account (special case, credit) is applied to the sums, and the bills that are
# contested or held are looked at one by one.
_LOOKED_AT = f"""
, line AS (
  SELECT {_LINE}, {_OPEN} AS open_amount, a.is_reconciled,
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
  {_JOINED}
  LEFT JOIN contested c ON c.bill_id = a.id
  LEFT JOIN special s ON s.account_id = a.account_id
  OFFSET 0  -- computed once, not once for each sum below
), total AS (
  SELECT account_id, {_SUMS},
    sum(contested) AS contested, sum(contested) FILTER (WHERE NOT is_reconciled) AS contested_unreconciled,
    sum(under_plan) AS under_plan, sum(under_plan) FILTER (WHERE is_reconciled) AS signed_under_plan,
    sum(open_amount) FILTER (WHERE contested = open_amount) AS wholly_contested,
    greatest(%(on)s - min(due_on) FILTER (WHERE place IS NOT NULL AND unheld_days IS NULL), max(unheld_days), 0) AS days_overdue,
    greatest(%(on)s - min(due_on) FILTER (WHERE place IS NOT NULL AND unheld_days IS NULL AND (contested = open_amount) IS NOT TRUE),
      max(unheld_days) FILTER (WHERE (contested = open_amount) IS NOT TRUE), 0) AS free_days,
    {_periods("owed")},
    {_periods("free_owed", "(contested = open_amount) IS NOT TRUE")}
  FROM (SELECT * FROM line UNION ALL {_MONEY.format(more=", NULL" * 5)}) line GROUP BY account_id
), opened AS (
  SELECT *, charged - settled AS open_amount FROM total OFFSET 0
), account AS (
  SELECT account_id, {_SUMMED}, {_ARREARS} AS arrears, coalesce(unreconciled, 0) AS unreconciled,
    coalesce(contested, 0) AS contested, coalesce(under_plan, 0) AS under_plan,
    greatest(coalesce(money, 0) - coalesce(l.amount, 0) - settled, 0) AS credit,
    coalesce(unreconciled, 0) - coalesce(contested_unreconciled, 0) + coalesce(signed_under_plan, 0) AS unsigned,
    coalesce(wholly_contested, 0) AS wholly_contested, oldest_due_on, days_overdue, free_days,
    owed, owed_more, free_owed, free_owed_more,
    coalesce(s.is_held, false) AS is_held, coalesce(s.is_reminder_held, false) AS is_reminder_held
  FROM opened LEFT JOIN special s USING (account_id) LEFT JOIN late l USING (account_id)
  OFFSET 0  -- each of these is used several times
), netted AS (  -- the tier looks at what is not wholly contested, or at everything when all of it is
  SELECT *, greatest(arrears - contested - unsigned - credit, 0) AS net, arrears > wholly_contested AS is_partly_free,
    CASE WHEN arrears > wholly_contested THEN free_owed ELSE owed END AS counted,
    CASE WHEN arrears > wholly_contested THEN free_owed_more ELSE owed_more END AS counted_more
  FROM account OFFSET 0
)
SELECT account_id, billed, reduced, paid, open_amount, arrears,
  CASE WHEN is_held THEN arrears - contested - under_plan ELSE 0 END AS special, contested, under_plan, unreconciled, credit,
  CASE WHEN is_reminder_held THEN 0 ELSE net END AS remindable, CASE WHEN is_held THEN 0 ELSE net END AS pursuable,
  oldest_due_on, days_overdue, {_count("owed")} AS periods_owed, {_BUCKET},
  arrears - contested AS free, arrears - contested - unsigned AS signed,
  CASE WHEN is_partly_free THEN free_days ELSE days_overdue END AS counted_days,
  CASE WHEN is_partly_free THEN arrears - wholly_contested ELSE arrears END AS counted_amount,
  {_count("counted", "annual")} AS annual, {_count("counted", "quarterly")} AS quarterly,
  is_held, is_reminder_held,
  account_id IN (SELECT d.account_id FROM disputes_dispute d WHERE d.office_id = %(office)s AND d.kind = 'service'
    AND d.raised_on <= %(on)s AND (d.resolved_on IS NULL OR d.resolved_on > %(on)s)) AS is_service_disputed,
  account_id IN (SELECT h.account_id FROM disputes_hardshipreview h WHERE h.office_id = %(office)s
    AND h.state IN ('confirmed', 'ended') AND h.starts_on <= %(on)s AND h.ends_before > %(on)s) AS is_in_hardship
FROM netted
"""


def _of_the_odd(sql: str) -> str:
    """Narrowed to the accounts that `odd` names; what only they have needs no narrowing."""
    only = "AND b.account_id = ANY(ARRAY(SELECT account_id FROM odd))"
    return sql.replace("{paid}", _PAID).replace("{only}", only)


# One row per account in the books: the plain ones and the others, each from the same books.
ACCOUNTS = f"""
WITH {_ODD}, {_BOOKS}, {_PERIODS}, line AS (
  SELECT {_LINE} {_JOINED} UNION ALL {_MONEY.format(more="")}
), total AS (
  SELECT account_id, {_SUMS}, {_periods("owed")} FROM line GROUP BY account_id
)
SELECT * FROM ({_PLAIN} UNION ALL ({_of_the_odd(_FACTS + _LOOKED_AT)})) position {{where}}
"""
