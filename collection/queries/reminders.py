"""What a reminder to a household says and where it may go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from arrears.queries import bill_lines, positions
from billing.models import Account, ContactPoint
from collection.rules import channels, scripts
from offices.models import OfficeSettings
from offices.queries import office_settings
from offices.scoping import current_office

UNUSABLE = (ContactPoint.State.DEAD, ContactPoint.State.REFUSED)


def bearers(account_ids: Sequence[int], on: date, *, for_reminder: bool = True) -> dict[int, scripts.Bearer]:
    """Per account, what may be named on `on`: room, periods, amount, and how to pay.

    `for_reminder` names what a reminder may name, otherwise what a call or a letter may (S9).
    """
    settings, office = office_settings(), current_office()
    field = "remindable" if for_reminder else "pursuable"
    lines = defaultdict(list)
    for line in bill_lines(account_ids, on, only_open=True):
        if getattr(line, field) > 0:
            lines[line.account_id].append(line)
    amounts = {p.account_id: getattr(p, field) for p in positions(on, account_ids)}
    accounts = Account.objects.filter(pk__in=list(account_ids)).select_related("room__community")
    ways, found = ways_to_pay(settings), {}
    for account in accounts:
        owed = lines.get(account.pk, [])
        found[account.pk] = scripts.Bearer(
            office=office.short_name,
            person=settings.contact_person,
            phone=settings.contact_phone,
            community=account.room.community.name,
            room=str(account.room),
            periods=scripts.periods_in_words([(line.period_start, line.period_end) for line in owed]),
            amount=amounts.get(account.pk, 0),
            due_on=min((line.due_on for line in owed), default=on),
            ways=ways,
        )
    return found


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
