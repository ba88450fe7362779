"""The daily sweep: facts for all due cases → one decision each → a few bulk writes (invariants 2–7, 31, 43).

What hangs from a planned step, its text or its letter, is written by `fill_planned`, which finds the steps that have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from collection.models import Case, Sweep
from collection.operations.cases import close_cases, open_cases
from collection.queries.decisions import OWN_INPUTS, Decided, decide_all, parted
from collection.queries.facts import Alike, Due, alike_facts
from collection.queries.newly_late import last_look
from collection.rules import decide as d
from offices.operations import Refusal
from offices.queries import working_calendar
from offices.scoping import current_office_id
from offices.scoping.arrays import among, array
from offices.scoping.plans import FEW, prepared

_LOCK = "SELECT pg_advisory_xact_lock(7301, %(office)s); "


class SweepRefused(Refusal):
    """The day lies before one that has already been run."""

    code = "day_closed"


def lock_sweep() -> None:
    """One sweep at a time per office, to the end of the transaction; other offices are not delayed (invariant 38)."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"office": current_office_id()})


def run_sweep(*, on: date, at: datetime) -> Sweep:
    """Open new cases, then give every due case its one step or its one reason.

    Eligible are open cases to be looked at on `on` or before (`Case.looked_at_on`); planned + skipped = eligible. A second run on
    the same day finds nothing due and changes nothing; while no account has changed since and no other bill became late,
    it does not even look for new cases. Missed days need no replay: every wait counts from
    the day a step took effect, so a late sweep takes one step late and never two at once (invariant 4).
    Raises `SweepRefused` for a day before the last one swept (invariant 42). Call inside the day's transaction.
    """
    last = last_look(lock=_LOCK)
    if last.on is not None and on < last.on:
        raise SweepRefused(
            _("已运行到 %(last)s，不能再补跑更早的 %(on)s；请运行 %(last)s 或之后的日期。")
            % {"last": last.on, "on": on}
        )
    opened, due_next = 0, last.next_due_on
    if not last.finds_nobody(on):
        opened, due_next = open_cases(on=on, at=at, since=last.since), None
    due = _lock_due(on)
    if last.on == on and not due.count and not opened:
        return Sweep.objects.get(pk=last.sweep_id)
    found, gone = parted(alike_facts(due, on) if due.count else ())
    settled = [each.account_id for one in gone for each in one.each()]
    closed = close_cases(_open_cases_of(settled), on=on, at=at, reason=d.WORDS[d.SETTLED]) if settled else 0
    decided = decide_all(found, on)
    _store_tiers(found, at)
    sweep = Sweep(
        office_id=current_office_id(),
        on=on,
        books=last.books,
        next_due_on=due_next,
        started_at=at,
        finished_at=at,
        state=Sweep.State.PARTIAL if decided.faults else Sweep.State.DONE,
        eligible=sum(one.households for one in found),
        planned=decided.planned,
        skipped=decided.skipped,
        opened=opened,
        closed=closed,
    )
    return _stored(sweep, decided)


def _lock_due(on: date) -> Due:
    """The due cases, as they stand once they are ours to the end of the transaction."""
    with connection.cursor() as cursor:
        (accounts, cases, strategies, tiers, reached, reached_on, deadlines, looks, strategy_ids, count) = prepared(
            cursor, _DUE, {"office": current_office_id(), "on": on}
        )[0]
    return Due(
        accounts, cases, strategies, tiers, reached, reached_on, deadlines, looks, frozenset(strategy_ids or ()), count
    )


_DUE = """
SELECT array_agg(account_id)::text, array_agg(id)::text, array_agg(strategy_id)::text, array_agg(tier)::text,
  array_agg(reached)::text, array_agg(reached_on)::text, array_agg(letter_deadline_on)::text,
  array_agg(least(next_action_on, tier_rises_on))::text,
  array_agg(DISTINCT strategy_id), count(*)
FROM (
  SELECT * FROM collection_case WHERE office_id = %(office)s AND state = 'open' AND least(next_action_on, tier_rises_on) <= %(on)s
  ORDER BY account_id FOR UPDATE
) due
"""


def _open_cases_of(account_ids: Iterable[int]) -> QuerySet[Case]:
    return Case.objects.filter(account_id__in=among(account_ids), state=Case.State.OPEN).order_by("account_id")


# The run itself, with the day on which the first bill falls due that is not late today, unless the last run knew it.
# One line for each kind of household: a step or a reason in words, the beginning of the stored inputs, and its households as
# arrays. A step planned twice meets the key (invariant 1). Of reasons one stands for each case and day: when a change brings
# a case back the same day, the later one.
_STORE = f"""
WITH run AS (
  INSERT INTO collection_sweep (office_id, "on", books, state, started_at, finished_at, eligible, planned, skipped, opened, closed,
    next_due_on)
  VALUES (%(office)s, %(on)s, %(books)s, %(state)s, %(at)s, %(at)s, %(eligible)s, %(planned)s, %(skipped)s, %(opened)s, %(closed)s,
    coalesce(%(due_next)s::date, (
      SELECT min(due_on) FROM billing_bill WHERE office_id = %(office)s AND due_on >= %(on)s AND voided_at IS NULL
    ), '9999-12-31'))
  RETURNING id, next_due_on
), kind AS (
  SELECT * FROM unnest(%(steps)s::bigint[], %(kinds)s::text[], %(positions)s::int[], %(by_hand)s::boolean[], %(words)s::text[],
    %(codes)s::text[], %(shared)s::text[], %(again)s::date[])
    WITH ORDINALITY AS k(step_id, kind, position, by_hand, words, code, shared, again, number)
), each AS MATERIALIZED (  -- of its kind only the number: ten thousand times the words would not fit in memory
  SELECT v.*, k.again, k.rises, k.number FROM unnest(%(cases)s::text[], %(remindable)s::text[], %(pursuable)s::text[], %(looks)s::text[],
    %(again)s::date[], %(rises)s::date[]) WITH ORDINALITY AS k(cases, remindables, pursuables, looks, again, rises, number)
  CROSS JOIN LATERAL unnest(k.cases::bigint[], k.remindables::numeric[], k.pursuables::numeric[], k.looks::date[])
    AS v(id, remindable, pursuable, look_on)
), decided AS (
  UPDATE collection_case c SET next_action_on = e.again, tier_rises_on = e.rises FROM each e
  WHERE c.office_id = %(office)s AND c.id = e.id AND c.id = ANY(ARRAY(SELECT id FROM each))  -- looked up, not read whole
  RETURNING c.id AS case_id, c.account_id, c.assignee_id, e.remindable, e.pursuable, e.look_on, e.number
), planned AS (
  INSERT INTO collection_action (office_id, case_id, account_id, step_id, kind, position, by_hand, state, planned_on, due_on,
    why, code, inputs, void_reason, sweep_id, assignee_id)
  SELECT %(office)s, case_id, account_id, step_id, kind, position, by_hand, 'planned', %(on)s,
    CASE WHEN by_hand THEN %(workday)s::date ELSE %(on)s END, words, code, {OWN_INPUTS}, '', (SELECT id FROM run), assignee_id
  FROM decided JOIN kind USING (number) WHERE step_id IS NOT NULL ORDER BY case_id
), skipped AS (
  INSERT INTO collection_skip (office_id, sweep_id, case_id, "on", code, words, inputs, look_again_on)
  SELECT %(office)s, (SELECT id FROM run), case_id, %(on)s, code, words, {OWN_INPUTS}, again
  FROM decided JOIN kind USING (number) WHERE step_id IS NULL
  ON CONFLICT (office_id, case_id, "on") DO UPDATE SET sweep_id = excluded.sweep_id, code = excluded.code,
    words = excluded.words, inputs = excluded.inputs, look_again_on = excluded.look_again_on
)
SELECT id, next_due_on FROM run
"""  # noqa: S608 - two texts of this house


def _stored(sweep: Sweep, decided: Decided) -> Sweep:
    """The run, its steps and reasons, and when each case is looked at again: one statement whatever their number."""
    lines: list[tuple[Any, ...]] = [
        (_step_of(one, plan), plan.step.kind, plan.step.position, plan.step.is_by_hand, plan.why, plan.code, inputs,
         plan.look_again_on, one)
        for one, plan, inputs in decided.plans
    ]  # fmt: skip
    lines += [
        (None, None, None, None, skip.words, skip.code, inputs, skip.look_again_on, one)
        for one, skip, inputs in decided.skips
    ]
    steps, kinds, positions, by_hand, words, codes, shared, again, found = (
        zip(*lines, strict=True) if lines else [()] * 9
    )
    facts = {
        "office": sweep.office_id,
        "on": sweep.on,
        "at": sweep.started_at,
        "books": sweep.books,
        "due_next": sweep.next_due_on,
        "state": sweep.state,
        "eligible": sweep.eligible,
        "planned": sweep.planned,
        "skipped": sweep.skipped,
        "opened": sweep.opened,
        "closed": sweep.closed,
        "workday": working_calendar().next_working(sweep.on) if any(by_hand) else sweep.on,
        "steps": array(steps),
        "kinds": array(kinds),
        "positions": array(positions),
        "by_hand": array(by_hand),
        "words": array(text[:200] for text in words),
        "codes": array(codes),
        "shared": array(shared),
        "again": array(again),
        "cases": array(one.case_ids for one in found),
        "remindable": array(one.remindable for one in found),
        "pursuable": array(one.pursuable for one in found),
        "looks": array(one.looks for one in found),
        "rises": array(one.tier_rises_on for one in found),
    }
    with connection.cursor() as cursor:
        ((sweep.pk, sweep.next_due_on),) = prepared(cursor, _STORE, facts, by_hash=sweep.eligible > FEW)
    return sweep


def _step_of(one: Alike, plan: d.Plan) -> int:
    return next(step.pk for step in one.steps if step.position == plan.step.position)


def _store_tiers(found: Sequence[Alike], at: datetime) -> None:
    """Tiers that changed, with their history (S18)."""
    moved = {each.account_id: one for one in found if one.stored_tier != one.tier for each in one.each()}
    if not moved:
        return
    changed = list(_open_cases_of(moved))
    for case in changed:
        case.tier, case.tier_reason = moved[case.account_id].tier, moved[case.account_id].tier_reason[:200]
    bulk_update_with_history(changed, Case, ["tier", "tier_reason"], batch_size=500, default_date=at)
