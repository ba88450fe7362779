"""Notices: proposed, approved by name and frozen, withdrawn or replaced when the facts change (S37–S50, S57–S73)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.queries import bill_lines, position
from arrears.rules.position import BLOCKERS, ZERO, BillPosition
from billing.models import Account
from collection.documents import letter_faults, letter_of, round_words
from collection.models import Action, Case, Notice, NoticeLine, Promise, Step
from collection.operations.cases import let_rest
from collection.queries.freshness import stale_communities
from collection.queries.notices import (
    UNSERVED,
    DemandedCharge,
    demanded_charge,
    demanded_lines,
    earlier_demands,
    fee_items,
    served_demand,
    total_of,
)
from collection.queries.unwritten import Unwritten
from collection.rules.service import EXPECTED_SERVICE_DAYS
from offices.letterhead import VERSION
from offices.models import Membership, OfficeSettings, User
from offices.operations import Refusal
from offices.operations.numbers import next_number
from offices.permissions import Role, holds
from offices.queries import office_settings
from offices.rules.demands import REASONABLE_DAYS
from offices.scoping import current_office, current_office_id
from offices.scoping.rows import insert_rows

PAUSE_AFTER_REJECTION = timedelta(days=14)
_PROPOSED = {Step.Kind.FORMAL.value: Notice.Kind.FORMAL, Step.Kind.FINAL.value: Notice.Kind.FINAL}
_CLOSED = (Notice.State.VOID, Notice.State.SUPERSEDED, Notice.State.FAILED)
_BLOCKS_PAPER = ("special_case", "contested", "service_dispute", "unreconciled", "credit")


class NoticeRefused(Refusal):
    """The notice may not be approved, withdrawn or changed now; `code` says why."""

    code = "NOTICE_REFUSED"


def propose_notices(
    *, actions: Sequence[Action | Unwritten], owed: Mapping[int, Decimal], at: datetime, by: User | None = None
) -> None:
    """Propose a notice for each of these formal or final steps, none of which has a living one. One statement for all.

    `owed`: what may be pursued, in yuan by account.
    """
    insert_rows(
        Notice,
        (
            {
                "case_id": action.case_id,
                "account_id": action.account_id,
                "action_id": action.pk,
                "kind": _PROPOSED[action.kind],
                "proposed_at": at,
                "proposed_by_id": by and by.pk,
                "amount": owed.get(action.account_id, ZERO),
            }
            for action in actions
        ),
        recorded_at=at,
    )


def day_of(at: datetime) -> date:
    """The business date of an instant: its date in the office's zone."""
    return at.astimezone(ZoneInfo(current_office().time_zone)).date()


@transaction.atomic
def propose_notice(*, action: Action, on: date, at: datetime, by: User | None = None) -> Notice | None:
    """Propose the notice of one step; None when it already has a living one, or is no letter."""
    notices = Notice.objects.filter(action=action)
    if action.kind not in _PROPOSED or notices.exclude(state__in=_CLOSED).exists():
        return None
    owed = {action.account_id: position(action.account_id, on).pursuable}
    propose_notices(actions=[action], owed=owed, at=at, by=by)
    return notices.latest("id")


@transaction.atomic
def approve_notice(*, notice: Notice, by: User, at: datetime) -> Notice:
    """Approve a proposed notice: re-read what is owed under the account's lock, number it, freeze what it says.

    Returns the notice APPROVED, or VOID when nothing is left to demand. Raises `NoticeRefused`:
    NOT_PROPOSED, NOT_YOURS, TWO_PERSONS, LETTERHEAD_INCOMPLETE, ON_HOLD, PROMISE_OPEN,
    STALE_DATA, FORMAL_NOT_SERVED, DEADLINE_RUNNING, WORDING.
    """
    notice, on = _locked(notice), day_of(at)
    if notice.state != Notice.State.PROPOSED:
        raise NoticeRefused(
            _("这份通知书已被处理（%s），请刷新页面。") % notice.get_state_display(), code="NOT_PROPOSED"
        )
    _check_approver(notice, by)
    settings = _complete_settings()
    earlier = _expired_demand(notice, on) if notice.kind == Notice.Kind.FINAL else None
    standing = position(notice.account_id, on)
    if standing.arrears <= settings.tolerance:
        return close_notice(notice, Notice.State.VOID, _("批准前已缴清"), at=at, with_action=True)
    _check_holds(notice, standing.blockers, on)
    _check_fresh(notice, on)
    lines = demanded_lines(notice, on)
    if total_of(lines) <= settings.tolerance:
        return close_notice(notice, Notice.State.VOID, _("批准时已无可催缴金额"), at=at, with_action=True)
    return _freeze(notice, lines, settings=settings, earlier=earlier, by=by, on=on, at=at)


@transaction.atomic
def reject_notice(*, notice: Notice, reason: str, by: User, at: datetime) -> Notice:
    """Do not send it. The case is looked at again after two weeks."""
    notice = _locked(notice)
    if notice.state != Notice.State.PROPOSED:
        raise NoticeRefused(
            _("这份通知书已被处理（%s），请刷新页面。") % notice.get_state_display(), code="NOT_PROPOSED"
        )
    _check_role(notice, by)
    _check_reason(reason)
    _postpone(notice, day_of(at) + PAUSE_AFTER_REJECTION, at=at)
    return close_notice(notice, Notice.State.VOID, _("未批准：%s") % reason.strip(), at=at, with_action=True)


@transaction.atomic
def void_notice(*, notice: Notice, reason: str, by: User, at: datetime) -> Notice:
    """Withdraw an approved notice that has not left the house. Its number is not used again; its PDF is kept."""
    notice = _locked(notice)
    if notice.state not in (Notice.State.APPROVED, Notice.State.RENDERED):
        raise NoticeRefused(_("只有已批准、尚未送出的通知书可以作废；已送达的请登记更正。"), code="NOT_VOIDABLE")
    _check_role(notice, by)
    _check_reason(reason)
    _postpone(notice, day_of(at) + PAUSE_AFTER_REJECTION, at=at)
    return close_notice(notice, Notice.State.VOID, _("作废：%s") % reason.strip(), at=at, with_action=True)


@transaction.atomic
def replace_notice(*, notice: Notice, reason: str, by: User, at: datetime) -> Notice:
    """Replace a notice that did not reach the owner in time by a new proposal with a new number and deadline."""
    notice = _locked(notice)
    if notice.state not in (Notice.State.APPROVED, Notice.State.RENDERED):
        raise NoticeRefused(_("只有已批准、尚未送达的通知书可以换发。"), code="NOT_REPLACEABLE")
    _check_reason(reason)
    _check_role(notice, by)
    return supersede(notice, reason=reason, on=day_of(at), at=at)


@transaction.atomic
def refresh_notices(*, account: Account, on: date, at: datetime) -> list[Notice]:
    """Make the account's unsent notices fit what is owed now (decisions 16); returns those that changed.

    Call under the account's row lock or let this take it. Nothing left above the tolerance: void.
    Amount changed: a proposal takes the new amount, an approved notice is superseded by a new proposal
    that needs a new approval and gets a new number. What was sent or served is never touched.
    """
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    unsent = list(Notice.objects.select_for_update(of=("self",)).filter(account=account, state__in=UNSERVED))
    if not unsent:
        return []
    now = {line.bill_id: line for line in bill_lines([account.pk], on)}
    found = [_refresh(notice, account, now, on=on, at=at) for notice in unsent]
    return [changed for changed in found if changed is not None]


def supersede(notice: Notice, *, reason: str, on: date, at: datetime, failed: bool = False) -> Notice:
    """Close a notice and propose its successor on the same step. Call under the notice's lock."""
    state = Notice.State.FAILED if failed else Notice.State.SUPERSEDED
    close_notice(notice, state, reason, at=at, with_action=False)
    successor = Notice(
        case_id=notice.case_id,
        account_id=notice.account_id,
        action_id=notice.action_id,
        kind=notice.kind,
        proposed_at=at,
        amount=total_of(demanded_lines(notice, on)),
        supersedes=notice,
    )
    successor._history_date = at
    successor.save()
    return successor


def _refresh(
    notice: Notice, account: Account, now: dict[int, BillPosition], *, on: date, at: datetime
) -> Notice | None:
    tolerance = office_settings().tolerance
    if notice.state == Notice.State.PROPOSED:
        amount = total_of(demanded_lines(notice, on))
        if amount <= tolerance:
            return close_notice(notice, Notice.State.VOID, _("已无可催缴金额（缴清或暂缓）"), at=at, with_action=True)
        if amount == notice.amount:
            return None
        notice.amount = amount
        notice._history_date = at
        notice.save(update_fields=["amount"])
        return notice
    printed = list(notice.lines.values_list("bill_id", "amount"))
    left: list[Decimal] = [min(now[bill].pursuable, amount) if bill in now else ZERO for bill, amount in printed]
    if sum(left, ZERO) <= tolerance:
        return close_notice(notice, Notice.State.VOID, _("送出前已缴清或已暂缓"), at=at, with_action=True)
    charge = demanded_charge(account, [bill for bill, _amount in printed], on) if notice.late_charge else None
    late = min(charge.amount, notice.late_charge) if charge else ZERO  # what a day adds does not make a letter wrong
    if late == notice.late_charge and all(a == still for (_bill, a), still in zip(printed, left, strict=True)):
        return None
    words = {"old": notice.amount, "new": sum(left, ZERO) + late}
    reason = _("送出前金额有变（原 %(old)s 元，现 %(new)s 元）") % words
    return supersede(notice, reason=reason, on=on, at=at)


def _locked(notice: Notice) -> Notice:
    """The account's row first, then the notice: the same order everywhere, so nobody waits in a circle."""
    Account.objects.select_for_update(of=("self",)).get(pk=notice.account_id)
    return (
        Notice.objects.select_for_update(of=("self",))
        .select_related("account__room__community", "account__owner", "case", "action")
        .get(pk=notice.pk)
    )


def _check_role(notice: Notice, by: User | None) -> None:
    """Formal notices: supervisor or manager, unless the strategy leaves them to the manager as it does final ones."""
    is_managers = notice.kind == Notice.Kind.FINAL or notice.action.step.approver == Role.MANAGER
    verb = "notice.approve_final" if is_managers else "notice.approve"
    membership = by and Membership.objects.filter(user=by, office_id=current_office_id(), is_active=True).first()
    if not membership or not holds(membership.role, verb):
        who = _("项目经理") if is_managers else _("客服主管或项目经理")
        raise NoticeRefused(_("此项须由%s处理。") % who, code="NOT_YOURS")


def _check_approver(notice: Notice, by: User) -> None:
    _check_role(notice, by)
    if notice.proposed_by_id is not None and notice.proposed_by_id == by.pk:
        raise NoticeRefused(_("提出人不能批准自己提出的通知书，请另一位有权限的同事批准。"), code="TWO_PERSONS")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise NoticeRefused(_("请填写理由。"), code="REASON_MISSING")


def _complete_settings() -> OfficeSettings:
    """A letter without a contact or a way to pay must not leave (S47, S49, S50)."""
    settings = office_settings()
    missing = [
        label
        for label, there in (
            (_("物业联系人"), settings.contact_person),
            (_("联系电话"), settings.contact_phone),
            (_("收款账号或办公地址"), settings.payee_account or settings.address),
        )
        if not there
    ]
    if missing:
        raise NoticeRefused(
            _("通知书必须写明：%s。请管理员先在「设置」中补全。") % "、".join(missing), code="LETTERHEAD_INCOMPLETE"
        )
    return settings


def _expired_demand(notice: Notice, on: date) -> Notice:
    """The effective formal notice whose printed deadline has passed; without it no final notice (S25, S56, 944②)."""
    earlier = served_demand(notice.case_id)
    if earlier is None or earlier.deadline_on is None:
        raise NoticeRefused(
            _("尚无有效送达的《物业费催缴通知书》，不能发出最后通知书。请先登记送达。"), code="FORMAL_NOT_SERVED"
        )
    if earlier.deadline_on >= on:
        raise NoticeRefused(
            _("《物业费催缴通知书》载明的缴费期限（%s）尚未届满，请在期限过后再批准。")
            % earlier.deadline_on.isoformat(),
            code="DEADLINE_RUNNING",
        )
    return earlier


def _check_holds(notice: Notice, blockers: Sequence[str], on: date) -> None:
    words = [BLOCKERS[code] for code in blockers if code in _BLOCKS_PAPER and code != "unreconciled"]
    if words:
        raise NoticeRefused(_("此户暂不能发书面通知：%s。") % "；".join(words), code="ON_HOLD", blockers=list(blockers))
    promise = Promise.objects.filter(account_id=notice.account_id, state=Promise.State.OPEN).first()
    if promise is not None and promise.promised_on + timedelta(days=promise.grace_days) >= on:
        raise NoticeRefused(
            _("业主承诺在 %s 前缴费，承诺到期前不发书面通知。") % promise.promised_on.isoformat(), code="PROMISE_OPEN"
        )


def _check_fresh(notice: Notice, on: date) -> None:
    """No letter on old data (invariant 45): the owner may have paid since."""
    home = notice.account.room.community_id
    stale = next((each for each in stale_communities(on) if each.community_id == home), None)
    if stale is not None:
        since = _("上次导入是 %s") % stale.since.isoformat() if stale.since else _("还没有导入过")
        raise NoticeRefused(
            _("%(community)s的账单或银行流水已过新鲜期（%(since)s），请先导入最新流水并核对到账，再批准。")
            % {"community": stale.community, "since": since},
            code="STALE_DATA",
        )


def _freeze(
    notice: Notice,
    lines: list[BillPosition],
    *,
    settings: OfficeSettings,
    earlier: Notice | None,
    by: User,
    on: date,
    at: datetime,
) -> Notice:
    """Number, dates, lines and everything the letter prints, as of this moment (invariant 17)."""
    is_final = notice.kind == Notice.Kind.FINAL
    charge = _draw_up(notice, lines, settings, on)
    serial = next_number(key=f"notice.{notice.kind}", year=on.year)
    notice.number = f"{settings.notice_prefix}{'终' if is_final else ''}〔{on.year}〕{serial} 号"
    notice.template_version = VERSION
    items = fee_items(lines)
    letter = letter_of(notice, lines, items, office=current_office(), settings=settings, earlier=earlier, charge=charge)
    notice.frozen = {**letter, "round": round_words(earlier_demands(notice) + 1)}
    community = notice.account.room.community
    faults = letter_faults(notice.kind, VERSION, notice.frozen, places=(community.province, community.city), on=on)
    if faults:
        raise NoticeRefused(_("通知书含有不得使用的文字：%s") % "；".join(faults), code="WORDING", faults=faults)
    notice.state, notice.approved_by, notice.approved_at = Notice.State.APPROVED, by, at
    notice._history_date, notice._history_user = at, by
    notice.save()
    NoticeLine.objects.bulk_create(
        NoticeLine(
            notice=notice,
            bill_id=line.bill_id,
            fee_item=items[line.bill_id],
            period_start=line.period_start,
            period_end=line.period_end,
            due_on=line.due_on,
            receivable=line.billed,
            reduced=line.reduced,
            paid=line.billed - line.reduced - line.contested - line.pursuable,
            amount=line.pursuable,
        )
        for line in lines
    )
    return notice


def _draw_up(notice: Notice, lines: list[BillPosition], settings: OfficeSettings, on: date) -> DemandedCharge | None:
    """Dates and amount as of today: the deadline leaves the owner the full term after expected service (S46)."""
    usual = settings.final_deadline_days if notice.kind == Notice.Kind.FINAL else settings.formal_deadline_days
    days = max(notice.action.step.deadline_days or usual, REASONABLE_DAYS[notice.kind])
    notice.issued_on, notice.deadline_on = on, on + timedelta(days=EXPECTED_SERVICE_DAYS + days)
    charge = demanded_charge(notice.account, [line.bill_id for line in lines], on)
    notice.late_charge = charge.amount if charge else ZERO
    notice.amount = total_of(lines) + notice.late_charge
    return charge


def draft_of(notice: Notice, *, on: date) -> dict[str, Any]:
    """The letter as it would be if it were approved on `on`, without a number. Writes nothing."""
    settings = _complete_settings()
    earlier = _expired_demand(notice, on) if notice.kind == Notice.Kind.FINAL else None
    lines = demanded_lines(notice, on)
    if not lines:
        raise NoticeRefused(_("此户目前没有可催缴的金额。"), code="NOTHING_OWED")
    charge = _draw_up(notice, lines, settings, on)
    notice.number = _("（草稿，批准后编号）")
    items = fee_items(lines)
    return letter_of(notice, lines, items, office=current_office(), settings=settings, earlier=earlier, charge=charge)


def close_notice(notice: Notice, state: Notice.State, reason: str, *, at: datetime, with_action: bool) -> Notice:
    """End a notice that was not served; with its step, so that the sweep may plan it again."""
    notice.state, notice.closed_reason = state, reason[:200]
    notice._history_date = at
    notice.save(update_fields=["state", "closed_reason"])
    if with_action:
        Action.objects.filter(pk=notice.action_id, state=Action.State.PLANNED).update(
            state=Action.State.VOID, void_reason=reason[:100]
        )
    return notice


def _postpone(notice: Notice, until: date, *, at: datetime) -> None:
    case = Case.objects.select_for_update().get(pk=notice.case_id)
    let_rest(case, until)
    case._history_date = at
    case.save(update_fields=["next_action_on", "tier_rises_on"])
