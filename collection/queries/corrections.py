"""Letters that have left the house and turned out wrong, and the letters that correct them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from billing.models import Adjustment
from collection.models import Correction, Notice, NoticeLine
from collection.rules.corrections import WRONG_KINDS

OUT = (Notice.State.IN_TRANSIT, Notice.State.SERVED)
"""Letters that the owner has, or will have."""


def corrections() -> QuerySet[Correction]:
    """With everything a row shows."""
    return Correction.objects.select_related(
        "notice__account__room__community", "notice__account__owner", "proposed_by", "approved_by", "sent_by", "pdf"
    )


def open_corrections() -> QuerySet[Correction]:
    """To be approved or to be sent, oldest first."""
    return corrections().filter(state__in=[Correction.State.PROPOSED, Correction.State.ISSUED]).order_by("proposed_at")


def corrected() -> QuerySet[Notice]:
    """Letters taken back by an approved correction: they prove nothing, and nothing may be built on them."""
    taken_back = Correction.objects.filter(state__in=[Correction.State.ISSUED, Correction.State.SENT])
    return Notice.objects.filter(pk__in=taken_back.values("notice_id"))


def found_wrong() -> QuerySet[Notice]:
    """Letters out of the house of whose bills one was cancelled or found wrong since, and that nobody has dealt with."""
    lines = NoticeLine.objects.filter(
        notice__state__in=OUT,
        notice__corrections=None,
        bill__adjustments__kind__in=WRONG_KINDS,
        bill__adjustments__state=Adjustment.State.APPROVED,
    ).annotate(known_at=Coalesce("bill__adjustments__decided_at", "bill__adjustments__proposed_at"))
    return Notice.objects.filter(pk__in=lines.filter(known_at__gt=F("notice__approved_at")).values("notice_id"))


def printed_and_wrong(notice: Notice) -> tuple[list[tuple[Decimal, Decimal]], list[str]]:
    """Of each bill on the letter: yuan printed, and yuan found wrong since it was approved; and why, in the books' words."""
    assert notice.approved_at is not None
    lines = dict(notice.lines.values_list("bill_id", "amount"))
    wrong: dict[int, Decimal] = defaultdict(Decimal)
    reasons = []
    for each in _wrong_of(lines, notice.approved_at):
        wrong[each.bill_id] += each.amount
        reasons.append(f"{each.get_kind_display()}：{each.reason}")
    return [(amount, wrong[bill]) for bill, amount in lines.items()], list(dict.fromkeys(reasons))


def _wrong_of(bills: Iterable[int], since: datetime) -> QuerySet[Adjustment]:
    rows = Adjustment.objects.filter(bill__in=list(bills), kind__in=WRONG_KINDS, state=Adjustment.State.APPROVED)
    return rows.annotate(known_at=Coalesce("decided_at", "proposed_at")).filter(known_at__gt=since).order_by("pk")
