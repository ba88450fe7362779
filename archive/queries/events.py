"""One entry of a household's timeline; and who lives there, who was let in on the debt, who looked at a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import Account, ContactPoint, Occupant
from billing.queries import owners_of
from offices.models import SecurityEvent


@dataclass(frozen=True, slots=True)
class Event:
    """One entry. `kind` names its icon and filter; `lines` are sentences, `more` a long text; `photos` are ids of stored files."""

    at: datetime
    kind: str
    title: str
    by: str = ""
    lines: tuple[str, ...] = ()
    more: str = ""
    photos: tuple[int, ...] = ()
    address: tuple[str, int] | None = None  # name of a page and its key
    order: int = field(default=0, compare=False)
    is_day: bool = False  # nobody knows the hour

    @property
    def when(self) -> date | datetime:
        """What is known of the time: the instant, or only the day."""
        return self.at.date() if self.is_day else self.at


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Facts that have a day and no hour stand at its end."""
    return datetime.combine(day, time(23, 59), tzinfo=zone)


def texts(*given: str) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(text for text in given if text)


def occupants(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """Who lives there beside the owners, and with whom the debt may be spoken of since when (S11)."""
    told: dict[int, bool] = {}
    history = Occupant.history.filter(account_id=account.pk).select_related("authorised_by", "history_user")
    for row in history.order_by("history_date", "history_id"):
        who, may = (
            f"{row.get_relation_display()} {row.name}",
            row.authorised_on and not (row.withdrawn_on or row.left_on),
        )
        lines = texts(row.history_change_reason or "")
        if row.left_on:
            title = _("%s 已迁出，不再联系") % who
        elif may:
            title = _("业主授权可与 %s 谈欠费") % who
            lines = texts(f"{row.authorised_by.name}：{row.authorised_how}")
        elif told.get(row.id):
            title = _("撤回授权，不再与 %s 谈欠费") % who
        else:
            title = _("登记住户：%s") % who
        told[row.id] = bool(may)
        yield Event(row.history_date, "system", title, str(row.history_user or ""), lines)


def looks(account: Account, zone: ZoneInfo) -> Iterator[Event]:
    """Who looked at the household's phone numbers (R11)."""
    points = list(ContactPoint.objects.filter(owner__in=owners_of(account)).values_list("pk", flat=True))
    theirs = Q(details__contact_point__in=points) | Q(details__account=account.pk)
    for e in SecurityEvent.objects.filter(theirs, kind="phone_revealed").select_related("by"):
        tail = e.details.get("tail", "")
        yield Event(e.at, "system", _("查看联系电话"), str(e.by or ""), texts(_("尾号 %s") % tail if tail else ""))
