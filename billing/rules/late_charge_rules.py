"""The office's dated rules laid over what the contracts say: the rate is the contract's, the restraint the office's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.rules.late_charge import DAY, Cap, LateChargeTerms
from offices.rules.money import ZERO


@dataclass(frozen=True, slots=True)
class Restraint:
    """One version of a rule, from `starts_on` until the next. `is_own`: of the community, before the office's own."""

    starts_on: date
    is_own: bool = False
    grace_days: int = 0
    grace_retroactive: bool = False
    cap: Cap = Cap.NONE
    cap_value: Decimal = Decimal(1)
    holds_stop: bool = True
    minimum: Decimal = ZERO


def restrained(terms: Sequence[LateChargeTerms], rules: Sequence[Restraint]) -> tuple[LateChargeTerms, ...]:
    """`terms` cut at the days on which a rule begins, each piece under the rule of its first day.

    `rules` in the order in which they were written: of two with one first day the later counts. Days before any rule
    stay as the contract has them.
    """
    cut: list[LateChargeTerms] = []
    for each in terms:
        last = each.ends_on or date.max
        starts = sorted(
            {each.starts_on, *(rule.starts_on for rule in rules if each.starts_on < rule.starts_on <= last)}
        )
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            piece = replace(each, starts_on=start, ends_on=following - DAY if following else each.ends_on)
            cut.append(_under(piece, _rule_on(start, rules)))
    return tuple(cut)


def _rule_on(day: date, rules: Sequence[Restraint]) -> Restraint | None:
    begun = [(rule.is_own, rule.starts_on, written) for written, rule in enumerate(rules) if rule.starts_on <= day]
    return rules[max(begun)[2]] if begun else None


def _under(terms: LateChargeTerms, rule: Restraint | None) -> LateChargeTerms:
    if rule is None:
        return terms
    return replace(
        terms,
        grace_days=rule.grace_days,
        grace_retroactive=rule.grace_retroactive,
        cap=rule.cap,
        cap_value=rule.cap_value,
        holds_stop=rule.holds_stop,
        minimum=rule.minimum,
    )
