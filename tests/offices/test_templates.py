"""Every template compiles, every drawing exists, nothing is written into a page that the policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import lucide
import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

from offices.permissions import NAVIGATION
from offices.templatetags.parts import EVENT_ICONS

ROOT = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
LETTERS = "letters/"


@pytest.mark.parametrize("name", PAGES)
def test_it_compiles(name: str) -> None:
    assert get_template(name)


def _icons() -> set[str]:
    found = set(EVENT_ICONS.values()) | {item.icon for _title, items in NAVIGATION for item in items}
    for name in PAGES:
        text = (ROOT / name).read_text("utf-8")
        found |= set(re.findall(r'{%\s*icon "([^"]+)"', text)) | set(re.findall(r'\sicon="([a-z0-9-]+)"', text))
    return found


@pytest.mark.parametrize("name", sorted(_icons()))
def test_the_drawing_exists(name: str) -> None:
    assert "<path" in lucide._render_icon(name, None) or "<" in lucide._render_icon(name, None)


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith(LETTERS)])
def test_no_script_or_style_is_written_into_a_page(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline scripts are refused by the policy"
    assert "<style" not in text
    markup = re.sub(r"{%.*?%}", "", text)  # what a template tag is given is no attribute
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", markup), "inline handlers are refused by the policy"
    assert "hx-on" not in text
    assert "//cdn" not in text


@pytest.mark.parametrize("name", PAGES)
def test_words_that_never_appear(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "滞纳金" not in text
    assert "催收员" not in text
    assert "·" not in text, "the middle dot turns full-width in Chinese fonts"


def test_templates_escape_by_themselves() -> None:
    assert engines["django"].engine.autoescape
