"""Service of notices: every attempt is a row with its evidence; the effective one moves the case on (S37–S69)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import BinaryIO, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from arrears.operations import interrupt_limitation, withdraw_interruptions
from billing.models import Account, SpecialCase
from collection.models import Notice, Service, ServicePhoto
from collection.operations.cases import mark_effective
from collection.operations.notices import day_of, supersede
from collection.operations.visits import OUTSIDE_HOURS, visit_fault
from collection.queries.corrections import corrected
from collection.queries.notices import photo_count
from collection.rules import service as rules
from offices.filing import store_photo
from offices.models import Membership, User
from offices.operations import Refusal
from offices.scoping import current_office_id

OPEN = (Notice.State.RENDERED, Notice.State.IN_TRANSIT, Notice.State.SERVED)


class ServiceRefused(Refusal):
    """The attempt may not be recorded; `details["lacks"]` names each missing field with what to do."""

    code = "SERVICE_INCOMPLETE"
    status = 422


class Details(TypedDict, total=False):
    """What else the server reports; which of it is needed depends on the way and the outcome."""

    second_server: User | None
    signer: str
    signer_relation: str
    witness: str
    witness_organisation: str
    witness_phone: str
    tracking_number: str
    content_note: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attempt as reported."""

    method: str
    outcome: str
    served_on: date
    photos: tuple[tuple[BinaryIO, str], ...] = ()
    second_server: User | None = None
    signer: str = ""
    signer_relation: str = ""
    witness: str = ""
    witness_organisation: str = ""
    witness_phone: str = ""
    tracking_number: str = ""
    content_note: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """The recorded attempt, what should be noted about it, and the new proposal when it came too late."""

    service: Service
    warnings: tuple[str, ...] = ()
    successor: Notice | None = None


@transaction.atomic
def serve_notice(
    *,
    notice: Notice,
    method: str,
    outcome: str,
    served_at: datetime,
    by: User,
    at: datetime | None = None,
    photos: Sequence[tuple[BinaryIO, str]] = (),
    key: str = "",
    **details: Unpack[Details],
) -> Served:
    """Record one attempt to serve `notice`, or the receipt of mail under way. The same `key` again changes nothing.

    `served_at` is when it happened, `at` when it is written down (the same unless said); `photos` are
    (open file, what it shows: `ServicePhoto.Shows`).

    Effective service moves the case on, counted from the deadline printed on the letter (invariant 46). Service that
    proves something interrupts limitation for the bills printed on the letter, and for no others (S44, 民法典 195).
    Raises `ServiceRefused` (SERVICE_INCOMPLETE with the list of lacks, NOT_SERVABLE, ON_HOLD) and `PhotoRefused`.
    """
    Account.objects.select_for_update(of=("self",)).get(pk=notice.account_id)
    notice = Notice.objects.select_for_update(of=("self",)).select_related("account__room", "action").get(pk=notice.pk)
    known = Service.objects.filter(idempotency_key=key).first() if key else None
    if known is not None:
        return Served(known)
    if notice.state not in OPEN:
        raise ServiceRefused(
            _("通知书当前是「%s」，不能登记送达。请刷新页面查看最新状态。") % notice.get_state_display(),
            code="NOT_SERVABLE",
        )
    _check_hold(notice, served_at)
    at = at or served_at
    evidence = _completed(notice, Evidence(method, outcome, day_of(served_at), tuple(photos), **details))
    attempt = _attempt(notice, evidence, by=by, today=day_of(at))
    _check(attempt, evidence, served_at, account_id=notice.account_id)
    verdict = rules.verdict(attempt)
    counts = verdict.is_effective and notice.state != Notice.State.SERVED
    service = _record(notice, evidence, verdict, counts=counts, by=by, at=served_at, key=key)
    _keep_photos(service, evidence, by=by, at=at)
    if verdict.strength != rules.NONE:
        interrupt_limitation(
            bill_ids=list(notice.lines.values_list("bill_id", flat=True)),
            kind="service",
            strength=verdict.strength,
            on=service.served_on,
            source=service.source,
            note=f"{notice.get_kind_display()} {notice.number}",
            demanded_until=_demanded_until(notice, service, verdict),
            by=by,
            at=at,
        )
        if corrected().filter(pk=notice.pk).exists():  # it was still in the post when it was taken back
            withdraw_interruptions(sources=[service.source], on=service.served_on)
    successor = _carry_on(notice, service, verdict, by=by, at=at)
    return Served(service, verdict.warnings, successor)


def _demanded_until(notice: Notice, service: Service, verdict: rules.Verdict) -> date | None:
    """The printed last day to pay, if this service makes the letter a demand: one that came too late for it sets no period."""
    if not verdict.is_effective or notice.deadline_on is None or notice.deadline_on <= service.served_on:
        return None
    return notice.deadline_on


def _check_hold(notice: Notice, served_at: datetime) -> None:
    """Nothing is handed over once a special case is open; what happened before it was opened is written down."""
    if notice.state != Notice.State.RENDERED:
        return
    opened = SpecialCase.objects.filter(
        account_id=notice.account_id, opened_at__lte=served_at, starts_on__lte=day_of(served_at)
    ).exclude(ends_before__lte=day_of(served_at))
    case = opened.first()
    if case is not None:
        raise ServiceRefused(
            _("此户已登记特殊情况（%s），通知书即将撤回，请勿送达。") % case.get_kind_display(), code="ON_HOLD"
        )


def _completed(notice: Notice, evidence: Evidence) -> Evidence:
    """What follows from the notice: the note on the waybill (S64), the address, the number of mail under way."""
    if evidence.method not in rules.MAIL:
        return evidence
    posted = Service.objects.filter(notice=notice, outcome=rules.IN_TRANSIT, method=evidence.method).last()
    return replace(
        evidence,
        content_note=evidence.content_note.strip() or rules.CONTENT_NOTE[notice.kind],
        address=evidence.address.strip() or (posted.address if posted else notice.account.mailing_address),
        tracking_number=evidence.tracking_number.strip() or (posted.tracking_number if posted else ""),
    )


def _attempt(notice: Notice, evidence: Evidence, *, by: User, today: date) -> rules.Attempt:
    return rules.Attempt(
        kind=notice.kind,
        method=evidence.method,
        outcome=evidence.outcome,
        photos=len(evidence.photos) + (photo_count(notice) if evidence.method in rules.MAIL else 0),
        server=by.pk,
        second_server=evidence.second_server.pk if evidence.second_server else None,
        signer=evidence.signer,
        relation=evidence.signer_relation,
        witness=evidence.witness,
        tracking_number=evidence.tracking_number,
        content_note=evidence.content_note,
        served_on=evidence.served_on,
        deadline_on=notice.deadline_on,
        issued_on=notice.issued_on,
        today=today,
    )


def _check(attempt: rules.Attempt, evidence: Evidence, served_at: datetime, *, account_id: int) -> None:
    lacks, second = list(rules.lacks(attempt)), evidence.second_server
    if attempt.method not in rules.MAIL:
        fault = visit_fault(account_id=account_id, at=served_at, reason=evidence.note)
        lacks += (
            [rules.Lack(fault[0], "note" if fault[0] == OUTSIDE_HOURS else "served_time", fault[1])] if fault else []
        )
    if (
        second is not None
        and not Membership.objects.filter(user=second, office_id=current_office_id(), is_active=True).exists()
    ):
        lacks.append(rules.Lack("SECOND_SERVER_UNKNOWN", "second_server", _("第二送达人不是本办公室的在职人员。")))
    if lacks:
        raise ServiceRefused(
            " ".join(lack.words for lack in lacks),
            lacks=[{"code": lack.code, "field": lack.field, "words": lack.words} for lack in lacks],
        )


def _record(
    notice: Notice, evidence: Evidence, verdict: rules.Verdict, *, counts: bool, by: User, at: datetime, key: str
) -> Service:
    previous = Service.objects.filter(notice=notice).last()
    return Service.objects.create(
        notice=notice,
        method=evidence.method,
        outcome=evidence.outcome,
        strength=verdict.strength,
        is_effective=counts,
        served_on=evidence.served_on,
        at=at,
        by=by,
        second_server=evidence.second_server,
        signer=evidence.signer.strip(),
        signer_relation=evidence.signer_relation,
        witness=evidence.witness.strip(),
        witness_organisation=evidence.witness_organisation.strip(),
        witness_phone=evidence.witness_phone.strip(),
        tracking_number=evidence.tracking_number.strip(),
        content_note=evidence.content_note,
        address=evidence.address,
        note=evidence.note.strip(),
        follows=previous,
        idempotency_key=key,
    )


def _keep_photos(service: Service, evidence: Evidence, *, by: User, at: datetime) -> None:
    for file, shows in evidence.photos:
        stored, taken_at = store_photo(file.read(), name=getattr(file, "name", "") or "photo.jpg", by=by, at=at)
        ServicePhoto.objects.create(service=service, file=stored, shows=shows, taken_at=taken_at)


def _carry_on(notice: Notice, service: Service, verdict: rules.Verdict, *, by: User, at: datetime) -> Notice | None:
    """The notice's new state: served, under way, back on the pile, or too late and proposed anew."""
    if notice.state == Notice.State.SERVED:
        return None
    if verdict.is_late:
        return supersede(notice, reason=_("送达时缴费期限已过，须换发"), on=day_of(at), at=at, failed=True)
    if service.is_effective:
        notice.state, notice.effective_on = Notice.State.SERVED, service.served_on
        mark_effective(action=notice.action, on=service.served_on, at=at, by=by, deadline_on=notice.deadline_on)
    else:
        under_way = service.outcome == rules.IN_TRANSIT
        notice.state = Notice.State.IN_TRANSIT if under_way else Notice.State.RENDERED
    notice._history_date = at
    notice.save(update_fields=["state", "effective_on"])
    return None
