"""A run taken back as a whole, as long as nothing of it has left the house."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from billing.models import Account
from collection.models import Action, Contact, Message, Notice, Sweep
from collection.operations.sweeps import lock_sweep
from offices.models import Membership, User
from offices.operations import Refusal
from offices.permissions import holds
from offices.scoping import current_office_id

TAKEN_BACK = "当日运行已整批撤回"


class RollBackRefused(Refusal):
    """The run may not be taken back as a whole; the words say what has left the house."""

    code = "not_undoable"


@transaction.atomic
def roll_back_sweep(*, sweep: Sweep, by: User, at: datetime) -> Sweep:
    """Take back what a run decided: its planned steps, unsent messages and unapproved notices; its cases are due as before.

    What the run found stays found: cases opened for what is overdue, cases closed because nothing is. The bells leave the
    office alone for the rest of that day; a person may run it again. Only the newest run that stands can be taken back.
    Raises `RollBackRefused`: not_yours, already_undone, not_last, left_the_house.
    """
    membership = Membership.objects.filter(user=by, office_id=current_office_id(), is_active=True).first()
    if membership is None or not holds(membership.role, "run.roll_back"):
        raise RollBackRefused(_("整批撤回须由客服主管或项目经理办理。"), code="not_yours")
    lock_sweep()
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if sweep.state == Sweep.State.UNDONE:
        raise RollBackRefused(_("这次运行已经撤回，请刷新页面。"), code="already_undone")
    last = Sweep.objects.exclude(state=Sweep.State.UNDONE).order_by("-on", "-id").first()
    if last is None or last.pk != sweep.pk:
        raise RollBackRefused(_("这次运行之后又运行过，请先撤回最近的一次。"), code="not_last")
    actions = Action.objects.filter(sweep=sweep)
    # The accounts first, then what hangs from them: the order in which everybody locks.
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=actions.values("account_id")).order_by("pk"))
    _take_back(sweep, at=at, by=by)
    _check_nothing_left(sweep)
    _due_as_before(sweep)
    sweep.state, sweep.undone_at, sweep.undone_by = Sweep.State.UNDONE, at, by
    sweep.save(update_fields=["state", "undone_at", "undone_by"])
    return sweep


def _take_back(sweep: Sweep, *, at: datetime, by: User) -> None:
    """What can be taken back is taken back first: whoever sends or approves at this moment comes too late, or was first."""
    Message.objects.filter(action__sweep=sweep, state=Message.State.PENDING).update(
        state=Message.State.VOID, void_reason=TAKEN_BACK
    )
    proposed = list(
        Notice.objects.select_for_update(of=("self",)).filter(action__sweep=sweep, state=Notice.State.PROPOSED)
    )
    for notice in proposed:
        notice.state, notice.closed_reason = Notice.State.VOID, TAKEN_BACK
    if proposed:
        bulk_update_with_history(
            proposed, Notice, ["state", "closed_reason"], batch_size=500, default_date=at, default_user=by
        )
    Action.objects.filter(sweep=sweep, state=Action.State.PLANNED).update(
        state=Action.State.VOID, void_reason=TAKEN_BACK
    )


def _check_nothing_left(sweep: Sweep) -> None:
    """What is still not void has left the house, or was worked on by a person."""
    theirs = {"action__sweep": sweep}
    left = [
        (Message.objects.filter(**theirs).exclude(state=Message.State.VOID), _("%(n)s 条信息已发出或正在发送")),
        (Notice.objects.filter(**theirs).exclude(state=Notice.State.VOID), _("%(n)s 份通知书已批准或送出")),
        (Action.objects.filter(sweep=sweep).exclude(state=Action.State.VOID), _("%(n)s 项已办结")),
        (Contact.objects.filter(**theirs), _("%(n)s 次联系已登记")),
    ]
    found = [words % {"n": n} for rows, words in left if (n := rows.count())]
    if found:
        raise RollBackRefused(
            _("不能整批撤回：%(left)s。未发出的请在各户单独处理。") % {"left": "、".join(found)}, code="left_the_house"
        )


def _due_as_before(sweep: Sweep) -> None:
    """Each case is due since the day it was due before; one that has moved on meanwhile is left as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE collection_case c SET next_action_on = v.due_since
            FROM (
              SELECT case_id, (inputs->>'due_since')::date AS due_since, NULL::date AS until
              FROM collection_action WHERE office_id = %(office)s AND sweep_id = %(sweep)s AND void_reason = %(reason)s
              UNION ALL
              SELECT case_id, (inputs->>'due_since')::date, look_again_on
              FROM collection_skip WHERE office_id = %(office)s AND sweep_id = %(sweep)s
            ) v
            WHERE c.office_id = %(office)s AND c.id = v.case_id AND c.state = 'open' AND v.due_since IS NOT NULL
              AND (v.until IS NULL OR v.until = c.next_action_on)
            """,
            {"office": current_office_id(), "sweep": sweep.pk, "reason": TAKEN_BACK},
        )
