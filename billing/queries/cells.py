"""What stood in the cells of file rows: the one place that knows where it is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from billing.models import ImportBlock, ImportRow
from billing.rules.blocks import block_of, loads, rows_at
from billing.rules.cells import as_shown


def with_cells(rows: Iterable[ImportRow]) -> list[ImportRow]:
    """The rows, each with its `cells` as texts. One statement more, however many rows."""
    rows = list(rows)
    lacking: defaultdict[tuple[int, str, int], list[ImportRow]] = defaultdict(list)
    for row in rows:
        if row.cells is None:
            lacking[row.batch_id, row.sheet, block_of(row.row_no)].append(row)
    batches, sheets, firsts = (set(part) for part in zip(*lacking, strict=True)) if lacking else ((), (), ())
    for block in ImportBlock.objects.filter(batch__in=batches, sheet__in=sheets, first_row__in=firsts):
        members = lacking[block.batch_id, block.sheet, block.first_row]
        places = [row.row_no - block.first_row for row in members]
        cells = rows_at(loads(block.columns)["columns"], bytes(block.numbers), block.height, places)
        for row, stood in zip(members, cells, strict=True):
            row.cells = [as_shown(cell) for cell in stood]
    return rows
