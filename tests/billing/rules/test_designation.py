"""The payer's word about what the money is for wins (民法典 560 第一款)."""

from __future__ import annotations

from datetime import date

import pytest

from billing.rules.designation import Named, designated
from billing.rules.periods import Period


def quarter(year: int, number: int) -> Period:
    last = {1: 31, 2: 30, 3: 30, 4: 31}[number]
    return Period(date(year, number * 3 - 2, 1), date(year, number * 3, last))


BILLS = [
    Named(1, quarter(2023, 4), "物业服务费"),
    Named(2, quarter(2024, 1), "物业服务费"),
    Named(3, quarter(2024, 1), "停车费"),
    Named(4, quarter(2024, 2), "物业服务费"),
]


@pytest.mark.parametrize(
    ("memo", "bills"),
    [
        ("2024年物业服务费", (2, 4)),
        ("1-1-0101 24年物业服务", (2, 4)),
        ("２０２４年第一季度", (2, 3)),
        ("2024年1-3月", (2, 3)),
        ("2024年2月", (2, 3)),
        ("停车费", (3,)),
        ("停车", (3,)),
        ("2024年停车费", (3,)),
        ("2023年四季度和2024年二季度", (1, 4)),
        ("2022年物业服务费", ()),
        ("往来款", ()),
        ("", ()),
        ("2024-01-03转账", ()),
        ("1-1-2024", ()),
        ("2023年和2024年", ()),
    ],
)
def test_what_the_memo_means(memo: str, bills: tuple[int, ...]) -> None:
    assert designated(memo, BILLS) == bills


def test_a_word_that_means_every_bill_designates_none() -> None:
    fees = [bill for bill in BILLS if bill.fee_item == "物业服务费"]
    assert designated("物业服务费", fees) == ()
