"""`bin/prove NAME`: try out, mostly on a throw-away office, what must stay true when something breaks."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.management.throwaway import throwaway_office
from config.proofs import PROOFS, WITHOUT_OFFICE


class Command(BaseCommand):
    """Exit status 0 only when the proof holds."""

    help = "Run one proof. Without a name: list them."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name, and how much to try."""
        parser.add_argument("name", nargs="?", help="one of the list")
        parser.add_argument("--rows", type=int, help="size of the work; default is the size the target speaks of")
        parser.add_argument("--points", type=int, help="how often something breaks; default likewise")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one, or list all."""
        name, every = options["name"], {**PROOFS, **WITHOUT_OFFICE}
        if not name:
            for each, function in sorted(every.items()):
                self.stdout.write(f"{each:14} {(function.__doc__ or '').strip().splitlines()[0]}")
            return
        if name not in every:
            raise CommandError(f"There is no proof {name}. There are: {', '.join(sorted(every))}.")
        sizes = {key: options[key] for key in ("rows", "points") if options[key] is not None}
        try:
            found = self._in_office(name, sizes) if name in PROOFS else WITHOUT_OFFICE[name](tell=self.stdout.write)
        except AssertionError as broken:
            raise CommandError(f"NOT PROVEN: {broken}") from broken
        self.stdout.write(json.dumps(found, ensure_ascii=False))

    def _in_office(self, name: str, sizes: dict[str, int]) -> dict[str, Any]:
        at = timezone.now()
        with throwaway_office(f"proof_{name}", at=at) as office:
            return PROOFS[name](office, at=at, tell=self.stdout.write, **sizes)
