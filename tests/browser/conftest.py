"""A real Chromium against the real server. Without a browser these tests are skipped aloud; in CI that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tests.factories import workbooks
from tests.scenarios.world import World

ROOT = Path(settings.BASE_DIR)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}

# Playwright keeps an event loop in this thread; the tests' own queries between two clicks are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Say what is missing instead of failing with a riddle."""
    missing = []
    if CHROMIUM is None:
        missing.append("no Chromium (apt-get install chromium, or set CHROMIUM)")
    if not (ROOT / "static" / "build" / "app.js").exists():
        missing.append("no built assets (npm ci && node build.mjs)")
    if not missing or os.environ.get("CI"):
        return
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="BROWSER TESTS SKIPPED: " + "; ".join(missing)))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """A page that notices what must never happen: console errors, policy reports, requests to strangers."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page, self.origin, self.troubles = page, origin, []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # A form refused with 422 is an answer, not a trouble; Chromium reports it as an error all the same.
        if message.type == "error" and "422" not in message.text:
            self.troubles.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.troubles.append(f"off-origin: {request.url}")

    def go(self, path: str) -> Any:
        """Open an address of the product; it must answer."""
        answer = self.page.goto(self.origin + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def sign_in(self, user: Any) -> Any:
        """Through the door, as people do."""
        self.page.goto(self.origin + "/login/")
        self.page.fill("#id_username", user.username)
        self.page.fill("#id_password", "demo-password-1")
        self.page.click("form.signin button")
        self.page.wait_for_load_state()
        return self.page

    def axe(self) -> list[str]:
        """What axe finds wrong, in one line each."""
        if not AXE.exists():
            pytest.skip("axe-core is not installed: npm ci")
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['target']} {one['nodes'][0]['html'][:160]}"
            for one in found["violations"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - screen.width"))


@pytest.fixture
def browse(chromium: Any, live_server: Any) -> Iterator[Any]:
    """`browse()` opens a watched page at desk width, `browse("phone")` at 390 px; troubles fail the test."""
    contexts, watches = [], []

    def open_page(width: str = "desk") -> Watch:
        wide, high = WIDTHS[width]
        context = chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": wide, "height": high},
            screen={"width": wide, "height": high},
            is_mobile=width == "phone",
            has_touch=width == "phone",
        )
        context.set_default_timeout(8000)
        contexts.append(context)
        watch = Watch(context.new_page(), live_server.url)
        watches.append(watch)
        return watch

    yield open_page
    for context in contexts:
        context.close()
    assert [trouble for watch in watches for trouble in watch.troubles] == []


ROOMS = [("0101", "陈梅轩", "19900000771"), ("0102", "刘秀", "19900004330"), ("0103", "徐芳军", "19900006277")]


@pytest.fixture
def lived(transactional_db: Any, provider: Any) -> World:
    """An office in the middle of its work, as of today: 0101 is to be called, 0102 has a letter to approve,
    0103 promised to pay today."""
    from tests.conftest import make_office

    office = make_office("huating", "华庭物业服务有限公司")
    today = timezone.localdate()
    world = World(office=office, day=today - timedelta(days=24)).set_up()
    due = today - timedelta(days=60)
    start, end = (due - timedelta(days=100)).isoformat(), (due - timedelta(days=10)).isoformat()
    world.bring_in("register", workbooks.register(ROOMS))
    world.bring_in(
        "bills",
        workbooks.bills([(number, owner, start, end, due.isoformat(), "600.00") for number, owner, _phone in ROOMS]),
    )
    world.live_until(today - timedelta(days=17))
    world.call("0102", "informed", explanation="已说明欠费与缴费方式")
    world.live_until(today - timedelta(days=3))
    world.call("0103", "promised", promised_on=today, promise_amount=Decimal("600.00"))
    return world.live_until(today)
