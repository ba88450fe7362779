"""Recording, confirming, refusing, ending and revealing a household's economic hardship (S13, S83, S84)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from billing.operations import stamp_account
from billing.operations.accounts import business_date
from disputes.models import HardshipReview
from offices.models import StoredFile, User
from offices.operations import Refusal
from offices.operations.offices import note_security_event

LONGEST = timedelta(days=366)
"""A confirmed hardship is looked at again after a year at the latest; circumstances change."""

State = HardshipReview.State


class HardshipRefused(Refusal):
    """The hardship cannot be recorded or decided like this; the message says what to do instead."""

    code = "hardship_refused"


@transaction.atomic
def record_hardship(
    *, account: Account, details: str, evidence: StoredFile | None, by: User | None, at: datetime
) -> HardshipReview:
    """Write down that a household says it is in difficulty, with its proof. Has no effect until confirmed.

    Raises `HardshipRefused`.
    """
    on = business_date(at)
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if not details.strip():
        raise HardshipRefused(_("请写明困难情况，只写与缴费有关、必要的内容。"), code="no_details", field="details")
    if evidence is None:
        raise HardshipRefused(_("请上传证明材料的照片或 PDF。"), code="no_evidence", field="evidence")
    HardshipReview.objects.filter(account=account, state=State.CONFIRMED, ends_before__lte=on).update(state=State.ENDED)
    if HardshipReview.objects.filter(account=account, state__in=[State.ASKED, State.CONFIRMED]).exists():
        raise HardshipRefused(_("这户已有待核实或有效的困难认定，请先处理原来的。"), code="hardship_exists")
    return HardshipReview.objects.create(
        account=account, details=details.strip(), evidence=evidence, asked_at=at, asked_by=by
    )


@transaction.atomic
def confirm_hardship(*, review: HardshipReview, until: date, by: User, at: datetime) -> HardshipReview:
    """Another person has verified it; it holds from today up to and including `until`. Raises `HardshipRefused`."""
    on = business_date(at)
    review = _locked(review, State.ASKED)
    if review.asked_by_id == by.pk:
        raise HardshipRefused(_("不能核实自己登记的困难，请由另一位有权限的同事核实。"), code="two_people_needed")
    if not on <= until <= on + LONGEST:
        raise HardshipRefused(
            _("有效期须在今天至 %(last)s 之间，到期后重新核实。") % {"last": on + LONGEST}, code="until", field="until"
        )
    review.state, review.decided_by, review.decided_at = State.CONFIRMED, by, at
    review.starts_on, review.ends_before = on, until + timedelta(days=1)
    review.save()
    stamp_account(account_id=review.account_id)
    return review


@transaction.atomic
def close_hardship(*, review: HardshipReview, reason: str, by: User, at: datetime) -> HardshipReview:
    """Refuse a recorded hardship, or end a confirmed one from today, with the reason. Raises `HardshipRefused`."""
    review = _locked(review, State.ASKED, State.CONFIRMED)
    if not reason.strip():
        raise HardshipRefused(_("请写明原因。"), code="no_reason", field="reason")
    review.close_reason = reason.strip()[:200]
    if review.state == State.ASKED:
        review.state, review.decided_by, review.decided_at = State.REFUSED, by, at
    else:
        review.state, review.ends_before = State.ENDED, business_date(at)
        note_security_event(kind="hardship_ended", subject=str(review.account), by=by, at=at)
    review.save()
    stamp_account(account_id=review.account_id)
    return review


@transaction.atomic
def reveal_hardship(*, review: HardshipReview, what: str, by: User, at: datetime) -> HardshipReview:
    """The household's sensitive reasons (`what`: details or evidence) are shown to `by`; who saw them is written down.

    个人信息保护法 §28, §51: only who must know, and never without a trace.
    """
    note_security_event(
        kind="hardship_revealed",
        subject=str(review.account),
        by=by,
        at=at,
        details={"review": review.pk, "account": review.account_id, "what": what},
    )
    return review


def _locked(review: HardshipReview, *states: str) -> HardshipReview:
    Account.objects.select_for_update(of=("self",)).get(pk=review.account_id)
    found = (
        HardshipReview.objects.select_for_update(of=("self",))
        .select_related("account__room", "account__owner")
        .get(pk=review.pk)
    )
    if found.state not in states:
        raise HardshipRefused(
            _("这条困难认定现在是“%(state)s”，不能进行这一步，请刷新页面后再看。")
            % {"state": found.get_state_display()},
            code="wrong_state",
        )
    return found
