"""The office's dated rules laid over what the contracts say: the rate is the contract's, the restraint the office's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.rules.late_charge import DAY, Cap, LateChargeTerms, Start
from offices.rules.money import ZERO


@dataclass(frozen=True, slots=True)
class Restraint:
    """One version of a rule, from `starts_on` until the next. `is_own`: of the community, before the office's own.

    `fee_item_id`: only for bills of this item, before a rule for all; then `rate_per_day` may replace the contract's.
    `rolls_due_on`: a due date that is no working day moves to the next one (民法典 203).
    """

    starts_on: date
    is_own: bool = False
    fee_item_id: int | None = None
    rate_per_day: Decimal | None = None
    rolls_due_on: bool = False
    grace_days: int = 0
    grace_retroactive: bool = False
    cap: Cap = Cap.NONE
    cap_value: Decimal = Decimal(1)
    holds_stop: bool = True
    minimum: Decimal = ZERO
    start: Start = Start.DUE


NOTHING_AGREED = LateChargeTerms(Decimal(0))


def restrained(
    terms: Sequence[LateChargeTerms], rules: Sequence[Restraint], fee_item_id: int | None = None
) -> tuple[LateChargeTerms, ...]:
    """`terms` of bills of a fee item, cut at the days on which a rule begins, each piece under the rule of its first day.

    `rules` in the order in which they were written: of two with one first day the later counts. Days before any rule
    stay as the contract has them; without any contract only a rule with a rate of its own charges.
    """
    rules = concerning(rules, fee_item_id)
    if not terms and any(rule.rate_per_day for rule in rules):
        terms = (NOTHING_AGREED,)
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


def concerning(rules: Sequence[Restraint], fee_item_id: int | None) -> list[Restraint]:
    """The rules that bind bills of this item."""
    return [rule for rule in rules if rule.fee_item_id in (None, fee_item_id)]


def does_roll(due_on: date, rules: Sequence[Restraint], fee_item_id: int | None = None) -> bool:
    """Whether a due date that is no working day moves, by the rule in force on it."""
    rule = _rule_on(due_on, concerning(rules, fee_item_id))
    return rule is not None and rule.rolls_due_on


def _rule_on(day: date, rules: Sequence[Restraint]) -> Restraint | None:
    begun = [
        (rule.fee_item_id is not None, rule.is_own, rule.starts_on, written)
        for written, rule in enumerate(rules)
        if rule.starts_on <= day
    ]
    return rules[max(begun)[-1]] if begun else None


def _under(terms: LateChargeTerms, rule: Restraint | None) -> LateChargeTerms:
    if rule is None:
        return terms
    return replace(
        terms,
        rate_per_day=terms.rate_per_day if rule.rate_per_day is None else rule.rate_per_day,
        grace_days=rule.grace_days,
        grace_retroactive=rule.grace_retroactive,
        cap=rule.cap,
        cap_value=rule.cap_value,
        holds_stop=rule.holds_stop,
        minimum=rule.minimum,
        start=rule.start,
    )
