"""What a reminder to a household says and where it may go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from arrears.queries.positions import Demand, demands
from arrears.rules.position import ZERO
from billing.models import Account, ContactPoint
from collection.rules import channels, scripts
from offices.models import OfficeSettings
from offices.queries import office_settings
from offices.scoping import current_office

UNUSABLE = (ContactPoint.State.DEAD, ContactPoint.State.REFUSED, ContactPoint.State.OTHERS)


def letterhead() -> Callable[[str, str, Demand | None, date], scripts.Bearer]:
    """Who signs and how to pay, made into what a reminder to one household says: community, room, what is owed, and the day."""
    settings, office = office_settings(), current_office()
    ways = ways_to_pay(settings)

    def bearer(community: str, room: str, owed: Demand | None, on: date) -> scripts.Bearer:
        periods = [(owed.starts_on, owed.ends_on)] if owed and owed.starts_on and owed.ends_on else []
        return scripts.Bearer(
            office=office.short_name,
            person=settings.contact_person,
            phone=settings.contact_phone,
            community=community,
            room=room,
            periods=scripts.periods_in_words(periods),
            amount=owed.amount if owed else ZERO,
            due_on=(owed.due_on if owed else None) or on,
            ways=ways,
        )

    return bearer


def bearers(account_ids: Sequence[int], on: date, *, for_reminder: bool = True) -> dict[int, scripts.Bearer]:
    """Per account, what may be named on `on`: room, periods, amount, and how to pay.

    `for_reminder` names what a reminder may name, otherwise what a call or a letter may (S9).
    """
    owed, signs = demands(account_ids, on, for_reminder=for_reminder), letterhead()
    accounts = Account.objects.filter(pk__in=list(account_ids)).select_related("room__community")
    return {a.pk: signs(a.room.community.name, str(a.room), owed.get(a.pk), on) for a in accounts}


def ways_to_pay(settings: OfficeSettings) -> tuple[str, ...]:
    """How the office takes money, one way per line (S47)."""
    ways = []
    if settings.payee_account:
        ways.append(f"转账：{settings.payee_name} {settings.payee_bank} {settings.payee_account}，附言请写房号")
    ways.append(f"到{settings.address or '物业服务中心前台'}缴纳，{settings.office_hours}")
    return tuple(ways)


def addresses(account_ids: Iterable[int]) -> dict[int, dict[str, ContactPoint]]:
    """Per account and channel, the first usable address of its owner."""
    owners = dict(Account.objects.filter(pk__in=list(account_ids)).values_list("pk", "owner_id"))
    points = (
        ContactPoint.objects.filter(owner_id__in=set(owners.values()))
        .exclude(state__in=UNUSABLE)
        .order_by("rank", "id")
    )
    by_owner: dict[int, dict[str, ContactPoint]] = defaultdict(dict)
    for point in points:
        for channel in channels.MESSAGES:
            if channels.is_address(channel, point.kind, point.value):
                by_owner[point.owner_id].setdefault(channel, point)
    return {account: by_owner.get(owner, {}) for account, owner in owners.items()}
