"""A person's word on an uploaded file: which column is what, and what a cell should have said. The file stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ImportBatch, ImportBlock, ImportMapping, ImportRow
from billing.operations.places import learn_rooms
from billing.operations.reading import layout_of, understand, workbook_of
from billing.operations.refusals import ImportRefused
from billing.operations.uploads import STEPS, home_of, names_of, stage
from billing.queries import with_cells
from billing.readers import Sheet, Workbook
from billing.rules.aliases import LABELS
from billing.rules.columns import fields_of
from billing.rules.dates import NotADate
from billing.rules.periods import period_in, read_period
from offices.filing import open_file
from offices.models import User
from offices.operations.progress import tell

Place = tuple[str, int]  # sheet and row number, as counted in the file from 1
Fixes = dict[Place, tuple[dict[str, str], int | None]]  # column index → what was written instead; and by whom
_OPEN = (ImportBatch.State.MAPPING, ImportBatch.State.PREVIEWED)
_LONGEST = 300


@transaction.atomic
def map_columns(
    *, batch: ImportBatch, choices: Mapping[str, Mapping[int, str]], period: str = "", by: User | None, at: datetime
) -> ImportBatch:
    """Say what the columns are: fingerprint of the header → column index → field, "" for: do not read.
    `period` is that of the whole file, such as 2024年1月, where no column, title or name tells it.

    Remembered for this office and header, so the next file of the same layout is understood at once; every row is
    judged anew. Raises `ImportRefused` when a field is given twice or a needed column is still missing.
    """
    batch, chosen = chosen_columns(batch=batch, choices=choices, period=period)
    for fingerprint, fields in chosen.items():
        ImportMapping.objects.update_or_create(
            kind=batch.kind, fingerprint=fingerprint, defaults={"choices": fields, "saved_at": at, "saved_by": by}
        )
    _restage(batch, _fixes_of(batch))
    missing = [words for sheet in batch.layout["sheets"] for words in sheet["missing"]]
    if missing:
        raise ImportRefused("".join(dict.fromkeys(missing)), code="column_missing")
    batch.state = ImportBatch.State.PREVIEWED
    batch.save(update_fields=["state"])
    return batch


def chosen_columns(
    *, batch: ImportBatch, choices: Mapping[str, Mapping[int, str]], period: str
) -> tuple[ImportBatch, dict[str, dict[str, str]]]:
    """The batch, locked, with the period of the file, and every column with its field, by header. Reads no file.

    Raises `ImportRefused` when a field is given twice, the period cannot be read, or the batch is not open any more.
    """
    batch = _open_batch(batch)
    if period.strip():
        batch.layout["period"] = _period(period)
    sheets = batch.layout.get("sheets", [])
    return batch, {
        sheet["fingerprint"]: _choices(batch.kind, sheet, choices.get(sheet["fingerprint"], {})) for sheet in sheets
    }


def _period(said: str) -> str:
    """The months a person named, in our words."""
    try:
        period = read_period(said)
    except NotADate:
        period = None
    if period is None or period_in(period.label) != period:
        raise ImportRefused(
            _("看不懂账期“%s”，请写成 2024年1月、2024年1-3月 或 2024年。") % said[:40], code="period_unreadable"
        )
    return period.label


def _open_batch(batch: ImportBatch) -> ImportBatch:
    batch = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("community", "file", "corrects")
        .get(pk=batch.pk)
    )
    if batch.state == ImportBatch.State.READING:
        raise ImportRefused(_("文件还在读取，请等读完再修改。"), code="still_reading")
    if batch.state not in _OPEN:
        raise ImportRefused(_("这个批次已经处理过，不能再修改。"), code="not_previewed")
    return batch


def _choices(kind: str, sheet: dict[str, Any], wished: Mapping[int, str]) -> dict[str, str]:
    """Every column of the sheet with its field: what was wished, else as it was understood."""
    chosen: dict[str, str] = {}
    taken: dict[str, str] = {}
    for column in sorted((*sheet["columns"], *sheet["others"]), key=lambda c: int(c["index"])):
        field = wished.get(column["index"], column["field"])
        if field and field not in fields_of(kind):
            raise ImportRefused(_("没有名为“%s”的项目。") % field[:40], code="field_unknown")
        if field and not column["is_wide"]:
            if field in taken:
                words = _("%(first)s 和 %(second)s 都选了“%(field)s”，请只保留一列。")
                raise ImportRefused(
                    words % {"first": taken[field], "second": column["place"], "field": LABELS[field]},
                    code="field_twice",
                )
            taken[field] = column["place"]
        chosen[str(column["index"])] = field
    return chosen


@transaction.atomic
def fix_rows(
    *, batch: ImportBatch, fixes: Mapping[Place, Mapping[int, str]], by: User | None, at: datetime
) -> ImportBatch:
    """Write something else in place of cells: (sheet, row number) → column index → text. Judged anew at once.

    What stood in the file is kept with the row; writing it again takes the fix back. Raises `ImportRefused`.
    """
    batch, before, kept = wanted_fixes(batch=batch, fixes=fixes, by=by)
    if kept != before:
        _restage(batch, kept)
    return batch


def wanted_fixes(
    *, batch: ImportBatch, fixes: Mapping[Place, Mapping[int, str]], by: User | None
) -> tuple[ImportBatch, Fixes, Fixes]:
    """The batch, locked, with the fixes there are and those there shall be. Reads no file. Raises `ImportRefused`."""
    batch = _open_batch(batch)
    rows = {(row.sheet, row.row_no): row for row in _rows(batch, fixes)}
    before = _fixes_of(batch)
    kept = dict(before)
    for place, wished in fixes.items():
        row = rows.get(place)
        if row is None:
            raise ImportRefused(_("文件里没有第 %s 行。") % place[1], code="row_unknown")
        marks = dict(row.fixes) | {str(index): text.strip()[:_LONGEST] for index, text in wished.items()}
        marks = {index: text for index, text in marks.items() if text != _cell(row, int(index))}
        if marks == row.fixes:
            continue
        kept[place] = (marks, by.pk if by else None)
    return batch, before, kept


def _rows(batch: ImportBatch, fixes: Mapping[Place, Any]) -> list[ImportRow]:
    return with_cells(ImportRow.objects.filter(batch=batch, row_no__in={row_no for _sheet, row_no in fixes}))


def _cell(row: ImportRow, index: int) -> str:
    cells = row.cells or []
    return str(cells[index]) if 0 <= index < len(cells) else ""


def _fixes_of(batch: ImportBatch) -> Fixes:
    rows = ImportRow.objects.filter(batch=batch).exclude(fixes={})
    return {(row.sheet, row.row_no): (row.fixes, row.fixed_by_id) for row in rows}


def _restage(batch: ImportBatch, fixes: Fixes) -> None:
    """Read the stored file again with the fixes in it, and judge every row: rows judge each other
    (repeats, conflicts, subtotals), so one cell may change the verdict of another row.
    """
    stood = {(row.sheet, row.row_no): row.cells for row in _rows(batch, fixes)}
    said = {"period": batch.layout["period"]} if batch.layout.get("period") else {}
    data, known = open_file(batch.file), dict[Any, tuple[int, int, str]]()
    with workbook_of(data, partial(learn_rooms, known, len(data))) as workbook:
        tell(1, STEPS)
        _write(workbook, fixes)
        tables = understand(workbook, batch.kind, (*names_of(batch.file_name, batch.corrects), *said.values()))
    tell(2, STEPS)
    batch.community = home_of(tables, batch.kind, batch.community)
    batch.layout = layout_of(workbook, tables, batch.kind) | said
    batch.save(update_fields=["community", "layout"])
    ImportRow.objects.filter(batch=batch).delete()
    ImportBlock.objects.filter(batch=batch).delete()
    stage(batch, tables, known)
    for (sheet, row_no), (marks, who) in fixes.items():
        ImportRow.objects.filter(batch=batch, sheet=sheet, row_no=row_no).update(
            cells=stood[sheet, row_no], fixes=marks, fixed_by_id=who if marks else None
        )


def _write(workbook: Workbook, fixes: Fixes) -> None:
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    for (name, row_no), (marks, _who) in fixes.items():
        for index, text in marks.items():
            _put(sheets[name], row_no - 1, int(index), text)


def _put(sheet: Sheet, row: int, column: int, text: str) -> None:
    """One cell; a merge over it is taken apart first, so that its other rows keep what they had."""
    for merge in [m for m in sheet.merges if m[0] <= row <= m[2] and m[1] <= column <= m[3]]:
        sheet.merges.remove(merge)
        for line in range(merge[0] + 1, min(merge[2] + 1, len(sheet.rows))):
            _set(sheet, line, merge[1], sheet.rows[merge[0]][merge[1]])
    _set(sheet, row, column, text)


def _set(sheet: Sheet, row: int, column: int, value: Any) -> None:
    line = sheet.rows[row]
    line.extend([None] * (column + 1 - len(line)))
    line[column] = value
    sheet.rewritten.add(row)
