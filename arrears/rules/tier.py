"""轻微 / 中度 / 严重: how serious the arrears are, and why (S15–S18, decisions 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

SLIGHT, MODERATE, SEVERE = "slight", "moderate", "severe"
TIERS: tuple[tuple[str, str], ...] = ((SLIGHT, "轻微"), (MODERATE, "中度"), (SEVERE, "严重"))
LABELS = dict(TIERS)

ANNUAL_FROM_DAYS = 330
QUARTERLY_FROM_DAYS = 80
QUARTERLY_TO_DAYS = 100


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """Where one office draws the lines. Days are days overdue without holds; amount in yuan."""

    moderate_after_days: int = 30
    severe_after_days: int = 90
    severe_from_amount: Decimal | None = None
    severe_annual_periods: int = 2
    severe_quarterly_periods: int = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a sentence with named gaps (so that it can be translated) and what goes into them."""

    code: str
    text: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.text % self.values


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier and every reason that alone would put the account there, the first one being shown."""

    code: str
    reasons: tuple[Reason, ...]

    @property
    def label(self) -> str:
        """As people say it."""
        return LABELS[self.code]

    @property
    def reason(self) -> str:
        """The reasons in one Chinese sentence."""
        return "；".join(str(reason) for reason in self.reasons)


def count_periods(periods: Iterable[tuple[date, date]]) -> tuple[int, int]:
    """How many different annual and quarterly periods stand among `periods` (first day, last day)."""
    lengths = [(end - start).days + 1 for start, end in set(periods)]
    annual = sum(1 for days in lengths if days >= ANNUAL_FROM_DAYS)
    quarterly = sum(1 for days in lengths if QUARTERLY_FROM_DAYS <= days <= QUARTERLY_TO_DAYS)
    return annual, quarterly


def tier_of(*, days: int, amount: Decimal, annual: int, quarterly: int, policy: TierPolicy) -> Tier | None:
    """The tier of an account, or None when nothing is overdue.

    `days`: the longest-standing debt's days overdue without holds; `amount`: what is overdue, in yuan;
    `annual`, `quarterly`: how many such periods are overdue. A debt whose every late day was held counts
    as slight: it is late, but no lateness may be laid at the owner's door.
    """
    if amount <= 0:
        return None
    severe = tuple(_severe_reasons(days, amount, annual, quarterly, policy))
    if severe:
        return Tier(SEVERE, severe)
    if days > policy.moderate_after_days:
        text = "逾期 %(days)d 天，超过 %(limit)d 天"
        return Tier(MODERATE, (Reason("days", text, {"days": days, "limit": policy.moderate_after_days}),))
    text = "逾期 %(days)d 天，未超过 %(limit)d 天"
    return Tier(SLIGHT, (Reason("days", text, {"days": days, "limit": policy.moderate_after_days}),))


def _severe_reasons(days: int, amount: Decimal, annual: int, quarterly: int, policy: TierPolicy) -> Iterable[Reason]:
    if days > policy.severe_after_days:
        yield Reason("days", "逾期 %(days)d 天，超过 %(limit)d 天", {"days": days, "limit": policy.severe_after_days})
    if policy.severe_from_amount is not None and amount >= policy.severe_from_amount:
        values = {"amount": f"{amount:,.2f}", "limit": f"{policy.severe_from_amount:,.2f}"}
        yield Reason("amount", "逾期金额 %(amount)s 元，达到 %(limit)s 元", values)
    if annual >= policy.severe_annual_periods:
        yield Reason("annual", "已有 %(count)d 个年度未缴", {"count": annual})
    if quarterly >= policy.severe_quarterly_periods:
        yield Reason("quarterly", "已有 %(count)d 个季度未缴", {"count": quarterly})
