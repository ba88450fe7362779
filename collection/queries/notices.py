"""What can be asked about notices: what they may demand, which demand came before, and the lists of the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from arrears.queries import account_late_charge, bill_lines, position
from arrears.rules.position import BLOCKERS, ZERO, BillPosition, Position
from billing.models import Account, Bill
from billing.queries import find_accounts
from billing.rules.terms import spell_day_rate
from collection.models import Notice, NoticeLine, Service
from collection.queries.corrections import corrected
from collection.rules.service import REASONABLE_DAYS
from offices.queries import office_settings

UNSERVED = (Notice.State.PROPOSED, Notice.State.APPROVED, Notice.State.RENDERED)
"""Notices that have not left the house: a payment may still stop them."""


WALKING = ("account__room__community__position", "account__room__community__name", "account__room__sort_key", "id")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the list: which states it shows."""

    code: str
    states: tuple[str, ...]


TABS: tuple[Tab, ...] = (
    Tab("proposed", (Notice.State.PROPOSED,)),
    Tab("to_print", (Notice.State.APPROVED,)),
    Tab("to_serve", (Notice.State.RENDERED, Notice.State.IN_TRANSIT)),
    Tab("served", (Notice.State.SERVED,)),
    Tab("closed", (Notice.State.VOID, Notice.State.SUPERSEDED, Notice.State.FAILED)),
)
BY_TAB = {tab.code: tab for tab in TABS}


def demanded_lines(notice: Notice, on: date) -> list[BillPosition]:
    """The bills that this notice may demand on `on`, oldest first.

    A final notice demands only what an effective formal notice of the same case demanded before: a bill
    that fell due since then must first be demanded itself (民法典 944②, S25).
    """
    lines = [line for line in bill_lines([notice.account_id], on, only_open=True) if line.pursuable > 0]
    if notice.kind == Notice.Kind.FINAL:
        told = set(
            NoticeLine.objects.filter(
                notice__case_id=notice.case_id, notice__kind=Notice.Kind.FORMAL, notice__state=Notice.State.SERVED
            )
            .exclude(notice__in=corrected())
            .values_list("bill_id", flat=True)
        )
        lines = [line for line in lines if line.bill_id in told]
    return lines


def total_of(lines: Iterable[BillPosition]) -> Decimal:
    """What these bills come to."""
    return sum((line.pursuable for line in lines), ZERO)


@dataclass(frozen=True, slots=True)
class DemandedCharge:
    """The late charge a letter demands beside its bills: yuan, and how it was counted, in words (S45)."""

    amount: Decimal
    words: str


def demanded_charge(account: Account, bill_ids: Iterable[int], on: date) -> DemandedCharge | None:
    """Posted and accrued to `on` on these bills; None when the office does not claim it, or nothing is owed."""
    if not office_settings().posts_late_charge:
        return None
    wanted = set(bill_ids)
    lines = [line for line in account_late_charge(account, on).lines if line.bill.bill_id in wanted and line.owed]
    stretches = [stretch for line in lines for stretch in line.charge.stretches]
    if not stretches:
        return None
    rates = "、".join(spell_day_rate(rate) for rate in sorted({stretch.rate for stretch in stretches}))
    first, days = min(s.after for s in stretches) + timedelta(days=1), max(line.charge.days for line in lines)
    return DemandedCharge(
        amount=sum((line.owed for line in lines), ZERO),
        words=f"自应缴日期次日（最早{first:%Y-%m-%d}）计至{on:%Y-%m-%d}，最长{days}天，每日{rates}",
    )


def demands_met(case_ids: Iterable[int], on: date) -> set[int]:
    """Cases whose served formal notices demanded bills of which nothing is open any more on `on`.

    What such a household still owes fell due since and was never demanded there: no final notice may follow.
    """
    told: dict[int, set[int]] = defaultdict(set)
    demanded = NoticeLine.objects.filter(
        notice__case_id__in=list(case_ids), notice__kind=Notice.Kind.FORMAL, notice__state=Notice.State.SERVED
    ).exclude(notice__in=corrected())
    accounts = set()
    for case_id, account_id, bill_id in demanded.values_list("notice__case_id", "notice__account_id", "bill_id"):
        told[case_id].add(bill_id)
        accounts.add(account_id)
    still_open = {line.bill_id for line in bill_lines(accounts, on, only_open=True)} if told else set()
    return {case_id for case_id, bills in told.items() if not bills & still_open}


def served_demand(case_id: int) -> Notice | None:
    """The latest formal notice of the case that took effect and was not taken back by a correction."""
    return (
        Notice.objects.filter(
            case_id=case_id, kind=Notice.Kind.FORMAL, state=Notice.State.SERVED, effective_on__isnull=False
        )
        .exclude(pk__in=corrected())
        .order_by("-deadline_on")
        .first()
    )


def earlier_demands(notice: Notice) -> int:
    """How many formal notices took effect for this account before this one."""
    return (
        Notice.objects.filter(account_id=notice.account_id, kind=notice.kind, effective_on__isnull=False)
        .exclude(pk=notice.pk)
        .exclude(pk__in=corrected())
        .count()
    )


def fee_items(lines: Sequence[BillPosition]) -> dict[int, str]:
    """Bill → name of its fee item."""
    return dict(Bill.objects.filter(pk__in=[line.bill_id for line in lines]).values_list("pk", "fee_item__name"))


def notices() -> QuerySet[Notice]:
    """Notices with everything a row of the list shows."""
    return Notice.objects.select_related(
        "account__room__community", "account__owner", "case", "action", "pdf", "proposed_by", "approved_by"
    )


def notice_list(*, tab: str = "", kind: str = "", q: str = "", building: str = "", sort: str = "") -> QuerySet[Notice]:
    """The notices of one tab, in walking order (building, unit, floor) unless sorted otherwise."""
    found = notices()
    if tab in BY_TAB:
        found = found.filter(state__in=BY_TAB[tab].states)
    if kind:
        found = found.filter(kind=kind)
    if building:
        found = found.filter(account__room__building=building)
    if q.strip():
        rooms = find_accounts(q).order_by().values("pk")
        found = found.filter(Q(number__icontains=q.strip()) | Q(account__in=rooms))
    orders = {
        "amount": ("amount", *WALKING),
        "-amount": ("-amount", *WALKING),
        "deadline": ("deadline_on", *WALKING),
        "-deadline": ("-deadline_on", *WALKING),
    }
    newest = ("-approved_at", "-proposed_at", "-id") if tab in {"served", "closed", ""} else WALKING
    return found.order_by(*orders.get(sort, newest))


def notice_counts() -> dict[str, int]:
    """Number of notices per tab."""
    by_state = dict(Notice.objects.values_list("state").annotate(n=Count("id")).order_by())
    return {tab.code: sum(by_state.get(state, 0) for state in tab.states) for tab in TABS}


def notice_totals(found: QuerySet[Notice]) -> dict[str, Any]:
    """Count, households and sum over the whole list, never over a page (invariant 41)."""
    return found.order_by().aggregate(
        count=Count("id"), households=Count("account", distinct=True), amount=Sum("amount", default=ZERO)
    )


def waiting_for_service(q: str = "") -> QuerySet[Notice]:
    """Notices that a collector may serve now, or whose mail is on its way, in walking order."""
    return notice_list(tab="to_serve", q=q)


def in_walking_order(ids: Sequence[int]) -> list[Notice]:
    """These notices by community, building, unit and floor: the order of a print run."""
    return list(notices().filter(pk__in=ids).order_by(*WALKING))


def buildings() -> list[str]:
    """Buildings that have notices, for the filter."""
    found = Notice.objects.order_by().values_list("account__room__building", flat=True).distinct()
    return sorted(found, key=lambda b: (len(b), b))


def due_soon(on: date) -> date:
    """Letters not served whose deadline is on or before this day should be replaced (S46)."""
    return on + timedelta(days=REASONABLE_DAYS)


@dataclass(frozen=True, slots=True)
class CardLine:
    """One bill on the page of a notice."""

    fee_item: str
    period_start: date
    period_end: date
    due_on: date
    receivable: Decimal
    settled: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """What a notice demands: frozen lines once approved, before that what it would demand today."""

    lines: tuple[CardLine, ...]
    total: Decimal
    is_frozen: bool
    standing: Position
    earlier: Notice | None
    successor: Notice | None

    @property
    def obstacles(self) -> list[str]:
        """Why it could not be approved today, in words."""
        return [BLOCKERS[code] for code in self.standing.blockers]


def notice_card(notice: Notice, on: date) -> NoticeCard:
    """The figures of one notice's page."""
    if notice.state == Notice.State.PROPOSED:
        open_lines = demanded_lines(notice, on)
        items = fee_items(open_lines)
        lines = tuple(
            CardLine(
                items[line.bill_id], line.period_start, line.period_end, line.due_on,
                line.billed, line.billed - line.contested - line.pursuable, line.pursuable,
            )
            for line in open_lines
        )  # fmt: skip
    else:
        lines = tuple(
            CardLine(
                line.fee_item, line.period_start, line.period_end, line.due_on,
                line.receivable, line.reduced + line.paid, line.amount,
            )
            for line in NoticeLine.objects.filter(notice=notice)
        )  # fmt: skip
    return NoticeCard(
        lines=lines,
        total=sum((line.amount for line in lines), ZERO),
        is_frozen=notice.state != Notice.State.PROPOSED and bool(notice.number),
        standing=position(notice.account_id, on),
        earlier=served_demand(notice.case_id) if notice.kind == Notice.Kind.FINAL else None,
        successor=Notice.objects.filter(supersedes=notice).first(),
    )


def services_of(notice: Notice) -> list[Service]:
    """All attempts to serve a notice, oldest first, with their photos and people."""
    return list(
        Service.objects.filter(notice=notice)
        .select_related("by", "second_server")
        .prefetch_related("photos__file")
        .order_by("at", "id")
    )


def photo_count(notice: Notice) -> int:
    """Photos of all attempts so far: a waybill photographed at posting counts when the mail arrives."""
    return Service.objects.filter(notice=notice).aggregate(n=Count("photos"))["n"]
