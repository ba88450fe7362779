"""The page of invariants, the seeded bugs and the tests agree; every bug can still be planted; a survivor is told."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import pytest

from config.proofs.controls import INVARIANTS, judged
from config.proofs.import_kill import NotProven
from config.run.places import ROOT
from tests.controls.bugs import BUGS, SQL, Bug
from tests.controls.plugin import planted

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| (.+?) \| ([^|]+) \|$", re.M)


def rows() -> dict[int, tuple[list[str], str]]:
    """Per invariant of docs/invariants.md: its tests and its bug."""
    text = (ROOT / "docs" / "invariants.md").read_text()
    return {int(n): (re.findall(r"`([^`]+)`", tests), bug) for n, _name, tests, bug in ROW.findall(text)}


@cache
def named_in(file: str) -> frozenset[str]:
    """The node ids of a file's test functions, those in classes with their class."""
    found = set()
    for node in ast.parse((ROOT / file).read_text()).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {f"{file}::{prefix}{each.name}" for each in inner if isinstance(each, ast.FunctionDef)}
    return frozenset(found)


def test_every_invariant_has_a_row_with_tests_that_exist() -> None:
    assert sorted(rows()) == list(range(1, INVARIANTS + 1))
    named = [test for tests, _bug in rows().values() for test in tests]
    assert [test for test in named if test.split("[")[0] not in named_in(test.split("::")[0])] == []


def test_every_invariant_has_one_bug_and_the_page_says_which() -> None:
    assert sorted(bug.invariant for bug in BUGS) == list(range(1, INVARIANTS + 1))
    assert {bug.invariant: (bug.test, bug.what) for bug in BUGS} == {
        n: (tests[0], bug) for n, (tests, bug) in rows().items()
    }


@pytest.mark.parametrize(
    "bug", [bug for bug in BUGS if bug.where != SQL], ids=lambda bug: f"{bug.invariant}-{bug.what}"
)
def test_each_bug_still_finds_the_text_that_it_replaces(bug: Bug) -> None:
    with planted(bug):
        pass


def test_the_product_does_not_know_its_bugs() -> None:
    apps = [path for folder in ROOT.iterdir() if (folder / "__init__.py").exists() for path in folder.rglob("*.py")]
    product = [path for path in apps if not path.is_relative_to(ROOT / "tests")]
    assert [str(path) for path in product if re.search(r"^\s*(from|import) tests\b", path.read_text(), re.M)] == []


FOUND = {
    "bugs": [[n, "broken", "a test"] for n in range(1, INVARIANTS + 1)],
    "caught": {str(n): True for n in range(1, INVARIANTS + 1)},
    "ill": {},
    "missing": [],
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "", id="all-caught"),
        pytest.param({"caught": FOUND["caught"] | {"7": False}}, "only 45 of 46", id="a-survivor"),  # type: ignore[operator]
        pytest.param({"bugs": FOUND["bugs"][:45]}, "only 45 of 45", id="an-invariant-without-a-bug"),  # type: ignore[index]
        pytest.param({"ill": {"a test": "E"}}, "fails without any bug", id="a-test-that-fails-anyway"),
        pytest.param({"missing": ["a test"]}, "not there any more", id="a-test-that-is-gone"),
    ],
)
def test_the_verdict(changes: dict[str, Any], said: str) -> None:
    told: list[str] = []
    if not said:
        assert judged(FOUND | changes, told.append)["caught"] == INVARIANTS
        assert told[-1] == "46 of 46 controls were caught"
        return
    with pytest.raises(NotProven, match=said):
        judged(FOUND | changes, told.append)
