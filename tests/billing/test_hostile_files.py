"""Files made to hurt: each is refused or read within 10 s of processor and 400 MB (a hard limit of the child);
our own process stays untouched
(reliability T26, C4.3).
"""

from __future__ import annotations

import io
import os
import resource
import time
import zipfile
from collections.abc import Callable

import pytest

from billing.readers import FileRefused, read_in_child
from billing.rules.columns import find_header
from billing.rules.rows import read_bank, read_bills, read_register
from tests.factories.files import ods_of, xlsx

CPU_SECONDS = 12.0  # the limit of ten, and what starting Python costs
CELL = '<table:table-cell office:value-type="string"><text:p>房号</text:p></table:table-cell>'


def _cell(attribute: str, value: int) -> str:
    return CELL.replace("<table:table-cell", f'<table:table-cell table:{attribute}="{value}"')


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """An honest workbook, one part of which is changed."""
    book = zipfile.ZipFile(io.BytesIO(xlsx([["房号", "账期", "应收金额"], ["1-1-101", "2024年1月", "5"]])))
    parts = {entry: book.read(entry) for entry in book.namelist()}
    return _archive(parts | {name: change(parts.get(name, b""))})


def _xxe(xml: bytes) -> bytes:
    return xml.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet', 1).replace(
        b"<v>0</v>", b"<v>&e;</v>"
    )


def _laughs(xml: bytes) -> bytes:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    return (
        b'<!DOCTYPE x [<!ENTITY a0 "ha">'
        + entities
        + b"]>"
        + xml.replace(b"<sst", b"<sst", 1).replace(b"</sst>", b"<si><t>&a11;</t></si></sst>")
    )


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
HOSTILE: dict[str, Callable[[], bytes]] = {
    "xlsx: 150 MB of blanks in a few kilobytes": lambda: _archive(
        {"xl/workbook.xml": b"<workbook/>", SHEET: b" " * 150_000_000}
    ),
    "xlsx: an entity that names a file of ours": lambda: _with_part(SHEET, _xxe),
    "xlsx: a billion laughs": lambda: _with_part(STRINGS, _laughs),
    "xlsx: a million strings": lambda: _with_part(
        STRINGS, lambda xml: xml.replace(b"</sst>", b"<si><t>x</t></si>" * 3_000_000 + b"</sst>")
    ),
    "xlsx: a sheet that is no xml": lambda: _with_part(SHEET, lambda _xml: os.urandom(100_000)),
    "xlsx: a path that climbs out": lambda: _archive({"xl/workbook.xml": b"<workbook/>", "../../evil": b"x"}),
    "xlsx: a thousand entries": lambda: _archive({f"xl/{n}.xml": b"" for n in range(1000)}),
    "ods: a million rows of 16,384 cells": lambda: ods_of(
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">'
        f"{_cell('number-columns-repeated', 16_384)}"
        "</table:table-row></table:table>"
    ),
    "ods: a merge over everything": lambda: ods_of(
        f'<table:table table:name="S"><table:table-row>{CELL}'
        f"{_cell('number-rows-spanned', 999_999_999)}"
        "</table:table-row></table:table>"
    ),
    "xls: rubbish behind a true beginning": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + os.urandom(500_000)
    ),
    "html: a cell over a thousand million columns": lambda: (
        b"<html><table><tr><td colspan=999999999>a</td></tr><tr><td rowspan=999999999>b</td></tr></table></html>"
    ),
    "html: twenty thousand tables in each other": lambda: b"<html>" + b"<table><tr><td>" * 20_000,
    "csv: one line of forty megabytes": lambda: b"a," * 20_000_000,
    "csv: a quote that is never closed": lambda: b'"' + b"a\n" * 10_000_000,
    "csv: forty megabytes of numbers": lambda: (b"1," * 255 + b"1\n") * 80_000,
    "text: half a character": lambda: b"\xff\xfe" + b"\xd8" * 1001,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_or_read_within_the_limits(what: str) -> None:
    data = HOSTILE[what]()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = _words_of(data)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < CPU_SECONDS
    assert "root:" not in words


def _words_of(data: bytes) -> str:
    """What the file gives: its first cells, or the words of its refusal."""
    try:
        return str([sheet.rows[:5] for sheet in read_in_child(data).sheets])
    except FileRefused as refused:
        return f"{refused.code} {refused}"


def test_a_child_that_eats_memory_or_time_dies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileRefused, match="超过了允许的内存或时间") as refusal:
        read_in_child(b"a,b\n" * 1_000 + b"\xe5\x8d\x8e," * 16_000_000)
    assert refusal.value.code == "file_too_complex"
    monkeypatch.setattr("billing.readers.child._PATIENCE_SECONDS", 0.01)
    with pytest.raises(FileRefused) as refusal:
        read_in_child(b"a,b\n")
    assert refusal.value.code == "file_too_complex"


def test_what_libreoffice_writes_under_and_beside_a_table_is_nothing() -> None:
    honest = ods_of(
        f'<table:table table:name="S"><table:table-row>{CELL}<table:table-cell table:number-columns-repeated="16383"/>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    assert [sheet.rows for sheet in read_in_child(honest).sheets] == [[["房号"]]]


@pytest.mark.parametrize(
    "piece",
    ["1-", "(", "１", "2024年", "a@", "张三/", "0571-", "1栋", "和", "2024.1.", "9,", "a.@", "小", "[(【", "年", "1月"],
)
def test_cells_made_to_hurt_are_understood_as_quickly_as_others(piece: str) -> None:
    cell = (piece * 2_000)[:2_000]
    heads = {
        "bills": [
            "楼栋",
            "单元",
            "房号",
            "业主姓名",
            "收费项目",
            "账期",
            "应收金额",
            "已收金额",
            "缴费截止日期",
            "备注",
        ],
        "register": ["房号", "业主姓名", "电话", "邮箱", "建筑面积", "交付日期"],
        "bank": ["交易日期", "交易时间", "收入", "支出", "余额", "对方户名", "摘要", "流水号"],
    }
    readers = {"bills": read_bills, "register": read_register, "bank": read_bank}
    began = time.process_time()
    for kind, head in heads.items():
        rows = [[f"{cell[:-1]}{number}"] * len(head) for number in range(5)]
        table = [head, *rows]
        header = find_header(table, kind)
        assert header is not None
        list(readers[kind](table, header))  # type: ignore[operator]
        find_header(rows * 3, kind)
    assert time.process_time() - began < 2.0
