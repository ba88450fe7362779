"""The versions of the office's rules for 违约金, and the LPR as the office knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from billing.models import LateChargeRule, LprRate
from billing.rules.late_charge import Cap
from billing.rules.late_charge_rules import Restraint
from billing.rules.lpr import LprRow, is_outdated, merged


def late_charge_rules() -> QuerySet[LateChargeRule]:
    """All versions with their community and writer, the newest first."""
    return LateChargeRule.objects.select_related("community", "set_by").order_by("-starts_on", "-pk")


def restraints(community_id: int) -> list[Restraint]:
    """What binds one community, in the order in which it was written. One statement."""
    rules = LateChargeRule.objects.filter(Q(community=None) | Q(community=community_id)).order_by("pk")
    return [
        Restraint(
            starts_on=rule.starts_on,
            is_own=rule.community_id is not None,
            grace_days=rule.grace_days,
            grace_retroactive=rule.grace_retroactive,
            cap=Cap(rule.cap),
            cap_value=rule.cap_value,
            holds_stop=rule.holds_stop,
            minimum=rule.minimum,
        )
        for rule in rules
    ]


@dataclass(frozen=True, slots=True)
class LprTable:
    """The rows that count, the newest first; `is_outdated`: a publication before the day is missing."""

    lines: tuple[LprRow, ...]
    is_outdated: bool


def office_lpr() -> tuple[LprRow, ...]:
    """The one-year LPR for the engine: what ships, under the office's own rows. One statement."""
    own = LprRate.objects.order_by("pk").values_list("starts_on", "rate", "source")
    return merged(LprRow(*row) for row in own)


def lpr_table(on: date) -> LprTable:
    """The table for reading, and whether it is up to date on `on`."""
    rows = office_lpr()
    return LprTable(rows[::-1], is_outdated(on, rows))
