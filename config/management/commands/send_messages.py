"""`bin/manage send_messages`: send what is due now, once, or every few seconds without end (no Redis needed)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.management.poller import send_for_ever, send_once


class Command(BaseCommand):
    """Safe beside the worker: a message is claimed by exactly one sender."""

    help = "Send due messages of every office. With --every SECONDS: until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """How often."""
        parser.add_argument("--every", type=float, default=0, help="seconds between two rounds; 0 = one round")

    def handle(self, *args: Any, **options: Any) -> None:
        """One round, or rounds without end."""
        if options["every"] > 0:
            send_for_ever(every=options["every"])
        self.stdout.write(f"{send_once()} sent")
