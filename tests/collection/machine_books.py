"""What happens to households between two days: bills, money, disputes, special cases, promises, plans; policy and calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from billing.models import Account, Adjustment, Bill, ContactPoint, FeeItem, Owner, Payment, Room, SpecialCase
from billing.operations.accounts import stamp_account
from billing.operations.payments import record_payment, reverse_payment
from billing.operations.reductions import approve_reduction, propose_reduction
from billing.operations.special_cases import close_special_case, open_special_case
from collection.operations.contacts import record_contact
from collection.operations.strategies import draft_strategy, publish_strategy, set_steps
from collection.queries.strategies import current_strategy
from collection.rules.steps import DEFAULT_STEPS
from disputes.models import Dispute
from disputes.operations import PlanRefused, activate_plan, approve_plan, propose_plan, raise_dispute, resolve_dispute
from disputes.rules.plans import even_schedule
from offices.models import StoredFile
from offices.operations.working_days import set_working_day
from offices.rules.money import ZERO
from tests.collection import doubles, held
from tests.collection import oracle as o
from tests.conftest import at

FIRST = date(2026, 3, 2)
WHO = st.integers(0, 2)
A_DAY = timedelta(days=1)


def yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100


class Town(RuleBasedStateMachine):
    """Three households: one with a phone, one with phone and e-mail, one without either.

    `office`, `community`, `item`, `signed` and `provider` are set by the test that runs the machine.
    """

    office: Any
    community: Any
    item: FeeItem
    signed: StoredFile
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
        self.policy, self.holidays = o.STEPS, set[date]()
        self.provider.way = doubles.ACCEPTS
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

    @rule(who=WHO, days=st.integers(3, 30))
    def plan(self, who: int, days: int) -> None:
        """Everything that is late and free is spread over two instalments: proposed, approved, signed."""
        home = self.households[who]
        late = {key: bill for key, bill in home.bills.items() if bill in home.late(self.today)}
        free = [key for key, bill in late.items() if home.is_free(bill, self.today)]
        owed = sum(late[key].left for key in free)
        if owed < 2:  # a cent cannot be spread over two
            return
        total, first_on = yuan(owed), self.today + A_DAY * days
        with self.office.open():
            try:
                made = propose_plan(
                    account=self.accounts[who], bill_ids=free, reason="暂时困难", willingness="written", by=self.person,
                    schedule=even_schedule(total, down=ZERO, down_on=self.today, count=2, first_on=first_on), at=self.now,
                )  # fmt: skip
            except PlanRefused:
                return
            made = approve_plan(plan=made, by=self.manager, at=self.now)
            activate_plan(plan=made, signed_copy=self.signed, by=self.person, at=self.now)
        self.seen["plan"] += 1

    @rule(wait=st.sampled_from((4, 6, 9)))
    def edit_policy(self, wait: int) -> None:
        """A new version from today on; cases in flight keep theirs (28)."""
        admin = self.office.people["admin"]
        with self.office.open():
            draft = draft_strategy(name="默认策略", source=current_strategy(self.today), by=admin, at=self.now)
            steps = [
                replace(step, after_days=wait if step.position == 2 else step.after_days) for step in DEFAULT_STEPS
            ]
            draft = set_steps(strategy=draft, steps=steps, by=admin)
            publish_strategy(strategy=draft, by=admin, at=self.now)
        self.policy = (o.STEPS[0], replace(o.STEPS[1], wait=wait), *o.STEPS[2:])

    @rule(days=st.integers(0, 5))
    def add_holiday(self, days: int) -> None:
        day = self.today + A_DAY * days
        with self.office.open():
            set_working_day(
                day=day, is_working=False, name="停电检修", source="本公司通知", by=self.office.people["admin"],
                at=self.now,
            )  # fmt: skip
        self.holidays.add(day)
