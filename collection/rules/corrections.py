"""When a letter in the owner's hands is wrong, and what it should have said. Pure (invariant 40)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

WRONG_KINDS = ("reversal", "dispute")
"""Reductions that say the bill was wrong: cancelled (红冲), or found wrong in a dispute. A waiver or a discount does not."""

ZERO = Decimal("0.00")


def right_amount(lines: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """What a letter should have demanded, in yuan: of each printed bill, what is left after what was found wrong of it."""
    return sum((max(printed - wrong, ZERO) for printed, wrong in lines), ZERO)
