"""A pytest plugin that plants each bug of `tests.controls.bugs` while its test runs. `bin/prove controls` loads it.

Every test runs once as it is, which must pass, and once with its bug, which must fail. Nothing else runs.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _pytest.runner import runtestprotocol
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings

from tests.conftest import maintenance
from tests.controls.bugs import BUGS, SQL, Bug

_ANNOTATIONS = __future__.annotations.compiler_flag


class NoSuchText(LookupError):
    """The text that a bug replaces is not in the product any more: the control must be written anew."""


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--controls-to", required=True, help="the file that is told what was found, as JSON")


def pytest_configure(config: Any) -> None:
    """Only the tests of the table. Counter-examples are to be found, not made small, and not remembered."""
    config.args[:] = sorted({bug.test.split("::")[0] for bug in BUGS})
    settings.register_profile(
        "controls", database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None
    )
    settings.load_profile("controls")


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    wanted = {bug.test for bug in BUGS}
    items[:] = [item for item in items if _names(item) & wanted]
    there = {name for item in items for name in _names(item)}
    config.controls = {
        "bugs": [[bug.invariant, bug.what, bug.test] for bug in BUGS],
        "caught": {},
        "ill": {},
        "missing": sorted(wanted - there),
    }


def _names(item: Any) -> set[str]:
    return {item.nodeid, item.nodeid.split("[")[0]}


def pytest_runtest_protocol(item: Any, nextitem: Any) -> bool:
    """Once as it is, then once with each of its bugs that no earlier case of the same test has caught."""
    found = item.config.controls
    another = next(each for each in item.session.items if each is not item)  # so that the fixtures of this one end
    reports = runtestprotocol(item, log=False, nextitem=another)
    if not all(report.passed for report in reports):
        found["ill"][item.nodeid] = str(reports[-1].longrepr)[-300:]
    for bug in BUGS:
        if bug.test not in _names(item) or found["caught"].get(bug.invariant):
            continue
        try:
            with planted(bug):
                reports = runtestprotocol(item, log=False, nextitem=another)
        except NoSuchText as gone:
            found["missing"].append(str(gone))
            continue
        found["caught"][bug.invariant] = any(report.when == "call" and report.failed for report in reports)
    return True


def pytest_sessionfinish(session: Any) -> None:
    Path(session.config.option.controls_to).write_text(json.dumps(session.config.controls, ensure_ascii=False))


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The product with the bug in it."""
    if bug.where == SQL:
        _as_owner(bug.old)
        try:
            yield
        finally:
            _as_owner(bug.new)
        return
    name, path = bug.where.split(":")
    module = importlib.import_module(name)
    holder, _, last = path.rpartition(".")
    owner = getattr(module, holder) if holder else module
    right = inspect.getattr_static(owner, last)
    wrong = _constant(module, right, bug) if not callable(right) else _function(module, right, bug)
    _swap(owner, last, right, wrong)
    try:
        yield
    finally:
        _swap(owner, last, wrong, right)


def _as_owner(statement: str) -> None:
    with maintenance(django_settings.DATABASES["owner"]["NAME"]) as cursor:
        cursor.execute(statement)


def _function(module: Any, right: Callable[..., Any], bug: Bug) -> Any:
    text = _replaced(textwrap.dedent(inspect.getsource(right)), bug)
    made: dict[str, Any] = {}
    code = compile(text, f"<bug {bug.invariant}>", "exec", flags=_ANNOTATIONS)
    exec(code, vars(module), made)
    return next(iter(made.values()))


def _constant(module: Any, right: Any, bug: Bug) -> Any:
    if isinstance(right, str):
        return _replaced(right, bug)
    source, name = inspect.getsource(module), bug.where.split(":")[1]
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if getattr(target, "id", "") == name:
                return eval(_replaced(ast.get_source_segment(source, node.value) or "", bug), vars(module))
    raise NoSuchText(f"{bug.where} is no constant")


def _replaced(text: str, bug: Bug) -> str:
    if bug.old not in text:
        raise NoSuchText(f"bug {bug.invariant}: {bug.old!r} is not in {bug.where}")
    return text.replace(bug.old, bug.new)


def _swap(owner: Any, name: str, old: Any, new: Any) -> None:
    """Put `new` where `old` is known: in its module or class, and wherever it was imported to."""
    setattr(owner, name, new)
    for module in list(sys.modules.values()):
        for each, value in list(getattr(module, "__dict__", {}).items()):
            if value is old and not each.startswith("__"):
                setattr(module, each, new)
