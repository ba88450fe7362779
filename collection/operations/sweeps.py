"""The daily sweep: facts for all due cases → one decision each → a few bulk writes (invariants 2–7, 31, 43)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from collection.models import Action, Case, Skip, Sweep
from collection.operations.cases import close_cases, open_cases
from collection.operations.notices import propose_notices
from collection.operations.reminders import queue_reminders
from collection.queries.decisions import decide_all, settled, stored_inputs
from collection.queries.facts import CaseFacts, case_facts
from collection.queries.newly_late import state_of_books
from collection.rules import decide as d
from collection.rules import steps as s
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
    opened = 0 if is_known else open_cases(on=on, at=at)
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
    _plan(sweep, decided.plans, on=on, at=at)
    _skip(sweep, decided.skips, on)
    _look_again(
        [(one, plan.look_again_on) for one, plan in decided.plans]
        + [(one, skip.look_again_on) for one, skip in decided.skips]
    )
    sweep.eligible, sweep.planned, sweep.skipped = len(found), len(decided.plans), len(decided.skips)
    sweep.state = Sweep.State.PARTIAL if decided.faults else Sweep.State.DONE
    sweep.finished_at = at
    sweep.save()
    return sweep


def _plan(sweep: Sweep, plans: Sequence[tuple[CaseFacts, d.Plan]], *, on: date, at: datetime) -> None:
    actions, workday = [], working_calendar().next_working(on)
    for one, plan in plans:
        step = next(step for step in one.steps if step.position == plan.step.position)
        actions.append(
            Action(
                case=one.case,
                account_id=one.case.account_id,
                step=step,
                kind=step.kind,
                position=step.position,
                by_hand=plan.step.is_by_hand,
                planned_on=on,
                due_on=workday if plan.step.is_by_hand else on,
                why=plan.why[:200],
                code=plan.code,
                inputs=stored_inputs(one),
                sweep=sweep,
                assignee_id=one.case.assignee_id,
            )
        )
    _store_actions(actions)
    queue_reminders([a for a in actions if a.kind == s.REMINDER], on=on, at=at)
    owed = {one.case.account_id: plan.amount for one, plan in plans}
    propose_notices(actions=[a for a in actions if a.kind in s.LETTERS], on=on, at=at, owed=owed)


def _store_actions(actions: Sequence[Action]) -> None:
    """One INSERT … SELECT whatever their number; each learns its id. A step planned twice meets the key (invariant 1)."""
    if not actions:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO collection_action (office_id, case_id, account_id, step_id, kind, position, by_hand, state,
              planned_on, due_on, why, code, inputs, void_reason, sweep_id, assignee_id)
            SELECT %(office)s, v.case_id, v.account_id, v.step_id, v.kind, v.position, v.by_hand, 'planned',
              %(on)s, v.due_on, v.why, v.code, v.inputs, '', %(sweep)s, v.assignee_id
            FROM unnest(%(cases)s::bigint[], %(accounts)s::bigint[], %(steps)s::bigint[], %(kinds)s::text[],
              %(positions)s::smallint[], %(by_hand)s::boolean[], %(why)s::text[], %(codes)s::text[], %(inputs)s::jsonb[],
              %(assignees)s::bigint[],
              %(due)s::date[])
              AS v(case_id, account_id, step_id, kind, position, by_hand, why, code, inputs, assignee_id, due_on)
            RETURNING case_id, id
            """,
            {
                "office": current_office_id(),
                "on": actions[0].planned_on,
                "sweep": actions[0].sweep_id,
                "cases": [a.case_id for a in actions],
                "accounts": [a.account_id for a in actions],
                "steps": [a.step_id for a in actions],
                "kinds": [a.kind for a in actions],
                "positions": [a.position for a in actions],
                "by_hand": [a.by_hand for a in actions],
                "why": [a.why for a in actions],
                "codes": [a.code for a in actions],
                "inputs": [json.dumps(a.inputs, ensure_ascii=False) for a in actions],
                "due": [a.due_on for a in actions],
                "assignees": [a.assignee_id for a in actions],
            },
        )
        ids = dict(cursor.fetchall())
    for action in actions:
        action.pk, action.office_id = ids[action.case_id], current_office_id()
        action._state.adding = False


def _skip(sweep: Sweep, skips: Sequence[tuple[CaseFacts, d.Skip]], on: date) -> None:
    """One reason per case and day: when a change brings a case back the same day, the later reason stands."""
    Skip.objects.bulk_create(
        [
            Skip(
                sweep=sweep,
                case=one.case,
                on=on,
                code=skip.code,
                words=skip.words[:200],
                inputs=stored_inputs(one),
                look_again_on=skip.look_again_on,
            )
            for one, skip in skips
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["office", "case", "on"],
        update_fields=["sweep", "code", "words", "inputs", "look_again_on"],
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
