"""`bin/manage benchmark NAME [--rows N] [--json]`: our time beside the floor's, measured in the same run."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.benchmarks import load_all
from config.management.throwaway import throwaway_office


class Command(BaseCommand):
    """Works in a database of its own, which is removed afterwards; the demo beside it is not touched."""

    help = "Measure one part of the house against its floor. Without a name: list what can be measured."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name, and how much work."""
        parser.add_argument("name", nargs="?", help="one of the list")
        parser.add_argument("--rows", type=int, help="how many rows; default is the size the target speaks of")
        parser.add_argument("--json", action="store_true", help="one JSON object on one line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one, or list all."""
        benchmarks = load_all()
        name = options["name"]
        if not name:
            for each, function in sorted(benchmarks.items()):
                self.stdout.write(f"{each:10} {(function.__doc__ or '').strip().splitlines()[0]}")
            return
        if name not in benchmarks:
            raise CommandError(f"There is no benchmark {name}. There are: {', '.join(sorted(benchmarks))}.")
        with throwaway_office(f"benchmark_{name}", at=timezone.now()) as office:
            found = benchmarks[name](office, options["rows"]).as_dict(name)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for key, value in found.items():
            self.stdout.write(f"{key:14} {value}")
