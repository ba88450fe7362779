"""Open cases taken over to another version of the strategy: previewed, explicit, on record (invariants 1, 6, 8, 28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from collection.models import Action, Case, Message, Strategy
from collection.operations.cases import void_open_work
from collection.operations.sweeps import lock_sweep
from collection.queries.facts import business_day
from collection.queries.strategies import steps_of
from collection.queries.trials import Line, trial
from collection.rules import trial as t
from offices.models import User
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.scoping import current_office_id


class MoveRefused(Refusal):
    """The cases cannot be taken over like that; nothing was written."""

    code = "move_refused"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a migration came to: cases gone over, those of them whose open step was taken back, and those that stay."""

    moved: int
    taken_back: int
    stayed: int


@transaction.atomic
def migrate_cases(*, strategy: Strategy, to: Strategy, seen: str, by: User, at: datetime) -> Moved:
    """Take the open cases of `strategy` over to `to`, each to the position it stands at by kind.

    What is under way goes along if the new version has that step next; if not, it is taken back, or, where a letter
    stands on it or a message has left, the case stays behind. Cases that `to` is not for stay as well. The next sweep
    decides by the new steps; a case put off to a later day stays put off. `seen`: the fingerprint of the preview, so
    that what was looked at is what is done. Raises `MoveRefused`: not_in_force, nothing_to_move, changed_meanwhile.
    """
    lock_sweep()
    on = business_day(at)
    target = Strategy.objects.get(pk=to.pk)
    if target.is_draft or target.effective_on > on or (target.ended_on is not None and target.ended_on <= on):
        raise MoveRefused(_("目标版本今天没有生效，不能迁移。请先发布，到生效日再迁移。"), code="not_in_force")
    _hold_messages(strategy)
    preview = trial(target, on, of=strategy, lock=True)
    if not preview.moving:
        raise MoveRefused(_("没有可以迁移的案件。"), code="nothing_to_move")
    if preview.fingerprint != seen:
        raise MoveRefused(_("预览之后案件有了变化，请重新查看预览，再确认迁移。"), code="changed_meanwhile")
    dropping = [line.case for line in preview.moving if line.move.fate == t.DROPS]
    void_open_work(dropping, reason=_("策略迁移后重新安排"))
    _carry([line for line in preview.moving if line.move.fate == t.CARRIES], target)
    _move(preview.moving, strategy, target, at=at, by=by)
    result = Moved(len(preview.moving), len(dropping), len(preview.staying))
    note_security_event(
        kind="cases_migrated",
        subject=f"{strategy.name} v{strategy.version} → {target.name} v{target.version}",
        by=by,
        at=at,
        details={"strategy": strategy.pk, "to": target.pk, "moved": result.moved, "stayed": result.stayed},
    )
    return result


def _hold_messages(strategy: Strategy) -> None:
    """What is queued for these cases does not begin to leave while it is decided whether it still may."""
    waiting = Message.objects.filter(
        case__strategy=strategy, case__state=Case.State.OPEN, state=Message.State.PENDING
    ).order_by("pk")
    list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))


def _carry(lines: Sequence[Line], to: Strategy) -> None:
    """The open action becomes the action of the new version's step: same work, its number in the new order."""
    steps = {step.position: step for step in steps_of([to.pk]).get(to.pk, ())}
    following = {line.case.pk: steps[line.move.next_position] for line in lines}
    actions = list(Action.objects.filter(case_id__in=following, state=Action.State.PLANNED))
    for action in actions:
        step = following[action.case_id]
        action.step, action.position = step, step.position
    Action.objects.bulk_update(actions, ["step", "position"], batch_size=500)


def _move(lines: Sequence[Line], old: Strategy, new: Strategy, *, at: datetime, by: User) -> None:
    on = business_day(at)
    moved = f"策略迁移 {old.name} v{old.version} → {new.name} v{new.version}"
    for line in lines:
        case = line.case
        case._change_reason = f"{moved}：第 {case.reached} 步 → 第 {line.move.position} 步"[:100]
        case.strategy, case.reached = new, line.move.position
        case.next_action_on = max(on, line.move.put_off)
    cases = [line.case for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE collection_case c SET strategy_id = %s, reached = v.reached, next_action_on = v.day "
            "FROM unnest(%s::bigint[], %s::smallint[], %s::date[]) AS v(id, reached, day) "
            "WHERE c.office_id = %s AND c.id = v.id",
            [
                new.pk,
                [case.pk for case in cases],
                [case.reached for case in cases],
                [case.next_action_on for case in cases],
                current_office_id(),
            ],
        )
    Case.history.bulk_history_create(cases, batch_size=500, update=True, default_user=by, default_date=at)
