"""The cases that a day opens: told apart from opening them, so that a plan and a question can look at them too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from arrears.rules.position import Position
from arrears.rules.tier import LABELS
from billing.models import Account, Allocation, Payment, Responsibility
from collection.models import Case
from collection.queries.facts import business_day
from collection.queries.newly_late import newly_late
from collection.queries.notices import demands_met
from collection.queries.strategies import as_rule, steps_of, strategies_for
from collection.rules import steps as rules
from offices.queries import office_settings
from offices.scoping import current_office_id


@dataclass(frozen=True, slots=True)
class Openings:
    """`fresh`: cases not stored yet. `again`: settled ones that a reversed payment brings back.

    `without`: how many more there would be if a strategy were in force for them.
    """

    fresh: list[Case]
    again: list[Case]
    without: int = 0


def openings(on: date, only: Collection[int] | None = None, *, since: date | None = None) -> Openings:
    """Cases for every account (or those in `only`) with something overdue and none open, as they would be opened on `on`.

    An account whose settled case stopped being settled because a payment was taken back gets that very
    case again, where it stood (invariant 21); any other debt begins at the first step.
    `since`: as for `newly_late`.
    """
    late = newly_late(on, office_settings().tolerance, only, since=since)
    again = reopening([p.account_id for p in late], on)
    for case in again:
        case.seen_change_seq = case.account.change_seq
    back = {case.account_id for case in again}
    new = [p for p in late if p.account_id not in back]
    strategies = strategies_for({p.account_id: p.arrears for p in new}, on) if new else {}
    covered = [p for p in new if p.account_id in strategies]
    return Openings(_fresh(covered, strategies, on), again, len(new) - len(covered))


def _fresh(late: Sequence[Position], strategies: Mapping[int, int], on: date) -> list[Case]:
    if not late:
        return []
    ids = [p.account_id for p in late]
    steps = {key: [as_rule(step) for step in found] for key, found in steps_of(strategies.values()).items()}
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=ids).select_related("room")}
    people = {(r.community_id, r.building): r.user_id for r in Responsibility.objects.all()}
    cycles = dict(Case.objects.filter(account_id__in=ids).values_list("account_id").annotate(last=Max("cycle")))
    return [
        Case(
            office_id=current_office_id(),
            account=accounts[p.account_id],
            cycle=cycles.get(p.account_id, 0) + 1,
            strategy_id=strategies[p.account_id],
            opened_on=on,
            entry_reason=_entry_reason(p, steps[strategies[p.account_id]]),
            tier=p.tier,
            tier_reason=p.tier_reason[:200],
            next_action_on=on,
            seen_change_seq=accounts[p.account_id].change_seq,
            assignee_id=people.get((accounts[p.account_id].room.community_id, accounts[p.account_id].room.building)),
        )
        for p in late
    ]


def _entry_reason(position: Position, steps: Sequence[rules.Step]) -> str:
    """Why the case begins, and at which step when it is not the first one (decisions 1)."""
    entry = rules.direct_entry(steps, position.tier)
    why = f"逾期 {position.days_overdue} 天，欠费 {position.arrears} 元"
    return (f"{why}；{LABELS[position.tier]}逾期按策略直接进入「{entry.title}」" if entry else why)[:100]


def reopening(account_ids: Sequence[int], on: date) -> list[Case]:
    """The last settled cases of these accounts that a payment taken back since then brings back.

    It must have paid a bill that was late when the case closed: an older debt that is open again. A case that closed
    because all it had demanded was paid does not come back while that is so; newer bills begin their own cycle.
    """
    if not account_ids:
        return []
    settled = (
        Case.objects.filter(account_id__in=account_ids, state=Case.State.SETTLED)
        .select_related("account")
        .order_by("account_id", "-cycle")
        .distinct("account_id")
    )
    last = {case.account_id: case for case in settled}
    if not last:
        return []
    taken_back = Allocation.objects.filter(
        payment__account_id__in=list(last), payment__kind=Payment.Kind.REVERSAL, amount__lt=0
    ).values_list("payment__account_id", "payment__recorded_at", "bill__due_on")
    back = {
        account
        for account, at, due_on in taken_back
        if (closed_on := last[account].closed_on) is not None and due_on < closed_on <= business_day(at)
    }
    found = [case for account, case in last.items() if account in back]
    met = demands_met((case.pk for case in found), on) if found else ()
    return [case for case in found if case.pk not in met]
