"""Control totals: what the file says it sums to, beside what was accepted (decisions 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from offices.rules.money import ZERO

MONEY_FIELDS = ("receivable", "received", "waived", "arrears")


@dataclass(slots=True)
class Sums:
    """Sums over rows, in yuan."""

    count: int = 0
    receivable: Decimal = ZERO
    received: Decimal = ZERO
    waived: Decimal = ZERO
    arrears: Decimal = ZERO

    def add(self, other: Sums) -> None:
        """Add another's sums to these."""
        self.count += other.count
        for name in MONEY_FIELDS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, str | int]:
        """For storing as JSON; money as text."""
        return {"count": self.count} | {name: str(getattr(self, name)) for name in MONEY_FIELDS}


@dataclass(frozen=True, slots=True)
class Control:
    """One subtotal or total row of the file: `amounts` by field as far as it gives them."""

    row_no: int
    label: str
    is_total: bool
    amounts: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """The file's figure beside ours."""

    row_no: int
    label: str
    field: str
    theirs: Decimal
    ours: Decimal
    refused: Decimal  # of refused rows in the same stretch, as far as it could be read

    @property
    def agrees(self) -> bool:
        """Whether the accepted rows give the file's figure, or would with the refused ones."""
        return self.theirs in (self.ours, self.ours + self.refused)


def compare(controls: Sequence[Control], lines: Sequence[tuple[int, Sums, bool]]) -> list[Difference]:
    """Each control row against the rows it covers: a subtotal those since the last one, a total all above.

    `lines` are (row number, sums, accepted) in file order.
    """
    found: list[Difference] = []
    since = 0
    for control in sorted(controls, key=lambda c: c.row_no):
        first = 0 if control.is_total else since
        ours, refused = Sums(), Sums()
        for row_no, sums, accepted in lines:
            if first < row_no < control.row_no:
                (ours if accepted else refused).add(sums)
        if not control.is_total:
            since = control.row_no
        found += [
            Difference(control.row_no, control.label, name, theirs, getattr(ours, name), getattr(refused, name))
            for name, theirs in control.amounts.items()
        ]
    return found
