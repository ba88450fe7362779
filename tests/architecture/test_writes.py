"""Only operations write, and a stage writes its own tables only (architecture §1, §4)."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import APPS, STAGES, Module, app_modules, chain

ALWAYS = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "create_user",
    "set_password",
}
ON_QUERYSETS = {"update", "delete"}
WRITES_SQL = re.compile(
    r"^\s*(?:with\b.*?\)\s*)?(insert\s+into|update|delete\s+from|truncate)\s+\"?([a-z]+)_[a-z_]+", re.I | re.S
)
# Who may write outside operations, and why.
MAY = {
    "offices.filing": "the filing cabinet is an operation of its own kind: bytes and their row",
    "offices.letterhead": "saves PDF files, no rows",
    "offices.scoping.managers": "stamps the office on what is being saved",
}


def _is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    words = chain(call.func)
    name = call.func.attr
    if name in ALWAYS:
        return not words.startswith(("super()", "form.", "Image", "image", "workbook", "pdf", "self.cleaned"))
    return name in ON_QUERYSETS and ".objects" in words


def _sql_writes(module: Module) -> list[tuple[ast.AST, str]]:
    """(place, app whose table is written) of SQL texts."""
    return [
        (node, found.group(2).lower())
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := WRITES_SQL.match(node.value))
    ]


def test_only_operations_write() -> None:
    wrong = []
    for module in app_modules():
        if module.room in {"operations", "migrations"} or module.name in MAY:
            continue
        calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and _is_write(node))
        wrong += [f"{module.at(call)} {chain(call.func)}()" for call in calls]
        wrong += [f"{module.at(node)} SQL on {app}_*" for node, app in _sql_writes(module) if app in APPS]
    assert wrong == []


def _foreign_models(module: Module) -> dict[str, str]:
    """Names of models of other apps, as they are known in this module."""
    return {
        name.rsplit(".", 1)[1]: name.split(".")[0]
        for _, name in module.imports()
        if name.split(".")[0] in APPS and name.split(".")[0] != module.app and ".models." in name
    }


def test_a_stage_writes_its_own_tables_only() -> None:
    """Another app's rows change through that app's operations."""
    wrong = []
    for module in app_modules():
        if module.room != "operations" or module.app not in STAGES:
            continue
        foreign = _foreign_models(module)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                root = chain(node.func).split(".")[0].removesuffix("()")
                if root in foreign and node.func.attr in ALWAYS | ON_QUERYSETS:
                    wrong.append(f"{module.at(node)} writes {foreign[root]}.{root}")
        wrong += [
            f"{module.at(node)} SQL on {app}_*"
            for node, app in _sql_writes(module)
            if app in APPS and app != module.app
        ]
    assert wrong == []


def test_the_detector_sees_what_it_should() -> None:
    """A negative control: the kinds of writing that the tests above must notice."""
    seen = [
        _is_write(node)
        for text in (
            "Bill.objects.filter(a=1).update(b=2)",
            "bill.save()",
            "Bill.objects.create()",
            "row.objects.all().delete()",
        )
        for node in [ast.parse(text, mode="eval").body]
        if isinstance(node, ast.Call)
    ]
    assert seen == [True, True, True, True]
    assert WRITES_SQL.match("insert into billing_bill (id) select 1")
    assert not WRITES_SQL.match("select * from billing_bill")
