"""A bill shared by days: between developer and owner at the handover, or lowered while a room was empty (S7, S8). Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from offices.rules.money import ZERO, yuan

WHOLE = Decimal(100)


def split_at(amount: Decimal, start: date, end: date, first_day_of_owner: date) -> tuple[Decimal, Decimal]:
    """(developer's part, owner's part) of a bill for `start` to `end`, both inclusive; together exactly the amount.

    The developer pays until the room is handed over, the owner from that day on (物业管理条例 41②). The
    developer's part is rounded to the cent, the owner's takes what is left.
    """
    days = (end - start).days + 1
    before = min(max((first_day_of_owner - start).days, 0), days)
    developer = yuan(amount * before / days)
    return developer, amount - developer


def vacancy_reduction(
    amount: Decimal, period: tuple[date, date], vacant: tuple[date, date], payable_percent: Decimal
) -> Decimal:
    """By how much a bill goes down when the room stood empty on the days of `vacant` (first and last, inclusive).

    Those days cost `payable_percent` of the full fee. What stays payable is rounded to the cent (golden G12).
    """
    start, end = period
    days = (end - start).days + 1
    empty = (min(end, vacant[1]) - max(start, vacant[0])).days + 1
    if empty <= 0:
        return ZERO
    return amount - yuan(amount - amount * empty / days * (WHOLE - payable_percent) / WHOLE)
