"""What a household's page says of its payer: tier history, habits, segments (S11–S14, S18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archive.rules.habits import days_to_pay
from arrears.queries import payment_habits, segments
from arrears.rules.habits import PaymentHabits
from arrears.rules.position import Position
from arrears.rules.segments import HINTS, SEGMENTS
from billing.models import Account, Payment
from collection.models import Case, Contact, Message, Promise
from offices.scoping import current_office


@dataclass(frozen=True, slots=True)
class TierChange:
    """A day on which the tier of a case changed: from what (empty at first), to what, and the reasons as they were kept."""

    at: datetime
    before: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Habits:
    """过往缴费习惯 (S12): how this account pays, how soon after a reminder, and whether it keeps its word."""

    paying: PaymentHabits
    promises: int
    kept: int
    reminded: int
    days_after_reminder: int | None

    @property
    def channel(self) -> str:
        """The usual way of paying, in words; empty when there is none."""
        return str(dict(Payment.Kind.choices).get(self.paying.usual_channel, ""))


@dataclass(frozen=True, slots=True)
class Profile:
    """Who pays here: segments and hints in words, to be translated where they are shown."""

    habits: Habits
    segments: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The segments in words."""
        return tuple(SEGMENTS[code] for code in self.segments)

    @property
    def hints(self) -> tuple[str, ...]:
        """How to talk to such a household (S14)."""
        return tuple(HINTS[code] for code in self.segments if code in HINTS)


def profile(account: Account, position: Position, on: date) -> Profile:
    """The profile of one household as of `on`. A fixed number of statements."""
    found = segments(on, {account.pk: position.arrears}, [account.pk])
    return Profile(habits=habits(account, on), segments=found[account.pk])


def habits(account: Account, on: date) -> Habits:
    """What the payments say, what reminders brought, and what became of the promises that had come due on the day."""
    promises = list(
        Promise.objects.filter(account=account, promised_on__lte=on, state__in=["kept", "broken"]).values_list(
            "state", flat=True
        )
    )
    zone = ZoneInfo(current_office().time_zone)
    reminders = [
        at.astimezone(zone).date()
        for at in (
            *Message.objects.filter(account=account, state=Message.State.SENT)
            .exclude(fate=Message.Fate.BOUNCED)
            .values_list("sent_at", flat=True),
            *Contact.objects.filter(account=account, reached=True, corrects=None).values_list("at", flat=True),
        )
    ]
    payments = Payment.objects.filter(
        account=account, kind__in=[Payment.Kind.BANK, Payment.Kind.COUNTER], reversals=None, value_on__lte=on
    ).values_list("value_on", flat=True)
    after = days_to_pay([day for day in reminders if day <= on], payments)
    return Habits(
        payment_habits(account.pk, on),
        promises=len(promises),
        kept=promises.count("kept"),
        reminded=after.paid,
        days_after_reminder=after.usual_days,
    )


def case_history(account: Account) -> list[Any]:
    """Every state that the household's cases have been in, oldest first."""
    return list(Case.history.filter(account_id=account.pk).order_by("history_date", "history_id"))


def tier_changes(history: Iterable[Any]) -> list[TierChange]:
    """When the tier of the cases of a `case_history` changed, and why (S18)."""
    found: list[TierChange] = []
    tiers: dict[int, str] = {}
    for row in history:
        if row.tier and row.tier != tiers.get(row.id):
            found.append(TierChange(row.history_date, tiers.get(row.id, ""), row.tier, row.tier_reason))
            tiers[row.id] = row.tier
    return found
