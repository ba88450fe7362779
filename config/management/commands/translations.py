"""`bin/manage translations`: keeps the English catalogue in step with the Chinese words in the source.

The source is the catalogue: msgids are Chinese. gettext's own tools are not needed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ("offices", "billing", "disputes", "arrears", "collection", "archive", "config")
# Rules know no gettext; pages translate these tables where they show them. Words of letters and scripts stay Chinese.
TABLES = (
    "collection/queries/promises.py",
    "collection/rules/decide.py",
    "collection/rules/outcomes.py",
    "collection/rules/places.py",
    "collection/rules/reasons.py",
    "collection/rules/strategy_faults.py",
    "collection/rules/trial.py",
    "collection/rules/ways.py",
    "collection/queries/work/parts.py",
    "disputes/rules",
    "arrears/rules/ageing.py",
    "arrears/rules/limitation.py",
    "arrears/rules/position.py",
    "arrears/rules/segments.py",
    "arrears/rules/tier.py",
    "archive/queries/ledger.py",
    "archive/rules",
    "billing/rules/checks.py",
)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_TEMPLATE_CALL = re.compile(r"""(?:gettext|\b_)\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.S)
_COMMENT = re.compile(r"{#.*?#}", re.S)


def words_of_python(path: Path) -> Iterator[str]:
    """The constant first argument of every gettext call."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if name in _CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def words_of_table(path: Path) -> Iterator[str]:
    """Every Chinese constant that is not a docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in documentation | pieces and _CHINESE.search(node.value):
            yield node.value


def words_of_template(path: Path) -> Iterator[str]:
    """Everything between `translate` and `blocktranslate` tags, as gettext will look it up."""
    source = templatize(_COMMENT.sub("", path.read_text("utf-8")))
    for match in _TEMPLATE_CALL.finditer(source):
        yield ast.literal_eval(match.group(1).replace("\n", "\\n"))


def words() -> dict[str, list[str]]:
    """Every msgid of the source with the files that use it."""
    found: dict[str, list[str]] = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for word in words_of_python(path):
                found.setdefault(word, []).append(path.relative_to(ROOT).as_posix())
    for table in TABLES:
        for path in sorted((ROOT / table).rglob("*.py")) if (ROOT / table).is_dir() else [ROOT / table]:
            for word in words_of_table(path):
                found.setdefault(word, []).append(path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for word in words_of_template(path):
            found.setdefault(word, []).append(path.relative_to(ROOT).as_posix())
    return {word: sorted(set(files)) for word, files in found.items() if word.strip()}


def catalogue() -> polib.POFile:
    """The English catalogue, or an empty one."""
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=120)
    book = polib.POFile(wrapwidth=120)
    book.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit", "Language": "en"}
    return book


def untranslated() -> list[str]:
    """Words of the source that have no English."""
    known = {entry.msgid for entry in catalogue() if entry.msgstr and not entry.obsolete}
    return sorted(word for word in words() if word not in known)


class Command(BaseCommand):
    """Adds new words, takes unused ones out, compiles, and lists what is still to be translated."""

    help = "Keep locale/en in step with the source and compile it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrite the catalogue in a stable order."""
        book, found = catalogue(), words()
        known = {entry.msgid: entry.msgstr for entry in book}
        book.clear()
        for word in sorted(found, key=lambda each: (found[each][0], each)):
            files = [(name, "") for name in found[word][:3]]
            book.append(polib.POEntry(msgid=word, msgstr=known.get(word, ""), occurrences=files))
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        book.save(str(CATALOGUE))
        book.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
        missing = untranslated()
        self.stdout.write(f"{len(found)} words, {len(missing)} without English.")
        for word in missing:
            self.stdout.write(f"  {word!r}  {found[word][0]}")
