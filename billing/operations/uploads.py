"""An upload: read in a child process, understood by the rules, staged with a verdict per row. Nothing is booked yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import ImportBatch
from billing.operations import staging
from billing.operations.kinds import KINDS
from billing.operations.summaries import control_differences, summary_of
from billing.readers import LIMIT_BYTES, FileRefused, Sheet, Workbook, read_in_child
from billing.rules.aliases import LABELS
from billing.rules.cells import text_of
from billing.rules.columns import Header, find_header, samples
from billing.rules.dates import made_on
from billing.rules.rows import FileRow
from offices.filing import store_file
from offices.models import Community, StoredFile, User
from offices.operations import Refusal


class ImportRefused(Refusal):
    """The file, or the whole import, is refused; nothing was written."""

    code = "import_refused"
    status = 422


@dataclass(slots=True)
class Table:
    """A sheet with its header found and its rows understood."""

    sheet: Sheet
    header: Header
    rows: list[FileRow]


@transaction.atomic
def upload_file(
    *, kind: str, file: BinaryIO, name: str, community: Community | None, by: User | None, at: datetime
) -> ImportBatch:
    """Read a file of one of the `KINDS` and stage its rows with verdicts and control totals.

    A file that cannot be read or lacks a column is refused whole, before anything is stored. Raises `ImportRefused`.
    """
    if kind not in KINDS:
        raise ImportRefused(_("请选择文件的种类。"), code="kind_unknown")
    data = _limited(file)
    workbook = _read(data)
    tables = [table for sheet in workbook.sheets if (table := _understand(sheet, kind, name)) is not None]
    if not tables:
        raise _no_table(workbook, kind, name)
    head = [" ".join(text_of(c) for c in row if c is not None) for t in tables for row in t.sheet.rows[: t.header.row]]
    home = community or _community_of_title(head)
    if home is None and KINDS[kind].belongs_to_community and not _names_communities(tables):
        home = _only_community(kind)
    stored = store_file(data, name=name, kind=StoredFile.Kind.UPLOAD, by=by, at=at)
    batch = ImportBatch.objects.create(
        kind=kind,
        community=home,
        file=stored,
        file_name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        made_on=made_on(head),
        layout=_layout(workbook, tables),
        uploaded_at=at,
        uploaded_by=by,
    )
    _stage(batch, tables)
    return batch


def _stage(batch: ImportBatch, tables: list[Table]) -> None:
    """COPY into a temporary table, judge there set by set, keep the result as ordinary rows (decisions 23)."""
    staging.copy_rows(((table.sheet.name, row) for table in tables for row in table.rows), home=batch.community)
    KINDS[batch.kind].judge(batch)
    staging.keep_rows(batch)
    judged = [(table.sheet.name, table.rows) for table in tables]
    batch.totals = summary_of(batch, judged, KINDS[batch.kind].summarise) | {
        "controls": control_differences(batch, judged)
    }
    earlier = ImportBatch.objects.filter(
        kind=batch.kind, sha256=batch.sha256, state=ImportBatch.State.COMMITTED
    ).first()
    if earlier is not None:
        batch.totals["same_file"] = earlier.pk
    batch.save(update_fields=["totals"])


def _limited(file: BinaryIO) -> bytes:
    data = file.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise ImportRefused(
            _("文件超过 %(limit)s MB。请按小区或年份拆成几个文件，分别上传。") % {"limit": LIMIT_BYTES // 1024 // 1024},
            code="file_too_large",
        )
    return data


def _read(data: bytes) -> Workbook:
    try:
        workbook = read_in_child(data)
    except FileRefused as refused:
        raise ImportRefused(str(refused), code=refused.code) from refused
    if not workbook.sheets:
        raise ImportRefused(_("文件里没有任何数据。请检查导出是否成功，重新选择文件。"), code="file_empty")
    return workbook


def _understand(sheet: Sheet, kind: str, file_name: str) -> Table | None:
    header = _header(sheet, kind, file_name)
    if header is None or header.missing(kind):
        return None
    rows = list(KINDS[kind].read(sheet.rows, header, sheet.merges))
    return Table(sheet, header, rows) if any(row.sort == "data" for row in rows) else None


def _header(sheet: Sheet, kind: str, file_name: str) -> Header | None:
    return find_header(sheet.rows, kind, names=(sheet.name, file_name), merges=sheet.merges)


def _no_table(workbook: Workbook, kind: str, file_name: str) -> ImportRefused:
    """Why no sheet can be used: the nearest one's missing column, or no header at all."""
    headers = [h for s in workbook.sheets if (h := _header(s, kind, file_name)) is not None]
    if not headers:
        words = _("前 15 行里没有找到表头。请保留「房号」「应收金额」这样的列名，并确认选择的文件种类正确。")
        if workbook.encoding == "gb18030":
            words += _("如果打开文件看到的是乱码，请另存为“CSV UTF-8”或 .xlsx。")
        return ImportRefused(words, code="header_not_found")
    nearest = min(headers, key=lambda header: len(header.missing(kind)))
    if missing := nearest.missing(kind):
        return ImportRefused("".join(missing), code="column_missing", row=nearest.row + 1)
    return ImportRefused(_("表头下面没有数据行。请检查导出是否成功。"), code="no_rows")


def _names_communities(tables: list[Table]) -> bool:
    return all("community" in table.header.by_field for table in tables)


def _community_of_title(lines: list[str]) -> Community | None:
    """The community the title names; the longest name wins, so 华庭苑二期 is not taken for 华庭苑."""
    named = [c for c in Community.objects.all() if any(c.name in line for line in lines)]
    return max(named, key=lambda c: len(c.name), default=None)


def _only_community(kind: str) -> Community | None:
    communities = list(Community.objects.all()[:2])
    if len(communities) == 1:
        return communities[0]
    if not communities and kind == ImportBatch.Kind.BILLS:
        raise ImportRefused(_("还没有业主登记表。请先导入业主登记表，再导入账单。"), code="register_first")
    if not communities and kind != ImportBatch.Kind.REGISTER:
        raise ImportRefused(_("还没有业主登记表。请先导入业主登记表。"), code="register_first")
    raise ImportRefused(_("文件没有写明小区。请在上传时选择小区。"), code="community_missing")


def _layout(workbook: Workbook, tables: list[Table]) -> dict[str, object]:
    """How the file was understood, for the page: columns with confidence and samples, sheets left unread."""
    used = {table.sheet.name for table in tables}
    return {
        "format": workbook.format,
        "encoding": workbook.encoding,
        "ignored_sheets": [sheet.name for sheet in workbook.sheets if sheet.name not in used],
        "sheets": [_sheet_layout(table) for table in tables],
    }


def _sheet_layout(table: Table) -> dict[str, object]:
    header = table.header
    body = [row.cells for row in table.rows if row.sort == "data"]
    columns = []
    for column in header.columns:
        label = LABELS[column.field] + "".join(
            f" {part}" for part in (column.item, column.period.label if column.period else "") if part
        )
        columns.append(
            {
                "place": column.place,
                "field": column.field,
                "label": label,
                "sure": column.confidence,
                "samples": samples(body[:200], column.index),
            }
        )
    return {
        "name": table.sheet.name,
        "header_row": header.row + 1,
        "header_height": header.height,
        "columns": columns,
        "unread": [column.heading for column in header.unread],
    }


@transaction.atomic
def discard_import(*, batch: ImportBatch, by: User | None, at: datetime) -> ImportBatch:
    """Put a previewed file aside. Raises `ImportRefused` when it was committed."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != ImportBatch.State.PREVIEWED:
        raise ImportRefused(_("只能放弃尚未导入的文件。"), code="not_previewed")
    batch.state = ImportBatch.State.DISCARDED
    batch.save(update_fields=["state"])
    return batch
