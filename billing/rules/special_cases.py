"""What each kind of special case must bring, who has to agree, and when it is looked at again (S5–S9). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

PREPAID, PENDING_TRANSFER, NOT_HANDED_OVER = "prepaid", "pending_transfer", "not_handed_over"
VACANCY_DISCOUNT, LEGACY_ISSUE, OTHER = "vacancy_discount", "legacy_issue", "other"

CLAIMS = frozenset({PREPAID, PENDING_TRANSFER})
"""Kinds that say money is there or on its way: money that is booked answers them."""

LONGEST_REVIEW = timedelta(days=180)  # nobody parks a household silently (S89)
CLAIM_REMEMBERED = timedelta(days=90)  # so long a transfer that never came makes the next claim ask for its voucher


@dataclass(frozen=True, slots=True)
class Control:
    """How a kind is kept in hand. `review_days`: looked at again after so many days; None: it ends by itself.

    `needs`: what must be given when it is opened. `needs_second`: a second person has to agree to it.
    """

    review_days: int | None
    needs: tuple[str, ...] = ()
    needs_second: bool = True


CONTROLS: dict[str, Control] = {
    PREPAID: Control(7, ("claimed_amount",)),
    PENDING_TRANSFER: Control(None, needs_second=False),
    NOT_HANDED_OVER: Control(90),
    VACANCY_DISCOUNT: Control(14, ("evidence",)),
    LEGACY_ISSUE: Control(30, ("issue_owner", "review_on")),
    OTHER: Control(14),
}


def lacking(kind: str, given: Mapping[str, object]) -> tuple[str, ...]:
    """What this kind needs and was not given."""
    return tuple(name for name in CONTROLS[kind].needs if not given.get(name))


def review_day(kind: str, opened_on: date, wished: date | None = None) -> date | None:
    """When somebody has to look at it again: the day asked for, else the kind's own; None where it ends by itself."""
    days = CONTROLS[kind].review_days
    if wished is not None or days is None:
        return wished
    return opened_on + timedelta(days=days)


def answers_claim(claimed: Decimal | None, received: Decimal) -> bool:
    """Whether the money booked since the claim was made (yuan) is what was claimed; any money, if no sum was named."""
    return received > 0 and received >= (claimed or 0)
