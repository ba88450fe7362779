"""The strategy editor in a real browser: by keys alone at a desk, by thumb on a phone; the trial and the move of cases."""

from __future__ import annotations

from typing import Any

import pytest

from collection.models import Case, Strategy
from collection.operations.strategies import draft_strategy, set_steps
from collection.queries.strategies import current_strategy, rules_of
from collection.rules import timeline
from tests.browser.test_special_cases import fits


@pytest.fixture
def draft(lived: Any) -> Strategy:
    """A draft without the second reminder."""
    with lived.open("admin"):
        source = current_strategy(lived.day)
        made = draft_strategy(name="默认策略", source=source, by=lived.who("admin"), at=lived.now())
        return set_steps(strategy=made, steps=timeline.removed(rules_of(made.pk), 2), by=lived.who("admin"))


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_pages_are_accessible_and_fit(lived: Any, draft: Strategy, browse: Any, width: str) -> None:
    watch = browse(width)
    watch.sign_in(lived.who("admin"))
    wrong = []
    for address in ("/strategy/", f"/strategy/{draft.pk}/", f"/strategy/{draft.pk}/step/?position=3",
                    f"/strategy/{draft.pk}/trial/"):  # fmt: skip
        watch.go(address)
        wrong += fits(watch, address)
    assert wrong == []


def test_a_draft_is_edited_tried_and_published_by_keys_alone(lived: Any, draft: Strategy, browse: Any) -> None:
    watch = browse()
    watch.sign_in(lived.who("admin"))
    page = watch.go(f"/strategy/{draft.pk}/")
    page.focus("#step-3 button[value=up]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=第 3 步“电话沟通”：排在比它更严肃的步骤之后")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "修改第 2 步 催缴通知书"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=步骤已通过检查")
    page.focus("#step-2 a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#id_after_days")
    page.fill("#id_after_days", "12")
    page.keyboard.press("Enter")
    page.wait_for_selector("#step-2 .day:has-text('12 天')")
    page.click("text=试算")
    page.wait_for_selector("text=会改变")
    page.go_back()
    page.click("button:has-text('发布')")
    page.wait_for_selector("text=预览迁移")
    page.click("text=预览迁移")
    page.wait_for_selector("button:has-text('确认迁移')")
    page.click("button:has-text('确认迁移')")
    page.wait_for_selector("text=已迁移")
    with lived.open():
        assert Case.objects.filter(strategy=draft).exists()
