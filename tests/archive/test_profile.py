"""What a household's page says of its payer: days to pay after a reminder, tier history (S11–S14, S18)."""

from __future__ import annotations

from datetime import date

import pytest

from archive.rules.habits import days_to_pay


@pytest.mark.parametrize(
    ("reminders", "payments", "paid", "days"),
    [
        pytest.param([], ["2024-03-10"], 0, None, id="never reminded"),
        pytest.param(["2024-03-01"], [], 0, None, id="never paid"),
        pytest.param(["2024-03-01"], ["2024-03-01"], 1, 0, id="the same day"),
        pytest.param(["2024-03-01", "2024-03-08"], ["2024-03-10"], 1, 2, id="the last reminder counts"),
        pytest.param(["2024-03-11"], ["2024-03-10"], 0, None, id="reminded afterwards"),
        pytest.param(["2024-03-01"], ["2024-04-30"], 1, 60, id="sixty days"),
        pytest.param(["2024-03-01"], ["2024-05-01"], 0, None, id="too long ago"),
        pytest.param(
            ["2024-03-01", "2024-06-01"], ["2024-03-03", "2024-06-11", "2024-06-05"], 3, 4, id="the middle one"
        ),
    ],
)
def test_days_to_pay_after_a_reminder(reminders, payments, paid, days):
    found = days_to_pay(map(date.fromisoformat, reminders), map(date.fromisoformat, payments))
    assert (found.paid, found.usual_days) == (paid, days)
