"""Cases: opened when something is overdue, advanced when a step takes effect, closed when nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from collection.models import Action, Case, Message
from collection.operations.strategies import NoStrategy
from collection.queries.facts import business_day
from collection.queries.openings import openings
from collection.queries.strategies import rules_of
from collection.rules import steps as rules
from offices.models import User
from offices.operations import Refusal

A_DAY = timedelta(days=1)
Ladders = Mapping[int, Sequence[rules.Step]]


class CaseRefused(Refusal):
    """The case, or its open step, is not in a state in which this may be done."""

    code = "case_refused"


def open_cases(*, on: date, at: datetime, since: date | None = None) -> int:
    """Open a case for every account with something overdue and none open (`openings` says which, and what `since` is).

    Call inside a transaction. Returns how many.
    """
    found = openings(on, since=since)
    if found.without:
        raise NoStrategy(_("尚未设置催缴策略，请管理员在「设置 → 催缴策略」启用后再运行。"))
    if on < business_day(at):  # a missed day: what was paid since then is still to be looked at
        for case in (*found.fresh, *found.again):
            case.seen_change_seq = 0
    for case in found.again:
        case.state, case.closed_on, case.next_action_on = Case.State.OPEN, None, on
        case._history_date = at
        case.save(update_fields=["state", "closed_on", "next_action_on", "seen_change_seq"])
    if found.fresh:
        bulk_create_with_history(found.fresh, Case, batch_size=500, default_date=at)
    return len(found.fresh) + len(found.again)


def close_cases(cases: Iterable[Case], *, on: date, at: datetime, reason: str) -> int:
    """Settle these cases and take back everything they still had planned. Call inside a transaction."""
    count = 0
    for case in cases:
        void_open_work([case], reason=reason)
        case.state, case.closed_on = Case.State.SETTLED, on
        case._history_date, case._change_reason = at, reason
        case.save(update_fields=["state", "closed_on"])
        count += 1
    return count


def void_open_work(cases: Sequence[Case], *, reason: str, kinds: Iterable[str] | None = None) -> int:
    """Take back planned actions (all, or only of some kinds) and the messages that have not left."""
    actions = Action.objects.filter(case__in=[case.pk for case in cases], state=Action.State.PLANNED)
    if kinds is not None:
        actions = actions.filter(kind__in=list(kinds))
    ids = list(actions.values_list("pk", flat=True))
    Message.objects.filter(action_id__in=ids, state=Message.State.PENDING).update(
        state=Message.State.VOID, void_reason=reason[:100]
    )
    return Action.objects.filter(pk__in=ids, state=Action.State.PLANNED).update(
        state=Action.State.VOID, void_reason=reason[:100]
    )


@transaction.atomic
def mark_effective(
    *,
    action: Action,
    on: date,
    at: datetime,
    by: User | None = None,
    deadline_on: date | None = None,
    steps: Ladders | None = None,
) -> bool:
    """A step took effect on `on`: the case moves on, and its next look is when the following step may come.

    `deadline_on`: the deadline printed on the letter that was served; needed for letters. `steps`: by strategy, where they
    have been read already; they never change once they are in use. False when the action was not planned any more (someone else was first, or it had been taken back).
    """
    if action.kind in rules.LETTERS and deadline_on is None:
        raise CaseRefused(_("书面通知须有载明的缴费截止日期，才能作为已送达。"), code="no_deadline")
    case = Case.objects.select_for_update().get(pk=action.case_id)
    done = Action.objects.filter(pk=action.pk, state=Action.State.PLANNED).update(
        state=Action.State.EFFECTIVE, effective_on=on, done_by=by, done_at=at
    )
    if not done:
        return False
    if action.position <= case.reached:
        return True
    case.reached, case.reached_on = action.position, on
    if deadline_on is not None:
        case.letter_deadline_on = deadline_on
    case.next_action_on = next_look(case, on, steps)
    case._history_date = at
    case.save(update_fields=["reached", "reached_on", "letter_deadline_on", "next_action_on"])
    return True


def next_look(case: Case, on: date, ladders: Ladders | None = None) -> date:
    """The first day on which the case's following step may come; always after `on`. `ladders` as in `mark_effective`."""
    steps = (ladders or {}).get(case.strategy_id) or rules_of(case.strategy_id)
    step = rules.following(steps, case.reached, case.tier)
    if step is None:
        return on + timedelta(days=28)
    progress = rules.Progress(case.reached, case.reached_on, case.letter_deadline_on, case.opened_on)
    return max(rules.takes_place_from(step, progress, case.tier) or on + A_DAY, on + A_DAY)


@transaction.atomic
def excuse_action(*, action: Action, reason: str, on: date, at: datetime, by: User) -> None:
    """Let a contact step count although nobody could be spoken with: a recorded act of a supervisor.

    Only calls, visits and reminders can be excused; a letter needs its service (S25, S56).
    """
    if not reason.strip():
        raise CaseRefused(_("请写明理由，例如：多次致电、上门均未联系到业主。"), code="no_reason")
    if action.kind not in rules.CONTACTS:
        raise CaseRefused(_("书面通知必须有效送达，不能跳过。"), code="not_excusable")
    action.void_reason = reason.strip()[:100]
    Action.objects.filter(pk=action.pk).update(void_reason=action.void_reason)
    if not mark_effective(action=action, on=on, at=at, by=by):
        raise CaseRefused(_("该事项已经办结，请刷新页面。"), code="already_done")


@transaction.atomic
def decide_case(*, case: Case, refer: bool, reason: str, again_on: date | None, at: datetime, by: User) -> None:
    """The manager's decision after the last deadline: to the lawyers, or another look on `again_on` (S62, S89)."""
    on = business_day(at)
    case = Case.objects.select_for_update().get(pk=case.pk)
    action = Action.objects.filter(case=case, state=Action.State.PLANNED, kind=rules.DECISION).first()
    if case.state != Case.State.OPEN or action is None:
        raise CaseRefused(_("此户目前没有待决定的事项，请刷新页面。"), code="nothing_to_decide")
    if not reason.strip():
        raise CaseRefused(_("请写明决定的理由。"), code="no_reason")
    if refer:
        mark_effective(action=action, on=on, at=at, by=by)
        case.refresh_from_db()
        case.state = Case.State.REFERRED
    else:
        if again_on is None or not on < again_on <= on + timedelta(days=92):
            raise CaseRefused(_("请选择再次决定的日期（三个月以内）。"), code="no_date")
        Action.objects.filter(pk=action.pk).update(due_on=again_on)
        case.next_action_on = again_on
        let_rest(case, again_on)
    case._history_date, case._history_user, case._change_reason = at, by, reason.strip()[:100]
    case.save(update_fields=["state", "next_action_on", "tier_rises_on"])


def let_rest(case: Case, until: date) -> None:
    """A person said that nothing comes before `until`: age does not bring the case back either. Does not save it."""
    case.next_action_on = max(case.next_action_on, until)
    if case.tier_rises_on is not None:
        case.tier_rises_on = max(case.tier_rises_on, until)
