"""Every static file that a template names is there to be served; the hashed storage of production would answer 500."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

NAMED = sorted(
    {
        name
        for template in Path(settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r"""\{%\s*static\s+["']([^"']+)["']""", template.read_text("utf-8"))
    }
)


@pytest.mark.parametrize("name", NAMED)
def test_every_static_file_that_a_template_names_exists(name: str) -> None:
    assert finders.find(name), name


def test_templates_name_the_built_assets() -> None:
    assert {"build/app.css", "build/app.js"} <= set(NAMED)
