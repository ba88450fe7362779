"""The versions of the office's rules for 违约金."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from billing.models import LateChargeRule
from billing.rules.late_charge import Cap
from billing.rules.late_charge_rules import Restraint


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
