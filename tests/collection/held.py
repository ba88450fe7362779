"""What must hold after every rule of the state machine; the numbers are those of the invariants (docs/invariants.md)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Max, Sum

from arrears.queries import ageing, bill_lines, positions
from arrears.rules.position import Position
from billing.models import Allocation, Bill, Payment
from collection.models import Action, Case, Message, Notice, Promise, Skip, Sweep
from disputes.models import InstalmentPlan
from tests.collection.oracle import GRACE, covers

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = timedelta(days=7)
TABLES = [model for app in ("billing", "collection", "disputes") for model in apps.get_app_config(app).get_models()]


@dataclass
class Memory:
    """What was seen before, so that it can be seen whether it was changed."""

    last_action: int = 0
    reached: dict[int, int] = field(default_factory=dict)
    pinned: dict[int, int] = field(default_factory=dict)
    printed: dict[int, str] = field(default_factory=dict)
    sent: set[int] = field(default_factory=set)


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every business row of the open office."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def cents(amount: Decimal) -> int:
    return int(amount * 100)


def always(m: Any) -> None:
    """The state properties, asked after every rule."""
    _learn_what_was_sent(m)
    _plans(m)
    _money(m)
    _positions(m)
    _cases(m)
    _steps()
    _letters(m)
    assert max(m.provider.arrived.values(), default=0) <= 1, "30: a message arrived twice"


def _learn_what_was_sent(m: Any) -> None:
    """A message that is sent is a contact; if its step was still wanted, the step has taken effect."""
    for message in Message.objects.filter(state="sent").exclude(pk__in=m.memory.sent).select_related("action"):
        m.memory.sent.add(message.pk)
        home, on = m.households[_number(m, message.account_id)], message.sent_at.astimezone(ZONE).date()
        assert m.provider.arrived[f"{m.office.id}-{message.pk}"] == 1, "36: called sent, and never arrived"
        home.contacts.append(on)
        if message.action is not None and message.action.state == "effective":
            home.take_effect(on)


def _plans(m: Any) -> None:
    """14: the instalments are what is covered. The oracle is told since when and until when bills are under a plan."""
    for home in m.households:
        for bill in home.bills.values():
            bill.plans = []
    for plan in InstalmentPlan.objects.exclude(starts_on=None).prefetch_related("covered", "instalments"):
        covered = sum(line.amount for line in plan.covered.all())
        assert sum(line.amount for line in plan.instalments.all()) == covered, "14: instalments and what they cover"
        for line in plan.covered.all():
            home = m.households[_number(m, plan.account_id)]
            home.bills[line.bill_id].plans.append([plan.starts_on, plan.ends_before])


def _number(m: Any, account_id: int) -> int:
    return [account.pk for account in m.accounts].index(account_id)


def _money(m: Any) -> None:
    """26: what a payment pays and what is left of it is the payment; no bill is paid beyond what it asks."""
    split = dict(Allocation.objects.values_list("payment_id").annotate(sum=Sum("amount")))
    for payment in Payment.objects.filter(reversals=None, reverses=None):
        left = cents(payment.amount - split.get(payment.pk, Decimal(0)))
        home = m.households[_number(m, payment.account_id)]
        assert left == home.money[payment.pk].left >= 0, "26: a payment and its parts differ"
    paid = dict(Allocation.objects.values_list("bill_id").annotate(sum=Sum("amount")))
    for bill in Bill.objects.all():
        assert 0 <= paid.get(bill.pk, 0) <= bill.amount, "26: a bill is paid below nothing or beyond what it asks"


def _positions(m: Any) -> None:
    """10, 11, 18, 19, 41: the position is the oracle's, bill by bill and in all."""
    ids, on = [account.pk for account in m.accounts], m.today
    found = {each.account_id: each for each in positions(on, ids)}
    lines = {line.bill_id: line for line in bill_lines(ids, on)}
    for account, home in zip(m.accounts, m.households, strict=True):
        stands = found.get(account.pk) or Position(account_id=account.pk, on=on)
        assert cents(stands.arrears) == home.arrears(on), "41: the arrears"
        assert cents(stands.pursuable) == home.may_name("formal", on), "10, 18: what may be pursued"
        assert cents(stands.remindable) == home.may_name("reminder", on), "10, 18: what may be named in a reminder"
        for key, bill in home.bills.items():
            assert cents(lines[key].open_amount) == bill.left, "26: what is open of a bill"
            if bill in home.late(on):
                assert lines[key].days_overdue == home.days_late(bill, on), "11: the days late"
    assert sum(cents(band.amount) for band in ageing(on)) == sum(home.arrears(on) for home in m.households), "41: bands"


def _cases(m: Any) -> None:
    """8, 21, 28: one open case at most; the level never falls; the policy is that of the beginning."""
    assert (
        Case.objects.filter(state="open").values("account").distinct().count()
        == Case.objects.filter(state="open").count()
    ), "21: two open cases of one account"
    for case in Case.objects.all():
        assert case.reached >= m.memory.reached.get(case.pk, 0), "8: a level fell"
        assert case.strategy_id == m.memory.pinned.setdefault(case.pk, case.strategy_id), "28: the policy changed"
        m.memory.reached[case.pk] = case.reached
        told = list(case.history.order_by("history_id").values_list("reached", flat=True))
        levels = [level for level, before in zip(told, [None, *told], strict=False) if level != before]
        assert levels == sorted(set(levels)), "8: a level was written down twice"
        assert levels[-1] == case.reached, "8: a level moved without an event"
    for account, home in zip(m.accounts, m.households, strict=True):
        row = Case.objects.filter(account=account).order_by("-cycle").first()
        if home.case is not None and row is not None and row.cycle == home.case.cycle:
            seen = (row.reached, row.reached_on, row.letter_deadline_on)
            assert seen == (home.case.reached, home.case.reached_on, home.case.deadline_on), "7, 8, 46: how far it came"


def _steps() -> None:
    """1, 4, 6, 7, 9: one living action per step; each after the one before it took effect; two never on one day."""
    by_case: dict[int, list[Action]] = {}
    for action in Action.objects.exclude(state="void").order_by("case_id", "position", "pk"):
        by_case.setdefault(action.case_id, []).append(action)
    for actions in by_case.values():
        assert max(Counter(action.position for action in actions).values()) == 1, "1: a step was planned twice"
        days = [action.planned_on for action in actions]
        assert len(set(days)) == len(days), "4, 34: two steps of one case on one day"
        assert [action.position for action in actions] == list(range(1, len(actions) + 1)), "6: a step was skipped"
        for before, after in pairwise(actions):
            assert before.state == "effective", "6: a step was planned before the one before it took effect"
            assert after.planned_on > before.effective_on, "7: too early after the step before it"


def _letters(m: Any) -> None:
    """17, 37: what was printed stays as it was; one living letter of a kind; each bill once on it."""
    living = Notice.objects.exclude(state__in=("void", "superseded", "failed")).values_list("case_id", "kind")
    assert max(Counter(living).values(), default=0) <= 1, "37: two letters at once"
    for notice in Notice.objects.exclude(number="").prefetch_related("lines"):
        bills = [line.bill_id for line in notice.lines.all()]
        assert len(bills) == len(set(bills)), "37: a bill twice on one letter"
        said = [notice.number, notice.amount, notice.deadline_on, notice.frozen]
        said += [(line.bill_id, line.amount) for line in notice.lines.all()]
        mark = hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()
        assert m.memory.printed.setdefault(notice.pk, mark) == mark, "17: a printed letter was changed"


def after_sweep(m: Any, sweep: Sweep, *, new_after: int) -> None:
    """What must hold of the households a run has looked at."""
    on = m.today
    _plans(m)
    if sweep.on == on:
        assert sweep.planned + sweep.skipped == sweep.eligible, "43: planned + skipped = eligible"
    fresh = list(Action.objects.filter(pk__gt=new_after).exclude(state="void"))
    m.memory.last_action = Action.objects.aggregate(last=Max("pk"))["last"] or 0
    planned = {action.account_id: action for action in Action.objects.filter(state="planned")}
    assert Case.objects.filter(state="open", next_action_on__lte=on).count() == 0, "5: nobody will look at it again"
    for action in fresh:
        home = m.households[_number(m, action.account_id)]
        assert home.case is not None
        assert action.position == home.case.reached + 1, "6, 39: not the step that follows"
        m.seen[f"{action.position} {action.kind}"] += 1
        assert home.may_take(on, urgent=True), f"7, 9, 10, 13, 18, 35: {action.kind} was planned and may not be"
    for account, home in zip(m.accounts, m.households, strict=True):
        _case_after_sweep(home, account.pk)
        if home.may_take(on, urgent=False) and account.pk not in planned:
            why = Skip.objects.filter(case__account=account).order_by("-on", "-pk").values_list("on", "words").first()
            raise AssertionError(f"5: a step may be taken and is not: {home.step()}; {why}")
    m.seen.update(Skip.objects.filter(sweep=sweep).values_list("code", flat=True))
    _promises(m)


def _case_after_sweep(home: Any, account_id: int) -> None:
    """20, 21: the newest case is the one computed from the debts of today."""
    row = Case.objects.filter(account=account_id).order_by("-cycle").first()
    stands = (row.cycle, row.state) if row else None
    assert stands == ((home.case.cycle, home.case.state) if home.case else None), "20, 21: the case"


def _promises(m: Any) -> None:
    """13: kept or broken by amounts and value dates, each exactly once."""
    for account, home in zip(m.accounts, m.households, strict=True):
        rows = Promise.objects.filter(account=account).exclude(state="withdrawn").order_by("pk")
        ended = [row.state for row in rows if row.state != "open"]
        assert sorted(ended) == sorted(home.kept_and_broken), "13: promises"
        assert rows.filter(state="open").exists() == (home.promise is not None), "13: an open promise"


def at_the_door(m: Any, message: Message) -> None:
    """10, 13, 15, 16, 35: what reaches an owner is true and allowed at the very moment it leaves."""
    home, on = m.households[_number(m, message.account_id)], m.today
    assert 9 <= m.now.hour < 20, "35: a message in quiet hours"
    assert m.today not in m.holidays, "34: a message on a day off"
    if message.promise_id is not None:
        _reminds_of_the_word(home, message, on)
    elif message.instalment is not None:
        _reminds_of_the_instalment(home, message, on)
    else:
        assert home.arrears(on) > 0, "15: a reminder of what was paid"
        assert cents(message.amount) == home.may_name("reminder", on), "10, 16: an amount that is not owed"
        assert home.promise is None, "13: a reminder in spite of a promise"
        assert not Message.objects.filter(action=message.action_id, state="sent").exists(), (
            "1: the step was sent before"
        )
    assert f"{message.amount:,.2f}" in message.body.replace("，", ",") or f"{message.amount}" in message.body, "16"
    assert home.contacts_in_week(on) < 3, "35: more contacts in a week than allowed"


def _reminds_of_the_word(home: Any, message: Message, on: date) -> None:
    """13: a word about a promise names what is still missing of it, while it can be kept, and once."""
    word = home.promise
    assert word is not None, "13: a reminder of a promise that has ended"
    assert on <= word.last_day - GRACE, "13: a reminder after the promised day"
    assert cents(message.amount) == word.amount - home.came_for(word, until=on), (
        "16: not what is missing of the promise"
    )
    assert not Message.objects.filter(promise=message.promise_id, state="sent").exists(), (
        "1: the reminder was sent before"
    )


def _reminds_of_the_instalment(home: Any, message: Message, on: date) -> None:
    """14: a word about an instalment names what is still missing of it, while the plan is in force, and once."""
    line: Any = message.instalment
    plan = line.plan
    assert covers([plan.starts_on, plan.ends_before], on), "14: a reminder of a plan that is not in force"
    assert on <= line.due_on, "14: a reminder after the instalment's day"
    until = sum(cents(each.amount) for each in plan.instalments.all() if each.seq <= line.seq)
    came = sum(cents(each.amount) - home.bills[each.bill_id].left for each in plan.covered.all())
    assert cents(message.amount) == min(until - came, cents(line.amount)) > 0, (
        "16: not what is missing of the instalment"
    )
    assert not Message.objects.filter(instalment=line, state="sent").exists(), "1: the reminder was sent before"


def at_approval(m: Any, home: Any, notice: Notice) -> None:
    """10, 17: the letter is the ledger of this moment."""
    lines = list(notice.lines.all())
    assert sum(line.amount for line in lines) == notice.amount, "17: lines and sum"
    if notice.kind == "formal":
        assert cents(notice.amount) == home.may_name("formal", m.today), "10, 17: the letter and the ledger"
    assert not home.is_held(m.today), "10: a letter in spite of a hold"
    assert home.promise is None or home.promise.last_day < m.today, "13: a letter in spite of a promise"
