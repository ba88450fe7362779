"""业主群体 (S17): who pays, how the home is lived in, hardship, high value; the list narrowed by them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import translation

from arrears.queries import ArrearsFilters, arrears_list, segments
from arrears.queries.wording import tier_words
from arrears.rules.payers import payer_type
from arrears.rules.position import AccountFacts
from arrears.rules.segments import segments_of
from billing.models import Room
from billing.rules.days import Hold
from offices.operations.offices import save_settings
from tests.conftest import at
from tests.factories.books import Books, quarter

ON = date(2024, 12, 1)


@pytest.mark.parametrize(
    ("kind", "name", "type_"),
    [
        ("person", "张三", "person"),
        ("person", "华庭商贸有限公司", "company"),
        ("person", "某某银行城东支行", "company"),
        ("person", "公司强", "person"),
        ("developer", "华庭置业有限公司", "developer"),
    ],
)
def test_who_pays(kind, name, type_):
    assert payer_type(kind, name) == type_


def test_an_account_is_in_every_segment_that_fits():
    found = segments_of(
        kind="person", name="张三", residence="rented", is_in_hardship=True, arrears=D("5000.00"),
        high_value_from=D("5000.00"),
    )  # fmt: skip
    assert found == ("person", "rented", "hardship", "high_value")


@pytest.fixture
def three(inside):
    """A person who rents out, a company, a household in hardship; 600 yuan each."""
    books = Books()
    q = (quarter(1),)
    ids = [
        books.enter(facts).account_id
        for facts in (
            AccountFacts(0, q),
            AccountFacts(0, q, is_company=True),
            AccountFacts(0, q, hardships=(Hold(date(2024, 11, 1), date(2024, 12, 2)),)),
        )
    ]
    Room.objects.filter(accounts=ids[0]).update(residence="rented")
    return ids


def test_segments_of_a_whole_office_in_one_statement(three, django_assert_num_queries):
    segments(ON, {})  # the office's settings are read once
    with django_assert_num_queries(1):
        found = segments(ON, {})
    assert [found[key] for key in three] == [("person", "rented"), ("company",), ("person", "hardship")]
    assert "hardship" not in segments(ON + timedelta(days=1), {})[three[2]], "it has expired"


def test_the_list_is_narrowed_by_segment_and_its_totals_with_it(three):
    save_settings(values={"high_value_from": D("600.00")}, by=None, at=at("2024-12-01"))
    for segment, expected in {
        "company": [three[1]],
        "hardship": [three[2]],
        "rented": [three[0]],
        "high_value": three,
    }.items():
        found = arrears_list(ON, ArrearsFilters(segment=segment, sort="room"), page=1)
        assert [row.account_id for row in found.rows] == expected
        assert found.totals.arrears == D("600.00") * len(expected)


def test_hardship_keeps_a_household_from_the_severe_tier(three):
    found = {row.account_id: row.position for row in arrears_list(ON).rows}
    assert [found[key].tier for key in three] == ["severe", "severe", "moderate"]
    assert found[three[2]].tier_reason.endswith("已认定经济困难，不列为严重")


def test_the_page_says_segments_and_reasons_in_the_readers_language(three, office, sign_in):
    with translation.override("zh-hans"):
        page = sign_in(office.people["manager"]).get(
            reverse("arrears:list"), {"on": "2024-12-01", "segment": "hardship"}, headers={"accept-language": "en"}
        )
    shown = page.content.decode()
    assert "Overdue 245 days, more than 90; Hardship confirmed" in shown
    assert "逾期 245 天" not in shown


@pytest.mark.parametrize("path", ["arrears/", "ledger/"])
@pytest.mark.parametrize(
    ("language", "says"), [("en", "Overdue 245 days, more than 90"), ("zh-hans", "逾期 245 天，超过 90 天")]
)
def test_the_api_says_reasons_in_the_readers_language(three, office, sign_in, path, language, says):
    answer = sign_in(office.people["manager"]).get(
        f"/api/v1/{path}", {"on": "2024-12-01"}, headers={"accept-language": language}
    )
    rows = answer.json()["results"]
    reasons = [row["position"]["tier_reason"] for row in rows]
    assert any(reason.startswith(says) for reason in reasons), reasons


def test_kept_reasons_are_said_in_the_language_of_the_page():
    with translation.override("en"):
        assert tier_words("逾期 91 天，超过 90 天；已有 2 个年度未缴") != "逾期 91 天，超过 90 天；已有 2 个年度未缴"
        assert tier_words("人工改为中度") == "人工改为中度"
    assert tier_words("逾期 91 天，超过 90 天") == "逾期 91 天，超过 90 天"
