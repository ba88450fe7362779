"""Measurements with their floors: each of our figures stands beside what the machine can do at best, in the same run.

A benchmark is a module in this package:

    @benchmark("match")
    def match(office: Office, rows: int | None) -> Figures: ...

It gets an empty office in a database of its own (nothing to clean up), opens its scope where it works, takes the time
with `meter()`, and runs its floor with `run_floor("match.sql", …)`, which is SQL committed under floors/.
"""

from config.benchmarks.measures import BENCHMARKS, Figures, Spent, benchmark, load_all, meter, run_floor, settle

__all__ = ["BENCHMARKS", "Figures", "Spent", "benchmark", "load_all", "meter", "run_floor", "settle"]
