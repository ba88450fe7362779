"""A sender that froze and wakes up later must not call any more: whoever takes its row over stops it first (reliability C2.3).

Time alone cannot close that hole. On one host the row says which process holds it, so that process can be stopped; a
process on another host is left to its own deadline before the call, and to the settle time of unknown messages.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import lru_cache
from pathlib import Path


def myself() -> str:
    """This process, unmistakably: host start, process namespace, number, start time; empty where /proc is unknown."""
    return identity(os.getpid())


@lru_cache(maxsize=8)
def identity(pid: int) -> str:
    """As `myself`, of any process of this host. Kept per number: a fork has another one."""
    start = _started(pid)
    return f"{_house()}/{pid}/{start}" if start else ""


def _house() -> str:
    with suppress(OSError):
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{os.readlink('/proc/self/ns/pid')}"
    return ""


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty for one that does not exist."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def stop(worker: str) -> bool:
    """End the process that a row names, if it is still the same one, on this host, and not ourselves."""
    house, _, rest = worker.rpartition("/")
    house, _, number = house.rpartition("/")
    if not number.isdigit() or house != _house() or int(number) == os.getpid() or _started(int(number)) != rest:
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.kill(int(number), signal.SIGKILL)
        return True
    return False
