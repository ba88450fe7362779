"""The daily sweep: facts for all due cases → one decision each → a few bulk writes (invariants 2–7, 31, 43).

What hangs from a planned step, its text or its letter, is written by `fill_planned`, which finds the steps that have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from collection.models import Case, Step, Sweep
from collection.operations.cases import close_cases, open_cases
from collection.queries.decisions import Planned, Skipped, decide_all, settled
from collection.queries.facts import CaseFacts, case_facts
from collection.queries.newly_late import state_of_books
from collection.rules import decide as d
from offices.operations import Refusal
from offices.queries import working_calendar
from offices.scoping import current_office_id

SWEEP_LOCK = 7301


class SweepRefused(Refusal):
    """The day lies before one that has already been run."""

    code = "day_closed"


def lock_sweep() -> None:
    """One sweep at a time per office, to the end of the transaction; other offices are not delayed (invariant 38)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SWEEP_LOCK, current_office_id()])


@transaction.atomic
def run_sweep(*, on: date, at: datetime) -> Sweep:
    """Open new cases, then give every due case its one step or its one reason.

    Eligible are open cases with `next_action_on` ≤ `on`; planned + skipped = eligible. A second run on
    the same day finds nothing due and changes nothing; while no account has changed since, it does not even
    look for new cases. Missed days need no replay: every wait counts from
    the day a step took effect, so a late sweep takes one step late and never two at once (invariant 4).
    Raises `SweepRefused` for a day before the last one swept (invariant 42).
    """
    lock_sweep()
    before = Sweep.objects.order_by("-on", "-id").first()
    last = before.on if before else None
    if last is not None and on < last:
        raise SweepRefused(
            _("已运行到 %(last)s，不能再补跑更早的 %(on)s；请运行 %(last)s 或之后的日期。") % {"last": last, "on": on}
        )
    books = state_of_books()
    is_known = before is not None and (before.on, before.books) == (on, books)
    since = before.on if before is not None and before.books == books else None
    opened = 0 if is_known else open_cases(on=on, at=at, since=since)
    due = list(
        Case.objects.select_for_update().filter(state=Case.State.OPEN, next_action_on__lte=on).order_by("account_id")
    )
    if not due and not opened and before is not None and last == on:
        return before
    sweep = Sweep.objects.create(on=on, started_at=at, opened=opened, books=books)
    found = case_facts(due, on)
    gone = settled(one.position for one in found)
    sweep.closed = close_cases(
        (one.case for one in found if one.case.account_id in gone), on=on, at=at, reason=d.WORDS[d.SETTLED]
    )
    found = [one for one in found if one.case.account_id not in gone]
    decided = decide_all(found, on)
    _store_tiers(found, at)
    _plan(sweep, decided.plans)
    _skip(sweep, decided.skips)
    _look_again([(one, plan.look_again_on) for one, plan, _inputs in decided.plans])
    _look_again([(one, skip.look_again_on) for one, skip, _inputs in decided.skips])
    sweep.eligible, sweep.planned, sweep.skipped = len(found), len(decided.plans), len(decided.skips)
    sweep.state = Sweep.State.PARTIAL if decided.faults else Sweep.State.DONE
    sweep.finished_at = at
    sweep.save()
    return sweep


def _plan(sweep: Sweep, plans: Sequence[Planned]) -> None:
    """One INSERT … SELECT whatever their number. A step planned twice meets the key (invariant 1)."""
    if not plans:
        return
    numbers: dict[int, int] = {}  # households that take the same step for the same reason share one Plan, and its words
    shared: list[tuple[Step, d.Plan]] = []
    which = []
    for one, plan, _inputs in plans:
        if id(plan) not in numbers:
            numbers[id(plan)] = len(shared) + 1
            shared.append((next(step for step in one.steps if step.position == plan.step.position), plan))
        which.append(numbers[id(plan)])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO collection_action (office_id, case_id, account_id, step_id, kind, position, by_hand, state,
              planned_on, due_on, why, code, inputs, void_reason, sweep_id, assignee_id)
            SELECT %(office)s, v.case_id, v.account_id, k.step_id, k.kind, k.position, k.by_hand, 'planned',
              %(on)s, CASE WHEN k.by_hand THEN %(workday)s ELSE %(on)s END, k.why, k.code, v.inputs::jsonb, '', %(sweep)s, v.assignee_id
            FROM unnest(%(cases)s::bigint[], %(accounts)s::bigint[], %(which)s::int[], %(inputs)s::text[],
              %(assignees)s::bigint[]) AS v(case_id, account_id, kind, inputs, assignee_id)
            JOIN unnest(%(steps)s::bigint[], %(kinds)s::text[], %(positions)s::smallint[], %(by_hand)s::boolean[],
              %(why)s::text[], %(codes)s::text[]) WITH ORDINALITY AS k(step_id, kind, position, by_hand, why, code, number)
              ON k.number = v.kind
            """,
            {
                "office": current_office_id(),
                "on": sweep.on,
                "workday": working_calendar().next_working(sweep.on),
                "sweep": sweep.pk,
                "cases": [one.case.pk for one, _plan, _inputs in plans],
                "accounts": [one.case.account_id for one, _plan, _inputs in plans],
                "assignees": [one.case.assignee_id for one, _plan, _inputs in plans],
                "inputs": [inputs for _one, _plan, inputs in plans],
                "which": which,
                "steps": [step.pk for step, _plan in shared],
                "kinds": [step.kind for step, _plan in shared],
                "positions": [step.position for step, _plan in shared],
                "by_hand": [plan.step.is_by_hand for _step, plan in shared],
                "why": [plan.why[:200] for _step, plan in shared],
                "codes": [plan.code for _step, plan in shared],
            },
        )


def _skip(sweep: Sweep, skips: Sequence[Skipped]) -> None:
    """One reason per case and day: when a change brings a case back the same day, the later reason stands."""
    if not skips:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO collection_skip (office_id, sweep_id, case_id, "on", code, words, inputs, look_again_on)
            SELECT %(office)s, %(sweep)s, v.case_id, %(on)s, v.code, v.words, v.inputs::jsonb, v.again
            FROM unnest(%(cases)s::bigint[], %(codes)s::text[], %(words)s::text[], %(inputs)s::text[], %(again)s::date[])
              AS v(case_id, code, words, inputs, again)
            ON CONFLICT (office_id, case_id, "on") DO UPDATE SET sweep_id = excluded.sweep_id, code = excluded.code,
              words = excluded.words, inputs = excluded.inputs, look_again_on = excluded.look_again_on
            """,
            {
                "office": current_office_id(),
                "sweep": sweep.pk,
                "on": sweep.on,
                "cases": [one.case.pk for one, _skip, _inputs in skips],
                "codes": [skip.code for _one, skip, _inputs in skips],
                "words": [skip.words[:200] for _one, skip, _inputs in skips],
                "inputs": [inputs for _one, _skip, inputs in skips],
                "again": [skip.look_again_on for _one, skip, _inputs in skips],
            },
        )


def _store_tiers(found: Sequence[CaseFacts], at: datetime) -> None:
    """Tiers that changed, with their history (S18)."""
    changed = []
    for one in found:
        if one.case.tier != one.position.tier:
            one.case.tier, one.case.tier_reason = one.position.tier, one.position.tier_reason[:200]
            changed.append(one.case)
    if changed:
        bulk_update_with_history(changed, Case, ["tier", "tier_reason"], batch_size=500, default_date=at)


def _look_again(found: Sequence[tuple[CaseFacts, date]]) -> None:
    """When the sweep looks at each case again, in one statement."""
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE collection_case c SET next_action_on = v.day FROM unnest(%s::bigint[], %s::date[]) AS v(id, day) "
            "WHERE c.office_id = %s AND c.id = v.id",
            [[one.case.pk for one, _day in found], [day for _one, day in found], current_office_id()],
        )
