"""Files that somebody made to hurt: bombs, lies and disguises, built here so that none is committed."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache

from openpyxl import Workbook

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook {_MAIN} '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="账单" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
    '<Relationship Id="rId2" Target="sharedStrings.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
    "xl/sharedStrings.xml": f'<?xml version="1.0"?><sst {_MAIN}><si><t>房号</t></si></sst>',
}
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>房号</t></is></c><c r="B1" t="inlineStr"><is><t>应收金额</t></is></c></row>'


def sheet(rows: str = HEAD, *, before: str = "", after: str = "", doctype: str = "") -> str:
    """The XML of a worksheet."""
    return f'<?xml version="1.0"?>{doctype}<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def packed(parts: dict[str, str | bytes], *, base: bool = True) -> bytes:
    """A zip of the parts, on top of those that make a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in ({**_PARTS, **parts} if base else parts).items():
            zipped.writestr(name, content)
    return out.getvalue()


def xlsx(xml: str, **parts: str | bytes) -> bytes:
    return packed({"xl/worksheets/sheet1.xml": xml, **parts})


@cache
def honest() -> bytes:
    """A small workbook as anybody would send it."""
    book = Workbook()
    book.active.append(["房号", "业主姓名", "应收金额"])
    for number in range(200):
        book.active.append([f"1-1-{number:04}", "张三", 100.5 + number])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _laughs() -> str:
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)]
    return '<!DOCTYPE lolz [<!ENTITY l0 "ha">' + "".join(lines) + "]>"


def _lying_directory() -> bytes:
    """The central directory says 100 bytes; the entry unfolds to 300 MB."""
    data = bytearray(xlsx(sheet(" " * 300_000_000)))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", data, at + 24, 100)
    return bytes(data)


def _flagged(bit: int) -> bytes:
    """An ordinary workbook whose entries claim to be encrypted."""
    data = bytearray(honest())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= bit
    return bytes(data)


def _ods(row: str, cells: str = "") -> bytes:
    cell = f'<table:table-cell {cells} office:value-type="string"><text:p>x</text:p></table:table-cell>'
    ns = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    body = f'<table:table table:name="a"><table:table-row {row}>{cell}</table:table-row></table:table>'
    content = (
        f'<?xml version="1.0"?><office:document-content {ns}><office:body><office:spreadsheet>{body}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": content,
        "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></manifest:manifest>',
    }
    return packed(parts, base=False)


def _shared(count: int, text: str = "房{}") -> bytes:
    strings = "".join(f"<si><t>{text.format(n)}</t></si>" for n in range(count))
    return xlsx(
        sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'),
        **{"xl/sharedStrings.xml": f'<?xml version="1.0"?><sst {_MAIN}>{strings}</sst>'},
    )


def _cells(count: int, row: int = 1) -> str:
    from openpyxl.utils import get_column_letter

    return "".join(f'<c r="{get_column_letter(at)}{row}"><v>{at}</v></c>' for at in range(1, count + 1))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMULA = '=cmd|"/c calc"!A1'

# name → (how it is built, the codes one of which refuses it; none: it may also be read)
FILES: dict[str, tuple[Callable[[], bytes], frozenset[str]]] = {}


def _file(name: str, build: Callable[[], bytes], *codes: str) -> None:
    FILES[name] = build, frozenset(codes)


_file("zip-bomb-of-spaces", lambda: xlsx(sheet(" " * 190_000_000)), "file_too_complex")
_file("zip-bomb-over-the-limit", lambda: xlsx(sheet(" " * 300_000_000)), "file_too_complex")
_file("directory-that-lies", _lying_directory, "file_too_complex", "file_damaged")
_file("five-hundred-entries", lambda: xlsx(sheet(), **{f"a{n}.xml": "x" for n in range(500)}), "file_too_complex")
_file("same-name-twice", lambda: honest() + honest())
_file("last-cell-only", lambda: xlsx(sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')))
_file(
    "first-and-last-cell",
    lambda: xlsx(sheet(HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "too_many_rows",
    "too_many_columns",
    "file_too_complex",
)
_file("dimension-that-lies", lambda: xlsx(sheet(before='<dimension ref="A1:XFD1048576"/>')))
_file("dimension-of-nonsense", lambda: xlsx(sheet(before='<dimension ref="ZZZZZZ99999999999:A1"/>')))
_file("sixteen-thousand-columns", lambda: xlsx(sheet(f'<row r="1">{_cells(16_384)}</row>')), "too_many_columns")
_file("row-that-is-too-far", lambda: xlsx(sheet('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')))
_file(
    "million-merged-cells",
    lambda: xlsx(
        sheet(
            after="<mergeCells>"
            + "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 1_000_001))
            + "</mergeCells>"
        )
    ),
    "file_too_complex",
)
_file(
    "merge-of-everything",
    lambda: xlsx(sheet(after='<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
)
_file("million-shared-strings", lambda: _shared(1_000_000))
_file("one-string-of-100-mb", lambda: _shared(1, "A" * 100_000_000 + "{}"), "file_too_complex")
_file("strings-of-rich-text", lambda: _shared(20_000, "</t></si><si><r><t>a{}</t></r><r><t>b</t></r></si><si><t>"))
_file("billion-laughs", lambda: xlsx(sheet(HEAD.replace("房号", "&l11;"), doctype=_laughs())))
_file(
    "external-entity",
    lambda: xlsx(
        sheet(HEAD.replace("房号", "&x;"), doctype='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>')
    ),
)
_file("deep-xml", lambda: xlsx(sheet("<row>" * 300_000)))
_file("deep-strings", lambda: xlsx(sheet(), **{"xl/sharedStrings.xml": f"<sst {_MAIN}>" + "<si>" * 300_000}))
_file("million-attributes", lambda: xlsx(sheet("<row " + "".join(f'a{n}="1" ' for n in range(200_000)) + "/>")))
_file(
    "external-links",
    lambda: xlsx(
        sheet(),
        **{"xl/externalLinks/externalLink1.xml": f'<externalLink {_MAIN}><ddeLink ddeService="cmd"/></externalLink>'},
    ),
)
_file(
    "formulas", lambda: xlsx(sheet(HEAD + f'<row r="2"><c r="A2" t="str"><f>{FORMULA[1:]}</f><v>1-101</v></c></row>'))
)
_file("macros", lambda: xlsx(sheet(), **{"xl/vbaProject.bin": b"\x00" * 100}), "file_has_macros")
_file("path-traversal", lambda: xlsx(sheet(), **{"../../../etc/cron.d/x": "x"}), "file_damaged")
_file("absolute-path", lambda: xlsx(sheet(), **{"/etc/cron.d/x": "x"}), "file_damaged")
_file("backslash-path", lambda: xlsx(sheet(), **{"..\\..\\x": "x"}), "file_damaged")
_file("encrypted-entries", lambda: _flagged(1), "file_encrypted")
_file("sheet-that-is-missing", lambda: packed({}), "file_damaged")
_file(
    "sheet-name-of-10000",
    lambda: xlsx(sheet(), **{"xl/workbook.xml": _PARTS["xl/workbook.xml"].replace("账单", "../" * 5_000)}),
)
_file(
    "dates-beyond-time",
    lambda: xlsx(sheet('<row r="1"><c r="A1" t="d"><v>99999-99-99T99:99</v></c><c r="B1"><v>1e308</v></c></row>')),
)
_file(
    "numbers-that-are-none", lambda: xlsx(sheet('<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>-inf</v></c></row>'))
)
_file("shared-string-out-of-range", lambda: xlsx(sheet('<row r="1"><c r="A1" t="s"><v>4294967295</v></c></row>')))
_file("truncated", lambda: honest()[: len(honest()) // 2], "file_damaged")
_file("only-the-magic", lambda: b"PK\x03\x04", "file_damaged")
_file("one-byte", lambda: b"a")
_file("nothing", lambda: b"", "file_empty")
_file("only-nul", lambda: b"\x00" * 1_000_000, "file_empty")
_file("ods-repeated-rows", lambda: _ods('table:number-rows-repeated="1048576"'))
_file("ods-repeated-without-end", lambda: _ods('table:number-rows-repeated="4294967295"'))
_file("ods-repeated-cells", lambda: _ods("", 'table:number-columns-repeated="1048576"'))
_file(
    "xlsb-of-noise", lambda: packed({"xl/workbook.bin": random.Random(7).randbytes(5_000)}, base=False), "file_damaged"
)
_file("ole-of-noise", lambda: OLE + random.Random(1).randbytes(5_000), "file_not_a_table", "file_damaged")
_file(
    "ole-that-loops", lambda: OLE + "Workbook".encode("utf-16-le") + b"\x00" * 8_000, "file_damaged", "file_too_complex"
)
_file("ole-encrypted", lambda: OLE + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600, "file_encrypted")
_file("biff-of-noise", lambda: b"\x09\x08\x10\x00\x00\x06\x05\x00" + random.Random(2).randbytes(4_000))
_file("picture", lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "file_is_picture")
_file("tiff", lambda: b"II*\x00" + b"\x00" * 500, "file_is_picture")
_file("picture-and-zip", lambda: b"GIF89a" + honest(), "file_is_picture")
_file("pdf-and-zip", lambda: b"%PDF-1.7\n" + honest(), "file_is_pdf")
_file("svg", lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
_file("rar", lambda: b"Rar!\x1a\x07\x00" + b"\x00" * 100, "file_is_archive")
_file("csv-of-one-line", lambda: b"a" * 49_000_000, "file_damaged", "file_too_complex")
_file("csv-of-one-field", lambda: b'"' + b"a,\n" * 10_000_000, "file_damaged", "file_too_complex")
_file("csv-with-nul", lambda: "房号,应收金额\n1-101,1\x0000\n".encode())
_file("csv-of-million-columns", lambda: b"1," * 1_000_000)
_file("csv-of-million-rows", lambda: b"1,2\n" * 1_000_000, "too_many_rows")
_file("csv-of-newlines", lambda: "房号\n".encode() + b"\n" * 10_000_000)
_file("csv-in-utf-16", lambda: "房号,应收金额\n1-101,100\n".encode("utf-16"))
_file("csv-in-utf-32", lambda: "房号,应收金额\n".encode("utf-32"))
_file("csv-quoted-printable", lambda: b"=E6=88=BF=E5=8F=B7,=E5=BA=94=E6=94=B6\n1-101,100\n")
_file("csv-of-noise", lambda: random.Random(3).randbytes(2_000_000), "encoding_unknown", "file_damaged", "file_empty")
_file("html-spans", lambda: b"<table>" + b'<tr><td rowspan="99999" colspan="99999">a</td></tr>' * 300 + b"</table>")
_file("html-nested-tables", lambda: b"<table><tr><td>" * 20_000)
_file("html-of-million-cells", lambda: b"<table>" + (b"<tr>" + b"<td>1" * 100) * 10_000 + b"</table>")
_file("html-script", lambda: b"<html><script>while(1){}</script><table><tr><td>a<tr><td>b</table>")
_file("html-of-entities", lambda: b"<table><tr><td>" + b"&amp;" * 5_000_000 + b"</td></tr><tr><td>1</td></tr></table>")


def mutated(count: int) -> Iterator[bytes]:
    """An honest workbook with some of its bytes changed, each time others."""
    chance = random.Random(26)
    for _ in range(count):
        data = bytearray(honest())
        for _ in range(chance.randint(1, 40)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(data)
