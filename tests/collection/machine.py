"""The office as a state machine: its real operations on the real database, beside an oracle that knows no database.

Every rule does one thing that happens in an office. `tests.collection.held` says what must hold after each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing.models import Account, Adjustment, Bill, ContactPoint, FeeItem, Owner, Payment, Room, SpecialCase
from billing.operations.accounts import stamp_account
from billing.operations.payments import record_payment, reverse_payment
from billing.operations.reductions import approve_reduction, propose_reduction
from billing.operations.special_cases import close_special_case, open_special_case
from collection.models import Action, Case, Message, Notice
from collection.operations.cases import decide_case
from collection.operations.contacts import record_contact
from collection.operations.days import plan_day
from collection.operations.notices import NoticeRefused, approve_notice
from collection.operations.rendering import render_due_notices
from collection.operations.sending import send_due_messages
from collection.operations.service import ServiceRefused, serve_notice
from collection.operations.sweeps import SweepRefused
from disputes.models import Dispute
from disputes.operations import raise_dispute, resolve_dispute
from tests.collection import doubles, held
from tests.collection import oracle as o
from tests.conftest import at

FIRST = date(2026, 3, 2)
WHO = st.integers(0, 2)
A_DAY = timedelta(days=1)


def yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100


class Office(RuleBasedStateMachine):
    """Three households: one with a phone, one with phone and e-mail, one without either.

    `office`, `community`, `item` and `provider` are set by the test that runs the machine.
    """

    office: Any
    community: Any
    item: FeeItem
    provider: doubles.Provider
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example._from_testcase = True  # type: ignore[attr-defined]
        self.example.__enter__()
        self.today, self.swept_on, self.hour = FIRST, FIRST - A_DAY, 10
        self.households = [o.Household() for _ in range(3)]
        self.memory = held.Memory()
        self.provider.way, self.provider.heard = doubles.ACCEPTS, self._heard
        self.provider.arrived.clear()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize(dues=st.lists(st.integers(-45, 5), min_size=3, max_size=3))
    def move_in(self, dues: list[int]) -> None:
        self.accounts: list[Account] = []
        with self.office.open():
            for n, kinds in enumerate((("phone",), ("phone", "email"), ())):
                room = Room.objects.create(community=self.community, building="9", number=f"{n}", sort_key=f"9-{n}")
                owner = Owner.objects.create(name=f"业主{n}")
                for kind in kinds:
                    value = f"1380000000{n}" if kind == "phone" else f"owner{n}@example.com"
                    ContactPoint.objects.create(owner=owner, kind=kind, value=value, tail=value[-4:])
                self.accounts.append(Account.objects.create(room=room, owner=owner, opened_on=date(2020, 1, 1)))
        for who, due in enumerate(dues):
            self.bill(who, due, 60000)

    @property
    def now(self) -> datetime:
        return at(str(self.today), self.hour)

    @property
    def person(self) -> Any:
        return self.office.people["collector"]

    @property
    def manager(self) -> Any:
        return self.office.people["manager"]

    # --- the books

    @rule(who=WHO, due=st.integers(-40, 12), cents=st.sampled_from((60000, 8880, 12345)))
    def bill(self, who: int, due: int, cents: int) -> None:
        home, due_on = self.households[who], self.today + A_DAY * due
        if any(bill.due_on == due_on for bill in home.bills.values()):
            return
        with self.office.open():
            row = Bill.objects.create(
                account=self.accounts[who], fee_item=self.item, period_start=due_on.replace(day=1), period_end=due_on,
                due_on=due_on, amount=yuan(cents), is_reconciled=True, billed_on=min(due_on, self.today),
            )  # fmt: skip
            stamp_account(account_id=self.accounts[who].pk)
        home.bills[row.pk] = o.Bill(due_on, cents)

    @rule(who=WHO, how=st.sampled_from(("all", "late", "half", "a cent less", "ahead")), days_ago=st.integers(0, 9))
    def pay(self, who: int, how: str, days_ago: int) -> None:
        home, value_on = self.households[who], self.today - A_DAY * days_ago
        late, owed = home.arrears(self.today), sum(bill.left for bill in home.bills.values())
        cents = {"all": owed, "late": late, "half": late // 2, "a cent less": late - 1, "ahead": owed + 5000}[how]
        if cents <= 0:
            return
        with self.office.open():
            row = record_payment(
                account=self.accounts[who], amount=yuan(cents), value_on=value_on, kind="counter", by=self.person,
                at=self.now,
            )  # fmt: skip
        home.pay(row.pk, cents, value_on)

    @rule(who=WHO)
    def reverse(self, who: int) -> None:
        home = self.households[who]
        keys = [key for key, money in home.money.items() if not money.is_reversed]
        if not keys:
            return
        with self.office.open():
            reverse_payment(payment=Payment.objects.get(pk=keys[-1]), by=self.person, at=self.now, reason="退票")
        home.reverse(keys[-1], max(self.today, home.money[keys[-1]].value_on))

    @rule(who=WHO, is_whole=st.booleans())
    def credit(self, who: int, is_whole: bool) -> None:
        """A reduction of the oldest open bill, asked for by one person and granted by another."""
        home = self.households[who]
        open_bills = [(key, bill) for key, bill in home.bills.items() if bill.left > 1]
        if not open_bills:
            return
        key, bill = min(open_bills, key=lambda item: item[1].due_on)
        cents = bill.left if is_whole else bill.left // 2
        with self.office.open():
            asked = propose_reduction(
                bill=Bill.objects.get(pk=key), amount=yuan(cents), kind=Adjustment.Kind.WAIVER, reason="减免",
                by=self.person, at=self.now,
            )  # fmt: skip
            approve_reduction(adjustment=asked, by=self.manager, at=self.now)
        bill.left -= cents

    # --- what stands in the way

    @rule(who=WHO, silences=st.booleans(), days=st.sampled_from((None, 0, 5, 40)))
    def hold(self, who: int, silences: bool, days: int | None) -> None:
        ends_on = None if days is None else self.today + A_DAY * days
        with self.office.open():
            open_special_case(
                account=self.accounts[who], kind=SpecialCase.Kind.OTHER, starts_on=self.today, ends_on=ends_on,
                note="核实中", blocks_reminder=silences, by=self.person, at=self.now,
            )  # fmt: skip
        self.households[who].holds.append(([self.today, ends_on and ends_on + A_DAY], silences))

    @rule(who=WHO)
    def release(self, who: int) -> None:
        home = self.households[who]
        with self.office.open():
            row = SpecialCase.objects.filter(account=self.accounts[who], closed_at=None).order_by("pk").first()
            if row is None:
                return
            close_special_case(case=row, by=self.person, at=self.now, reason="核实完毕")
            number = SpecialCase.objects.filter(account=self.accounts[who], pk__lt=row.pk).count()
        interval, _silences = home.holds[number]
        if interval[1] is None or interval[1] > self.today:
            interval[1] = self.today

    @rule(who=WHO)
    def dispute(self, who: int) -> None:
        home = self.households[who]
        free = [
            (key, bill) for key, bill in home.bills.items() if bill.left > 0 and not home.is_contested(bill, self.today)
        ]
        if not free:
            return
        key, bill = min(free, key=lambda item: item[1].due_on)
        with self.office.open():
            raise_dispute(
                account=self.accounts[who], kind="charge", owner_words="多收了", lines={key: yuan(bill.left)},
                by=self.person, at=self.now,
            )  # fmt: skip
        bill.contests.append([self.today, None])

    @rule(who=WHO)
    def settle(self, who: int) -> None:
        """The owner withdraws the oldest dispute."""
        home = self.households[who]
        with self.office.open():
            row = Dispute.objects.filter(account=self.accounts[who]).exclude(state="closed").order_by("pk").first()
            if row is None:
                return
            [key] = row.lines.values_list("bill_id", flat=True)
            resolve_dispute(dispute=row, ruling="withdrawn", explanation="业主撤回", by=self.manager, at=self.now)
        home.bills[key].contests[-1][1] = self.today

    @rule(who=WHO, days=st.integers(0, 20), is_whole=st.booleans())
    def promise(self, who: int, days: int, is_whole: bool) -> None:
        owed = sum(bill.left for bill in self.households[who].bills.values())
        cents = owed if is_whole else owed // 2
        if cents <= 0:
            return
        until = self.today + A_DAY * days
        self._speak(who, "promised", promised_on=until, promise_amount=yuan(cents))
        self.households[who].promise = o.Promise(self.today, until + o.GRACE, cents)

    @rule(who=WHO, outcome=st.sampled_from(("informed", "refused", "no_answer")))
    def speak(self, who: int, outcome: str) -> None:
        self._speak(who, outcome, owner_words="知道了", explanation="已说明")

    def _speak(self, who: int, outcome: str, **said: Any) -> None:
        home, is_talk = self.households[who], outcome != "no_answer"
        with self.office.open():
            done = record_contact(
                account=self.accounts[who], channel="call", outcome=outcome, by=self.person, at=self.now, **said
            )
            task = done.action
        home.silent_until = None if is_talk else self.today + A_DAY * 3
        if is_talk:
            home.contacts.append(self.today)
        if task is not None and (is_talk or task.kind == "reminder"):
            home.take_effect(self.today)

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
            home.live(self.today)
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
