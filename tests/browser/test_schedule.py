"""Calendar, workload, scripts and forbidden measures in a real browser: accessible, and no wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_special_cases import fits

PAGES = (
    "/calendar/?view=month&who=all",
    "/calendar/?view=week&who=all",
    "/workload/",
    "/scripts/",
    "/scripts/text/?use=talk&tier=severe",
    "/forbidden/",
)


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_pages_are_accessible_and_fit(lived: Any, browse: Any, width: str) -> None:
    watch = browse(width)
    watch.sign_in(lived.who("manager"))
    with lived.open():
        household = f"/accounts/{lived.account('0101').pk}/schedule/"
    wrong = []
    for address in (*PAGES, household):
        watch.go(address)
        wrong += fits(watch, address)
    assert wrong == []
