"""What a file really is, by its first bytes and not by its name; what cannot be read is refused in words."""

from __future__ import annotations

import io
import re
import zipfile

LIMIT_BYTES = 50 * 1024 * 1024
_MAX_ENTRIES = 400
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 100
_RATIO_MATTERS_FROM = 20 * 1024 * 1024
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


TOO_HEAVY = "文件太复杂，读取超过了允许的内存或时间。请只保留需要的工作表和列，另存后再上传；行数很多时请拆成几个文件。"


class FileRefused(Exception):
    """The file cannot be read. `code` is stable; the message says what is wrong and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def kind_of(data: bytes) -> str:
    """`zip:xlsx`, `zip:xlsb`, `zip:ods`, `xls`, `html` or `csv`. Raises `FileRefused`."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileRefused("file_empty", "文件是空的。请检查导出是否成功，重新选择文件。")
    if (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data.startswith(_PICTURES) or _is_bitmap(data):
        raise FileRefused("file_is_picture", "这是一张图片，不是表格。请上传财务系统导出的 Excel 或 CSV 文件。")
    if data[:5] == b"%PDF-":
        raise FileRefused("file_is_pdf", "这是 PDF，不是表格。请从财务系统导出 Excel 或 CSV 文件。")
    if data[:4] == b"PK\x03\x04":
        return "zip:" + _checked_zip(data)
    if data[:8] == _OLE:
        return _ole_kind(data)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in data[:5000]:
        raise FileRefused("file_is_xml", "这是 XML 表格格式。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。")
    if re.match(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(!doctype html|html|table|head|meta|style|body)", head):
        return "html"
    if data[:4] in (b"Rar!", b"7z\xbc\xaf"):
        raise FileRefused("file_is_archive", "这是压缩包。请解压后上传里面的表格。")
    return "csv"


def _is_bitmap(data: bytes) -> bool:
    return data[:2] == b"BM" and b"\x00\x00" in data[:64]


def _ole_kind(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRefused(
            "file_encrypted", "这个工作簿设了打开密码。请在 Excel 里取消密码（文件→信息→保护工作簿），保存后再上传。"
        )
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return "xls"
    raise FileRefused("file_not_a_table", "这不是表格文件（可能是 Word 文档）。请上传 Excel 或 CSV 文件。")


def _checked_zip(data: bytes) -> str:
    """Look at the directory only: what would unpack to too much is never unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileRefused("file_damaged", "文件已损坏，打不开。请重新导出或重新下载后再上传。") from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    bomb = unpacked > _RATIO_MATTERS_FROM and unpacked / packed > _MAX_RATIO
    if len(entries) > _MAX_ENTRIES or unpacked > _MAX_UNPACKED or bomb:
        raise FileRefused("file_too_complex", "文件解压后过大，无法读取。请只保留需要的工作表，另存后再上传。")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileRefused("file_encrypted", "文件设了密码。请取消密码后再上传。")
    names = {entry.filename for entry in entries}
    if any(name.startswith("/") or ".." in name.replace("\\", "/").split("/") for name in names):
        raise FileRefused("file_damaged", "文件内部结构不正常，无法读取。请另存为新的 .xlsx 后再上传。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("file_has_macros", "文件含有宏。请另存为不含宏的 .xlsx 后再上传。")
    for marker, kind in (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "ods")):
        if marker in names:
            return kind
    raise FileRefused("file_not_a_table", "这是压缩包或其他文档，不是表格。请上传 Excel 或 CSV 文件。")
