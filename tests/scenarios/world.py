"""An office doing business, in the words of the specification. Every step is an operation of the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from django.conf import settings
from PIL import Image

from billing.models import Account
from billing.operations import commit_import, record_payment, sign_off_batch, upload_file
from collection.models import Action, Case, Message, Notice
from collection.operations.contacts import record_contact
from collection.operations.days import run_day
from collection.operations.notices import approve_notice
from collection.operations.service import serve_notice
from disputes.operations import add_step, raise_dispute, resolve_dispute
from offices.operations.offices import add_community, save_settings
from tests.conftest import at
from tests.factories import workbooks

SAMPLES = Path(settings.BASE_DIR) / "samples"


def photo(colour: str = "grey") -> BytesIO:
    """A picture as a phone would send it."""
    out = BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    out.seek(0)
    out.name = "photo.jpg"
    return out


@dataclass
class World:
    """One office, one clock. `day` moves only forward, by `live_until`."""

    office: SimpleNamespace
    day: date
    community: Any = None
    lived: list[date] = field(default_factory=list)

    def who(self, role: str) -> Any:
        """The office's person in a role."""
        return self.office.people[role]

    @contextmanager
    def open(self, role: str | None = None) -> Iterator[None]:
        """Inside the office, as one of its people or as the system."""
        with self.office.open(by=self.who(role) if role else None):
            yield

    def now(self, hour: int = 11) -> Any:
        """An instant of the present day."""
        return at(self.day.isoformat(), hour)

    def set_up(self) -> World:
        """管理员 fills in the letterhead and the community."""
        with self.open("admin"):
            save_settings(
                values={
                    "letterhead": self.office.row.name,
                    "notice_prefix": "华物催",
                    "contact_person": "周敏",
                    "contact_phone": "0512-6666 0000",
                    "payee_name": self.office.row.name,
                    "payee_bank": "某某银行华庭支行",
                    "payee_account": "3205 0000 0000 0000",
                },
                by=self.who("admin"),
                at=self.now(9),
            )
            self.community = add_community(name="华庭苑", by=self.who("admin"))
        return self

    def upload(self, kind: str, file: BinaryIO | Path) -> Any:
        """财务 uploads a file; the answer is the batch with its preview."""
        name = file.name if isinstance(file, Path) else getattr(file, "name", "upload.xlsx")
        data = BytesIO(file.read_bytes()) if isinstance(file, Path) else file
        with self.open("finance"):
            return upload_file(
                kind=kind, file=data, name=name, community=self.community, by=self.who("finance"), at=self.now(9)
            )

    def bring_in(self, kind: str, file: BinaryIO | Path, *, accept_good: bool = False) -> Any:
        """财务 uploads and commits, 客服主管 signs the batch off by name (S3)."""
        batch = self.upload(kind, file)
        with self.open("finance"):
            commit_import(batch=batch, accept_good=accept_good, by=self.who("finance"), at=self.now(9))
        if kind == "bills":
            with self.open("supervisor"):
                sign_off_batch(batch=batch, by=self.who("supervisor"), at=self.now(9))
        return batch

    def live_until(self, last: date | str) -> World:
        """Live every day from the present one to `last`, as the timetable or `bin/manage run_day` would."""
        last = date.fromisoformat(last) if isinstance(last, str) else last
        while self.day <= last:
            if self.day not in self.lived:
                run_day(office_id=self.office.id, on=self.day, at=at(self.day.isoformat(), 10))
                self.lived.append(self.day)
            if self.day == last:
                break
            self.day += timedelta(days=1)
        return self

    def account(self, room: str) -> Account:
        """The account of a room of 1栋1单元, or `building-unit-number`."""
        building, unit, number = room.split("-") if "-" in room else ("1", "1", room)
        return Account.objects.select_related("room", "owner").get(
            room__building=building, room__unit=unit, room__number=number, owner__kind="person"
        )

    def case(self, room: str) -> Case:
        """The latest cycle of collection of a room."""
        return Case.objects.filter(account=self.account(room)).order_by("-cycle")[0]

    def todo(self, room: str) -> Action | None:
        """What a person still has to do for a room."""
        return Action.objects.filter(account=self.account(room), state="planned").first()

    def todo_kind(self, room: str) -> str:
        """The kind of what a person has to do for a room, or nothing."""
        with self.open():
            action = self.todo(room)
            return action.kind if action else ""

    def has_notice(self, room: str) -> bool:
        """Whether a letter exists for the room."""
        with self.open():
            return bool(self.notices(room))

    def messages(self, room: str) -> list[Message]:
        """Everything queued for a room, oldest first."""
        return list(Message.objects.filter(account=self.account(room)).order_by("id"))

    def notices_of(self, room: str) -> list[Notice]:
        """As `notices`, from outside the office."""
        with self.open():
            return self.notices(room)

    def notices(self, room: str) -> list[Notice]:
        """Every letter of a room, oldest first."""
        return list(Notice.objects.filter(account=self.account(room)).order_by("id"))

    def call(self, room: str, outcome: str, **more: Any) -> Any:
        """收缴员 calls and writes down what was said."""
        with self.open("collector"):
            return record_contact(
                account=self.account(room),
                channel="call",
                outcome=outcome,
                **more,
                by=self.who("collector"),
                at=self.now(),
            )

    def approve(self, notice: Notice, role: str = "supervisor") -> Notice:
        """The letter is approved: it gets its number, its deadline, and can no longer change."""
        with self.open(role):
            approve_notice(notice=notice, by=self.who(role), at=self.now())
            notice.refresh_from_db()
        return notice

    def serve(self, notice: Notice, method: str, outcome: str, **more: Any) -> Any:
        """收缴员 serves the letter and keeps the proof."""
        with self.open("collector"):
            return serve_notice(
                notice=notice,
                method=method,
                outcome=outcome,
                served_at=self.now(15),
                by=self.who("collector"),
                at=self.now(16),
                **more,
            )

    def pay(self, room: str, amount: str | Decimal, **more: Any) -> Any:
        """财务 records a payment."""
        with self.open("finance"):
            return record_payment(
                account=self.account(room),
                amount=Decimal(amount),
                value_on=self.day,
                kind="counter",
                by=self.who("finance"),
                at=self.now(),
                **more,
            )

    def dispute(self, room: str, words: str, lines: dict[int, Decimal], kind: str = "charge") -> Any:
        """收缴员 listens first and writes down the owner's words (S75)."""
        with self.open("collector"):
            return raise_dispute(
                account=self.account(room),
                kind=kind,
                owner_words=words,
                lines=lines,
                by=self.who("collector"),
                at=self.now(),
            )

    def resolve(self, dispute: Any, ruling: str, explanation: str) -> None:
        """客服主管 accepts the objection, has it looked into, rules and answers."""
        with self.open("supervisor"):
            for kind, text in (("accept", "已受理，请工程部核实。"), ("found", explanation)):
                dispute.refresh_from_db()
                add_step(dispute=dispute, kind=kind, text=text, by=self.who("supervisor"), at=self.now())
            dispute.refresh_from_db()
            resolve_dispute(
                dispute=dispute, ruling=ruling, explanation=explanation, by=self.who("supervisor"), at=self.now()
            )


THREE_ROOMS = [("0101", "陈梅轩", "19900000771"), ("0102", "刘秀", "19900004330"), ("0103", "徐芳军", "19900006277")]


def small_world(office: SimpleNamespace, day: str = "2026-09-01") -> World:
    """Three rooms, two quarters each, due on 15 July and 15 August 2026; nothing paid."""
    world = World(office=office, day=date.fromisoformat(day)).set_up()
    world.bring_in("register", workbooks.register(THREE_ROOMS))
    world.bring_in(
        "bills",
        workbooks.bills(
            [
                (number, owner, start, end, due, "600.00")
                for number, owner, _phone in THREE_ROOMS
                for start, end, due in (
                    ("2026-04-01", "2026-06-30", "2026-07-15"),
                    ("2026-07-01", "2026-09-30", "2026-08-15"),
                )
            ]
        ),
    )
    return world
