"""A file's bytes become tables: read in the child process, headers found, columns as this office once corrected them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from billing.models import ImportBatch, ImportMapping
from billing.operations.kinds import KINDS
from billing.operations.refusals import ImportRefused
from billing.readers import FileRefused, Sheet, Workbook, reading_child
from billing.rules.aliases import LABELS
from billing.rules.cells import Cell, text_of
from billing.rules.columns import Column, Header, find_header, is_summary, remapped, samples
from billing.rules.mending import ADDED_HEADINGS
from billing.rules.rows import FileRow

_SAMPLED = 200

Memory = Mapping[str, dict[int, str]]  # fingerprint of a header → column index → field


@dataclass(slots=True)
class Table:
    """A sheet with its header found; `rows` are understood unless a needed column is `missing`."""

    sheet: Sheet
    header: Header
    is_remembered: bool
    missing: list[str]
    rows: list[FileRow] = field(default_factory=list)

    @property
    def head(self) -> list[str]:
        """The lines above the header."""
        lines = self.sheet.rows[: self.header.row]
        return [" ".join(text_of(cell) for cell in line if cell is not None) for line in lines]

    @property
    def body(self) -> list[list[Cell]]:
        """A stretch of the lines under the header, for samples."""
        first = self.header.row + self.header.height
        return list(self.sheet.rows[first : first + _SAMPLED])


@contextmanager
def workbook_of(data: bytes, meanwhile: Callable[[], object] = lambda: None) -> Iterator[Workbook]:
    """The cells of a file, read while they are looked at; `meanwhile` is done before the first ones are there.

    Raises `ImportRefused`, also out of the block.
    """
    try:
        with reading_child(data, meanwhile) as workbook:
            if not workbook.sheets:
                raise ImportRefused(_("文件里没有任何数据。请检查导出是否成功，重新选择文件。"), code="file_empty")
            yield workbook
    except FileRefused as refused:
        raise ImportRefused(str(refused), code=refused.code) from refused


def memory_of(kind: str) -> Memory:
    """What people of this office said about headers of this kind."""
    saved = ImportMapping.objects.filter(kind=kind).values_list("fingerprint", "choices")
    return {print_: {int(index): name for index, name in choices.items()} for print_, choices in saved}


@contextmanager
def without_collector() -> Iterator[None]:
    """A block that makes rows by the hundred thousand: none of them is part of a cycle, so looking for cycles again and
    again would only cost a quarter of the time. Afterwards they count as old, or the next allocation would look at all.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()  # whatever is alive goes to the oldest generation, unseen
            gc.enable()


@without_collector()
def understand(workbook: Workbook, kind: str, names: Sequence[str]) -> list[Table]:
    """The sheets with data, or else those whose columns a person could point out. Raises `ImportRefused`.

    `names` are the names the file goes by: a period or year in them serves where the table has none.
    """
    memory = memory_of(kind)
    found = [table for sheet in workbook.sheets if (table := _table(sheet, kind, names, memory)) is not None]
    usable = [table for table in found if any(row.sort == "data" for row in table.rows)]
    open_to_advice = [t for t in found if t.missing and (_others(t) or t.header.lacks_only_period(kind))]
    if not usable and not open_to_advice:
        raise _no_table(workbook, found, kind, names)
    detailed = [table for table in usable if not is_summary(table.sheet.name)]  # a summary repeats what others hold
    return detailed or usable or open_to_advice


def _table(sheet: Sheet, kind: str, names: Sequence[str], memory: Memory) -> Table | None:
    header = find_header(sheet.rows, kind, names=(sheet.name, *names), merges=sheet.merges)
    if header is None:
        return None
    header = replace(header, unread=tuple(c for c in header.unread if c.heading not in ADDED_HEADINGS))
    choices = memory.get(header.fingerprint)
    if choices is not None:
        header = remapped(header, choices)
    table = Table(sheet, header, choices is not None, header.missing(kind))
    if not table.missing:
        table.rows = list(KINDS[kind].read(sheet.rows, header, sheet.merges))
    return table


def _others(table: Table) -> list[Column]:
    """Columns with values that were taken for nothing: where a missing field may be."""
    return [column for column in table.header.unread if samples(table.body, column.index, 1)]


def _no_table(workbook: Workbook, found: list[Table], kind: str, names: Sequence[str]) -> ImportRefused:
    """Why no sheet can be used: the nearest one's missing column, another kind of file, or no header at all."""
    if not found:
        others = (other for other in KINDS if other != kind and _fits(workbook, other, names))
        if other := next(others, ""):
            label = ImportBatch.Kind(other).label
            words = _("这份文件看起来是「%(kind)s」。请在文件种类中改选「%(kind)s」，再上传一次。") % {"kind": label}
            return ImportRefused(words, code="other_kind")
        words = _("前 15 行里没有找到表头。请保留「房号」「应收金额」这样的列名，并确认选择的文件种类正确。")
        if workbook.encoding == "gb18030":
            words += _("如果打开文件看到的是乱码，请另存为“CSV UTF-8”或 .xlsx。")
        return ImportRefused(words, code="header_not_found")
    nearest = min(found, key=lambda table: len(table.missing))
    if nearest.missing:
        return ImportRefused("".join(nearest.missing), code="column_missing", row=nearest.header.row + 1)
    return ImportRefused(_("表头下面没有数据行。请检查导出是否成功。"), code="no_rows")


def _fits(workbook: Workbook, kind: str, names: Sequence[str]) -> bool:
    headers = (find_header(s.rows, kind, names=(s.name, *names), merges=s.merges) for s in workbook.sheets)
    return any(header is not None and not header.missing(kind) for header in headers)


def needs_advice(tables: list[Table], kind: str) -> bool:
    """Whether a person has to look at the columns first: a needed one is missing, or only guessed."""
    return any(table.missing or (not table.is_remembered and table.header.doubtful(kind)) for table in tables)


def layout_of(workbook: Workbook, tables: list[Table], kind: str) -> dict[str, object]:
    """How the file was understood, for the page: columns with confidence and samples, sheets left unread."""
    used = {table.sheet.name for table in tables}
    return {
        "format": workbook.format,
        "encoding": workbook.encoding,
        "ignored_sheets": [sheet.name for sheet in workbook.sheets if sheet.name not in used],
        "sheets": [_sheet_layout(table, kind) for table in tables],
    }


def _sheet_layout(table: Table, kind: str) -> dict[str, object]:
    header = table.header
    doubts = () if table.is_remembered else header.doubtful(kind)
    return {
        "name": table.sheet.name,
        "header_row": header.row + 1,
        "header_height": header.height,
        "fingerprint": header.fingerprint,
        "remembered": table.is_remembered,
        "missing": table.missing,
        "lacks_period": table.header.lacks_period(kind),
        "head": [[text_of(cell) for cell in line] for line in table.sheet.rows[: header.row + header.height]],
        "head_merges": [merge for merge in table.sheet.merges if merge[2] < header.row + header.height],
        "columns": [_column_layout(table, column) | {"doubtful": column in doubts} for column in header.columns],
        "unread": [column.heading for column in header.unread],
        "others": [_column_layout(table, column) for column in _others(table)],
    }


def _column_layout(table: Table, column: Column) -> dict[str, object]:
    parts = (LABELS[column.field] if column.field else "", column.item, column.period.label if column.period else "")
    return {
        "index": column.index,
        "place": column.place,
        "field": column.field,
        "label": " ".join(part for part in parts if part),
        "is_wide": column.is_wide,
        "sure": column.confidence,
        "samples": samples(table.body, column.index),
    }
