"""欠费清单: one row per account in arrears, its bill lines below, totals over every row (S2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from arrears.models import SavedView
from arrears.queries.limitation import clocks
from arrears.queries.positions import bill_lines, positions
from arrears.queries.segments import segments
from arrears.rules.ageing import BY_CODE
from arrears.rules.position import ZERO, BillPosition, Position
from billing.models import Account, Responsibility, Room
from billing.queries import find_accounts
from offices.models import User

TIER_ORDER = {"slight": 1, "moderate": 2, "severe": 3}


@dataclass(frozen=True, slots=True)
class ArrearsFilters:
    """What the list is narrowed to, as it stands in the address. `hold` is a blocker's code, or `free`; `segment` a code of `rules.segments`."""

    q: str = ""
    community: int | None = None
    building: str = ""
    person: int | None = None
    tier: str = ""
    bucket: str = ""
    hold: str = ""
    segment: str = ""
    minimum: Decimal | None = None
    sort: str = "-arrears"


@dataclass(frozen=True, slots=True)
class ArrearsRow:
    """One account in arrears. `lines` are its open, past-due bills, and only there on the asked page.

    `limitation_until`: the safe date of the bill that runs out first; there when shown or sorted by.
    """

    account_id: int
    community: str
    room: str
    room_order: str
    owner: str
    residence: str
    position: Position
    segments: tuple[str, ...] = ()
    lines: tuple[BillPosition, ...] = ()
    limitation_until: date | None = None

    @property
    def bucket_label(self) -> str:
        """The band of the oldest debt, in words."""
        return BY_CODE[self.position.bucket].label


@dataclass(frozen=True, slots=True)
class ArrearsTotals:
    """Sums over all rows of the list, never over the page alone (invariant 41)."""

    accounts: int
    arrears: Decimal
    special: Decimal
    contested: Decimal
    under_plan: Decimal
    credit: Decimal
    pursuable: Decimal


@dataclass(frozen=True, slots=True)
class ArrearsList:
    """All rows in order; `shown` are those of the asked page, with their lines."""

    on: date
    rows: tuple[ArrearsRow, ...]
    shown: tuple[ArrearsRow, ...]
    totals: ArrearsTotals


SORTS: dict[str, Callable[[ArrearsRow], Any]] = {
    "room": lambda row: (row.community, row.room_order),
    "owner": lambda row: row.owner,
    "arrears": lambda row: row.position.arrears,
    "pursuable": lambda row: row.position.pursuable,
    "days": lambda row: row.position.days_overdue,
    "oldest": lambda row: row.position.oldest_due_on,
    "periods": lambda row: row.position.periods_owed,
    "limitation": lambda row: row.limitation_until or date.max,
    "tier": lambda row: (TIER_ORDER[row.position.tier], row.position.arrears),
}


def arrears_list(
    on: date, filters: ArrearsFilters | None = None, *, page: int | None = None, size: int = 50
) -> ArrearsList:
    """Accounts with something past due on `on`. `page` counts from 1; None shows every row with its lines.

    Ten statements at most, however long the list is; by limitation, the bills of all rows are read.
    """
    filters = filters or ArrearsFilters()
    wanted = _wanted_accounts(filters)
    found = positions(on, wanted, in_arrears=True)
    people = _people([p.account_id for p in found] if wanted is not None else None)
    rows = [
        ArrearsRow(position=p, **people[p.account_id]) for p in found if p.account_id in people and _matches(p, filters)
    ]
    if filters.segment:
        rows = [row for row in _with_segments(rows, on) if filters.segment in row.segments]
    if filters.sort.removeprefix("-") == "limitation":
        rows = list(_with_lines(rows, on))
    rows = _sorted(rows, filters.sort)
    shown = rows if page is None else rows[(page - 1) * size : page * size]
    known = shown if filters.segment else _with_segments(shown, on)
    return ArrearsList(on=on, rows=tuple(rows), shown=_with_lines(known, on), totals=_totals(rows))


def _wanted_accounts(filters: ArrearsFilters) -> list[int] | None:
    """The accounts that text and place allow, or None when they allow all."""
    wanted: list[int] | None = None
    if filters.q:
        wanted = [account.pk for account in find_accounts(filters.q)]
    if filters.community or filters.building or filters.person:
        accounts = Account.objects.all()
        if filters.community:
            accounts = accounts.filter(room__community_id=filters.community)
        if filters.building:
            accounts = accounts.filter(room__building=filters.building)
        if filters.person:
            theirs = Responsibility.objects.filter(
                user=filters.person, community=OuterRef("room__community"), building=OuterRef("room__building")
            )
            accounts = accounts.filter(Exists(theirs))
        if wanted is not None:
            accounts = accounts.filter(pk__in=wanted)
        wanted = list(accounts.values_list("pk", flat=True))
    return wanted


def _matches(position: Position, filters: ArrearsFilters) -> bool:
    return (
        (not filters.tier or position.tier == filters.tier)
        and (not filters.bucket or position.bucket == filters.bucket)
        and (filters.minimum is None or position.arrears >= filters.minimum)
        and (not filters.hold or filters.hold in (position.blockers or ("free",)))
    )


def _people(account_ids: Sequence[int] | None) -> dict[int, dict[str, Any]]:
    """What a row says beside its figures. Plain values: a hundred thousand objects would cost more than the figures."""
    accounts = Account.objects.all() if account_ids is None else Account.objects.filter(pk__in=account_ids)
    fields = ("pk", "room__community__name", "room__building", "room__unit", "room__number", "room__sort_key")
    residences = {code: str(label) for code, label in Room.Residence.choices}
    return {
        pk: {
            "account_id": pk,
            "community": community,
            "room": "-".join(part for part in (building, unit, number) if part),
            "room_order": order,
            "owner": owner,
            "residence": residences[residence],
        }
        for pk, community, building, unit, number, order, owner, residence in accounts.values_list(
            *fields, "owner__name", "room__residence"
        )
    }


def _sorted(rows: list[ArrearsRow], sort: str) -> list[ArrearsRow]:
    """By the asked column; rooms in their own order where it says nothing."""
    rows.sort(key=SORTS["room"])
    key = SORTS.get(sort.removeprefix("-"))
    if key is not None:
        rows.sort(key=key, reverse=sort.startswith("-"))
    return rows


def _with_lines(rows: Sequence[ArrearsRow], on: date) -> tuple[ArrearsRow, ...]:
    if not rows or rows[0].lines:
        return tuple(rows)
    lines: dict[int, list[BillPosition]] = defaultdict(list)
    late = [b for b in bill_lines([row.account_id for row in rows], on, only_open=True) if b.arrears > 0]
    for line in late:
        lines[line.account_id].append(line)
    until = {bill_id: clock.safe_until for bill_id, clock in clocks(late, on).items()}
    return tuple(
        replace(
            row,
            lines=tuple(lines[row.account_id]),
            limitation_until=min((until[line.bill_id] for line in lines[row.account_id]), default=None),
        )
        for row in rows
    )


def _with_segments(rows: Sequence[ArrearsRow], on: date) -> list[ArrearsRow]:
    owed = {row.account_id: row.position.arrears for row in rows}
    found = segments(on, owed, list(owed))
    return [replace(row, segments=found[row.account_id]) for row in rows]


def _totals(rows: Sequence[ArrearsRow]) -> ArrearsTotals:
    def total(name: str) -> Decimal:
        return sum((getattr(row.position, name) for row in rows), ZERO)

    return ArrearsTotals(
        accounts=len(rows),
        arrears=total("arrears"),
        special=total("special"),
        contested=total("contested"),
        under_plan=total("under_plan"),
        credit=total("credit"),
        pursuable=total("pursuable"),
    )


def buildings() -> list[str]:
    """The buildings of the open office, in the order of their rooms."""
    rows = Room.objects.order_by("sort_key").values_list("building", flat=True)
    return list(dict.fromkeys(rows))


def responsible_people() -> list[User]:
    """Those who look after a building, by name."""
    ids = Responsibility.objects.values_list("user_id", flat=True)
    return list(User.objects.filter(pk__in=set(ids)).order_by("display_name", "pk"))


def saved_views(user: User) -> list[SavedView]:
    """A person's own views of the list, and those that colleagues share."""
    return list(SavedView.objects.filter(Q(user=user) | Q(is_shared=True)).select_related("user"))
