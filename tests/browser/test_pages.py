"""Every main page at both widths: it answers, is accessible, fits the screen, and asks nothing of strangers."""

from __future__ import annotations

from typing import Any

import pytest

ROLES = {
    "collector": "/today/",
    "supervisor": "/today/",
    "finance": "/billing/bank/",
    "manager": "/dashboard/",
    "legal": "/ledger/",
    "admin": "/settings/",
}
PAGES = {
    "supervisor": ["/today/", "/households/", "/arrears/", "/notices/", "/disputes/", "/promises/", "/sent/", "/me/"],
    "manager": [
        "/dashboard/",
        "/ledger/",
        "/settings/",
        "/strategy/",
        "/billing/reductions/",
        "/billing/special-cases/",
    ],
    "finance": [
        "/billing/imports/",
        "/billing/imports/new/",
        "/billing/contracts/",
        "/billing/bank/",
        "/settings/tokens/",
    ],
    "admin": ["/settings/", "/settings/people/", "/settings/communities/"],
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_begins_at_its_own_first_page(lived: Any, browse: Any, role: str) -> None:
    watch = browse()
    page = watch.sign_in(lived.who(role))
    assert page.url == watch.origin + ROLES[role]
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_pages_are_accessible_and_fit(lived: Any, browse: Any, width: str) -> None:
    wrong = []
    for role, addresses in PAGES.items():
        watch = browse(width)
        watch.sign_in(lived.who(role))
        for address in addresses:
            watch.go(address)
            wrong += [f"{address}: {one}" for one in watch.axe()]
            if watch.overflow() > 0:
                wrong.append(f"{address}: {watch.overflow()} px wider than the screen")
    assert wrong == []


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_door_is_accessible(transactional_db: Any, browse: Any, width: str) -> None:
    watch = browse(width)
    watch.go("/login/")
    assert watch.axe() == []
    assert watch.overflow() <= 0


def test_english_is_one_press_away_and_stays(lived: Any, browse: Any) -> None:
    watch = browse()
    page = watch.sign_in(lived.who("supervisor"))
    page.click(".person > button")
    page.click(".person button[name=language]")
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    watch.go("/households/")
    assert page.locator(".rail a[aria-current]").inner_text().strip() == "Households"
