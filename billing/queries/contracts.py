"""What the contracts of a community say, as dated terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest

from billing.models import ServiceContract
from billing.rules.late_charge import LateChargeTerms


def late_charge_terms(contracts: Sequence[ServiceContract]) -> tuple[LateChargeTerms, ...]:
    """Terms in the order of their days; a contract without a rate charges nothing (no clause, no 违约金).

    A contract goes on until the next one begins, also past the end of its term (民法典 940, 948).
    """
    found: list[LateChargeTerms] = []
    ordered = sorted(contracts, key=lambda contract: contract.starts_on)
    for contract, following in zip_longest(ordered, ordered[1:]):
        found.append(
            LateChargeTerms(
                rate_per_day=contract.late_charge_per_day or Decimal(0),
                starts_on=contract.starts_on,
                ends_on=following.starts_on - timedelta(days=1) if following else None,
            )
        )
    return tuple(found)
