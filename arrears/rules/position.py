"""One account's position as of a day, from its dated facts: the oracle that the set-based query must equal.

Words (decisions 7): `open_amount` = all that is unpaid; `arrears` = unpaid with due date < the day; `pursuable` =
arrears − special cases − contested − under plan − credit, on signed-off bills only. Amounts in yuan, intervals half-open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from arrears.rules.ageing import bucket_of
from arrears.rules.tier import Tier, TierPolicy, count_periods, tier_of
from billing.rules.days import Hold, days_overdue

ZERO = Decimal("0.00")

# Why the account may not hear of (all of) its arrears now. Codes are stable; words are for people.
BLOCKERS: dict[str, str] = {
    "special_case": "特殊情况处理中，暂缓书面催缴",
    "special_case_reminder": "特殊情况处理中，温馨提示也暂停",
    "contested": "全部欠费有争议，暂缓催缴",
    "under_plan": "分期履行中，按协议缴纳，不催缴",
    "service_dispute": "服务争议未解决，先解决服务问题（S82）",
    "unreconciled": "账单尚未核对签认",
    "credit": "预存款足以抵扣欠费",
}


@dataclass(frozen=True, slots=True)
class Contest:
    """A dispute's claim on one bill. A full contest takes whatever is open; a partial one its amount."""

    starts_on: date
    ends_before: date | None
    amount: Decimal
    is_full: bool


@dataclass(frozen=True, slots=True)
class Special:
    """A special case of the account, for a half-open interval of days."""

    kind: str
    starts_on: date
    ends_before: date | None
    blocks_reminder: bool = True


@dataclass(frozen=True, slots=True)
class BillFacts:
    """One bill and everything that ever happened to it: (day, amount) pairs; `plans`: days on which a plan covered it."""

    bill_id: int
    period_start: date
    period_end: date
    due_on: date
    billed_on: date
    amount: Decimal
    is_reconciled: bool = True
    reductions: tuple[tuple[date, Decimal], ...] = ()
    payments: tuple[tuple[date, Decimal], ...] = ()
    contests: tuple[Contest, ...] = ()
    plans: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """All facts of one account. `receipts` are its payments, `charges` what they settled of late charge, `services` the
    days of its service disputes, `hardships` those of its confirmed hardship; `is_company`: a company or developer pays.
    """

    account_id: int
    bills: tuple[BillFacts, ...] = ()
    receipts: tuple[tuple[date, Decimal], ...] = ()
    specials: tuple[Special, ...] = ()
    services: tuple[Hold, ...] = ()
    charges: tuple[tuple[date, Decimal], ...] = ()
    is_company: bool = False
    hardships: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class BillPosition:
    """One bill as of a day. `held`: its arrears that stand still because of a special case, `under_plan`: those that a
    running instalment plan covers. What is contested, held and under plan never overlaps."""

    bill_id: int
    account_id: int
    period_start: date
    period_end: date
    due_on: date
    is_reconciled: bool
    billed: Decimal
    reduced: Decimal
    paid: Decimal
    open_amount: Decimal
    overpaid: Decimal
    arrears: Decimal
    contested: Decimal
    is_fully_contested: bool
    held: Decimal
    under_plan: Decimal
    remindable: Decimal
    pursuable: Decimal
    days_overdue: int
    bucket: str


@dataclass(frozen=True, slots=True)
class Position:
    """One account as of a day.

    `remindable` is what a friendly reminder may name, `pursuable` what a formal or final notice may
    name; they differ only while a special case leaves reminders alone. `days_overdue` excludes held
    days; `bucket` and `oldest_due_on` go by the calendar.
    """

    account_id: int
    on: date
    billed: Decimal = ZERO
    reduced: Decimal = ZERO
    paid: Decimal = ZERO
    open_amount: Decimal = ZERO
    arrears: Decimal = ZERO
    special: Decimal = ZERO
    contested: Decimal = ZERO
    under_plan: Decimal = ZERO
    unreconciled: Decimal = ZERO
    credit: Decimal = ZERO
    remindable: Decimal = ZERO
    pursuable: Decimal = ZERO
    oldest_due_on: date | None = None
    days_overdue: int = 0
    bucket: str = ""
    periods_owed: int = 0
    tier: str = ""
    tier_reason: str = ""
    blockers: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Nothing is past due."""
        return self.arrears == 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the blockers are read from. `free`: arrears not contested; `signed`: its signed-off part outside plans."""

    arrears: Decimal
    free: Decimal
    under_plan: Decimal
    signed: Decimal
    credit: Decimal
    is_special: bool
    is_reminder_held: bool
    is_service_disputed: bool
    is_unreconciled: bool


def bill_position(facts: BillFacts, on: date, specials: Iterable[Special], account_id: int) -> BillPosition:
    """One bill as of `on`, before the account's credit is set against it."""
    specials = tuple(specials)
    reduced = _until(facts.reductions, on)
    paid = _until(facts.payments, on)
    left = facts.amount - reduced - paid
    open_amount = max(left, ZERO)
    arrears = open_amount if facts.due_on < on else ZERO
    now = [c for c in facts.contests if Hold(c.starts_on, c.ends_before).covers(on)]
    is_full = any(c.is_full for c in now)
    contested = arrears if is_full else min(arrears, sum((c.amount for c in now), ZERO))
    holding = [s for s in specials if Hold(s.starts_on, s.ends_before).covers(on)]
    free = arrears - contested
    is_planned = any(plan.covers(on) for plan in facts.plans)
    spoken = free if facts.is_reconciled and not is_planned else ZERO
    pursuable = spoken if not holding else ZERO
    remindable = spoken if not any(s.blocks_reminder for s in holding) else ZERO
    holds = [Hold(s.starts_on, s.ends_before) for s in specials]
    holds += [Hold(c.starts_on, c.ends_before) for c in facts.contests if c.is_full]
    holds += facts.plans
    return BillPosition(
        bill_id=facts.bill_id,
        account_id=account_id,
        period_start=facts.period_start,
        period_end=facts.period_end,
        due_on=facts.due_on,
        is_reconciled=facts.is_reconciled,
        billed=facts.amount,
        reduced=reduced,
        paid=paid,
        open_amount=open_amount,
        overpaid=max(-left, ZERO),
        arrears=arrears,
        contested=contested,
        is_fully_contested=arrears > 0 and contested == arrears,
        held=free if holding and not is_planned else ZERO,
        under_plan=free if is_planned else ZERO,
        remindable=remindable,
        pursuable=pursuable,
        days_overdue=days_overdue(facts.due_on, on, holds) if arrears else 0,
        bucket=bucket_of(facts.due_on, on).code,
    )


def position_of(facts: AccountFacts, on: date, policy: TierPolicy) -> tuple[Position, tuple[BillPosition, ...]]:
    """The account as of `on`, and its bills in the order in which they fell due.

    Credit (money received and not set against a bill, or set against it beyond what it asks) is deducted
    from the oldest pursuable bill first (invariant 18). The tier looks at bills that are not wholly
    contested, or at all of them when every one is.
    """
    raw = sorted(
        (bill_position(b, on, facts.specials, facts.account_id) for b in facts.bills if b.billed_on <= on),
        key=lambda line: (line.due_on, line.bill_id),
    )
    received = _until(facts.receipts, on) - _until(facts.charges, on)
    credit = received - sum((b.paid for b in raw), ZERO) + sum((b.overpaid for b in raw), ZERO)
    lines = tuple(net_of_credit(raw, max(credit, ZERO)))
    late = [line for line in lines if line.arrears > 0]
    tier = tier_of_lines(
        late, policy, is_company=facts.is_company, is_in_hardship=any(each.covers(on) for each in facts.hardships)
    )
    holding = [s for s in facts.specials if Hold(s.starts_on, s.ends_before).covers(on)]
    totals = {
        name: sum((getattr(line, name) for line in lines), ZERO)
        for name in (
            "billed", "reduced", "paid", "open_amount", "arrears", "contested", "under_plan", "remindable", "pursuable",
        )
    }  # fmt: skip
    oldest = min((line.due_on for line in late), default=None)
    return Position(
        account_id=facts.account_id,
        on=on,
        **totals,
        special=sum((line.held for line in late), ZERO),
        unreconciled=sum((line.arrears for line in late if not line.is_reconciled), ZERO),
        credit=max(credit, ZERO),
        oldest_due_on=oldest,
        days_overdue=max((line.days_overdue for line in late), default=0),
        bucket=bucket_of(oldest, on).code if oldest else "",
        periods_owed=len({(line.period_start, line.period_end) for line in late}),
        tier=tier.code if tier else "",
        tier_reason=tier.reason if tier else "",
        blockers=blockers_of(
            Standing(
                arrears=totals["arrears"],
                free=sum((line.arrears - line.contested for line in late), ZERO),
                under_plan=totals["under_plan"],
                signed=sum(
                    (line.arrears - line.contested - line.under_plan for line in late if line.is_reconciled), ZERO
                ),
                credit=max(credit, ZERO),
                is_special=bool(holding),
                is_reminder_held=any(s.blocks_reminder for s in holding),
                is_service_disputed=any(h.covers(on) for h in facts.services),
                is_unreconciled=any(not line.is_reconciled for line in late),
            )
        ),
    ), lines


def tier_of_lines(
    late: Iterable[BillPosition], policy: TierPolicy, *, is_company: bool = False, is_in_hardship: bool = False
) -> Tier | None:
    """The tier of an account from its overdue bills and who its payer is."""
    late = tuple(late)
    counted = [line for line in late if not line.is_fully_contested] or late
    annual, quarterly = count_periods((line.period_start, line.period_end) for line in counted)
    return tier_of(
        days=max((line.days_overdue for line in counted), default=0),
        amount=sum((line.arrears for line in counted), ZERO),
        annual=annual,
        quarterly=quarterly,
        policy=policy,
        is_company=is_company,
        is_in_hardship=is_in_hardship,
    )


def net_of_credit(lines: Iterable[BillPosition], credit: Decimal) -> Iterable[BillPosition]:
    """The bills (oldest first) with the account's credit taken off what may be pursued."""
    formal = reminder = credit
    for line in lines:
        taken, told = min(formal, line.pursuable), min(reminder, line.remindable)
        formal, reminder = formal - taken, reminder - told
        yield replace(line, pursuable=line.pursuable - taken, remindable=line.remindable - told)


def blockers_of(standing: Standing) -> tuple[str, ...]:
    """The codes of `BLOCKERS` that stand against an account; none when nothing is overdue."""
    if standing.arrears <= 0:
        return ()
    found = {
        "special_case": standing.is_special,
        "special_case_reminder": standing.is_reminder_held,
        "contested": standing.free <= 0,
        "under_plan": 0 < standing.under_plan == standing.free,
        "service_dispute": standing.is_service_disputed,
        "unreconciled": standing.is_unreconciled,
        "credit": standing.signed > 0 and standing.credit >= standing.signed,
    }
    return tuple(code for code in BLOCKERS if found[code])


def _until(entries: Iterable[tuple[date, Decimal]], on: date) -> Decimal:
    return sum((amount for day, amount in entries if day <= on), ZERO)
