"""The daily sweep: 1,000,000 bills of 200,000 accounts, of which 10,000 are due today (issue 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from billing.models import Account
from collection.models import Action, Sweep
from collection.operations import ensure_default_strategy, run_sweep
from collection.operations.days import plan_steps
from collection.operations.filling import fill_planned
from config.benchmarks.books import fill_books
from config.benchmarks.measures import Figures, Spent, benchmark, meter, run_floor, settle
from offices.models import Office
from offices.operations.offices import open_office
from offices.scoping import office_scope

BILLS, QUARTERS, OFFICES = 1_000_000, 5, 300
ONE_IN = 20  # accounts due today
ON, A_DAY = date(2026, 1, 5), timedelta(days=1)
AT = datetime.combine(ON, time(10), ZoneInfo("Asia/Shanghai"))

# Every second account has paid everything; the others have a case, evenly over the steps, one in ten of them due today and
# one in ten tomorrow. Of those due, one in five is to be passed over: its last step is not done.
_CASES = """
INSERT INTO billing_contactpoint (office_id, owner_id, kind, value, tail, state, rank, source)
SELECT %(office)s, owner_id, 'phone', '139' || lpad((id %% 100000000)::text, 8, '0'), lpad((id %% 10000)::text, 4, '0'), 'unverified', 0, ''
FROM billing_account WHERE office_id = %(office)s;
INSERT INTO billing_payment (office_id, account_id, kind, amount, value_on, payer, memo, idempotency_key, recorded_at)
SELECT office_id, account_id, 'bank', sum(amount), '2025-04-01', '', '', '', %(at)s
FROM billing_bill WHERE office_id = %(office)s AND account_id %% 2 = 1 GROUP BY office_id, account_id;
INSERT INTO billing_allocation (office_id, payment_id, bill_id, amount, value_on)
SELECT b.office_id, p.id, b.id, b.amount, p.value_on
FROM billing_bill b JOIN billing_payment p USING (office_id, account_id) WHERE b.office_id = %(office)s;
INSERT INTO collection_case (office_id, account_id, cycle, state, strategy_id, opened_on, entry_reason, tier, tier_reason,
  reached, reached_on, letter_deadline_on, next_action_on, seen_change_seq)
SELECT office_id, id, 1, 'open', %(strategy)s, '2025-05-01', '', 'severe', '', id / 20 %% 6,
  CASE WHEN id / 20 %% 6 > 0 THEN %(on)s::date - 60 END, CASE WHEN id / 20 %% 6 > 3 THEN %(on)s::date - 40 END,
  %(on)s::date + CASE id %% %(one_in)s WHEN 0 THEN 0 WHEN %(one_in)s / 2 THEN 1 ELSE 2 + id::int %% 28 END, change_seq
FROM billing_account WHERE office_id = %(office)s AND id %% 2 = 0;
INSERT INTO collection_action (office_id, case_id, account_id, step_id, kind, position, by_hand, state, planned_on, due_on, why, code,
  void_reason)
SELECT c.office_id, c.id, c.account_id, s.id, s.kind, s.position, true, 'planned', c.next_action_on - 7, c.next_action_on, '', '', ''
FROM collection_case c JOIN collection_step s ON s.office_id = c.office_id AND s.strategy_id = c.strategy_id AND s.position = c.reached + 1
WHERE c.office_id = %(office)s AND c.next_action_on <= %(on)s::date + 1 AND c.account_id / 20 %% 5 = 0;
"""


@benchmark("sweep")
def sweep(office: Office, rows: int | None) -> Figures:
    """1,000,000 bills, 200,000 accounts, 10,000 due: decided and stored; the floor is one INSERT ... SELECT of due steps.

    `opening_seconds`: the day before, when the whole office is looked through for new cases; `texts_seconds`: messages and
    proposed notices of the planned steps, written after the decisions. A night (`night_seconds`, `offices_300_ratio`) is
    the next day as offices live it, with as many due: the books have changed since, so that everything is looked through,
    and texts and proposals are written; `offices_300_decide_ratio` is for deciding and storing alone, and
    `offices_300_floor_ratio` for the floor's bare insert, office by office against the one large office.
    """
    bills = rows or BILLS
    accounts = bills // QUARTERS
    _move_in(office, accounts)
    many = [_small_office(n, accounts // OFFICES) for n in range(OFFICES)]
    settle()
    # an office sweeps every day; the day before finds nothing due, but looks everywhere
    opening = _swept(office, ON - A_DAY)
    for each in many:
        _swept(each, ON - A_DAY)
    # By turns, so that both meet the same tables and the same memory. Of either the first one is done, taken back and not
    # counted: it reads from disk and plans what the second finds in memory and planned.
    _floor(office)
    _taken_back(office)
    floor, floors = _floor(office), _floor_of_each(many)
    spent = _swept(office)
    again = _swept(office)
    one_by_one = [_swept(each) for each in many]
    texts = _filled(office)
    for each in many:
        _filled(each)
    whole = _night(office)
    nights = [_night(each) for each in many]
    with office_scope(office):
        last = Sweep.objects.filter(on=ON).latest("id")
        stored = Action.objects.filter(sweep=last).count()
    share = accounts // OFFICES * OFFICES / accounts
    return Figures(
        f"{bills} bills, {accounts} accounts, {last.eligible} due: {last.planned} planned, {last.skipped} passed over",
        spent,
        floor,
        {
            "due_per_second": round(last.eligible / spent.seconds),
            "stored": stored,
            "opening_seconds": round(opening.seconds, 3),
            "texts_seconds": round(texts.seconds, 3),
            "again_seconds": round(again.seconds, 3),
            "again_ratio": round(again.seconds / spent.seconds, 3),
            "night_seconds": round(whole.seconds, 3),
            f"offices_{OFFICES}_seconds": round(sum(each.seconds for each in nights), 3),
            f"offices_{OFFICES}_ratio": round(sum(each.seconds for each in nights) / whole.seconds / share, 2),
            f"offices_{OFFICES}_decide_ratio": round(
                sum(each.seconds for each in one_by_one) / spent.seconds / share, 2
            ),
            f"offices_{OFFICES}_floor_ratio": round(floors / floor / share, 2),
            f"offices_{OFFICES}_statements": max(each.statements for each in one_by_one),
            f"offices_{OFFICES}_night_statements": max(each.statements for each in nights),
        },
    )


def _small_office(n: int, accounts: int) -> Office:
    office = open_office(slug=f"sweep-{n}", name=f"测速{n}", short_name=f"测{n}", by=None, at=AT)
    _move_in(office, accounts)
    return office


def _move_in(office: Office, accounts: int) -> None:
    with office_scope(office):
        strategy = ensure_default_strategy(by=None, at=AT.replace(year=2025))
        fill_books(office, rooms=accounts, quarters=QUARTERS)
        asked: dict[str, Any] = {
            "office": office.pk, "strategy": strategy.pk, "on": ON, "at": AT, "one_in": ONE_IN,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_CASES, asked)


def _floor(office: Office) -> float:
    with office_scope(office), transaction.atomic():
        sweep = Sweep.objects.create(on=ON, started_at=AT)
        seconds = run_floor("sweep.sql", {"office": office.pk, "on": ON, "sweep": sweep.pk})
        transaction.set_rollback(True)
    return seconds


def _floor_of_each(offices: Sequence[Office]) -> float:
    """The floor office by office, the second time: seconds of all together."""
    for each in offices:
        _floor(each)
    return sum(_floor(each) for each in offices)


def _swept(office: Office, on: date = ON) -> Spent:
    with meter() as spent, office_scope(office):
        run_sweep(on=on, at=AT)
    return spent


def _taken_back(office: Office) -> None:
    with office_scope(office), transaction.atomic():
        run_sweep(on=ON, at=AT)
        transaction.set_rollback(True)


def _filled(office: Office) -> Spent:
    with meter() as spent, office_scope(office):
        fill_planned(on=ON, at=AT)
    return spent


def _night(office: Office) -> Spent:
    """Sweep and texts of the day after, which begins with books that have changed: somebody's account was touched."""
    with office_scope(office):
        first = Account.objects.order_by("id").values("id")[:1]
        Account.objects.filter(id__in=first).update(change_seq=F("change_seq") + 1)
    on, at = ON + A_DAY, AT + A_DAY
    with meter() as spent, office_scope(office):
        plan_steps(on=on, at=at)
    return spent
