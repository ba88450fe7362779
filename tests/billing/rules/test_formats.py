"""Mess 19: whatever program wrote the file, and whichever process reads it, the table is the same (domain 5.2)."""

from __future__ import annotations

from billing.readers import read_in_child
from tests.billing.rules.test_messes import SAMPLES, bill, long, sheets_of
from tests.factories.files import html, ods, ods_of, text, xlsx


def test_19_what_libreoffice_writes_under_and_beside_a_table_is_nothing() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>房号</text:p></table:table-cell>'
    honest = ods_of(
        f'<table:table table:name="S"><table:table-row>{cell}<table:table-cell table:number-columns-repeated="16383"/>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    assert [sheet.rows for sheet in sheets_of(honest)] == [[["房号"]]]


def test_19_every_format_is_read_by_the_child_process_too() -> None:
    files = {
        "xlsx": xlsx(long(bill())),
        "ods": ods(long(bill())),
        "html": html(long(bill())),
        "csv": text(long(bill())),
    }
    files["xls"] = (SAMPLES / "4_收缴台账_宽表_2023.xls").read_bytes()
    assert {name: read_in_child(data).format for name, data in files.items()} == {name: name for name in files}
