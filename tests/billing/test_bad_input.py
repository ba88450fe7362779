"""Files that cannot be used: a clear word each, and nothing half-written (issue 2, to be shown)."""

from __future__ import annotations

import io
import os
import zipfile
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from billing.models import ImportBatch, ImportRow
from billing.operations import ImportRefused, upload_file
from offices.models import Community, StoredFile
from tests.billing.conftest import UPLOADED

pytestmark = pytest.mark.django_db


def workbook(*rows: list[Any], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _encrypted() -> bytes:
    """What Excel writes for a workbook with a password: an OLE container around the encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + os.urandom(2000)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 230_000_000)
    return out.getvalue()


def _last_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active.cell(1_048_576, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = ["房号", "账期", "应收金额"]
CASES = {
    "empty-file": (b"", "file_empty", "空的"),
    "empty-sheet": (workbook(), "file_empty", "没有任何数据"),
    "image-renamed-xlsx": (b"\x89PNG\r\n\x1a\n" + os.urandom(400), "file_is_picture", "图片"),
    "pdf": (b"%PDF-1.7\n" + os.urandom(400), "file_is_pdf", "PDF"),
    "encrypted-workbook": (_encrypted(), "file_encrypted", "密码"),
    "no-amount-column": (
        workbook(["房号", "账期", "业主姓名"], ["1-1-101", "2024年1月", "张三"]),
        "column_missing",
        "应收金额",
    ),
    "no-header": (workbook(["a", "b"], ["c", "d"]), "header_not_found", "表头"),
    "bank-statement-as-bills": (
        workbook(["交易日期", "收入金额", "余额", "对方户名"], ["2025-01-03", "600", "1600", "张三"]),
        "other_kind",
        "改选「银行流水」",
    ),
    "header-without-rows": (workbook(GOOD), "no_rows", "没有数据行"),
    "wrong-encoding": ("房號,帳期,金額\n1-1-101,2024,5\n".encode("big5") * 20, "encoding_unknown", "编码"),
    "other-encoding-read-as-rubbish": ("部屋番号,金額\n".encode("shift_jis") * 20, "header_not_found", "乱码"),
    "random-bytes": (os.urandom(4000), "encoding_unknown", "编码"),
    "damaged-zip": (b"PK\x03\x04" + os.urandom(500), "file_damaged", "损坏"),
    "zip-bomb": (_bomb(), "file_too_complex", "解压后过大"),
    "last-cell-of-the-sheet": (_last_cell(), "too_many_rows", "拆成"),
    "word-document": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(500),
        "file_not_a_table",
        "不是表格",
    ),
}


@pytest.fixture
def send(inside: SimpleNamespace) -> Any:
    Community.objects.get_or_create(name="华庭苑")

    def upload(data: bytes, name: str = "账单.xlsx", kind: str = "bills") -> ImportBatch:
        return upload_file(
            kind=kind, file=io.BytesIO(data), name=name, community=None, by=inside.people["finance"], at=UPLOADED
        )

    return upload


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_used_is_refused_whole(send: Any, case: str) -> None:
    data, code, words = CASES[case]
    with pytest.raises(ImportRefused, match=words) as refusal:
        send(data)
    assert refusal.value.code == code
    assert str(refusal.value).endswith("。")
    assert not ImportBatch.objects.exists()
    assert not ImportRow.objects.exists()
    assert not StoredFile.objects.exists()


def test_sixty_megabytes_are_too_many(send: Any) -> None:
    with pytest.raises(ImportRefused, match="超过 50 MB") as refusal:
        send(b"\x00" * (60 * 1024 * 1024))
    assert refusal.value.code == "file_too_large"


def test_rooms_that_are_not_registered_are_refused_one_by_one_with_the_nearest(registered: Any, send: Any) -> None:
    batch = send(
        workbook(GOOD, ["1-1-0109", "2024年1月", 5], ["9-9-0101", "2024年1月", 5], ["1-1-0101", "2024年1月", 5])
    )
    refused = list(ImportRow.objects.filter(batch=batch, verdict="refused"))
    assert [row.row_no for row in refused] == [2, 3]
    assert "相近的有 1-1-0201" in refused[0].reasons[-1]["message"]
    assert batch.totals["new"] == 1


def test_a_short_room_is_taken_only_where_it_is_unique(registered: Any, send: Any) -> None:
    batch = send(workbook(GOOD, ["1-0101", "2024年1月", 5]))  # both units of building 1 have a 0101
    assert ImportRow.objects.get(batch=batch, row_no=2).reasons[-1]["code"] == "room_unknown"


def test_a_bill_that_contradicts_the_books_is_refused(registered: Any, send: Any, commit: Any) -> None:
    commit(send(workbook(GOOD, ["1-1-0101", "2024年1月", 500])))
    batch = send(workbook(GOOD, ["1-1-0101", "2024年1月", 501], ["1-1-0101", "2024年1-2月", 900]))
    first, second = ImportRow.objects.filter(batch=batch)
    assert (first.verdict, first.reasons[-1]["code"]) == ("refused", "bill_differs")
    assert "¥500.00" in first.reasons[-1]["message"]
    assert (second.verdict, second.reasons[-1]["code"]) == ("new", "period_overlaps")


def test_rows_that_contradict_each_other_are_all_refused(registered: Any, send: Any) -> None:
    batch = send(workbook(GOOD, ["1-1-0101", "2024年1月", 500], ["1栋1单元101室", "2024.1", 600]))
    assert [row.verdict for row in ImportRow.objects.filter(batch=batch)] == ["refused", "refused"]


def test_an_html_table_named_xls_is_read(registered: Any, send: Any) -> None:
    head = "<tr><th>房号</th><th>账期</th><th>应收金额</th></tr>"
    page = f"<html><table>{head}<tr><td>1-1-0101</td><td>2024年1月</td><td>￥5.00</td></tr></table></html>"
    batch = send(page.encode("gb18030"), "欠费.xls")
    assert (batch.totals["new"], batch.layout["format"], batch.layout["encoding"]) == (1, "html", "gb18030")


def test_a_formula_in_a_strangers_cell_stays_text(registered: Any, send: Any) -> None:
    from billing.documents import refused_workbook

    batch = send(
        workbook(
            [*GOOD, "备注"],
            ["1-1-0101", "2024年1月", "待核", '\'=HYPERLINK("http://evil")'],
            ["=1+1", "x", "待核", "@SUM(A1)"],
        )
    )
    sheet = openpyxl.load_workbook(io.BytesIO(refused_workbook(batch))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "n", "inlineStr"}
