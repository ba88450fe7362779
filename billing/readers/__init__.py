"""From the bytes of an upload to cells, in a child process with limits:
parsers of strangers' files crash alone (C4.3).
"""

from billing.readers.child import read_in_child, reading_child
from billing.readers.kinds import LIMIT_BYTES, FileRefused
from billing.readers.sheets import Sheet, Workbook

__all__ = ["LIMIT_BYTES", "FileRefused", "Sheet", "Workbook", "read_in_child", "reading_child"]
