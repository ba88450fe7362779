"""What a batch would bring, counted and summed over every row, beside the file's own totals (decisions 8)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, Q

from billing.models import ImportBatch, ImportRow
from billing.rules.periods import Period
from billing.rules.rooms import RoomKey
from billing.rules.rows import BankRow, BillRow, FileRow, Item, RegisterRow, Sums, compare
from offices.rules.money import ZERO

Rows = Sequence[tuple[str, Sequence[FileRow]]]
Refused = frozenset[tuple[str, int]]  # sheet and number of every row that may not be taken
Summary = Callable[[str, Rows, Refused], dict[str, Any]]  # from the community of rows that name none; asks no database


def _taken(row: BillRow | BankRow) -> Sums:
    """What an accepted row brings."""
    if isinstance(row, BankRow):
        return Sums(1, ZERO, row.amount or ZERO, ZERO, ZERO)
    if len(row.items) == 1:
        return _of_item(row.items[0])
    sums = Sums()
    for item in row.items:
        sums.add(_of_item(item))
    return sums


def _of_item(item: Item) -> Sums:
    return Sums(1, item.receivable, item.received, item.reduction, item.open)


def sums_of(home: str, judged: Rows, refused_rows: Refused, of_kind: Summary) -> dict[str, Any]:
    """What the rows themselves tell, once it is known which are refused; asks no database. `home` as for a `Summary`."""
    return {
        "rows": sum(1 for _sheet, rows in judged for row in rows if row.sort == "data"),
        **of_kind(home, judged, refused_rows),
        "controls": _control_differences(judged, refused_rows),
    }


def counts_of(batch: ImportBatch) -> dict[str, Any]:
    """Counts of the kept rows by verdict; of a contact log also how many households it speaks of."""
    kept = ImportRow.objects.filter(batch=batch)
    is_warned = Q(reasons__contains=[{"level": "warning"}])
    found = kept.order_by().values_list("verdict").annotate(rows=Count("id"), warned=Count("id", filter=is_warned))
    rows = {verdict: (count, warned) for verdict, count, warned in found}
    counts = Counter({verdict: count for verdict, (count, _warned) in rows.items()})
    totals: dict[str, Any] = {
        "good": counts["new"] + counts["changed"] + counts["unchanged"],
        "new": counts["new"],
        "changed": counts["changed"],
        "unchanged": counts["unchanged"],
        "refused": counts["refused"],
        "skipped": counts["skipped"],
        "warned": sum(warned for verdict, (_count, warned) in rows.items() if verdict != ImportRow.Verdict.REFUSED),
    }
    if batch.kind == ImportBatch.Kind.CONTACTS:
        taken = kept.filter(account__isnull=False).exclude(verdict=ImportRow.Verdict.REFUSED)
        totals["households"] = taken.values("account_id").distinct().count()
    return totals


def people_of(home: str, judged: Rows, refused_rows: Refused) -> dict[str, Any]:
    """Of a register: rooms, owners, and what will need attention."""
    rows = [row for _sheet, rows in judged for row in rows if isinstance(row, RegisterRow) and row.sort == "data"]
    residences = Counter(row.residence for row in rows)
    return {
        "rooms": len({(row.community, row.room.sort_key) for row in rows if row.room}),
        "owners": sum(len(row.names) for row in rows),
        "vacant": residences["vacant"],
        "undelivered": residences["undelivered"],
        "without_phone": sum(1 for row in rows if not row.phones),
    }


def nothing_more(home: str, judged: Rows, refused_rows: Refused) -> dict[str, Any]:
    """Of kinds that the counts by verdict describe fully."""
    return {}


def money_of(home: str, judged: Rows, refused_rows: Refused) -> dict[str, Any]:
    """Of bills and transfers: sums of accepted and refused rows, by community and by period."""
    accepted, refused = Sums(), Sums()
    bills: defaultdict[tuple[str, Period], Sums] = defaultdict(Sums)
    rooms: set[tuple[str, RoomKey | None]] = set()
    for sheet, rows in judged:
        for row in rows:
            if row.sort != "data" or not isinstance(row, BillRow | BankRow):
                continue
            if (sheet, row.row_no) in refused_rows:
                refused.add(row.stated if isinstance(row, BillRow) else _taken(row))
            elif isinstance(row, BillRow):
                rooms.add((row.community, row.room))
                for item in row.items:
                    bills[row.community or home, item.period].add(_of_item(item))
            else:
                accepted.add(_taken(row))
    by_community: defaultdict[str, Sums] = defaultdict(Sums)
    by_period: defaultdict[Period, Sums] = defaultdict(Sums)
    for (name, period), sums in bills.items():
        for each in (accepted, by_community[name], by_period[period]):
            each.add(sums)
    return {
        "accepted": accepted.as_dict(),
        "refused_sums": refused.as_dict(),
        "rooms": len({(name, room.sort_key if room else "") for name, room in rooms}),
        "by_community": [{"label": name} | sums.as_dict() for name, sums in sorted(by_community.items())],
        "by_period": [{"label": period.label} | sums.as_dict() for period, sums in sorted(by_period.items())],
    }


def _control_differences(judged: Rows, refused_rows: Refused) -> list[dict[str, Any]]:
    """Every subtotal and total of the file beside ours, sheet by sheet."""
    found: list[dict[str, Any]] = []
    for sheet, rows in judged:
        money = [row for row in rows if isinstance(row, BillRow | BankRow)]
        controls = [row.control for row in money if row.control is not None]
        if not controls:
            continue
        lines = []
        for row in money:
            if row.sort == "reversal" and isinstance(row, BillRow):
                lines.append((row.row_no, row.stated, True))  # its bill carries it as a reduction
            elif row.sort == "data":
                taken = (sheet, row.row_no) not in refused_rows
                stated = row.stated if isinstance(row, BillRow) else _taken(row)
                lines.append((row.row_no, _taken(row) if taken else stated, taken))
        found += [
            {
                "sheet": sheet,
                "row": difference.row_no,
                "label": difference.label,
                "field": difference.field,
                "theirs": str(difference.theirs),
                "ours": str(difference.ours),
                "refused": str(difference.refused),
                "difference": str(difference.theirs - difference.ours),
                "agrees": difference.agrees,
            }
            for difference in compare(controls, lines)
        ]
    return found
