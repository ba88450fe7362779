"""A line of code knows its room, and rooms stay small (architecture §2, §3)."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import APPS, ROOT, STAGES, Module, app_modules, docstring_of, modules

ROOMS = {"rules", "models", "queries", "documents", "operations", "views", "forms", "api", "serializers", "tasks"}
FITTINGS = {"apps", "urls", "migrations", "templatetags", "admin", ""}
EXTRA = {
    "offices": {"scoping", "permissions", "letterhead", "filing"},
    "billing": {"readers"},
    "collection": {"channels"},
}
MODULE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 6
PUBLIC_ROOMS = {"rules", "queries", "operations", "documents"}


@pytest.mark.parametrize("app", APPS)
def test_every_file_stands_in_a_room(app: str) -> None:
    allowed = ROOMS | FITTINGS | EXTRA.get(app, set())
    strangers = {m.room for m in modules(app)} - allowed
    assert strangers == set(), f"{app}/ has rooms of other names; see docs/decisions and architecture for the list"


@pytest.mark.parametrize("app", STAGES)
def test_every_stage_says_what_comes_in_what_it_decides_and_what_leaves(app: str) -> None:
    doc = docstring_of(next(m for m in modules(app) if m.name == app).tree)
    assert len(doc.splitlines()) >= 3 or len(doc) > 120, f"{app}/__init__.py needs its docstring"


def _oversized() -> list[str]:
    return [
        f"{m.path.relative_to(ROOT)}: {m.lines} lines"
        for m in (*app_modules(), *modules("config"))
        if m.lines > MODULE_LINES
    ]


def test_modules_stay_small() -> None:
    assert _oversized() == []


def test_functions_stay_small() -> None:
    long = [
        f"{m.at(f)} {f.name}: {(f.end_lineno or 0) - f.lineno + 1} lines"
        for m in (*app_modules(), *modules("config"))
        for f in m.functions()
        if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return len([n for n in names if n not in {"self", "cls"}])


def test_functions_take_few_parameters() -> None:
    """At most six by position. Operations and documents name theirs: a served notice simply has that many facts."""
    many = [
        f"{m.at(f)} {f.name}: {_positional(f)} parameters"
        for m in (*app_modules(), *modules("config"))
        for f in m.functions()
        if _positional(f) > PARAMETERS
        and m.room != "templatetags"  # a template tag's parameters are named in the template
    ]
    assert many == []


def _verbs(module: Module) -> list[ast.FunctionDef]:
    """Business verbs: public functions of the operations' room that are told who acts."""
    public = [n for n in module.tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    return [n for n in public if "by" in {a.arg for a in (*n.args.args, *n.args.kwonlyargs)}]


def test_operations_are_keyword_only_and_know_who_acts() -> None:
    wrong = []
    for module in app_modules():
        if module.room != "operations":
            continue
        for verb in _verbs(module):
            if _positional(verb) > 1:
                wrong.append(f"{module.at(verb)} {verb.name}: more than its subject by position")
            if {a.arg for a in verb.args.args} & {"by", "at", "on"}:
                wrong.append(f"{module.at(verb)} {verb.name}: who and when are named, never by position")
    assert wrong == []


def test_public_functions_say_what_they_mean() -> None:
    silent = [
        f"{m.at(f)} {f.name}"
        for m in app_modules()
        if m.room in PUBLIC_ROOMS
        for f in m.tree.body
        if isinstance(f, ast.FunctionDef) and not f.name.startswith("_") and not docstring_of(f)
    ]
    assert silent == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [m.name for m in (*app_modules(), *modules("config")) if m.tree.body and not docstring_of(m.tree)]
    assert silent == []


CLOCK = re.compile(
    r"\b(date\.today|datetime\.now|datetime\.utcnow|timezone\.now|timezone\.localdate|time\.time|office_now|office_today)\("
)
AT_THE_DOOR = {"views", "api", "tasks", "serializers", "forms", "channels", "readers", "templatetags"}


def test_the_clock_stays_at_the_door() -> None:
    """Rules, models, queries, documents and operations are told the day; only doors read it."""
    wrong = [
        f"{module.path.relative_to(ROOT)}:{number}"
        for module in app_modules()
        if module.room not in AT_THE_DOOR and not module.name.startswith("offices.scoping")
        for number, line in enumerate(module.path.read_text().splitlines(), 1)
        if CLOCK.search(line.split("#")[0])
    ]
    assert wrong == []


def test_money_is_never_a_float() -> None:
    wrong = [
        module.at(node)
        for module in app_modules()
        if module.room in {"rules", "operations", "queries", "models"}
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    assert wrong == []


def test_no_signals() -> None:
    wrong = [
        m.name
        for m in app_modules()
        for _, name in m.imports()
        if name.startswith(("django.dispatch", "django.db.models.signals"))
    ]
    assert wrong == []


def test_tasks_are_thin() -> None:
    """Ids and a date → scope → one operation."""
    fat = [
        f"{m.at(f)} {f.name}"
        for m in app_modules()
        if m.room == "tasks"
        for f in m.functions()
        if (f.end_lineno or 0) - f.lineno + 1 > 25
    ]
    assert fat == []


def test_commands_and_views_do_not_write() -> None:
    """Doors call operations; see test_writes for the rest of the house."""
    assert not (ROOT / "config" / "services.py").exists()
    names = {path.stem for app in APPS for path in (ROOT / app).rglob("*.py")}
    assert names & {"utils", "helpers", "services", "common", "misc", "signals"} == set()
