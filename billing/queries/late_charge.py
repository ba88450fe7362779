"""The versions of the office's rules for 违约金, what they and the contracts say together, and the LPR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from billing.models import LateChargeRule, LprRate, ServiceContract
from billing.queries.contracts import late_charge_terms
from billing.rules.late_charge import Cap, LateChargeTerms, Start
from billing.rules.late_charge_rules import Restraint, does_roll, restrained
from billing.rules.lpr import LprRow, is_outdated, merged
from offices.queries import working_calendar
from offices.rules.days import WorkingCalendar
from offices.scoping import current_office


def late_charge_rules() -> QuerySet[LateChargeRule]:
    """All versions with what they are for and their writer, the newest first."""
    return LateChargeRule.objects.select_related("community", "fee_item", "set_by").order_by("-starts_on", "-pk")


class Agreements:
    """What binds every bill of some communities: contract, rules and calendar. A fixed number of statements.

    `draft` is a rule that is only being considered: it counts as the one written last.
    """

    def __init__(self, community_ids: Collection[int], draft: tuple[int | None, Restraint] | None = None) -> None:
        self.contracts: dict[int, list[ServiceContract]] = defaultdict(list)
        for contract in ServiceContract.objects.filter(community__in=community_ids):
            self.contracts[contract.community_id].append(contract)
        rows = LateChargeRule.objects.filter(Q(community=None) | Q(community__in=community_ids)).order_by("pk")
        self._entered = [(row.starts_on, row.set_at) for row in rows]
        self._rules = [(row.community_id, _restraint(row)) for row in rows] + ([draft] if draft else [])
        self._terms: dict[tuple[int, int], tuple[LateChargeTerms, ...]] = {}
        self._calendar: WorkingCalendar | None = None

    def terms(self, community_id: int, fee_item_id: int) -> tuple[LateChargeTerms, ...]:
        """The dated terms of bills of one item in one community."""
        key = community_id, fee_item_id
        if key not in self._terms:
            agreed = late_charge_terms(self.contracts.get(community_id, ()))
            self._terms[key] = restrained(agreed, self._binding(community_id), fee_item_id)
        return self._terms[key]

    def entered_after(self, on: date) -> datetime | None:
        """When the last rule was entered that counts on `on` but was not known yet on that day; None when all were."""
        begun = [set_at for starts_on, set_at in self._entered if starts_on <= on]
        zone = ZoneInfo(current_office().time_zone)
        return max((each for each in begun if each.astimezone(zone).date() > on), default=None)

    def charge(self, community_id: int, fee_item_id: int) -> bool:
        """Whether such bills are charged on any day at all."""
        return any(each.rate_per_day for each in self.terms(community_id, fee_item_id))

    def burden(self, community_id: int, fee_item_id: int, on: date) -> Decimal:
        """What a day of lateness costs per yuan on `on` (民法典 560②: the heavier burden first)."""
        terms = self.terms(community_id, fee_item_id)
        return next((t.rate_per_day for t in terms if t.starts_on <= on and (t.ends_on or on) >= on), Decimal(0))

    def last_day(self, community_id: int, fee_item_id: int, due_on: date) -> date:
        """The due date, moved to the next working day where that is agreed (民法典 203)."""
        if not does_roll(due_on, self._binding(community_id), fee_item_id):
            return due_on
        if self._calendar is None:
            self._calendar = working_calendar()
        return self._calendar.next_working(due_on)

    def _binding(self, community_id: int) -> list[Restraint]:
        return [replace(rule, is_own=of is not None) for of, rule in self._rules if of in (None, community_id)]


def _restraint(rule: LateChargeRule) -> Restraint:
    return Restraint(
        starts_on=rule.starts_on,
        fee_item_id=rule.fee_item_id,
        rate_per_day=rule.rate_per_day,
        rolls_due_on=rule.rolls_due_on,
        grace_days=rule.grace_days,
        grace_retroactive=rule.grace_retroactive,
        cap=Cap(rule.cap),
        cap_value=rule.cap_value,
        holds_stop=rule.holds_stop,
        minimum=rule.minimum,
        start=Start(rule.start),
    )


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
