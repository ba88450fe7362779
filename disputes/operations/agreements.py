"""The paper of an instalment plan: numbered, drawn and kept with the manager's approval (S55, S87)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.operations.accounts import business_date
from disputes.documents import agreement_of, agreement_pdf
from disputes.models import InstalmentPlan
from disputes.operations.plans import PlanRefused, State, locked
from disputes.queries import plan_with_schedule
from offices.filing import open_file, store_file
from offices.letterhead import VERSION
from offices.models import StoredFile, User
from offices.operations.numbers import next_number
from offices.queries import office_settings
from offices.scoping import current_office


@transaction.atomic
def approve_plan(*, plan: InstalmentPlan, by: User, at: datetime) -> InstalmentPlan:
    """The manager agrees; the agreement gets its number and is drawn, to be signed. Not by the one who proposed it.

    The number is given in the transaction that keeps the PDF: an agreement that could not be drawn uses none up.
    Raises `PlanRefused`, `LetterFault`.
    """
    plan = locked(plan, State.PROPOSED)
    if plan.proposed_by_id == by.pk:
        raise PlanRefused(_("不能审批自己提出的分期，请由另一位有权限的同事审批。"), code="two_people_needed")
    on = business_date(at)
    full = plan_with_schedule(plan.pk)
    number = f"分协〔{on.year}〕{next_number(key='agreement', year=on.year):04}号"
    frozen = agreement_of(full, number=number, issued_on=on, office=current_office(), settings=office_settings())
    plan.agreement = store_file(
        agreement_pdf(VERSION, frozen), name=f"{full.account.room} {number}.pdf", kind=StoredFile.Kind.EVIDENCE, by=by,
        at=at, mime="application/pdf",
    )  # fmt: skip
    plan.state, plan.decided_by, plan.decided_at = State.APPROVED, by, at
    plan.number, plan.frozen = number, frozen
    plan.save()
    return plan


def take_agreement(*, plan: InstalmentPlan, signed: bool = False) -> tuple[bytes, StoredFile]:
    """The agreement as it was drawn, or the signed copy as it came back; byte for byte. Raises `PlanRefused`."""
    stored = plan.signed_copy if signed else plan.agreement
    if stored is None:
        raise PlanRefused(_("还没有这份文件。"), code="no_paper")
    return open_file(stored), stored
