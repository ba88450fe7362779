"""`bin/manage load_demo`: two offices that do business, lived through day by day with the product's own operations."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo import cuihu, huating
from config.demo.cast import OFFICES
from config.demo.life import ZONE
from offices.models import Membership, Office, SecurityEvent
from offices.operations.offices import note_security_event, set_office_active
from offices.scoping import office_scope

LOADED = "demo_loaded"
INTERRUPTED = 3


class Command(BaseCommand):
    """Load the demo into an empty database; elsewhere leave everything as it is."""

    help = "Open the demo offices, live their days until today, and print who can sign in."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or say why not; then the logins."""
        if not Office.objects.exists():
            self._load()
        elif self._is_half_loaded():
            raise CommandError(
                "The demo was interrupted while it was loading. Start it with bin/demo --fresh.", returncode=INTERRUPTED
            )
        self._print_logins()

    def _load(self) -> None:
        today = timezone.now().astimezone(ZONE).date()
        for story in (huating, cuihu):
            began = time.monotonic()
            life = story.live(today)
            self.stdout.write(
                f"  {life.office.name}: {(life.today - life.first).days} days lived in {time.monotonic() - began:.0f} s"
            )
            set_office_active(office=life.office, is_active=True, by=None, at=life.at(20))
            with office_scope(life.office.pk):
                note_security_event(kind=LOADED, subject=life.office.name, by=None, at=life.at(20))

    @staticmethod
    def _is_half_loaded() -> bool:
        """Whether an office of the demo is there without its last entry. Other people's offices are left alone."""
        ours = {cast.slug for cast in OFFICES}
        present = list(Office.objects.filter(slug__in=ours))
        for office in present:
            with office_scope(office):
                if not SecurityEvent.objects.filter(kind=LOADED).exists():
                    return True
        return bool(present) and len(present) < len(ours)

    def _print_logins(self) -> None:
        people = Membership.objects.filter(office__slug__in=[cast.slug for cast in OFFICES]).select_related(
            "user", "office"
        )
        for membership in people.order_by("office_id", "pk"):
            role = membership.get_role_display()
            self.stdout.write(
                f"  {membership.user.username:<16} {role}\t{membership.office.short_name}  {membership.user.display_name}"
            )
        self.stdout.write(f"  password of all: {settings.DEMO_PASSWORD}")
