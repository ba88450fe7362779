"""Control totals: what the file says it sums to, beside what was accepted (decisions 8)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

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
        self.receivable += other.receivable
        self.received += other.received
        self.waived += other.waived
        self.arrears += other.arrears

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
    """Each control row against the rows it covers: a total all above, a subtotal those since the last one of its kind.

    `lines` are (row number, sums, accepted) in file order. 小计 of units inside those of buildings, or of pages across
    both, are told apart by their labels; where that leaves a doubt, the stretch whose sums agree is taken.
    """
    rows = [row_no for row_no, _sums, _accepted in lines]
    ours, refused = _running(lines, accepted=True), _running(lines, accepted=False)
    found: list[Difference] = []
    since: dict[str, int] = {}
    for control in sorted(controls, key=lambda c: c.row_no):
        end = bisect_left(rows, control.row_no)
        begins = _begins(control, since)
        stretches = [_against(control, ours, refused, bisect_right(rows, begin), end) for begin in begins]
        agreeing = (stretch for stretch in stretches if all(difference.agrees for difference in stretch))
        found += next(agreeing, stretches[0])
        if not control.is_total:
            since[_level(control.label)] = control.row_no
    return found


def _level(label: str) -> str:
    """`1栋小计` and `2栋小计` are of one kind, `1栋1单元小计` and `本页合计` are others."""
    return re.sub("[0-9A-Za-z一二三四五六七八九十#]+", "", label)


def _begins(control: Control, since: dict[str, int]) -> list[int]:
    """After which rows the control may begin to count, the likeliest first."""
    if control.is_total:
        return [0]
    last = max(since.values(), default=0)
    return list(dict.fromkeys((since.get(_level(control.label), last), last, 0)))


def _running(lines: Sequence[tuple[int, Sums, bool]], *, accepted: bool) -> dict[str, list[Decimal]]:
    """Running sums by field, so that any stretch is one subtraction."""
    return {
        name: list(
            accumulate((getattr(sums, name) if taken is accepted else ZERO for _, sums, taken in lines), initial=ZERO)
        )
        for name in MONEY_FIELDS
    }


def _against(
    control: Control, ours: dict[str, list[Decimal]], refused: dict[str, list[Decimal]], first: int, end: int
) -> list[Difference]:
    return [
        Difference(
            control.row_no,
            control.label,
            name,
            theirs,
            ours[name][end] - ours[name][first],
            refused[name][end] - refused[name][first],
        )
        for name, theirs in control.amounts.items()
    ]
