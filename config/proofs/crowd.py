"""Senders as processes of their own, made by fork and ended by kill −9; some die at a named gap of their own accord."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connections

from collection.operations import outbox, sending

# A gap: where it is, what is called there, and whether the sender dies before or after it.
GAPS: tuple[tuple[Any, str, bool], ...] = (
    (sending, "claim", True), (sending, "claim", False), (sending, "prepare", True), (sending, "prepare", False),
    (sending, "settle", True), (sending, "settle", False), (sending, "reap_leases", True), (sending, "reap_leases", False),
    (sending, "resolve", True), (sending, "resolve", False), (outbox, "sendoff_facts", False), (outbox, "_cleared", False),
    (outbox, "apply_receipt", True), (outbox, "apply_receipt", False), (outbox, "mark_effective", False),
    (sending.CHANNELS["sms"], "send", True), (sending.CHANNELS["sms"], "send", False),
    (sending.CHANNELS["sms"], "ask", True), (sending.CHANNELS["sms"], "ask", False),
)  # fmt: skip


class Crowd:
    """A number of senders that are kept alive. Use as a context manager: nobody stays behind."""

    def __init__(self, work: Callable[[], object], size: int) -> None:
        self._work, self._size = work, size
        self._alive: list[int] = []

    def __enter__(self) -> Crowd:
        self.fill()
        return self

    def __exit__(self, *exc: object) -> None:
        for pid in list(self._alive):
            self._end(pid)

    def fill(self) -> None:
        """Replace whoever has died."""
        self._alive = [pid for pid in self._alive if not _has_ended(pid)]
        while len(self._alive) < self._size:
            self._alive.append(_fork(self._work))

    def kill_one(self, chance: random.Random) -> None:
        """kill −9, at whatever it was doing."""
        self._end(chance.choice(self._alive))
        self.fill()

    def freeze_one(self, chance: random.Random) -> Callable[[], None]:
        """SIGSTOP; returns what wakes it up, if it still lives then."""
        pid = chance.choice(self._alive)
        os.kill(pid, signal.SIGSTOP)
        self._alive.remove(pid)  # another takes its place
        self.fill()

        def wake() -> None:
            if not _has_ended(pid):
                os.kill(pid, signal.SIGCONT)
                self._alive.append(pid)

        return wake

    def die_at(self, gap: tuple[Any, str, bool], seconds: float) -> bool:
        """One more sender, which kills itself at `gap`; False when it did not come there in time."""
        pid = _fork(lambda: (_arm(*gap), self._work()))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if _has_ended(pid):
                return True
            time.sleep(0.02)
        self._alive.append(pid)
        self._end(pid)
        return False

    def _end(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        self._alive = [each for each in self._alive if each != pid]


def _fork(work: Callable[[], object]) -> int:
    connections.close_all()
    pid = os.fork()
    if not pid:
        try:
            random.seed()
            work()
        finally:
            os._exit(0)
    return pid


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _arm(place: Any, name: str, is_before: bool) -> None:
    real = getattr(place, name)

    def deadly(*args: Any, **named: Any) -> Any:
        if not is_before:
            real(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, deadly)
