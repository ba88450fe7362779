"""The office as a state machine: its real operations on the real database, beside an oracle that knows no database.

Every rule does one thing that happens in an office. `tests.collection.held` says what must hold after each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from billing.operations.payments import record_payment
from collection.models import Action, Case, Message, Notice
from collection.operations.cases import decide_case
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.notices import NoticeRefused, approve_notice
from collection.operations.rendering import render_due_notices
from collection.operations.sending import send_due_messages
from collection.operations.service import ServiceRefused, serve_notice
from collection.operations.sweeps import SweepRefused
from tests.collection import doubles, held
from tests.collection import oracle as o
from tests.collection.machine_books import A_DAY, FIRST, WHO, Town, yuan


class Office(Town):
    """The town and the office that works for it, day by day."""

    def __init__(self) -> None:
        super().__init__()
        self.provider.heard = self._heard

    # --- the day

    @rule(days=st.sampled_from((1, 2, 3, 7, 16, 31)), is_run=st.booleans())
    def advance(self, days: int, is_run: bool) -> None:
        self.today += A_DAY * days
        if is_run:
            self.sweep()

    @rule()
    def sweep(self) -> None:
        before = self.memory.last_action
        with self.office.open():
            report = plan_day(on=self.today, at=self.now)
        self.swept_on = self.today
        for home in self.households:
            home.live(self.today, self.policy)
        with self.office.open():
            held.after_sweep(self, report.sweep, new_after=before)

    @rule(turns=st.integers(2, 7))
    def weeks_go_by(self, turns: int) -> None:
        """The office lives: whatever is planned is done on its day, and the next day that brings something comes."""
        for _turn in range(turns):
            self.sweep()
            self.everything_holds()
            self.deliver(doubles.ACCEPTS, 10)
            for who in range(3):
                self.letter(who)
                self.serve(who)
                with self.office.open():
                    task = Action.objects.filter(account=self.accounts[who], state="planned", by_hand=True).first()
                if task is not None and task.kind in o.PERSONAL:
                    self.speak(who, "informed")
            self.everything_holds()
            with self.office.open():
                coming = Case.objects.filter(state="open").aggregate(day=Min("next_action_on"))["day"]
            self.today = max(self.today + A_DAY, min(coming or self.today, self.today + A_DAY * 40))

    @precondition(lambda self: self.swept_on == self.today)
    @rule()
    def sweep_again(self) -> None:
        """Whatever changed meanwhile is dealt with by the next run; the run after that has nothing to do (2)."""
        self.sweep()
        with self.office.open():
            before = held.snapshot()
            plan_day(on=self.today, at=self.now)
            assert held.snapshot() == before, "2: the same day again changed something"

    @precondition(lambda self: self.swept_on > FIRST)
    @rule(days=st.integers(1, 9))
    def sweep_a_day_gone_by(self, days: int) -> None:
        with self.office.open():
            before = held.snapshot()
            try:
                plan_day(on=self.swept_on - A_DAY * days, at=self.now)
            except SweepRefused:
                assert held.snapshot() == before, "42: a refused run changed something"
            else:
                raise AssertionError("42: a day before the last one was run")

    @rule(who=WHO, point=st.integers(1, 90), what=st.sampled_from(("sweep", "pay", "speak")))
    def crash(self, who: int, point: int, what: str) -> None:
        """The process dies at its n-th statement: nothing of it stays, and doing it again works (30)."""
        work: dict[str, Callable[[], object]] = {
            "sweep": lambda: plan_day(on=self.today, at=self.now),
            "pay": lambda: record_payment(
                account=self.accounts[who], amount=yuan(100), value_on=self.today, kind="counter", by=None, at=self.now
            ),
            "speak": lambda: record_contact(
                account=self.accounts[who], channel="call", outcome="informed", explanation="已说明", by=self.person,
                at=self.now,
            ),
        }  # fmt: skip
        with self.office.open():
            before = held.snapshot()
            try:
                with transaction.atomic(), dying_at(point):
                    work[what]()
                    raise doubles.Killed
            except doubles.Killed:
                pass
            assert held.snapshot() == before, "30: something of a killed transaction stayed"

    # --- what leaves the house

    @rule(way=st.sampled_from(doubles.WAYS), hour=st.sampled_from((10, 15, 22)))
    def deliver(self, way: str, hour: int) -> None:
        self.provider.way, self.hour = way, hour
        try:
            send_due_messages(office_id=self.office.id, at=self.now, settle_seconds=0)
        except doubles.Killed:
            with connection.cursor() as cursor, self.office.open():
                cursor.execute("UPDATE collection_message SET lease_until = '2020-01-01' WHERE state = 'sending'")
        finally:
            self.hour = 10
            self.provider.way = doubles.ACCEPTS

    def _heard(self, message: Any) -> None:
        """A message is about to reach an owner: is it right at this very moment?"""
        with self.office.open():
            held.at_the_door(self, Message.objects.get(pk=message.key.split("-")[1]))

    @rule(who=WHO)
    def letter(self, who: int) -> None:
        """The manager approves what is proposed; it is drawn, and handed over two days later at the latest deadline."""
        with self.office.open():
            notice = Notice.objects.filter(account=self.accounts[who], state="proposed").first()
            if notice is None:
                return
            try:
                notice = approve_notice(notice=notice, by=self.manager, at=self.now)
            except NoticeRefused:
                return
            if notice.state == "approved":
                held.at_approval(self, self.households[who], notice)
                render_due_notices(at=self.now)

    @rule(who=WHO)
    def serve(self, who: int) -> None:
        with self.office.open():
            notice = Notice.objects.filter(account=self.accounts[who], state="rendered").first()
            if notice is None:
                return
            try:
                serve_notice(
                    notice=notice, method="hand_delivery", outcome="signed", served_at=self.now, by=self.person,
                    signer="业主", signer_relation="本人", second_server=self.office.people["supervisor"],
                )  # fmt: skip
            except ServiceRefused:
                return
            notice.refresh_from_db()
            demanded = set(notice.lines.values_list("bill_id", flat=True))
        if notice.state == "served":
            self.households[who].take_effect(self.today, notice.deadline_on, demanded)

    @rule(who=WHO)
    def decide(self, who: int) -> None:
        """The manager hands the case to the lawyers."""
        with self.office.open():
            action = Action.objects.filter(account=self.accounts[who], state="planned", kind="decision").first()
            if action is None:
                return
            decide_case(
                case=action.case, refer=True, reason="多次催缴无果", again_on=None, at=self.now, by=self.manager
            )
        self.households[who].take_effect(self.today)
        self.households[who].case.state = "referred"  # type: ignore[union-attr]

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "accounts"):
            with self.office.open():
                held.always(self)


@contextmanager
def dying_at(point: int) -> Iterator[None]:
    """Raise at the n-th statement that is not a savepoint's."""
    count = 0

    def tick(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        if "SAVEPOINT" not in sql:
            count += 1
            if count == point:
                raise doubles.Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tick):
        yield
