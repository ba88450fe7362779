"""轻微 / 中度 / 严重: how serious the arrears are, and why (S15–S18, decisions 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from offices.rules.sentences import gaps_in

SLIGHT, MODERATE, SEVERE = "slight", "moderate", "severe"
TIERS: tuple[tuple[str, str], ...] = ((SLIGHT, "轻微"), (MODERATE, "中度"), (SEVERE, "严重"))
LABELS = dict(TIERS)

ANNUAL_FROM_DAYS = 330
QUARTERLY_FROM_DAYS = 80
QUARTERLY_TO_DAYS = 100


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """Where one office draws the lines. Days are days overdue without holds; amount in yuan.

    `company_severe_after_days`: another line for companies and developers, None for the same as everybody's.
    `hardship_never_severe`: a household whose hardship is confirmed is at most moderate (S54).
    """

    moderate_after_days: int = 30
    severe_after_days: int = 90
    severe_from_amount: Decimal | None = None
    severe_annual_periods: int = 2
    severe_quarterly_periods: int = 3
    company_severe_after_days: int | None = None
    hardship_never_severe: bool = True


# Every reason by its code: a sentence with named gaps, so that it can be said in another language.
REASONS: dict[str, str] = {
    "days_within": "逾期 %(days)d 天，未超过 %(limit)d 天",
    "days": "逾期 %(days)d 天，超过 %(limit)d 天",
    "company_days": "单位业主逾期 %(days)d 天，超过 %(limit)d 天",
    "amount": "逾期金额 %(amount)s 元，达到 %(limit)s 元",
    "annual": "已有 %(count)d 个年度未缴",
    "quarterly": "已有 %(count)d 个季度未缴",
    "hardship": "已认定经济困难，不列为严重",
}
_CODES = {text: code for code, text in REASONS.items()}
BETWEEN = "；"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of `REASONS` and what goes into its gaps."""

    code: str
    values: dict[str, Any]

    @property
    def text(self) -> str:
        """The sentence with its gaps."""
        return REASONS[self.code]

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
        return BETWEEN.join(str(reason) for reason in self.reasons)


def count_periods(periods: Iterable[tuple[date, date]]) -> tuple[int, int]:
    """How many different annual and quarterly periods stand among `periods` (first day, last day)."""
    lengths = [(end - start).days + 1 for start, end in set(periods)]
    annual = sum(1 for days in lengths if days >= ANNUAL_FROM_DAYS)
    quarterly = sum(1 for days in lengths if QUARTERLY_FROM_DAYS <= days <= QUARTERLY_TO_DAYS)
    return annual, quarterly


def tier_of(
    *,
    days: int,
    amount: Decimal,
    annual: int,
    quarterly: int,
    policy: TierPolicy,
    is_company: bool = False,
    is_in_hardship: bool = False,
) -> Tier | None:
    """The tier of an account from days, amount and segment (S15–S18), or None when nothing is overdue.

    `days`: the longest-standing debt's days overdue without holds; `amount`: what is overdue, in yuan;
    `annual`, `quarterly`: how many such periods are overdue. A debt whose every late day was held counts
    as slight: it is late, but no lateness may be laid at the owner's door.
    """
    if amount <= 0:
        return None
    severe = tuple(_severe_reasons(days, amount, annual, quarterly, policy, is_company))
    if severe and is_in_hardship and policy.hardship_never_severe:
        return Tier(MODERATE, (*severe, Reason("hardship", {})))
    if severe:
        return Tier(SEVERE, severe)
    values = {"days": days, "limit": policy.moderate_after_days}
    if days > policy.moderate_after_days:
        return Tier(MODERATE, (Reason("days", values),))
    return Tier(SLIGHT, (Reason("days_within", values),))


def days_to_rise(tier: str, days: int, policy: TierPolicy, *, is_company: bool = False) -> int | None:
    """In how many days age alone raises this tier of a debt `days` overdue, if none of them is held; None: it never does."""
    severe_after = policy.severe_after_days
    if is_company and policy.company_severe_after_days is not None:
        severe_after = policy.company_severe_after_days
    lines = {SLIGHT: (policy.moderate_after_days, severe_after), MODERATE: (severe_after,)}.get(tier, ())
    return min((line + 1 - days for line in lines if line >= days), default=None)


def reasons_in(words: str) -> tuple[Reason, ...]:
    """The reasons of a tier out of the sentence in which they were kept; empty when it says anything else."""
    found = []
    for sentence in words.split(BETWEEN) if words else ():
        said = gaps_in(sentence, REASONS.values())
        if said is None:
            return ()
        text, values = said
        whole = {name: int(v) if f"%({name})d" in text else v for name, v in values.items()}
        found.append(Reason(_CODES[text], whole))
    return tuple(found)


def _severe_reasons(
    days: int, amount: Decimal, annual: int, quarterly: int, policy: TierPolicy, is_company: bool
) -> Iterable[Reason]:
    if is_company and policy.company_severe_after_days is not None:
        if days > policy.company_severe_after_days:
            yield Reason("company_days", {"days": days, "limit": policy.company_severe_after_days})
    elif days > policy.severe_after_days:
        yield Reason("days", {"days": days, "limit": policy.severe_after_days})
    if policy.severe_from_amount is not None and amount >= policy.severe_from_amount:
        yield Reason("amount", {"amount": f"{amount:,.2f}", "limit": f"{policy.severe_from_amount:,.2f}"})
    if annual >= policy.severe_annual_periods:
        yield Reason("annual", {"count": annual})
    if quarterly >= policy.severe_quarterly_periods:
        yield Reason("quarterly", {"count": quarterly})
