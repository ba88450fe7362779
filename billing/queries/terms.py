"""Which service contract binds the owners of a community on a day (民法典 939, 940, 948), and the fee items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from billing.models import FeeItem, PastContact, ServiceContract
from billing.rules.terms import spell_day_rate
from offices.models import Community


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A contract as of a day. `is_in_force`: it is the one that binds then; `is_continued`: beyond its last day."""

    contract: ServiceContract
    is_in_force: bool
    is_continued: bool
    day_rate: str  # in words of a person: 0.03%（万分之三）; empty when none is agreed


@dataclass(frozen=True, slots=True)
class CommunityContracts:
    """A community with its contracts, the newest first."""

    community: Community
    lines: tuple[ContractLine, ...]

    @property
    def in_force(self) -> ContractLine | None:
        """The one that binds, if any has begun."""
        return next((line for line in self.lines if line.is_in_force), None)


def contracts_on(on: date, communities: Iterable[Community] | None = None) -> list[CommunityContracts]:
    """Every community, or those given, with its contracts as of `on`; two statements.

    The contract that began last is in force: a new one ends a preliminary one (940), and one whose term is over
    continues without a term while the service goes on (948).
    """
    asked = list(Community.objects.all()) if communities is None else list(communities)
    found: dict[int, list[ServiceContract]] = {community.pk: [] for community in asked}
    for contract in ServiceContract.objects.filter(community__in=found).select_related("batch"):
        found[contract.community_id].append(contract)
    return [CommunityContracts(community, _lines(found[community.pk], on)) for community in asked]


def contract_in_force(community: Community, on: date) -> ContractLine | None:
    """The contract that binds the owners of one community on a day."""
    return contracts_on(on, [community])[0].in_force


def _lines(contracts: list[ServiceContract], on: date) -> tuple[ContractLine, ...]:
    begun = [contract for contract in contracts if contract.starts_on <= on]
    binding = max(begun, key=lambda contract: (contract.starts_on, contract.kind == "regular"), default=None)
    return tuple(
        ContractLine(
            contract=contract,
            is_in_force=contract is binding,
            is_continued=contract is binding and contract.ends_on is not None and contract.ends_on < on,
            day_rate=spell_day_rate(contract.late_charge_per_day),
        )
        for contract in contracts
    )


def all_contracts() -> QuerySet[ServiceContract]:
    """Contracts of the office, by community and newest first."""
    return ServiceContract.objects.select_related("community").order_by("community__position", "-starts_on", "-pk")


def fee_items() -> QuerySet[FeeItem]:
    """Fee items with how many bills use each."""
    return FeeItem.objects.annotate(bill_count=Count("bills")).order_by("name", "pk")


def past_contacts() -> QuerySet[PastContact]:
    """What the office brought along of its own history, newest first."""
    return PastContact.objects.select_related("batch").order_by("-on", "-pk")
