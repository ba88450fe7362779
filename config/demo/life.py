"""An office of the demo with a clock: opening it, letting its people act, living its days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connections
from django.utils import timezone
from PIL import Image, ImageDraw

from billing.models import Account
from billing.operations import commit_import, record_payment, sign_off_batch, upload_file
from collection.operations import run_day
from config.demo.cast import Cast
from offices.models import Community, Office, User
from offices.operations.offices import open_office, save_settings, set_member
from offices.operations.people import add_person
from offices.scoping import office_scope

ZONE = ZoneInfo("Asia/Shanghai")
SUNDAY = 6


@dataclass
class Life:
    """One office, one clock. Whatever happens, happens as one of its people and through an operation."""

    cast: Cast
    first: date
    today: date
    office: Office = field(init=False)
    people: dict[str, User] = field(default_factory=dict)
    day: date = field(init=False)

    def __post_init__(self) -> None:
        self.day = self.first

    def at(self, hour: int, minute: int = 0) -> datetime:
        """An instant of the present day; today never later than it really is."""
        moment = datetime.combine(self.day, time(hour, minute), ZONE)
        return min(moment, timezone.now().astimezone(ZONE)) if self.day >= self.today else moment

    @contextmanager
    def acting(self, who: str) -> Iterator[User]:
        """Inside the office as one of its people: a role, or a login."""
        person = self.people[who]
        with office_scope(self.office.pk, by=person):
            yield person

    def open(self) -> None:
        """The office, its people, its letterhead. It stays closed to the timetable, which knows only the real clock."""
        self.office = open_office(
            slug=self.cast.slug,
            name=self.cast.name,
            short_name=self.cast.short_name,
            is_active=False,
            by=None,
            at=self.at(8),
        )
        with office_scope(self.office.pk):
            for username, display_name, role in self.cast.people:
                joined = add_person(
                    username=username,
                    display_name=display_name,
                    password=settings.DEMO_PASSWORD,
                    role=role,
                    by=None,
                    at=self.at(8),
                )
                self.people[username] = joined.user
                self.people.setdefault(str(role), joined.user)
            for username, role in self.cast.guests:
                guest = User.objects.get(username=username)
                set_member(user=guest, role=role, by=None, at=self.at(8))
                self.people.setdefault(str(role), guest)
        with self.acting("admin") as admin:
            save_settings(values=self.cast.settings, by=admin, at=self.at(8, 30))

    def bring_in(self, kind: str, file: BinaryIO, name: str, *, accept_good: bool = False) -> Any:
        """财务 uploads and commits a file; 客服主管 signs bills off by name (S3)."""
        with self.acting("finance") as finance:
            home = Community.objects.order_by("pk").first()
            batch = upload_file(kind=kind, file=file, name=name, community=home, by=finance, at=self.at(9))
            batch = commit_import(batch=batch, accept_good=accept_good, by=finance, at=self.at(9, 20))
        if kind == "bills":
            with self.acting("supervisor") as supervisor:
                sign_off_batch(batch=batch, by=supervisor, at=self.at(9, 40))
        return batch

    def receive(self, account: Account, amount: Decimal, *, memo: str) -> None:
        """An owner pays at the counter."""
        with self.acting("finance") as finance:
            record_payment(
                account=account,
                amount=amount,
                value_on=self.day,
                kind="counter",
                payer=account.owner.name,
                memo=memo,
                by=finance,
                at=self.at(16),
            )

    def live(self, business: Callable[[], None]) -> None:
        """Every day up to today: what the timetable does at ten, then what people do. They rest on Sundays."""
        while self.day <= self.today:
            run_day(office_id=self.office.pk, on=self.day, at=self.at(10))
            if self.day.weekday() != SUNDAY:
                business()
            self.day += timedelta(days=1)
        self.day = self.today


def gather_statistics() -> None:
    """What autovacuum would do within a minute of an import: the planner should know how much there is. Only the owner may."""
    if "owner" in connections:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE")
        connections["owner"].close()


def photo(words: str) -> tuple[BytesIO, str]:
    """A picture as a phone would send it, and what it shows: a door with a letter on it."""
    picture = Image.new("RGB", (960, 720), "#8a8f94")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((330, 60, 700, 720), fill="#6b4f3a", outline="#4a3626", width=8)
    draw.rectangle((430, 220, 600, 450), fill="#fbfbf8", outline="#c9c9c2", width=3)
    for line in range(8):
        draw.line((450, 260 + 20 * line, 580 - (line % 3) * 18, 260 + 20 * line), fill="#9aa0a6", width=4)
    draw.rectangle((470, 110, 560, 150), fill="#d9c27a")
    draw.text((20, 690), words, fill="white")
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    out.seek(0)
    out.name = "photo.jpg"
    return out, "door"
