"""The parent's side: start the child, feed it, wait a while, believe only what it may say."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

from billing.readers.sheets import Workbook, decode

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60
_AHEAD = 1 << 20  # bytes that the child may be ahead of us


@contextmanager
def reading_child(data: bytes, meanwhile: Callable[[], object] = lambda: None) -> Iterator[Workbook]:
    """A workbook whose rows a process that may crash reads while they are looked at; all are read when the block ends.

    Raises `FileRefused` at the start, at a row, or at the end. The child gets no secrets: its environment holds nothing
    but the path. `meanwhile` is done while the child unpacks the file, before it says anything.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"}
    child = subprocess.Popen(
        [sys.executable, "-m", "billing.readers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=environment,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    patience = Timer(_PATIENCE_SECONDS, child.kill)
    patience.start()
    try:
        with suppress(OSError, AttributeError):  # other systems than Linux have pipes of one size
            fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, _AHEAD)
        with suppress(BrokenPipeError), child.stdin as feed:  # it reads all before it says anything
            feed.write(data)
        meanwhile()
        workbook = decode(child.stdout)
        yield workbook
        for sheet in workbook.sheets:
            sheet.rows[-1:]
    finally:
        patience.cancel()
        child.kill()
        child.stdout.close()
        child.wait()


def read_in_child(data: bytes) -> Workbook:
    """All cells of the file at once. Raises `FileRefused`."""
    with reading_child(data) as workbook:
        for sheet in workbook.sheets:
            sheet.rows = sheet.rows[:]
        return workbook
