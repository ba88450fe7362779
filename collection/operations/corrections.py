"""更正函: a letter in the owner's hands was wrong, so another takes it back, by the same way (S10, invariant 40)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.operations import withdraw_interruptions
from billing.models import Account
from collection.documents import correction_faults, correction_of, correction_pdf
from collection.models import Action, Case, Correction, Notice, Service
from collection.operations.cases import void_open_work
from collection.operations.notices import close_notice, day_of
from collection.queries.corrections import OUT, found_wrong, printed_and_wrong
from collection.queries.notices import UNSERVED
from collection.rules.corrections import right_amount
from collection.rules.service import MAIL
from offices.filing import open_file, store_file
from offices.letterhead import VERSION
from offices.models import Membership, StoredFile, User
from offices.operations import Refusal
from offices.operations.numbers import next_number
from offices.operations.offices import note_security_event
from offices.permissions import holds
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id

TAKEN_BACK = "原通知书有误，已发更正函"


class CorrectionRefused(Refusal):
    """The correction may not be proposed, approved or sent like this; `code` says why."""

    code = "CORRECTION_REFUSED"


@transaction.atomic
def propose_corrections(*, at: datetime) -> list[Correction]:
    """A correction for every letter out of the house of which a bill was cancelled or found wrong since; each once."""
    found = []
    for notice in found_wrong().select_related("account"):
        amounts, reasons = printed_and_wrong(notice)
        found.append(_propose(notice, "；".join(reasons), right_amount(amounts), by=None, at=at))
    return found


@transaction.atomic
def propose_correction(*, notice: Notice, reason: str, right: Decimal, by: User, at: datetime) -> Correction:
    """Somebody found a letter wrong; `right` is what it should have demanded, in yuan.

    Raises `CorrectionRefused`: NOT_YOURS, NOT_OUT (a letter in the house is replaced or withdrawn), ALREADY, REASON_MISSING,
    AMOUNT.
    """
    _check_role(by)
    Account.objects.select_for_update(of=("self",)).get(pk=notice.account_id)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.state not in OUT:
        raise CorrectionRefused(_("这份通知书没有送出，请换发或作废，不需要更正函。"), code="NOT_OUT")
    if Correction.objects.filter(notice=notice).exclude(state=Correction.State.DROPPED).exists():
        raise CorrectionRefused(_("这份通知书已有更正函，请刷新页面。"), code="ALREADY")
    if not reason.strip():
        raise CorrectionRefused(_("请写明更正原因。"), code="REASON_MISSING", field="reason")
    if not 0 <= right < notice.amount:
        raise CorrectionRefused(_("应为金额须小于通知书载明的金额。"), code="AMOUNT", field="right")
    return _propose(notice, reason.strip(), right, by=by, at=at)


def _propose(notice: Notice, reason: str, right: Decimal, *, by: User | None, at: datetime) -> Correction:
    made = Correction(
        notice=notice,
        account_id=notice.account_id,
        reason=reason[:200],
        right_amount=right,
        proposed_at=at,
        proposed_by=by,
    )
    made._history_date = at
    made.save()
    return made


@transaction.atomic
def approve_correction(*, correction: Correction, by: User, at: datetime) -> Correction:
    """Number and draw the letter. From now on the wrong letter proves nothing, and its step is to be taken anew.

    Raises `CorrectionRefused`: NOT_YOURS, NOT_PROPOSED, TWO_PERSONS, WORDING.
    """
    row = _locked(correction)
    _check_role(by)
    _check_proposed(row)
    if row.proposed_by_id == by.pk:
        raise CorrectionRefused(_("提出人不能批准自己提出的更正函，请另一位有权限的同事批准。"), code="TWO_PERSONS")
    on, settings, community = day_of(at), office_settings(), row.notice.account.room.community
    row.number = f"{settings.notice_prefix}更〔{on.year}〕{next_number(key='notice.correction', year=on.year)} 号"
    row.frozen = correction_of(row, on=on, office=current_office(), settings=settings)
    faults = correction_faults(VERSION, row.frozen, places=(community.province, community.city), on=on)
    if faults:
        raise CorrectionRefused(_("更正函含有不得使用的文字：%s") % "；".join(faults), code="WORDING")
    name = f"{row.notice.account.room} {row.number}.pdf"
    row.template_version, row.approved_by, row.approved_at = VERSION, by, at
    row.pdf = store_file(
        correction_pdf(VERSION, row.frozen),
        name=name,
        kind=StoredFile.Kind.NOTICE,
        by=by,
        at=at,
        mime="application/pdf",
    )
    row.state = Correction.State.ISSUED
    _save(row, by, at)
    proofs = Service.objects.filter(notice=row.notice)
    withdraw_interruptions(sources=[service.source for service in proofs], on=on)
    _take_back(row.notice, on=on, at=at)
    return row


def _take_back(notice: Notice, *, on: date, at: datetime) -> None:
    """The step of the wrong letter did not take effect, nor what was built on it; the case is looked at again."""
    case = Case.objects.select_for_update().get(pk=notice.case_id)
    if case.state != Case.State.OPEN:
        return
    for unsent in Notice.objects.select_for_update(of=("self",)).filter(case=case, state__in=UNSERVED):
        close_notice(unsent, Notice.State.VOID, TAKEN_BACK, at=at, with_action=True)
    void_open_work([case], reason=TAKEN_BACK)
    done = Action.objects.filter(case=case, state=Action.State.EFFECTIVE, position__gte=notice.action.position)
    done.update(state=Action.State.VOID, void_reason=TAKEN_BACK)
    last = Action.objects.filter(case=case, state=Action.State.EFFECTIVE).order_by("-position").first()
    case.reached, case.reached_on = (last.position, last.effective_on) if last else (0, None)
    case.letter_deadline_on, case.next_action_on = None, on
    case._history_date, case._change_reason = at, TAKEN_BACK
    case.save(update_fields=["reached", "reached_on", "letter_deadline_on", "next_action_on"])


@transaction.atomic
def drop_correction(*, correction: Correction, reason: str, by: User, at: datetime) -> Correction:
    """The letter was right after all; why is kept. Raises `CorrectionRefused`: NOT_YOURS, NOT_PROPOSED, REASON_MISSING."""
    row = _locked(correction)
    _check_role(by)
    _check_proposed(row)
    if not reason.strip():
        raise CorrectionRefused(_("请写明不更正的理由。"), code="REASON_MISSING", field="reason")
    row.state, row.note = Correction.State.DROPPED, reason.strip()[:200]
    return _save(row, by, at)


@transaction.atomic
def record_correction_sent(
    *,
    correction: Correction,
    method: str,
    sent_on: date,
    tracking_number: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> Correction:
    """It went out, the way the wrong letter did; another way needs its reason in `note`.

    Raises `CorrectionRefused`: NOT_ISSUED, DATE, TRACKING_MISSING, OTHER_WAY.
    """
    row = _locked(correction)
    if row.state != Correction.State.ISSUED:
        raise CorrectionRefused(_("更正函不在待送出状态，请刷新页面。"), code="NOT_ISSUED")
    assert row.approved_at is not None
    if not day_of(row.approved_at) <= sent_on <= day_of(at):
        raise CorrectionRefused(_("送出日期须在批准之日至今天之间。"), code="DATE", field="sent_on")
    if method in MAIL and not tracking_number.strip():
        raise CorrectionRefused(_("请填写邮件号（面单上的号码）。"), code="TRACKING_MISSING", field="tracking_number")
    usual = way_of(row.notice)
    if usual and method != usual and not note.strip():
        words = _("原通知书以「%(way)s」送达，更正函应以同样方式送出；用其他方式请写明原因。")
        label = Service.Method(usual).label
        raise CorrectionRefused(words % {"way": label}, code="OTHER_WAY", field="note")
    row.method, row.sent_on, row.sent_by = method, sent_on, by
    row.tracking_number, row.note, row.state = tracking_number.strip(), note.strip()[:200], Correction.State.SENT
    return _save(row, by, at)


@transaction.atomic
def take_correction_pdf(*, correction: Correction, by: User, at: datetime) -> bytes:
    """The stored letter, byte for byte; opening it is logged (R5). Raises `CorrectionRefused`."""
    if correction.pdf is None:
        raise CorrectionRefused(_("更正函批准后才有 PDF。"), code="NOT_ISSUED")
    details: dict[str, Any] = {"correction": correction.pk}
    note_security_event(kind="notice_opened", subject=correction.number, by=by, at=at, details=details)
    return open_file(correction.pdf)


def way_of(notice: Notice) -> str:
    """How the letter reached the owner, or is on its way; a code of `Service.Method`."""
    services = Service.objects.filter(notice=notice)
    last = services.filter(is_effective=True).last() or services.last()
    return last.method if last else ""


def _locked(correction: Correction) -> Correction:
    Account.objects.select_for_update(of=("self",)).get(pk=correction.account_id)
    rows = Correction.objects.select_for_update(of=("self",)).select_related(
        "notice__account__room__community", "notice__account__owner", "notice__action"
    )
    return rows.get(pk=correction.pk)


def _check_role(by: User) -> None:
    membership = Membership.objects.filter(user=by, office_id=current_office_id(), is_active=True).first()
    if membership is None or not holds(membership.role, "notice.approve"):
        raise CorrectionRefused(_("更正函须由客服主管或项目经理提出和批准。"), code="NOT_YOURS")


def _check_proposed(row: Correction) -> None:
    if row.state != Correction.State.PROPOSED:
        raise CorrectionRefused(
            _("这份更正函已被处理（%s），请刷新页面。") % row.get_state_display(), code="NOT_PROPOSED"
        )


def _save(row: Correction, by: User, at: datetime) -> Correction:
    row._history_date, row._history_user = at, by
    row.save()
    return row
