"""Positions: 1,000,000 bills of 200,000 accounts, in one office and spread over 300 (decisions 13)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from arrears.queries import arrears_list, positions
from arrears.queries.positions import position_statement
from config.benchmarks.books import fill_books
from config.benchmarks.measures import Figures, Spent, benchmark, meter, run_floor, settle
from offices.models import Office
from offices.operations.offices import open_office
from offices.scoping import office_scope
from offices.scoping.plans import prepared

BILLS, PER_ACCOUNT, OFFICES = 1_000_000, 5, 300
ON = date(2025, 6, 30)
PAGES = (3_000, 30_000, 300_000)

# On top of five quarters for every account: of ten bills four are paid, one is paid in part and five are open; one account in
# fifty has a special case, one bill in a hundred a reduction, one account in a hundred money to spare.
_MOVES = """
INSERT INTO billing_payment (office_id, account_id, kind, amount, value_on, payer, memo, idempotency_key, recorded_at)
SELECT office_id, account_id, 'bank', CASE WHEN id %% 10 = 4 THEN 100 ELSE amount END, due_on - 10 + (id %% 40)::int, id::text, '', '', %(now)s
FROM billing_bill WHERE office_id = %(office)s AND id %% 10 < 5;
INSERT INTO billing_allocation (office_id, payment_id, bill_id, amount, value_on)
SELECT office_id, id, payer::bigint, amount, value_on FROM billing_payment WHERE office_id = %(office)s;
INSERT INTO billing_payment (office_id, account_id, kind, amount, value_on, payer, memo, idempotency_key, recorded_at)
SELECT office_id, id, 'counter', 50, '2025-01-05', '', '', '', %(now)s FROM billing_account WHERE office_id = %(office)s AND id %% 100 = 7;
INSERT INTO billing_adjustment (office_id, bill_id, kind, state, amount, effective_on, reason, proposed_at)
SELECT office_id, id, 'waiver', 'approved', 20, due_on, '减免', %(now)s FROM billing_bill WHERE office_id = %(office)s AND id %% 100 = 8;
INSERT INTO billing_specialcase (office_id, account_id, kind, starts_on, ends_before, blocks_reminder, note, opened_at, close_reason)
SELECT office_id, id, 'legacy_issue', '2025-01-01', CASE WHEN id %% 100 = 11 THEN '2025-03-01'::date END, true, '核实中', %(now)s, ''
FROM billing_account WHERE office_id = %(office)s AND id %% 50 = 11;
"""


@benchmark("arrears")
def arrears(office: Office, rows: int | None) -> Figures:
    """1,000,000 bills, 200,000 accounts: all positions into a table, in one office and in 300; floor = one GROUP BY account."""
    accounts = (rows or BILLS) // PER_ACCOUNT
    move_in(office, accounts)
    pages = {bills: _office(f"page-{bills}") for bills in PAGES if bills <= accounts * PER_ACCOUNT}
    for bills, each in pages.items():
        move_in(each, bills // PER_ACCOUNT)
    many = [_office(f"part-{number}") for number in range(OFFICES)]
    for each in many:
        move_in(each, max(accounts // OFFICES, 1))
    settle()
    floor, spent = _in_one_table([office])
    floor_many, spent_many = _in_one_table(many)
    with office_scope(office), meter() as objects:
        found = len(positions(ON))
    notes: dict[str, Any] = {
        "offices_300_seconds": round(spent_many.seconds, 3),
        "offices_300_floor_seconds": round(floor_many, 3),
        "offices_300_ratio": round(spent_many.seconds / floor_many, 2),
        "as_objects_seconds": round(objects.seconds, 3),
    }
    for bills, each in pages.items():
        with office_scope(each), meter() as page:
            arrears_list(ON, page=1)
        notes |= {f"page_{bills}_seconds": round(page.seconds, 3), f"page_{bills}_statements": page.statements}
    return Figures(f"{accounts * PER_ACCOUNT} bills of {accounts} accounts, {found} positions", spent, floor, notes)


def _in_one_table(offices: list[Office]) -> tuple[float, Spent]:
    """Seconds of the floor and what ours cost, in turns, the better of two each: the machine is not ours alone."""
    _make_tables(offices[0])
    floors, costs = [], []
    for _turn in range(2):
        floors.append(sum(_undone(each, _floor) for each in offices))
        with meter() as spent:
            seconds = sum(_undone(each, _ours) for each in offices)
        spent.seconds = seconds  # without entering and leaving the offices, as the floor's
        costs.append(spent)
    return min(floors), min(costs, key=lambda cost: cost.seconds)


def _make_tables(office: Office) -> None:
    """The tables that both are written into, before the clock runs: making one costs more than a small office's sums."""
    with office_scope(office), transaction.atomic(), connection.cursor() as cursor:
        sql, facts = position_statement(ON)
        made = "CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS {} LIMIT 0"
        cursor.execute(made.format("benchmark_position", sql), facts)
        floor = "SELECT account_id, 0.00 AS open_amount, due_on AS oldest_due_on, 0::bigint AS bills FROM billing_bill"
        cursor.execute(made.format("floor_arrears", floor))


def _floor(office: Office) -> float:
    return run_floor("arrears.sql", {"office": office.pk, "on": ON})


def _ours(_office: Office) -> float:
    started = time.perf_counter()
    sql, facts = position_statement(ON)
    with connection.cursor() as cursor:
        prepared(cursor, "INSERT INTO benchmark_position " + sql, facts, by_hash=True)
    return time.perf_counter() - started


def _undone(office: Office, work: Callable[[Office], float]) -> float:
    with office_scope(office), transaction.atomic():
        seconds = work(office)
        transaction.set_rollback(True)
    return seconds


def _office(slug: str) -> Office:
    return open_office(slug=slug, name=slug, short_name=slug, by=None, at=timezone.now())


def move_in(office: Office, accounts: int) -> None:
    """Five quarters of bills for each account, and what happened to them."""
    with office_scope(office):
        fill_books(office, rooms=accounts, quarters=PER_ACCOUNT)
        with connection.cursor() as cursor:
            cursor.execute(_MOVES, {"office": office.pk, "now": timezone.now()})
