"""Chinese is the source; nothing stays without English."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from config.management.commands.translations import catalogue, untranslated, words


def test_everything_has_an_english_translation() -> None:
    assert untranslated() == []


def test_the_catalogue_holds_nothing_the_source_does_not_say() -> None:
    assert sorted({entry.msgid for entry in catalogue()} - set(words())) == []


@pytest.mark.parametrize("entry", list(catalogue()), ids=lambda entry: entry.msgid[:30])
def test_placeholders_survive_translation(entry: object) -> None:
    def holes(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)[sd]|%[sd]|{\w*}", text))

    assert holes(entry.msgid) == holes(entry.msgstr)  # type: ignore[attr-defined]


def test_english_is_really_spoken() -> None:
    with translation.override("en"):
        assert translation.gettext("退出登录") == "Sign out"
