"""Positions of a whole office as of any date, in one statement: the set-based twin of `arrears.rules.position`.

Payments count from their value date, reductions from the day they take effect, contests, plans and special cases as
half-open intervals. A property test holds this SQL and the rules to the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from arrears.queries.position_sql import ACCOUNTS, BILLS, LINES, NARROWED, WHOLE
from arrears.queries.segments import company_accounts
from arrears.rules.ageing import BUCKETS
from arrears.rules.position import BillPosition, Position, Standing, blockers_of
from arrears.rules.tier import TierPolicy, tier_of
from offices.queries import office_settings
from offices.scoping import current_office, current_office_id
from offices.scoping.arrays import array
from offices.scoping.plans import FEW, prepared


@dataclass(frozen=True, slots=True)
class Ageing:
    """One band of the ageing table of the open office."""

    code: str
    label: str
    amount: Decimal
    bills: int
    accounts: int


def tier_policy() -> TierPolicy:
    """Where the open office draws the lines between the tiers."""
    settings = office_settings()
    return TierPolicy(
        moderate_after_days=settings.moderate_after_days,
        severe_after_days=settings.severe_after_days,
        severe_from_amount=settings.severe_from_amount,
        severe_annual_periods=settings.severe_annual_periods,
        severe_quarterly_periods=settings.severe_quarterly_periods,
        company_severe_after_days=settings.company_severe_after_days,
        hardship_never_severe=settings.hardship_never_severe,
    )


def positions(on: date, account_ids: Collection[int] | None = None, *, in_arrears: bool = False) -> list[Position]:
    """Every account with a bill or a payment as of `on` (or those asked for), in the order of their ids.

    `in_arrears` leaves out accounts with nothing past due. One statement, whatever the number of accounts.
    """
    where = "WHERE arrears > 0 ORDER BY account_id" if in_arrears else "ORDER BY account_id"
    policy = tier_policy()
    companies = company_accounts(account_ids) if policy.company_severe_after_days is not None else ()
    return [_position(row, on, policy, companies) for row in _rows(ACCOUNTS, on, account_ids, where)]


def position(account_id: int, on: date) -> Position:
    """One account as of `on`; all zero when nothing was ever billed or paid."""
    found = positions(on, [account_id])
    return found[0] if found else Position(account_id=account_id, on=on)


def bill_lines(
    account_ids: Collection[int] | None, on: date, *, only_open: bool = False, due_by: date | None = None
) -> list[BillPosition]:
    """The bills of these accounts (None: of all) as of `on`, oldest due date first within each account.

    `due_by` leaves out bills due after that day. Credit is offset over all bills all the same.
    """
    wanted = ["open_amount > 0"] if only_open else []
    wanted += ["due_on <= %(due_by)s"] if due_by else []
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    return [BillPosition(*row) for row in _rows(BILLS, on, account_ids, where, due_by=due_by)]


class Demand(NamedTuple):
    """What may be asked of one account. `amount`: yuan that may be named, `pursuable`: that a call or a letter may name.

    `starts_on`, `ends_on`: the periods of the named bills, from the first day to the last; `due_on`: the first of their due
    days. None when no bill may be named.
    """

    amount: Decimal
    pursuable: Decimal
    starts_on: date | None
    ends_on: date | None
    due_on: date | None


def _demands(named: str) -> str:
    return f"""{LINES}
SELECT account_id, sum({named}), sum(pursuable), min(period_start) FILTER (WHERE {named} > 0),
  max(period_end) FILTER (WHERE {named} > 0), min(due_on) FILTER (WHERE {named} > 0)
FROM net WHERE {named} > 0 OR pursuable > 0 GROUP BY account_id
"""


_TO_REMIND, _TO_PURSUE = _demands("remindable"), _demands("pursuable")


def demands(account_ids: Collection[int], on: date, *, for_reminder: bool = True) -> dict[int, Demand]:
    """What may be asked of these accounts on `on`; those of whom nothing may be asked are left out. One statement.

    `for_reminder` names what a reminder may name, otherwise what a call or a letter may (S9).
    """
    sql = _TO_REMIND if for_reminder else _TO_PURSUE
    return {row[0]: Demand(*row[1:]) for row in _rows(sql, on, account_ids, "")}


def ageing(on: date) -> list[Ageing]:
    """The arrears of the open office by band; the bands add up to the arrears (invariant 41)."""
    sql = LINES + "SELECT bucket, sum(arrears), count(*), count(DISTINCT account_id) FROM net {where} GROUP BY bucket"
    found = {row[0]: row[1:] for row in _rows(sql, on, None, "WHERE arrears > 0")}
    return [Ageing(b.code, b.label, *found.get(b.code, (Decimal("0.00"), 0, 0))) for b in BUCKETS]


def ageing_by_community(on: date) -> list[tuple[str, dict[str, Decimal]]]:
    """Arrears by community and band code, communities in their order; bands without arrears are left out."""
    sql = (
        LINES
        + """SELECT m.name, bucket, sum(arrears) FROM net
        JOIN billing_account c ON c.office_id = %(office)s AND c.id = net.account_id
        JOIN billing_room r ON r.office_id = %(office)s AND r.id = c.room_id
        JOIN offices_community m ON m.office_id = %(office)s AND m.id = r.community_id
        {where} GROUP BY m.position, m.name, bucket ORDER BY m.position, m.name"""
    )
    found: dict[str, dict[str, Decimal]] = {}
    for name, bucket, amount in _rows(sql, on, None, "WHERE arrears > 0"):
        found.setdefault(name, {})[bucket] = amount
    return list(found.items())


def position_statement(on: date, account_ids: Collection[int] | None = None) -> tuple[str, dict[str, Any]]:
    """The statement that computes every position of the open office as of `on` as a set, and what it is asked with.

    Its columns are those of `position_sql.ACCOUNTS`; it can stand wherever a SELECT may. `account_ids`: only these, as `accounts`.
    """
    return _statement(ACCOUNTS, on, account_ids, "")


def _statement(
    sql: str, on: date, account_ids: Collection[int] | None, where: str, due_by: date | None = None
) -> tuple[str, dict[str, Any]]:
    facts: dict[str, Any] = {
        "office": current_office_id(),
        "on": on,
        "zone": current_office().time_zone,
        "accounts": array(account_ids or ()),
        "due_by": due_by,
    }
    return sql.format(where=where, **(WHOLE if account_ids is None else NARROWED)), facts


def _rows(
    sql: str, on: date, account_ids: Collection[int] | None, where: str, *, due_by: date | None = None
) -> Iterable[Any]:
    sql, facts = _statement(sql, on, account_ids, where, due_by)
    with connection.cursor() as cursor:
        return prepared(cursor, sql, facts, by_hash=account_ids is None or len(account_ids) > FEW)


def _position(row: tuple[Any, ...], on: date, policy: TierPolicy, companies: Collection[int]) -> Position:
    (account_id, billed, reduced, paid, open_amount, arrears, special, contested, under_plan, unreconciled, credit,
     remindable, pursuable, oldest_due_on, days, periods_owed, bucket,
     free, signed, counted_days, counted_amount, annual, quarterly, is_held, is_reminder_held, is_service, in_hardship) = row  # fmt: skip
    tier = tier_of(
        days=counted_days,
        amount=counted_amount,
        annual=annual,
        quarterly=quarterly,
        policy=policy,
        is_company=account_id in companies,
        is_in_hardship=in_hardship,
    )
    return Position(
        account_id=account_id,
        on=on,
        billed=billed,
        reduced=reduced,
        paid=paid,
        open_amount=open_amount,
        arrears=arrears,
        special=special,
        contested=contested,
        under_plan=under_plan,
        unreconciled=unreconciled,
        credit=credit,
        remindable=remindable,
        pursuable=pursuable,
        oldest_due_on=oldest_due_on,
        days_overdue=days,
        bucket=bucket or "",
        periods_owed=periods_owed,
        tier=tier.code if tier else "",
        tier_reason=tier.reason if tier else "",
        blockers=blockers_of(
            Standing(
                arrears=arrears,
                free=free,
                under_plan=under_plan,
                signed=signed,
                credit=credit,
                is_special=is_held,
                is_reminder_held=is_reminder_held,
                is_service_disputed=is_service,
                is_unreconciled=unreconciled > 0,
            )
        ),
    )
