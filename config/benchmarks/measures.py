"""What every benchmark shares: its registration, the meter, and the floor."""

from __future__ import annotations

import importlib
import pkgutil
import re
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2.extensions
from django.db import connection, connections

from offices.models import Office

FLOORS = Path(__file__).parent / "floors"


@dataclass(slots=True)
class Spent:
    """What a piece of work cost. `peak_mb` is the largest process: ours, a child's, or the database's for us."""

    seconds: float = 0.0
    statements: int = 0
    peak_mb: float = 0.0


@dataclass(slots=True)
class Figures:
    """What a benchmark found. `notes` are further figures, printed as they are."""

    work: str
    spent: Spent
    floor_seconds: float
    notes: dict[str, Any] = field(default_factory=dict)

    def as_dict(self, name: str) -> dict[str, Any]:
        """For `--json`; the notes follow the seven keys that every benchmark has."""
        return {
            "name": name,
            "work": self.work,
            "seconds": round(self.spent.seconds, 3),
            "floor_seconds": round(self.floor_seconds, 3),
            "ratio": round(self.spent.seconds / self.floor_seconds, 2) if self.floor_seconds else None,
            "statements": self.spent.statements,
            "peak_mb": round(self.spent.peak_mb, 1),
            **self.notes,
        }


Benchmark = Callable[[Office, int | None], Figures]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark under the name that `bin/manage benchmark NAME` takes; its docstring is its line in the list."""

    def register(function: Benchmark) -> Benchmark:
        BENCHMARKS[name] = function
        return function

    return register


def load_all() -> dict[str, Benchmark]:
    """Every benchmark of the package, by name."""
    package = importlib.import_module("config.benchmarks")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"config.benchmarks.{module.name}")
    return BENCHMARKS


@contextmanager
def meter() -> Iterator[Spent]:
    """Seconds, statements and peak memory of the block. COPY counts as a statement."""
    spent = Spent()
    connection.ensure_connection()
    usual = connection.connection.cursor_factory

    class Counting(psycopg2.extensions.cursor):  # Django's own wrapper does not see COPY
        def execute(self, *args: Any) -> None:
            spent.statements += 1
            super().execute(*args)

        def copy_expert(self, *args: Any) -> None:
            spent.statements += 1
            super().copy_expert(*args)

    connection.connection.cursor_factory = Counting
    _forget_peak()
    started = time.perf_counter()
    try:
        yield spent
        spent.seconds = time.perf_counter() - started
    finally:
        connection.connection.cursor_factory = usual
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    spent.peak_mb = max(_peak("self"), children, _server_peak())


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak(process: int | str) -> float:
    """The process's largest resident memory in MB; without /proc our own since its start, and 0 for others."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 if process == "self" else 0.0


def _server_peak() -> float:
    """The database process that served us, where it runs on this machine. Its shared buffers are counted in."""
    if connection.connection is None:
        return 0.0
    return _peak(connection.connection.info.backend_pid) if connection.settings_dict["HOST"].startswith("/") else 0.0


def run_floor(file: str, parameters: Mapping[str, Any] | None = None) -> float:
    """Run the committed SQL of a floor, statement by statement (`;` at a line's end), and return its seconds."""
    statements = [s for s in re.split(r";\s*\n", (FLOORS / file).read_text("utf-8")) if s.strip()]
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters or None)
    return time.perf_counter() - started


def settle() -> None:
    """What autovacuum does within a minute of a large import: statistics for the planner. Run after filling tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
