"""What the work list and the household panel are made of. Frozen; amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.models import Occupant
from billing.queries import CaseLine
from collection.models import Step
from collection.queries.freshness import Stale

STAGES: dict[str, str] = {
    Step.Kind.REMINDER: "友好提醒",
    Step.Kind.CALL: "正式催缴",
    Step.Kind.FORMAL: "正式催缴",
    Step.Kind.FOLLOW_UP: "正式催缴",
    Step.Kind.FINAL: "最后通知",
    Step.Kind.DECISION: "经理决定",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A small tag beside a household; `kind` is the tag's tone."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One household on today's list. `group` orders the list, `kind` is what the chips filter by."""

    account_id: int
    action_id: int | None
    case_id: int | None
    room: str
    room_order: str
    community: str
    owner: str
    group: str
    kind: str
    why: str
    pursuable: Decimal
    periods_owed: int
    tier: str
    stage: str
    flags: tuple[Flag, ...] = ()
    assignee_id: int | None = None
    assignee: str = ""
    notice_id: int | None = None
    done: bool = False
    done_words: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """A household that would be on the list and is not, with the reason."""

    account_id: int
    room: str
    owner: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class WorkDay:
    """The list of one day, in its order, and what was left out of it.

    `stale`: communities for which nothing beyond a reminder may go out; `to_approve`, `to_review`: special cases.
    """

    on: date
    items: tuple[WorkItem, ...]
    removed: tuple[Removed, ...]
    unclaimed_count: int
    unclaimed_amount: Decimal
    stale: tuple[Stale, ...] = ()
    to_approve: int = 0
    to_review: int = 0


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A phone as it may be shown before it is revealed."""

    contact_point_id: int
    masked: str
    tail: str
    label: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, for the short history beside the form."""

    at: date | datetime
    kind: str
    title: str
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Household:
    """Everything a collector needs on one household."""

    account_id: int
    case_id: int | None
    action_id: int | None
    notice_id: int | None
    notice_number: str
    room: str
    community: str
    area: Decimal | None
    usage: str
    owner: str
    phones: tuple[PhoneLine, ...]
    occupants: tuple[Occupant, ...]
    tags: tuple[Flag, ...]
    pursuable: Decimal
    arrears: Decimal
    open_amount: Decimal
    contested: Decimal
    held: Decimal
    period_from: date | None
    period_to: date | None
    periods_owed: int
    monthly_fee: Decimal | None
    contacts: int
    last_contact_at: datetime | None
    buckets: tuple[dict[str, Any], ...]
    tier: str
    tier_reason: str
    stage: str
    why: str
    script: str
    script_origin: str
    reason: str
    reminder: str
    ask_back: str
    may_call: bool
    may_not_call: str
    may_not_visit: str
    default_promise: Decimal
    specials: tuple[CaseLine, ...]
    events: tuple[Event, ...]
