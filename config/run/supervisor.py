"""Child processes kept alive together: started in order, watched, restarted when they fall, stopped in reverse order."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.run.places import ROOT, CannotRun

_FALLS_ALLOWED = 5
_FALLS_WINDOW_SECONDS = 60
_PATIENCE_SECONDS = 20
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Linux: the child gets SIGTERM should the supervisor itself be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """One process of the house."""

    name: str
    command: list[str]
    is_up: Callable[[], bool] = field(default=lambda: True)
    process: subprocess.Popen[bytes] | None = None
    falls: list[float] = field(default_factory=list)


class Supervisor:
    """Starts, watches and stops the children; each writes to a log of its own."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self._environment, self._logs = environment, logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def log_of(self, child: Child) -> Path:
        """Where a child writes."""
        return self._logs / f"{child.name}.log"

    def launch(self, *children: Child) -> None:
        """Start children without waiting for them; `wait_for` does."""
        for child in children:
            self._children.append(child)
            self._spawn(child)

    def wait_for(self, *children: Child, patience: float = 60) -> None:
        """Wait until each of these answers. Raises `CannotRun` with the end of a log."""
        until = time.monotonic() + patience
        for child in children:
            while not child.is_up():
                assert child.process is not None
                if child.process.poll() is not None or time.monotonic() > until:
                    raise CannotRun(f"{child.name} does not come up:\n{self._tail(child)}")
                time.sleep(0.1)

    def says(self, name: str, words: str) -> Callable[[], bool]:
        """A check whether the child of this name has written `words` since now."""
        log = self._logs / f"{name}.log"
        before = log.stat().st_size if log.exists() else 0

        def check() -> bool:
            if not log.exists():
                return False
            with log.open("rb") as file:
                file.seek(before)
                return words.encode() in file.read()

        return check

    def _spawn(self, child: Child) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops the rest in order.
        with self.log_of(child).open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def watch(self, stopping: Callable[[], bool]) -> None:
        """Return when `stopping()` turns true; restart what falls. Raises `CannotRun` when one falls again and again."""
        while not stopping():
            for child in self._children:
                assert child.process is not None
                if child.process.poll() is not None:
                    self._raise_up(child)
            time.sleep(0.5)

    def _raise_up(self, child: Child) -> None:
        now = time.monotonic()
        child.falls = [t for t in child.falls if now - t < _FALLS_WINDOW_SECONDS] + [now]
        if len(child.falls) > _FALLS_ALLOWED:
            raise CannotRun(f"{child.name} stopped {len(child.falls)} times within a minute:\n{self._tail(child)}")
        print(f"  {child.name} stopped and is started again (log: {self.log_of(child)})", flush=True)
        self._spawn(child)

    def stop(self) -> None:
        """Stop everything, last started first; whoever does not listen is killed with its whole group."""
        for child in reversed(self._children):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + _PATIENCE_SECONDS
        for child in reversed(self._children):
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, until - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def _tail(self, child: Child) -> str:
        log = self.log_of(child)
        return log.read_text(errors="replace")[-1500:] if log.exists() else ""
