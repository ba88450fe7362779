"""How old the money data of each community is (invariant 45): reconcile first, then write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from billing.models import ImportBatch
from collection.models import Case
from offices.models import Community
from offices.queries import office_settings
from offices.scoping import current_office

MONEY_FILES = (ImportBatch.Kind.BILLS, ImportBatch.Kind.BANK)


@dataclass(frozen=True, slots=True)
class Stale:
    """A community whose last bill file or bank statement is too old. `since`: the day of that file; None: never."""

    community_id: int
    community: str
    since: date | None
    days: int | None


def fresh_from(on: date) -> date | None:
    """The first day that counts as fresh on `on`; None while the office has set no limit."""
    days = office_settings().fresh_days
    return None if days is None else on - timedelta(days=days)


def data_days() -> dict[int, date]:
    """Community → the day of its last committed bill file or bank statement; absent when there never was one.

    A bill file speaks for the communities it names; a statement without a community for all of the office.
    """
    zone = ZoneInfo(current_office().time_zone)
    ids = dict(Community.objects.values_list("name", "pk"))
    days: dict[int, date] = {}
    committed = ImportBatch.objects.filter(kind__in=MONEY_FILES, state=ImportBatch.State.COMMITTED).exclude(
        committed_at=None
    )
    for home, at, named in committed.values_list("community_id", "committed_at", "totals__by_community"):
        found = {ids[line["label"]] for line in named or () if line.get("label") in ids}
        if home is not None:
            found.add(home)
        for community in found or ids.values():
            days[community] = max(days.get(community, date.min), at.astimezone(zone).date())
    return days


def stale_communities(on: date) -> list[Stale]:
    """Communities with households in collection whose data is too old for anything beyond a reminder."""
    fresh = fresh_from(on)
    if fresh is None:
        return []
    days = data_days()
    working = Community.objects.filter(
        pk__in=Case.objects.filter(state=Case.State.OPEN).values("account__room__community_id")
    )
    return [
        Stale(community.pk, community.name, day, (on - day).days if day else None)
        for community in working
        if (day := days.get(community.pk)) is None or day < fresh
    ]
