"""What 收缴员 do on a working day: calls and visits with their outcomes, and the letters they serve."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from arrears.queries import position
from billing.models import Account
from collection.models import Action, Notice, Service
from collection.operations import record_contact, serve_notice
from config.demo import cast
from config.demo.life import Life, photo
from disputes.operations import raise_dispute
from disputes.queries import contestable_lines
from offices.queries import working_calendar

# In the order in which the telephone brings them; about every second owner promises, pays or is simply told.
OUTCOMES = (
    "informed", "promised", "no_answer", "refused", "promised", "informed", "paid", "no_answer",
    "informed", "promised", "disputed", "informed", "wrong_number", "instalments", "no_answer", "refused",
)  # fmt: skip
METHODS = ("signed", "posted", "ems", "refused", "absent_then_posted", "signed")
LAST_METHODS = ("ems", "refused_by_two", "signed_by_two")
HOURS = (10, 11, 14, 15, 16, 17)  # owners are left alone at noon


@dataclass
class Talks:
    """The collectors' memory: whose turn it is, what was promised, what comes next."""

    life: Life
    outcomes: Any = field(default_factory=lambda: cycle(OUTCOMES))
    methods: Any = field(default_factory=lambda: cycle(METHODS))
    last_methods: Any = field(default_factory=lambda: cycle(LAST_METHODS))
    expected: dict[date, list[tuple[int, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    claimed: set[int] = field(default_factory=set)
    promises: int = 0
    said: int = 0

    def call(self, how_many: int) -> None:
        """Calls and visits that the work list of today asks for, those after a letter first; none on a public holiday."""
        with self.life.acting("collector"):
            if working_calendar().is_holiday(self.life.day):
                return
            todo = list(
                Action.objects.filter(state="planned", kind__in=("call", "follow_up"), planned_on__lte=self.life.day)
                .select_related("account__owner", "account__room")
                .order_by("-kind", "due_on", "id")[:how_many]
            )
        for number, action in enumerate(todo):
            self._talk(action, next(self.outcomes), hour=HOURS[number % len(HOURS)])

    def _talk(self, action: Action, outcome: str, *, hour: int) -> None:
        if outcome == "paid" and action.account_id in self.claimed:
            outcome = "informed"  # a second claim would need the bank's voucher
        with self.life.acting("collector" if self.said % 3 else "collector2") as person:
            owed = position(action.account_id, self.life.day).open_amount
            record_contact(
                account=action.account,
                at=self.life.at(hour, 5 * (self.said % 12)),
                by=person,
                action=action,
                **self._entry(action, outcome, owed),
            )
            if outcome == "disputed":
                self._dispute(action.account, hour)
        self.said += 1

    def _entry(self, action: Action, outcome: str, owed: Decimal) -> dict[str, Any]:
        entry: dict[str, Any] = {"channel": "visit" if action.kind == "follow_up" else "call", "outcome": outcome}
        if outcome == "promised":
            self.promises += 1
            promised_on = self.life.day + timedelta(days=6 + self.promises % 5)
            entry |= {"promised_on": promised_on, "promise_amount": owed}
            if self.promises % 2:  # every second promise is kept
                self.expected[promised_on - timedelta(days=1)].append((action.account_id, owed))
        elif outcome == "paid":
            self.claimed.add(action.account_id)
            entry["reference"] = cast.REFERENCES[self.said % len(cast.REFERENCES)]
            self.expected[self.life.day + timedelta(days=3)].append((action.account_id, owed))
        elif outcome in cast.OWNER_WORDS:
            words = cast.OWNER_WORDS[outcome]
            entry["owner_words"] = words[self.said % len(words)]
        if outcome in ("informed", "refused", "disputed"):
            entry["explanation"] = cast.EXPLANATIONS[self.said % len(cast.EXPLANATIONS)]
        return entry

    def _dispute(self, account: Account, hour: int) -> None:
        lines = contestable_lines(account.pk, self.life.day)
        with self.life.acting("collector") as person:
            raise_dispute(
                account=account,
                kind="charge",
                owner_words=cast.OWNER_WORDS["disputed"][0],
                demand="减免停梯期间的物业费",
                lines={lines[0].bill_id: lines[0].free} if lines else {},
                channel="call",
                by=person,
                at=self.life.at(hour, 55),
            )

    def serve(self, how_many: int) -> None:
        """Letters go out two days after approval, in every way the rules know; mail under way is followed up."""
        with self.life.acting("collector"):
            if working_calendar().is_holiday(self.life.day):
                return
            out = list(
                Notice.objects.filter(state="rendered", issued_on__lte=self.life.day - timedelta(days=2))
                .select_related("account__owner", "account__room")
                .order_by("issued_on", "id")[:how_many]
            )
            posted = list(
                Service.objects.filter(
                    outcome="in_transit", served_on__lte=self.life.day - timedelta(days=3), notice__state="in_transit"
                ).select_related("notice__account__owner")
            )
        for service in posted:
            self._record(service.notice, service.method, "delivered", photos=[photo("EMS receipt")])
        for notice in out:
            with self.life.acting("collector"):
                absent = Service.objects.filter(notice=notice).exists()
            way = "posted" if absent else next(self.last_methods if notice.kind == "final" else self.methods)
            self._go(notice, way)

    def _go(self, notice: Notice, way: str) -> None:
        owner = notice.account.owner.name
        second = self.life.people["collector2"]
        picture = [photo(f"{notice.account.room} {self.life.day}")]
        witness = {"witness": "李芳", "witness_organisation": "华庭社区居民委员会", "witness_phone": "0512-5550 0066"}
        if way.startswith("signed"):
            two = {"second_server": second} if way.endswith("two") else {}
            self._record(notice, "hand_delivery", "signed", signer=owner, signer_relation="本人", **two)
        elif way.startswith("refused"):
            two = {"second_server": second} if way.endswith("two") else {}
            self._record(notice, "hand_delivery", "refused", photos=picture, **witness, **two)
        elif way == "posted" and notice.kind != "final":
            self._record(notice, "door_posting", "posted", photos=picture, note="敲门无人应答")
        elif way == "absent_then_posted":
            self._record(notice, "hand_delivery", "absent", note="家中无人，邻居称晚上回来")
        else:
            self._record(notice, "ems", "in_transit", tracking_number=f"11{notice.pk:09d}12", photos=picture)

    def _record(self, notice: Notice, method: str, outcome: str, **details: Any) -> None:
        with self.life.acting("collector") as person:
            serve_notice(
                notice=notice,
                method=method,
                outcome=outcome,
                served_at=self.life.at(15, notice.pk % 50),
                by=person,
                **details,
            )
