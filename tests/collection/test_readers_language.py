"""Decisions are kept in Chinese and said again in the language of whoever reads them (English is the second language)."""

import re

import pytest
from django.utils import translation

from arrears.rules.position import BLOCKERS
from collection.queries.wording import decision_words
from collection.rules.decide import REASONS, TITLES, WORDS

GAPS = {"day": "11月26日", "days": 16, "tier": "严重", "step": "催缴通知书"}
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize(
    "sentence",
    [
        *(pytest.param(text, id=code) for code, text in (REASONS | WORDS).items()),
        *(pytest.param(text, id=f"title-{code}") for code, text in TITLES.items()),
        *(pytest.param(text, id=f"blocker-{code}") for code, text in BLOCKERS.items()),
    ],
)
def test_every_sentence_a_run_can_keep_is_said_in_english(sentence: str) -> None:
    kept = sentence % GAPS
    with translation.override("en"):
        said = decision_words(kept)
    assert not CHINESE.search(said), said
    assert ("November 26" in said) == ("11月26日" in kept)
    with translation.override("zh-hans"):
        assert decision_words(kept) == kept


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        pytest.param(
            "上一步生效已 16 天，按策略应「春节前走访」",
            "16 days since the last step took effect; the strategy asks for “春节前走访”",
            id="the-offices-own-title-stays",
        ),
        pytest.param("业主出差，经理口头同意缓一周", "业主出差，经理口头同意缓一周", id="what-a-person-wrote-stays"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_the_office_wrote_stays_as_it_wrote_it(kept: str, said: str) -> None:
    with translation.override("en"):
        assert decision_words(kept) == said
