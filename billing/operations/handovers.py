"""A room is handed over: from that day on the owner pays, until then the developer (S7, 物业管理条例 41②)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import Account, Adjustment, Bill, ContactPoint, Owner, Room, SpecialCase
from billing.operations.accounts import business_date, stamp_accounts
from billing.operations.registers import developer_of
from billing.operations.special_cases import SpecialCaseRefused, end_case, locked_case
from billing.operations.staging import search_keys
from billing.rules.shares import split_at
from offices.models import StoredFile, User
from offices.rules.money import ZERO

DAYS_TO_PAY = timedelta(days=15)  # whoever gets a bill at the handover has not heard of it before


@transaction.atomic
def record_handover(
    *,
    case: SpecialCase,
    handed_over_on: date,
    evidence: StoredFile | None,
    by: User,
    at: datetime,
    buyer: str = "",
    phone: str = "",
) -> Account:
    """The room was handed over on `handed_over_on`, the first day that its owner pays; returns the owner's account.

    Every bill of the held account is shared by days: what the other party has to pay leaves it as an adjustment
    (the bill stays as it is) and becomes a bill of that party. The hold ends. `buyer`: the owner's name, needed
    where the room still belongs to the developer. Not by the one who opened the case. Raises `SpecialCaseRefused`.
    """
    case = locked_case(case)
    today = business_date(at)
    _check(case, handed_over_on, evidence, by, today)
    held = Account.objects.select_related("owner", "room").get(pk=case.account_id)
    is_developers = held.owner.kind == Owner.Kind.DEVELOPER
    if is_developers and not buyer.strip():
        raise SpecialCaseRefused(_("请填写业主姓名：交付之后由谁缴费。"), code="buyer_missing", field="buyer")
    other = (
        _owner_account(held, handed_over_on, buyer, phone)
        if is_developers
        else _developer_account(held, handed_over_on)
    )
    if is_developers:
        held.closed_on = handed_over_on - timedelta(days=1)
        held.save(update_fields=["closed_on"])
    _deliver(held.room, handed_over_on)
    try:
        with transaction.atomic():
            for bill in Bill.objects.select_for_update(of=("self",)).filter(account=held, voided_at=None):
                _share(bill, other, handed_over_on, owner_moves=is_developers, by=by, at=at)
    except IntegrityError as clash:
        raise SpecialCaseRefused(
            _("另一方账户已有同一账期的账单，不能再分摊。请先核对是否重复计费。"), code="billed_twice"
        ) from clash
    case.evidence = evidence
    case.approved_by, case.approved_at = by, at
    case.save(update_fields=["evidence", "approved_by", "approved_at"])
    end_case(case, by=by, at=at, reason=_("%(day)s 已交付，账单已按天分摊。") % {"day": handed_over_on})
    stamp_accounts(account_ids=[held.pk, other.pk])
    return other if is_developers else held


def _check(case: SpecialCase, on: date, evidence: StoredFile | None, by: User, today: date) -> None:
    if case.kind != SpecialCase.Kind.NOT_HANDED_OVER:
        raise SpecialCaseRefused(_("只有“开发商未移交”可以登记交付。"), code="not_a_handover")
    if case.opened_by_id == by.pk:
        raise SpecialCaseRefused(
            _("登记未移交的人不能再登记交付，请由另一位有权限的同事办理。"), code="two_people_needed"
        )
    if on > today:
        raise SpecialCaseRefused(
            _("交付日期不能晚于今天；交付之后再登记。"), code="handed_over_in_future", field="handed_over_on"
        )
    if evidence is None:
        raise SpecialCaseRefused(_("请上传交房单（照片或 PDF）。"), code="evidence_missing", field="evidence")


def _owner_account(held: Account, on: date, buyer: str, phone: str) -> Account:
    """A new account of the buyer for the same room."""
    name = buyer.strip()[:60]
    owner = Owner.objects.create(name=name, search_keys=search_keys(name))
    if phone.strip():
        ContactPoint.objects.create(
            owner=owner,
            kind=ContactPoint.Kind.PHONE,
            value=phone.strip(),
            tail=phone.strip()[-4:],
            source=_("交房登记"),
        )
    return Account.objects.create(room=held.room, owner=owner, opened_on=on)


def _developer_account(held: Account, on: date) -> Account:
    """The developer's account for a room that already stands in its owner's name: his ledger until the handover."""
    developer = developer_of(held.room.community)
    before = Account.objects.filter(room=held.room, owner=developer).order_by("-pk").first()
    return before or Account.objects.create(room=held.room, owner=developer, closed_on=on - timedelta(days=1))


def _deliver(room: Room, on: date) -> None:
    room.handed_over_on = on
    if room.residence == Room.Residence.UNDELIVERED:
        room.residence = Room.Residence.UNKNOWN
    room.save(update_fields=["handed_over_on", "residence"])


def _share(bill: Bill, other: Account, on: date, *, owner_moves: bool, by: User, at: datetime) -> None:
    """Move the other party's days from a bill to a bill of theirs."""
    reduced = bill.adjustments.filter(state=Adjustment.State.APPROVED).aggregate(sum=Sum("amount"))["sum"] or ZERO
    developer, owner = split_at(bill.amount - reduced, bill.period_start, bill.period_end, on)
    moved: Decimal = owner if owner_moves else developer
    if moved <= 0:
        return
    today = business_date(at)
    Adjustment.objects.create(
        bill=bill,
        kind=Adjustment.Kind.REVERSAL,
        state=Adjustment.State.APPROVED,
        amount=moved,
        effective_on=today,
        reason=_("%(day)s 交付，转由%(who)s承担") % {"day": on, "who": other.owner.name},
        proposed_at=at,
        decided_by=by,
        decided_at=at,
    )
    Bill.objects.create(
        account=other,
        fee_item_id=bill.fee_item_id,
        period_start=max(bill.period_start, on) if owner_moves else bill.period_start,
        period_end=bill.period_end if owner_moves else min(bill.period_end, on - timedelta(days=1)),
        due_on=max(bill.due_on, today + DAYS_TO_PAY),
        amount=moved,
        is_reconciled=bill.is_reconciled,
        billed_on=today,
    )
