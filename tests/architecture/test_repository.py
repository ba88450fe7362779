"""What is committed: no machine's paths, no registry's host, no artefacts."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.source import ROOT

TEXT = {".py", ".html", ".css", ".js", ".mjs", ".json", ".md", ".toml", ".yml", ".lock", ".txt", ".po", ".svg", ""}
# Written apart, so that this file does not find itself.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w.])/wo" + r"rk/",
            r"(?<![\w.])/ro" + r"ot/",
            "/tmp/br" + "ief",
            "files.python" + "hosted",
            "registry.np" + "mjs",
            r'"resol' + r'ved":',
        ]
    )
)


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name]


def test_nothing_of_this_machine_is_committed() -> None:
    found = []
    for name in _tracked():
        path = ROOT / name
        if path.suffix not in TEXT or not path.is_file():
            continue
        hit = FORBIDDEN.search(path.read_text(encoding="utf-8", errors="ignore"))
        if hit:
            found.append(f"{name}: {hit.group()}")
    assert found == []


def test_nothing_built_is_committed() -> None:
    built = re.compile(r"^(node_modules|static/build|staticfiles|var|\.venv)/|\.(pyc|mo)$")
    assert [name for name in _tracked() if built.search(name)] == []


def test_files_are_of_a_size_that_git_likes() -> None:
    assert [n for n in _tracked() if (ROOT / n).is_file() and (ROOT / n).stat().st_size > 1_500_000] == []
