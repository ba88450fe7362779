"""What a household's page says of its payer: days to pay after a reminder, tier history (S11–S14, S18)."""

from __future__ import annotations

from datetime import date

import pytest

from archive.queries.profile import profile
from archive.queries.timeline import timeline
from archive.rules.habits import days_to_pay
from arrears.queries import position
from arrears.rules.position import AccountFacts
from billing.models import Account
from billing.rules.days import Hold
from disputes.models import HardshipReview
from tests.conftest import at
from tests.factories.books import Books, quarter

ON = date(2024, 11, 1)


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


DETAILS = "今年五月起失业，孩子住院"


def test_plan_and_hardship_stand_in_the_timeline_without_the_reasons(inside):
    facts = AccountFacts(0, (quarter(1, plans=(Hold(ON, date(2024, 12, 1)),)),), hardships=(Hold(ON),))
    account = Account.objects.get(pk=Books().enter(facts).account_id)
    HardshipReview.objects.update(details=DETAILS, decided_at=at("2024-01-02"))
    found = timeline(account, date(2024, 12, 31))
    titles = [event.title for event in found]
    assert "分期未按期履行" in titles
    assert "登记经济困难" in titles
    assert DETAILS not in str(found)


def test_the_profile_of_a_household(inside):
    books = Books()
    facts = books.enter(AccountFacts(0, (quarter(1),), hardships=(Hold(ON),)))
    account = Account.objects.select_related("owner", "room").get(pk=facts.account_id)
    found = profile(account, position(account.pk, ON), ON)
    assert found.labels == ("个人业主", "经济困难")
    assert found.hints == ("经济困难：优先协商分期",)
    assert (found.habits.promises, found.habits.reminded, found.habits.days_after_reminder) == (0, 0, None)
