"""Imports point one way, and apps meet only in the rooms made for it (architecture §1, §4)."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.source import APPS, ROOT, app_modules, modules

MEETING_ROOMS = {"models", "queries", "operations", "rules"}
MEETING_ROOMS_OF_OFFICES = MEETING_ROOMS | {"letterhead", "filing", "scoping", "permissions", "templatetags"}
# Letters are printed by collection and may be asked for by archive; forms show the same fields.
SHARED = {"documents"}


def test_layers_of_apps_and_rooms() -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts") :] + done.stderr


def test_rules_import_nothing_but_the_standard_library_and_rules() -> None:
    allowed = sys.stdlib_module_names
    wrong = [
        f"{module.path.relative_to(ROOT)}:{line} imports {name}"
        for module in app_modules()
        if module.room == "rules"
        for line, name in module.imports()
        if name.split(".")[0] not in allowed and not (name.split(".")[0] in APPS and name.split(".")[1] == "rules")
    ]
    assert wrong == []


def test_apps_meet_only_at_models_queries_operations_and_rules() -> None:
    wrong = []
    for module in app_modules():
        for line, name in module.imports():
            other, _, rest = name.partition(".")
            if other not in APPS or other == module.app:
                continue
            rooms = MEETING_ROOMS_OF_OFFICES if other == "offices" else MEETING_ROOMS | SHARED
            if rest.split(".")[0] not in rooms:
                wrong.append(f"{module.path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_only_tasks_and_the_scope_know_celery() -> None:
    """Operations leave rows; nothing but a task is ever enqueued, and never by an operation."""
    wrong = [
        f"{module.path.relative_to(ROOT)}:{line}"
        for module in app_modules()
        for line, name in module.imports()
        if name.split(".")[0] == "celery" and module.room != "tasks" and module.name != "offices.scoping.tasks"
    ]
    assert wrong == []


def test_nothing_in_the_apps_imports_the_runner() -> None:
    """`config.run` serves demo and tests; the product must not need it."""
    product = [
        *app_modules(),
        *(m for m in modules("config") if not m.name.startswith(("config.run", "config.management", "config.proofs"))),
    ]
    assert [m.name for m in product for _, name in m.imports() if name.startswith("config.run")] == []
