"""The temporary table in which rows of a file are judged: filled by COPY, kept as ImportRow, gone at commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache, partial
from itertools import islice

from django.db import connection
from pypinyin import Style, pinyin

from billing.models import ImportBatch, ImportBlock
from billing.operations.checks import CHECKS, REACH
from billing.operations.places import KnownPlaces
from billing.readers import Sheet
from billing.rules.cells import as_json, as_shown, remembered
from billing.rules.rooms import RoomKey
from billing.rules.rows import BillRow, FileRow, RegisterRow
from offices.models import Community
from offices.rules.search import pinyin_keys
from offices.scoping import current_office_id
from offices.scoping.plans import joined_by_hash

# COPY may not write behind row-level security (reliability C1.5), and a temporary table is nobody else's.
_TABLE = """
SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 20;
DROP TABLE IF EXISTS import_item; DROP TABLE IF EXISTS import_staged;
CREATE TEMP TABLE import_staged (
  sheet text, row_no int, sort text, cells jsonb, parsed jsonb, reasons jsonb, names text[],
  community text, community_id bigint, is_first_owner boolean, building text, unit text, number text, sort_key text,
  room_id bigint, account_id bigint, verdict text, fee_item text, period_start date, period_end date, due_on date,
  receivable numeric(14,2), received numeric(14,2), reduction numeric(14,2), note text
) ON COMMIT DROP;
"""
_COPY = """COPY import_staged (sheet, row_no, sort, parsed, reasons, verdict, names, community, building, unit, number,
  sort_key, community_id, room_id, account_id, is_first_owner, cells, fee_item, period_start, period_end, due_on, receivable, received,
  reduction, note) FROM STDIN"""
# what rows are found and joined by; the planner needs no statistics of documents
_ANALYZE = (
    "ANALYZE import_staged (sheet, row_no, sort, community_id, building, unit, number, names, account_id, verdict)"
)
_KEEP = """
INSERT INTO billing_importrow (office_id, batch_id, sheet, row_no, verdict, cells, parsed, reasons, account_id, checks,
  fixes, fee_item, period_start, period_end, due_on, receivable, received, reduction, note)
SELECT %(office)s, %(batch)s, t.sheet, t.row_no, t.verdict, t.cells, t.parsed, t.reasons, t.account_id, {checks},
  '{{}}', t.fee_item, t.period_start, t.period_end, t.due_on, t.receivable, t.received, t.reduction, t.note
FROM import_staged t {joined}
"""
# The bills of the rows `t` of a table: in columns of their own where a row has one, else in its document. A bill of a
# room that changed hands names its account.
BILLS_OF = """
  SELECT {key}, NULL::bigint AS account, t.fee_item, t.period_start, t.period_end, t.due_on, t.receivable, t.received,
    t.reduction, t.note
  FROM {table} t WHERE t.fee_item IS NOT NULL AND {where}
  UNION ALL
  SELECT {key}, i.account, i.item, i.start, i."end", i.due, i.receivable, i.received, i.reduction, i.note
  FROM {table} t CROSS JOIN LATERAL jsonb_to_recordset(t.parsed->'items') AS i(
    item text, start date, "end" date, due date, receivable numeric(14,2), received numeric(14,2),
    reduction numeric(14,2), note text, account bigint)
  WHERE t.fee_item IS NULL AND t.parsed ? 'items' AND {where}
"""


_SORTS = {
    "subtotal": "小计行，用于核对，不导入。",
    "total": "合计行，用于核对，不导入。",
    "footer": "表尾说明，不导入。",
    "empty": "金额为 0 或空白，没有账单。",
    "heading": "重复的表头，不导入。",
    "reversal": "红冲行，已并入同一房屋、项目和账期的账单，作减免。",
    "outgoing": "支出，不导入。",
    "void": "已退款、未成功或不计收支的交易，不导入。",
}


def copy_rows(rows: Iterable[tuple[Sheet, FileRow]], *, home: Community | None, known: KnownPlaces) -> None:
    """Fill the temporary table. `home` is the community of rows that name none; rooms that are `known` have their
    account at once, the others are looked for in the table.
    """
    ids = dict(Community.objects.values_list("name", "pk"))
    household = lru_cache(maxsize=None)(partial(_household, ids, home, known))
    name = home.name if home else ""
    lines = _Lines(_line(sheet, row, name, household) for sheet, row in rows)
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.copy_expert(_COPY, lines)
        cursor.execute(_ANALYZE)


class _Lines:
    """Rows as a file for COPY, made while the server takes in the ones before: neither waits for the other."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def read(self, size: int = -1) -> str:
        """The next few hundred rows, whatever `size` is; empty at the end."""
        return "".join(islice(self._lines, 200))


def _line(sheet: Sheet, row: FileRow, home: str, household: Callable[..., str]) -> str:
    """A line of COPY's text format. Documents and arrays have their tabs and line ends escaped already."""
    is_data = row.sort == "data"
    document = _document(row, row.community or home)
    reasons = "[]" if is_data and not row.reasons else as_json(_reasons(row))
    cells = _own_cells(sheet, row) if sheet.merges or sheet.rewritten else "\\N"
    return (
        f"{_escaped(sheet.name)}\t{row.row_no}\t{row.sort}\t{_doubled(document)}\t{_doubled(reasons)}\t"
        f"{'new' if is_data else 'skipped'}\t{household(row.community, row.names, row.room)}\t{cells}\t{_bill(row)}\n"
    )


def _doubled(text: str) -> str:
    return text.replace("\\", "\\\\")


def _household(
    ids: dict[str, int],
    home: Community | None,
    known: KnownPlaces,
    community: str,
    names: tuple[str, ...],
    room: RoomKey | None,
) -> str:
    """Whose rows these are: the fields that all rows of a household have in common."""
    community_id = ids.get(community) if community else home.pk if home else None
    name = community or (home.name if home else "")
    place = "\t\t\t" if room is None else "\t".join(_place(room))
    room_id, account_id, owner = known.get((community_id, room), (_NULL, _NULL, None))
    ours = f"{community_id or _NULL}\t{room_id}\t{account_id}\t{owner in names}"
    return _doubled(f"{_array(names)}\t{_one_line(name)}\t{place}") + f"\t{ours}"


def _own_cells(sheet: Sheet, row: FileRow) -> str:
    """The cells of a row that stood otherwise in the file: a person wrote into it, or a merge says it for several rows."""
    at = row.row_no - 1
    if at not in sheet.rewritten and list(row.cells) == sheet.rows[at]:
        return "\\N"
    return _escaped(as_json([as_shown(cell) for cell in row.cells]))


_NULL = "\\N"
_NO_BILL = "\t".join(["\\N"] * 8)


def _bill(row: FileRow) -> str:
    """The only bill of a row as eight fields."""
    if not isinstance(row, BillRow) or row.sort != "data" or len(row.items) != 1:
        return _NO_BILL
    item = row.items[0]
    amounts = f"{item.receivable!s}\t{item.received!s}\t{item.reduction!s}"  # a Decimal formats itself slowly
    return (
        f"{_billed(item.fee_item, item.period.start, item.period.end, item.due_on)}\t{amounts}\t{_escaped(item.note)}"
    )


@remembered
def _billed(fee_item: str, start: date, end: date, due_on: date) -> str:
    return f"{_escaped(fee_item)}\t{start}\t{end}\t{due_on}"


@remembered
def _escaped(text: str) -> str:
    return _doubled(_one_line(text))


def _document(row: FileRow, community: str) -> str:
    """What the row means, as JSON; and which place it is about, which a bill's account says."""
    if isinstance(row, BillRow):
        return row.document() if row.sort == "data" else "{}"
    parts = [row.document()[1:-1]] if row.sort == "data" else []
    if row.room is not None:
        parts.append(f'"room": {as_json(_place(row.room))}')
    if isinstance(row, RegisterRow) and row.sort == "data":
        owners = [{"name": owner, "keys": search_keys(owner)} for owner in row.names]
        parts.append(f'"community": {as_json(community)}, "owners": {as_json(owners)}')
    return "{" + ", ".join(parts) + "}"


def _place(room: RoomKey) -> tuple[str, ...]:
    """A room as four fields of a line."""
    return (*room, room.sort_key[:80])


_ENDS = str.maketrans("\t\r\n", "   ", "\x00")


@remembered
def _one_line(text: str) -> str:
    """Without what would end a field or a line. Names of sheets come in one line already."""
    return text.translate(_ENDS)


@remembered
def _array(names: tuple[str, ...]) -> str:
    """An array as PostgreSQL reads it."""
    return "{" + ",".join(map(as_json, names)) + "}"


def _reasons(row: FileRow) -> list[dict[str, str]]:
    """The row's reasons; a row that is no data says what it is instead, so that nothing is skipped silently."""
    if row.sort == "data":
        return [reason.as_dict() for reason in row.reasons]
    return [{"column": "", "code": row.sort, "level": "note", "message": _SORTS[row.sort]}]


def search_keys(name: str) -> str:
    """Pinyin readings and initials of a name, all readings of its first character."""
    readings = pinyin(name, style=Style.NORMAL, heteronym=True, errors="ignore")
    return pinyin_keys([list(dict.fromkeys(each)) for each in readings])


def refused_rows() -> frozenset[tuple[str, int]]:
    """Sheet and number of every judged row that may not be taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sheet, row_no FROM import_staged WHERE verdict = 'refused'")
        return frozenset(cursor.fetchall())


def keep_cells(batch: ImportBatch, sheets: Iterable[Sheet]) -> None:
    """Store the cells as they stood in the file, beside the rows that say what they mean."""
    blocks = [
        ImportBlock(batch=batch, sheet=sheet.name, **block._asdict()) for sheet in sheets for block in sheet.blocks
    ]
    ImportBlock.objects.bulk_create(blocks)


def keep_rows(batch: ImportBatch) -> None:
    """Store the judged rows behind the wall; rows of bills with the state of the five items of S4."""
    is_bills = batch.kind == ImportBatch.Kind.BILLS
    sql = _KEEP.format(checks=CHECKS if is_bills else "'{}'", joined=REACH if is_bills else "")
    with connection.cursor() as cursor, joined_by_hash(cursor):
        cursor.execute(sql, {"office": current_office_id(), "batch": batch.pk})
