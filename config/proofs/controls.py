"""Negative controls: every invariant's test must turn red when the bug is planted that the invariant is about.

The bugs and their tests are a table beside the tests, outside the product; they run in a process of their own, on a
database of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.proofs.import_kill import NotProven
from config.run.places import ROOT

INVARIANTS = 46


def controls(*, tell: Callable[[str], object] = print) -> dict[str, Any]:
    """One bug per invariant is planted, one at a time; its test must fail. Raises `NotProven` when one survives."""
    if not (ROOT / "tests" / "controls").is_dir():
        raise NotProven("the tests are not here: run this in a checkout")
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "found.json"
        run = subprocess.run(
            [sys.executable, "-m", "config.run.test", "-p", "tests.controls.plugin", f"--controls-to={to}", "-q"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = json.loads(to.read_text()) if to.exists() else None
    if found is None:
        raise NotProven(f"the tests did not run to their end:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return judged(found, tell)


def judged(found: dict[str, Any], tell: Callable[[str], object]) -> dict[str, Any]:
    """The figures, when every bug was caught by a test that passes without it. Raises `NotProven`.

    `found`: "bugs" as [invariant, what, test], "caught" by invariant, "ill": tests that fail without any bug,
    "missing": tests and texts that are not there any more.
    """
    bugs, caught = found["bugs"], found["caught"]
    for invariant, what, test in bugs:
        tell(f"{invariant:3} {'caught  ' if caught.get(str(invariant)) else 'SURVIVED'} {what}: {test}")
    count = sum(1 for invariant, _what, _test in bugs if caught.get(str(invariant)))
    tell(f"{count} of {len(bugs)} controls were caught")
    if found["ill"]:
        raise NotProven(f"fails without any bug: {found['ill']}")
    if found["missing"]:
        raise NotProven(f"not there any more: {found['missing']}")
    if count != len(bugs) or {invariant for invariant, _what, _test in bugs} != set(range(1, INVARIANTS + 1)):
        raise NotProven(f"only {count} of {len(bugs)} controls were caught")
    return {"name": "controls", "planted": len(bugs), "caught": count}
