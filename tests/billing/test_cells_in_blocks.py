"""What stood in a file's cells is kept once, in blocks beside the rows, and read back for people a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from billing.models import ImportBlock, ImportRow
from billing.operations import fix_rows
from billing.queries import rows_of, with_cells
from billing.rules.blocks import BLOCK_ROWS
from tests.billing.conftest import UPLOADED

pytestmark = pytest.mark.django_db

HEAD = "房号,账期,应收金额,备注"
FAR = BLOCK_ROWS + 3  # a row of the second block, as counted in the file


@pytest.fixture
def long(send: Any) -> Any:
    """A text file that fills more than one block; its rows are of different lengths, and row FAR names no amount."""
    lines = [HEAD, *(f"1-1-{9000 + n},2024年1月,{n}.50,第{n + 2}行" for n in range(FAR + 5))]
    lines[FAR - 1] = "1-1-0101,2024年1月,待核"
    return send(name="账单.csv", data="\n".join(lines).encode())


def test_every_row_shows_what_stood_in_the_file_also_across_blocks(long: Any, django_assert_num_queries: Any) -> None:
    assert ImportBlock.objects.filter(batch=long).count() == 2
    assert not ImportRow.objects.filter(batch=long).exclude(cells=None).exists()
    with django_assert_num_queries(2):
        rows = with_cells(rows_of(long, "all"))
    shown = {row.row_no: row.cells for row in rows}
    assert shown[BLOCK_ROWS] == [
        f"1-1-{9000 + BLOCK_ROWS - 2}",
        "2024年1月",
        f"{BLOCK_ROWS - 2}.50",
        f"第{BLOCK_ROWS}行",
    ]
    assert shown[BLOCK_ROWS + 1][3] == f"第{BLOCK_ROWS + 1}行"
    assert shown[FAR] == ["1-1-0101", "2024年1月", "待核"]


def test_a_fix_keeps_what_stood_and_only_in_its_own_row(long: Any, inside: Any) -> None:
    sheet = ImportRow.objects.get(batch=long, row_no=FAR).sheet
    batch = fix_rows(batch=long, fixes={(sheet, FAR): {2: "500"}}, by=inside.people["finance"], at=UPLOADED)
    (row,) = with_cells(ImportRow.objects.filter(batch=batch, row_no=FAR))
    assert (row.verdict, row.cells, row.fixes) == ("new", ["1-1-0101", "2024年1月", "待核"], {"2": "500"})
    assert ImportRow.objects.filter(batch=batch).exclude(cells=None).count() == 1
    assert ImportBlock.objects.filter(batch=batch).count() == 2
