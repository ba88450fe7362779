"""`import`: a bill export from bytes to facts, beside parsing it and copying its cells raw."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from billing.operations import commit_import, upload_file
from billing.readers import read_in_child
from config.benchmarks.bill_files import bill_file, move_in
from config.benchmarks.measures import Figures, benchmark, meter, run_floor, settle
from offices.models import Office
from offices.scoping import office_scope

ROWS = 100_000


@benchmark("import")
def import_bills(office: Office, rows: int | None) -> Figures:
    """100,000 rows × 15 columns of .xlsx: parsed, checked, matched and committed; floor = reader's parse + raw COPY."""
    rows = rows or ROWS
    path = bill_file(rows)
    with office_scope(office):
        move_in(rows // 4)
    settle()
    at = timezone.now()
    with meter() as spent:
        with office_scope(office), path.open("rb") as file:
            batch = upload_file(kind="bills", file=file, name=path.name, community=None, by=None, at=at)
        uploaded = time.perf_counter()
        with office_scope(office):
            batch = commit_import(batch=batch, accept_good=True, by=None, at=at)
        commit_seconds = time.perf_counter() - uploaded
    parse, copy, bare = _floor(path)
    return Figures(
        f"{rows} rows x 15 columns ({batch.totals['good']} good, {batch.totals['refused']} refused)",
        spent,
        parse + copy,
        {
            "upload_seconds": round(spent.seconds - commit_seconds, 3),
            "commit_seconds": round(commit_seconds, 3),
            "floor_parse_seconds": round(parse, 3),
            "floor_copy_seconds": round(copy, 3),
            "bare_parse_seconds": round(bare, 3),
            "ratio_to_bare_parse": round(spent.seconds / (bare + copy), 2),
            "bills": batch.totals["written"]["bills"],
        },
    )


def _floor(path: Path) -> tuple[float, float, float]:
    """Seconds of the reader's parse (the guarded child, until the cells are here), and of one COPY of the raw cells into
    an unconstrained table (decisions 13); and for comparison, of the parsing library alone in this process.
    """
    started = time.perf_counter()
    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    bare = time.perf_counter()
    rows = read_in_child(path.read_bytes()).sheets[0].rows
    parsed = time.perf_counter()
    with transaction.atomic():
        run_floor("import.sql")
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        buffer.seek(0)
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY floor_import FROM STDIN WITH (FORMAT csv)", buffer)
    return parsed - bare, time.perf_counter() - parsed, bare - started
