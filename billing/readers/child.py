"""The parent's side: start the child, feed it, wait a while, believe only what it may say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from billing.readers.kinds import TOO_HEAVY, FileRefused
from billing.readers.sheets import Workbook, decode

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60


def read_in_child(data: bytes) -> Workbook:
    """Cells of the file, read by a process that may crash. Raises `FileRefused`.

    The child gets no secrets: its environment holds nothing but the path.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "billing.readers"],
            input=data,
            capture_output=True,
            cwd=_ROOT,
            env=environment,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused("file_too_complex", TOO_HEAVY) from error
    if done.returncode != 0 or not done.stdout:
        raise FileRefused("file_too_complex", TOO_HEAVY)
    try:
        return decode(done.stdout)
    except (ValueError, TypeError, LookupError) as malformed:
        raise FileRefused("file_too_complex", TOO_HEAVY) from malformed
