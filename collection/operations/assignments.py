"""Who does what: cases given to people, absences and who stands in (S22)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from collection.models import Absence, Action, Case
from collection.operations.cases import CaseRefused
from offices.models import Membership, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event
from offices.permissions import holds
from offices.scoping import current_office_id

LONGEST_ABSENCE = timedelta(days=366)


class AbsenceRefused(Refusal):
    """The absence cannot be entered or ended as asked. `details["field"]` names the field."""

    code = "absence_refused"


@transaction.atomic
def assign_actions(*, actions: Sequence[Action], to: User | None, by: User, at: datetime) -> int:
    """Give the cases of these actions, and what they have planned, to one person (None: to nobody in particular)."""
    cases = list(Case.objects.select_for_update().filter(pk__in={a.case_id for a in actions}).order_by("pk"))
    return _give(cases, to=to, by=by, at=at, reason="")


@transaction.atomic
def hand_over(
    *, of: User | None, to: User | None, reason: str, by: User, at: datetime, community_id: int | None = None
) -> int:
    """Everything open of one person (None: of nobody), in one community or all, to another; with the reason. How many.

    Raises `CaseRefused` for a person who may not contact owners, the same person twice, or no reason.
    """
    if of == to:
        raise CaseRefused(_("请选择另一个人。"), code="same_person", field="to")
    if not reason.strip():
        raise CaseRefused(_("请写明改派的原因，例如：岗位调整。"), code="no_reason", field="reason")
    cases = Case.objects.select_for_update(of=("self",)).filter(state=Case.State.OPEN, assignee=of).order_by("pk")
    if community_id is not None:
        cases = cases.filter(account__room__community_id=community_id)
    return _give(list(cases), to=to, by=by, at=at, reason=reason.strip())


def _give(cases: Sequence[Case], *, to: User | None, by: User, at: datetime, reason: str) -> int:
    """Each case keeps in its history whose it was; the whole act is one entry of the office's log."""
    if to is not None and not may_do_the_work(to):
        raise CaseRefused(_("此人不在本办公室，或其角色不能联系业主，请另选一人。"), code="not_assignable", field="to")
    before = sorted({str(case.assignee) for case in cases if case.assignee is not None})
    for case in cases:
        case.assignee = to
    bulk_update_with_history(
        cases, Case, ["assignee"], batch_size=500, default_user=by, default_date=at, default_change_reason=reason[:100]
    )
    Action.objects.filter(case__in=[case.pk for case in cases], state=Action.State.PLANNED).update(assignee=to)
    if cases:
        note_security_event(
            kind="cases_assigned",
            subject=str(to or ""),
            by=by,
            at=at,
            details={"count": len(cases), "from": before, "reason": reason},
        )
    return len(cases)


def may_do_the_work(user: User) -> bool:
    """Whether this person belongs to the office and may contact owners."""
    member = Membership.objects.filter(user=user, office_id=current_office_id(), is_active=True).first()
    return member is not None and holds(member.role, "contact.record")


@transaction.atomic
def enter_absence(
    *, person: User, stand_in: User, starts_on: date, ends_on: date, by: User, at: datetime, note: str = ""
) -> Absence:
    """From the first day to the last, both included, `stand_in` sees and does the work of `person`.

    Nothing is handed over: after the last day everything is where it was. Raises `AbsenceRefused`.
    """
    if not (may_do_the_work(person) and may_do_the_work(stand_in)):
        raise AbsenceRefused(_("请假人和代理人都须是本办公室能联系业主的人员。"), field="stand_in")
    if person == stand_in:
        raise AbsenceRefused(_("代理人不能是本人。"), field="stand_in")
    if not starts_on <= ends_on <= starts_on + LONGEST_ABSENCE:
        raise AbsenceRefused(_("结束日期不能早于开始日期，一次最长一年。"), field="ends_on")
    try:
        with transaction.atomic():
            made = Absence.objects.create(
                person=person,
                stand_in=stand_in,
                starts_on=starts_on,
                ends_on=ends_on,
                note=note.strip(),
                entered_by=by,
                entered_at=at,
            )
    except IntegrityError as twice:
        raise AbsenceRefused(_("此人这几天已有代理安排，请先结束原来的。"), field="starts_on") from twice
    note_security_event(
        kind="absence_entered",
        subject=str(person),
        by=by,
        at=at,
        details={"stand_in": str(stand_in), "from": str(starts_on), "until": str(ends_on)},
    )
    return made


@transaction.atomic
def end_absence(*, absence: Absence, on: date, by: User, at: datetime) -> None:
    """The person is back on `on`: the arrangement ends the day before, or vanishes when it had not begun."""
    row = Absence.objects.select_for_update().filter(pk=absence.pk).first()
    if row is None or row.ends_on < on:
        raise AbsenceRefused(_("这项代理已经结束，请刷新页面。"), code="absence_over")
    row._history_date, row._history_user = at, by
    if row.starts_on >= on:
        row.delete()
    else:
        row.ends_on = on - timedelta(days=1)
        row.save(update_fields=["ends_on"])
    note_security_event(kind="absence_ended", subject=str(row.person), by=by, at=at, details={"back_on": str(on)})
