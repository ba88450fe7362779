"""催缴台账: one row per household that owes or was collected from, with every contact behind it (S93–S97, R1–R3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from arrears.queries import bill_lines, positions
from arrears.rules.ageing import BY_CODE
from arrears.rules.position import ZERO, BillPosition, Position
from billing.models import Account, ContactPoint
from billing.queries import find_accounts
from collection.models import Action, Case, Contact, Message, Promise, Service, Step
from collection.rules.outcomes import BY_CODE as OUTCOMES

STAGES: tuple[tuple[str, str], ...] = (
    ("none", "未开始"),
    ("waiting", "待提醒"),
    ("reminder", "温馨提示"),
    ("call", "电话沟通"),
    ("formal", "催缴通知书"),
    ("follow_up", "到期回访"),
    ("final", "最后通知书"),
    ("decision", "经理决定"),
    ("settled", "已缴清"),
    ("referred", "已提交法务"),
)
STAGE_LABELS = dict(STAGES)


@dataclass(frozen=True, slots=True)
class LedgerFilters:
    """What the ledger is narrowed to, as it stands in the address."""

    q: str = ""
    building: str = ""
    tier: str = ""
    stage: str = ""
    assignee: int | None = None
    scope: str = "open"  # open: in arrears; all: every household with a case or arrears


@dataclass(frozen=True, slots=True)
class Entry:
    """One collection event of a household: when, how, what was said, what came of it, by whom."""

    number: int
    at: datetime
    method: str
    content: str
    response: str
    result: str
    operator: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One household. Amounts as of the ledger's day."""

    account_id: int
    community: str
    room: str
    room_order: str
    owner: str
    phone: str
    residence: str
    owner_kind: str
    position: Position
    stage: str
    assignee: str
    entries: int
    last: Entry | None
    promised_on: date | None
    promised_amount: Decimal | None
    next_on: date | None
    next_step: str

    @property
    def stage_label(self) -> str:
        """In words."""
        return STAGE_LABELS.get(self.stage, self.stage)

    @property
    def bucket_label(self) -> str:
        """The band of the oldest debt."""
        return BY_CODE[self.position.bucket].label if self.position.bucket else ""


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """Sums over all rows."""

    households: int
    billed: Decimal
    reduced: Decimal
    paid: Decimal
    arrears: Decimal
    pursuable: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """All rows in the order of their rooms."""

    on: date
    rows: tuple[LedgerRow, ...]
    totals: LedgerTotals


def ledger(on: date, filters: LedgerFilters | None = None) -> Ledger:
    """The ledger as of `on`. A fixed number of statements, whatever the number of households."""
    filters = filters or LedgerFilters()
    wanted = [account.pk for account in find_accounts(filters.q)] if filters.q else None
    found = {p.account_id: p for p in positions(on, wanted)}
    cases = {
        case.account_id: case
        for case in Case.objects.filter(opened_on__lte=on).select_related("assignee").order_by("cycle")
    }
    ids = {pk for pk, p in found.items() if p.arrears > 0 or (filters.scope == "all" and pk in cases)}
    rows = tuple(row for row in _rows(on, ids, found, cases) if _matches(row, filters, cases))
    return Ledger(on, rows, _totals(rows))


def collection_entries(on: date, account_ids: Collection[int] | None = None) -> dict[int, list[Entry]]:
    """Every contact, message sent and service up to `on`, by account, oldest first and numbered. Three statements."""
    some = {} if account_ids is None else {"account_id__in": account_ids}
    raw: dict[int, list[tuple[datetime, str, str, str, str, str]]] = defaultdict(list)
    for c in Contact.objects.filter(at__date__lte=on, corrects=None, **some).select_related("by"):
        outcome = _(OUTCOMES[c.outcome].label) if c.outcome in OUTCOMES else c.outcome
        content = "；".join(text for text in (c.explanation, c.note) if text)
        raw[c.account_id].append((c.at, c.get_channel_display(), content, c.owner_words, outcome, str(c.by or "")))
    for m in Message.objects.filter(sent_at__date__lte=on, state__in=["sent", "unknown"], **some):
        raw[m.account_id].append((m.sent_at, m.get_channel_display(), m.body, "", m.standing, _("系统")))
    served = {} if account_ids is None else {"notice__account_id__in": account_ids}
    for s in Service.objects.filter(served_on__lte=on, **served).select_related("notice", "by"):
        content = f"{s.notice.get_kind_display()} {s.notice.number}"
        response = " ".join(text for text in (s.signer, s.signer_relation, s.note) if text)
        raw[s.notice.account_id].append(
            (s.at, s.get_method_display(), content, response, s.get_outcome_display(), str(s.by or ""))
        )
    return {
        account: [Entry(number, *each) for number, each in enumerate(sorted(entries, key=lambda e: e[0]), 1)]
        for account, entries in raw.items()
    }


def ledger_lines(on: date, account_ids: Collection[int]) -> list[BillPosition]:
    """The overdue bills of the ledger's households, for the workbook."""
    return [line for line in bill_lines(list(account_ids), on, only_open=True) if line.arrears > 0]


def phones(account_ids: Collection[int] | None = None) -> dict[int, str]:
    """The first usable phone of each owner, in full, by owner: mask it before it is shown."""
    not_theirs = (ContactPoint.State.DEAD, ContactPoint.State.OTHERS)
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE).exclude(state__in=not_theirs)
    if account_ids is not None:
        points = points.filter(owner__accounts__in=account_ids)
    found: dict[int, str] = {}
    for owner_id, value in points.order_by("owner_id", "rank", "pk").values_list("owner_id", "value"):
        found.setdefault(owner_id, value)
    return found


def _rows(on: date, ids: set[int], found: dict[int, Position], cases: dict[int, Case]) -> list[LedgerRow]:
    entries, numbers = collection_entries(on), phones()
    kinds = {(step.strategy_id, step.position): step.kind for step in Step.objects.all()}
    promises = {p.account_id: p for p in Promise.objects.filter(made_on__lte=on).order_by("promised_on", "pk")}
    planned = {
        a.account_id: a
        for a in Action.objects.filter(state="planned").select_related("step").order_by("-due_on", "-pk")
    }
    accounts = Account.objects.filter(pk__in=ids).select_related("room__community", "owner")
    rows = []
    for account in accounts.order_by("room__community__position", "room__sort_key", "pk"):
        case, mine = cases.get(account.pk), entries.get(account.pk, [])
        promise, action = promises.get(account.pk), planned.get(account.pk)
        is_open = case is not None and case.state == Case.State.OPEN
        rows.append(
            LedgerRow(
                account_id=account.pk,
                community=account.room.community.name,
                room=str(account.room),
                room_order=account.room.sort_key,
                owner=account.owner.name,
                phone=numbers.get(account.owner_id, ""),
                residence=account.room.get_residence_display(),
                owner_kind=account.owner.get_kind_display(),
                position=found[account.pk],
                stage=_stage(case, kinds),
                assignee=str(case.assignee or "") if case else "",
                entries=len(mine),
                last=mine[-1] if mine else None,
                promised_on=promise.promised_on if promise else None,
                promised_amount=promise.amount if promise else None,
                next_on=(action.due_on if action else case.next_action_on) if case and is_open else None,
                next_step=action.step.title if action and is_open else "",
            )
        )
    return rows


def _stage(case: Case | None, kinds: dict[tuple[int, int], str]) -> str:
    if case is None:
        return "none"
    if case.state != Case.State.OPEN:
        return case.state
    return kinds.get((case.strategy_id, case.reached), "waiting") if case.reached else "waiting"


def _matches(row: LedgerRow, filters: LedgerFilters, cases: dict[int, Case]) -> bool:
    case = cases.get(row.account_id)
    return (
        (not filters.building or row.room.split("-")[0] == filters.building)
        and (not filters.tier or row.position.tier == filters.tier)
        and (not filters.stage or row.stage == filters.stage)
        and (not filters.assignee or (case is not None and case.assignee_id == filters.assignee))
    )


def _totals(rows: tuple[LedgerRow, ...]) -> LedgerTotals:
    def total(name: str) -> Decimal:
        return sum((getattr(row.position, name) for row in rows), ZERO)

    return LedgerTotals(
        len(rows), total("billed"), total("reduced"), total("paid"), total("arrears"), total("pursuable")
    )
