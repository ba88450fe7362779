"""What payments, disputes and special cases change for open cases (decisions 16, invariants 15, 16, 20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from arrears.queries import positions
from arrears.rules.position import Position
from billing.models import Account
from collection.models import Action, Case, Message, Notice
from collection.operations.cases import close_cases, void_open_work
from collection.operations.notices import refresh_notices
from collection.queries.decisions import settled
from collection.queries.facts import LIVING_NOTICES
from collection.queries.notices import demands_met
from collection.rules import decide as d
from collection.rules import steps as s

AMOUNT_CHANGED = "欠费金额已变化"
ON_HOLD = "已暂缓（争议、特殊情况或已核销）"
LETTER_GONE = "通知书已作废或被替换"
DEMAND_MET = "通知书所列欠费已缴清，其余欠费从头提醒"


@transaction.atomic
def consume_changes(*, on: date, at: datetime, limit: int = 1000) -> int:
    """Read again every open case whose account has changed since it was last looked at.

    Settled cases are closed, and those of which all that a formal notice demanded is paid: bills that fell due
    since begin a cycle of their own at the first step (invariants 6, 21). Messages, tasks and unsent notices that no longer fit are taken back; the
    rest is looked at by the next sweep. Works under the accounts' row locks, so a payment committed
    before it is seen, and one committed after it is seen next time. Returns the number of cases.
    """
    changed = Case.objects.filter(state=Case.State.OPEN).exclude(account__change_seq=F("seen_change_seq"))
    ids = list(changed.order_by("account_id").values_list("account_id", flat=True)[:limit])
    if not ids:
        return 0
    accounts = {a.pk: a for a in Account.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}
    cases = list(
        Case.objects.select_for_update().filter(account_id__in=ids, state=Case.State.OPEN).order_by("account_id")
    )
    found = {p.account_id: p for p in positions(on, ids)}
    standing = [found.get(case.account_id) or Position(account_id=case.account_id, on=on) for case in cases]
    gone = settled(standing)
    met = demands_met((case.pk for case in cases if case.account_id not in gone), on)
    for case, position in zip(cases, standing, strict=True):
        refresh_notices(account=accounts[case.account_id], on=on, at=at)
        if case.account_id not in gone and case.pk not in met:
            _fit(case, position)
    close_cases((case for case in cases if case.account_id in gone), on=on, at=at, reason=d.WORDS[d.SETTLED])
    close_cases((case for case in cases if case.pk in met), on=on, at=at, reason=DEMAND_MET)
    _seen(cases, accounts, on)
    return len(cases)


def _fit(case: Case, position: Position) -> None:
    """Take back what the case has planned and its new position does not allow."""
    stale = Message.objects.filter(case=case, promise=None, state=Message.State.PENDING).exclude(
        amount=position.remindable
    )
    if stale.exists():
        void_open_work([case], reason=AMOUNT_CHANGED, kinds=[s.REMINDER])
    if position.remindable <= 0:
        void_open_work([case], reason=ON_HOLD, kinds=[s.REMINDER])
    if position.pursuable <= 0:
        void_open_work([case], reason=ON_HOLD, kinds=[s.CALL, s.FOLLOW_UP, s.DECISION])
    living = Notice.objects.filter(case=case, state__in=LIVING_NOTICES).values("action_id")
    orphans = Action.objects.filter(case=case, state=Action.State.PLANNED, kind__in=s.LETTERS).exclude(pk__in=living)
    orphans.update(state=Action.State.VOID, void_reason=LETTER_GONE)


def _seen(cases: Sequence[Case], accounts: dict[int, Account], on: date) -> None:
    for case in cases:
        case.seen_change_seq = accounts[case.account_id].change_seq
        case.next_action_on = on
    Case.objects.bulk_update(cases, ["seen_change_seq", "next_action_on"], batch_size=500)
