"""The one-year LPR as a dated table: what ships with the product, and the office's own rows over it (domain 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FRESH = timedelta(days=45)
"""The rate is published on the 20th of every month; later than this after the last row, one publication is missing."""

PUBLISHER = "全国银行间同业拆借中心公告"


@dataclass(frozen=True, slots=True)
class LprRow:
    """A rate a year as a fraction, in force from `starts_on` until the next row; `source` says who published it."""

    starts_on: date
    rate: Decimal
    source: str = PUBLISHER

    @property
    def percent(self) -> Decimal:
        """The rate in percent, with two places as it is published."""
        return (self.rate * 100).quantize(Decimal("0.01"))


SHIPPED: tuple[LprRow, ...] = tuple(
    LprRow(date.fromisoformat(day), Decimal(rate))
    for day, rate in (
        ("2019-08-20", "0.0425"),
        ("2019-09-20", "0.0420"),
        ("2019-11-20", "0.0415"),
        ("2020-02-20", "0.0405"),
        ("2020-04-20", "0.0385"),
        ("2021-12-20", "0.0380"),
        ("2022-01-20", "0.0370"),
        ("2022-08-22", "0.0365"),
        ("2023-06-20", "0.0355"),
        ("2023-08-21", "0.0345"),
        ("2024-07-22", "0.0335"),
        ("2024-10-21", "0.0310"),
        ("2025-05-20", "0.0300"),
    )
)


def merged(own: Iterable[LprRow], shipped: Sequence[LprRow] = SHIPPED) -> tuple[LprRow, ...]:
    """The table in the order of its days. Of rows with one first day the office's counts, and of its own the last."""
    rows = {row.starts_on: row for row in (*shipped, *own)}
    return tuple(rows[day] for day in sorted(rows))


def lpr_on(day: date, table: Sequence[LprRow] = SHIPPED) -> Decimal | None:
    """The one-year rate in force on a day; None before the table begins: no rate is guessed."""
    return next((row.rate for row in reversed(table) if row.starts_on <= day), None)


def is_outdated(day: date, table: Sequence[LprRow]) -> bool:
    """Whether a publication before `day` is not in the table. A rate that stayed the same is entered as well."""
    return not table or day > table[-1].starts_on + FRESH
