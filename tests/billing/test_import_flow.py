"""The five steps of an import below the pages: columns, corrections, refused rows again."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from billing.documents import refused_workbook
from billing.models import Bill, ImportBatch, ImportMapping, ImportRow
from billing.operations import (
    ImportRefused,
    commit_import,
    fix_rows,
    map_columns,
)
from tests.billing.conftest import UPLOADED

pytestmark = pytest.mark.django_db

GOOD = ["房号", "账期", "应收金额"]
# what no dictionary knows: the third column is the amount, the fourth is not
ODD = ["房号", "账期", "本次结算", "楼管员"]


def _print(batch: ImportBatch) -> str:
    return str(batch.layout["sheets"][0]["fingerprint"])


# --- 2 columns -------------------------------------------------------------------------------------------------------


def test_a_missing_column_that_a_person_can_point_at_waits_for_that_person(send: Any) -> None:
    batch = send(ODD, ["1-1-0101", "2024年1月", 500, "老周"])
    (sheet,) = batch.layout["sheets"]
    assert batch.state == "mapping"
    assert "没有找到金额列" in sheet["missing"][0]
    assert [(c["place"], c["samples"]) for c in sheet["others"]] == [
        ("C列「本次结算」", ["500"]),
        ("D列「楼管员」", ["老周"]),
    ]
    assert not ImportRow.objects.filter(batch=batch).exists()
    with pytest.raises(ImportRefused, match="请先确认每一列是什么"):
        commit_import(batch=batch, accept_good=True, by=None, at=UPLOADED)


def test_the_persons_word_is_taken_and_remembered_for_the_next_file_of_that_header(
    send: Any, inside: SimpleNamespace
) -> None:
    batch = send(ODD, ["1-1-0101", "2024年1月", 500, "老周"])
    batch = map_columns(
        batch=batch, choices={_print(batch): {2: "receivable"}}, by=inside.people["finance"], at=UPLOADED
    )
    assert (batch.state, batch.totals["new"], batch.totals["accepted"]["receivable"]) == ("previewed", 1, "500.00")
    assert ImportMapping.objects.get().saved_by == inside.people["finance"]
    later = send(ODD, ["1-1-0101", "2024年2月", 600, "老李"])
    assert (later.state, later.totals["accepted"]["receivable"]) == ("previewed", "600.00")
    assert later.layout["sheets"][0]["remembered"]
    other = send([*ODD, "栋长"], ["1-1-0101", "2024年3月", 700, "老周", "老李"])
    assert other.state == "mapping", "another header is another file"


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({2: "receivable", 3: "receivable"}, "field_twice"),
        ({2: "owner"}, "column_missing"),
        ({2: "nonsense"}, "field_unknown"),
        ({2: "receivable", 0: ""}, "column_missing"),
    ],
)
def test_a_word_that_does_not_help_is_refused_and_not_remembered(send: Any, choices: Any, code: str) -> None:
    batch = send(ODD, ["1-1-0101", "2024年1月", 500, "老周"])
    with pytest.raises(ImportRefused) as no:
        map_columns(batch=batch, choices={_print(batch): choices}, by=None, at=UPLOADED)
    assert no.value.code == code
    assert not ImportMapping.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "mapping"


def test_a_guessed_amount_column_has_to_be_confirmed_once(send: Any) -> None:
    headings = ["房号", "账期", "一期应收金额表"]  # only contains 应收金额
    batch = send(headings, ["1-1-0101", "2024年1月", 500])
    assert batch.state == "mapping"
    assert batch.layout["sheets"][0]["columns"][2]["doubtful"]
    assert batch.totals["new"] == 1, "what it would bring can be seen already"
    assert map_columns(batch=batch, choices={}, by=None, at=UPLOADED).state == "previewed"
    assert send(headings, ["1-1-0101", "2024年2月", 500]).state == "previewed"


def test_a_wrong_guess_can_be_corrected_after_the_check(send: Any) -> None:
    batch = send([*GOOD, "往来金额"], ["1-1-0101", "2024年1月", 500, 450])
    assert batch.state == "previewed"
    batch = map_columns(batch=batch, choices={_print(batch): {2: "", 3: "receivable"}}, by=None, at=UPLOADED)
    assert batch.totals["accepted"]["receivable"] == "450.00"


def test_columns_of_a_committed_batch_stay(send: Any, book: Any) -> None:
    batch = book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(ImportRefused, match="已经处理过"):
        map_columns(batch=batch, choices={}, by=None, at=UPLOADED)
    with pytest.raises(ImportRefused, match="已经处理过"):
        fix_rows(batch=batch, fixes={("Sheet", 2): {2: "1"}}, by=None, at=UPLOADED)


# --- 3 check: fixes in place -----------------------------------------------------------------------------------------


def test_a_cell_is_fixed_in_place_and_the_file_stays_as_it_was(send: Any, inside: SimpleNamespace, book: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    assert (batch.totals["refused"], batch.totals["new"]) == (1, 1)
    digest = batch.sha256
    batch = fix_rows(batch=batch, fixes={("Sheet", 2): {2: " 500 "}}, by=inside.people["finance"], at=UPLOADED)
    row = ImportRow.objects.get(batch=batch, row_no=2)
    assert (batch.totals["refused"], batch.totals["new"], batch.sha256) == (0, 2, digest)
    assert (row.verdict, row.cells[2], row.fixes, row.fixed_by) == (
        "new",
        "待核",
        {"2": "500"},
        inside.people["finance"],
    )
    assert book(batch).totals["written"]["receivable"] == "800.00"


def test_writing_what_stood_there_takes_the_fix_back(send: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", "待核"])
    batch = fix_rows(batch=batch, fixes={("Sheet", 2): {2: "500"}}, by=None, at=UPLOADED)
    batch = fix_rows(batch=batch, fixes={("Sheet", 2): {2: "待核"}}, by=None, at=UPLOADED)
    row = ImportRow.objects.get(batch=batch, row_no=2)
    assert (row.verdict, row.fixes) == ("refused", {})


def test_one_fix_judges_the_other_rows_too(send: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-0101", "2024年1月", 600])
    assert batch.totals["refused"] == 2
    batch = fix_rows(batch=batch, fixes={("Sheet", 3): {1: "2024年2月"}}, by=None, at=UPLOADED)
    assert (batch.totals["refused"], batch.totals["new"]) == (0, 2)


def test_a_fix_survives_another_word_on_the_columns(send: Any) -> None:
    batch = send([*GOOD, "往来金额"], ["1-1-0101", "2024年1月", 500, "待核"])
    batch = fix_rows(batch=batch, fixes={("Sheet", 2): {3: "450"}}, by=None, at=UPLOADED)
    batch = map_columns(batch=batch, choices={_print(batch): {2: "", 3: "receivable"}}, by=None, at=UPLOADED)
    assert (batch.totals["new"], batch.totals["accepted"]["receivable"]) == (1, "450.00")


def test_a_fix_inside_a_merged_cell_changes_its_own_row_only(send: Any) -> None:
    book = openpyxl.Workbook()
    for line in (GOOD, ["1-1-0101", "2024年1月", 500], [None, "2024年2月", 500], [None, "2024年3月", 500]):
        book.active.append(line)
    book.active.merge_cells("A2:A4")
    out = io.BytesIO()
    book.save(out)
    batch = send(data=out.getvalue())
    assert batch.totals["new"] == 3
    batch = fix_rows(batch=batch, fixes={("Sheet", 3): {0: "1-1-0102"}}, by=None, at=UPLOADED)
    rooms = ImportRow.objects.filter(batch=batch).order_by("row_no").values_list("account__room__number", flat=True)
    assert list(rooms) == ["0101", "0102", "0101"]


def test_a_row_the_file_does_not_have_cannot_be_fixed(send: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", 500])
    with pytest.raises(ImportRefused, match="没有第 99 行"):
        fix_rows(batch=batch, fixes={("Sheet", 99): {0: "x"}}, by=None, at=UPLOADED)


# --- 3 check: the refused rows again ---------------------------------------------------------------------------------


def _mend(data: bytes, **cells: Any) -> bytes:
    """What a clerk does to the downloaded workbook: `C3=500`."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book.active[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_only_the_refused_rows_are_mended_and_uploaded(send: Any, book: Any) -> None:
    batch = send(
        ["华庭苑2024年物业费欠费明细表", None, None],
        GOOD,
        ["1-1-0101", "2024年1月", "待核"],
        ["1-1-0102", "2024年1月", 300],
        ["9-9-9999", "2024年1月", 300],
    )
    batch = book(batch, accept_good=True)
    download = refused_workbook(batch)
    sheet = openpyxl.load_workbook(io.BytesIO(download)).active
    assert [cell.value for cell in sheet[2]] == [*GOOD, "原行号", "原因"]
    assert (sheet["D3"].value, "不是金额" in str(sheet["E3"].value)) == (3, True)
    assert (sheet["D4"].value, "登记表里没有" in str(sheet["E4"].value)) == (5, True)
    again = send(data=_mend(download, C3="500", A4="1-1-0103"), corrects=batch, name="错误行.xlsx")
    assert (again.totals["new"], again.totals["refused"], again.corrects_id) == (2, 0, batch.pk)
    assert again.community == batch.community
    assert book(again).totals["written"]["receivable"] == "800.00"
    assert Bill.objects.count() == 3


def test_the_refused_rows_of_a_wide_table_keep_its_merged_headings(send: Any, book: Any) -> None:
    sheet = openpyxl.Workbook()
    for line in (
        ["华庭苑2023年度物业费收缴台账"],
        ["房号", "业主", "1月", None, "2月", None],
        [None, None, "应收", "实收", "应收", "实收"],
        ["1-1-0101", "陈梅轩", 100, 0, "待核", 0],
        ["1-1-0102", "刘秀", 110, 0, 110, 110],
    ):
        sheet.active.append(line)
    for area in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"):
        sheet.active.merge_cells(area)
    out = io.BytesIO()
    sheet.save(out)
    batch = send(data=out.getvalue(), name="台账.xlsx")
    assert (batch.totals["new"], batch.totals["refused"]) == (1, 1)
    batch = book(batch, accept_good=True)
    again = send(data=_mend(refused_workbook(batch), E4=120), corrects=batch, name="错误行.xlsx")
    assert (again.totals["new"], again.totals["refused"]) == (1, 0)
    assert book(again).totals["written"]["receivable"] == "220.00"
    assert set(Bill.objects.values_list("period_start__year", flat=True)) == {2023}


def test_what_the_clerk_forgot_is_refused_again(send: Any, book: Any) -> None:
    batch = book(send(GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300]), accept_good=True)
    again = send(data=refused_workbook(batch), corrects=batch)
    assert (again.totals["new"], again.totals["refused"]) == (0, 1)


def test_a_remembered_word_on_the_columns_holds_for_the_refused_rows(send: Any, book: Any) -> None:
    batch = send(ODD, ["1-1-0101", "2024年1月", "待核", "老周"], ["1-1-0102", "2024年1月", 300, "老周"])
    batch = book(
        map_columns(batch=batch, choices={_print(batch): {2: "receivable"}}, by=None, at=UPLOADED), accept_good=True
    )
    again = send(data=_mend(refused_workbook(batch), C2="500"), corrects=batch)
    assert (again.state, again.totals["accepted"]["receivable"]) == ("previewed", "500.00")


def test_a_batch_without_refused_rows_has_nothing_to_correct(send: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", 300])
    with pytest.raises(ImportRefused, match="没有等待更正的错误行"):
        send(GOOD, ["1-1-0101", "2024年2月", 300], corrects=batch)
