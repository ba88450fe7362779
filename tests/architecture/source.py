"""The source of the house as trees, for tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("billing", "disputes", "arrears", "collection", "archive")
APPS = ("offices", *STAGES)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of an app (or of config)."""

    path: Path
    tree: ast.Module
    lines: int

    @property
    def name(self) -> str:
        """`collection.operations.notices`."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def room(self) -> str:
        """`operations`; empty for the app's own `__init__`."""
        return ([*self.name.split("."), ""])[1]

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, full dotted name) of everything imported, `from a import b` as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    base = ".".join([*self.name.split(".")[: -node.level], *filter(None, [base])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                yield node

    def at(self, node: ast.AST) -> str:
        """`collection/operations/notices.py:41`."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def parse(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path, ast.parse(text), text.count("\n"))


@cache
def modules(*tops: str) -> tuple[Module, ...]:
    """All modules below the given top folders, without migrations."""
    found = (path for top in tops for path in sorted((ROOT / top).rglob("*.py")) if "migrations" not in path.parts)
    return tuple(parse(path) for path in found)


def app_modules() -> tuple[Module, ...]:
    return modules(*APPS)


def docstring_of(node: ast.AST) -> str:
    return (ast.get_docstring(node) or "") if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) else ""


def chain(node: ast.AST) -> str:
    """The names of a call chain: `Bill.objects.filter().update` for `Bill.objects.filter(x=1).update`."""
    if isinstance(node, ast.Attribute):
        return f"{chain(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{chain(node.func)}()"
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript):
        return f"{chain(node.value)}[]"
    return "…"
