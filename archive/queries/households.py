"""户档案: the list, and what one household's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet

from archive.queries.profile import Profile, TierChange, case_history, profile, tier_changes
from arrears.queries import AccountCharge, account_late_charge, bill_lines, clocks, position, positions
from arrears.rules.ageing import BUCKETS
from arrears.rules.position import ZERO, BillPosition, Position
from billing.models import Account, Adjustment, Bill, ContactPoint, CoOwner, SpecialCase
from billing.queries import find_accounts
from billing.queries.terms import ContractLine, contract_in_force
from collection.models import Case, Contact, Notice, Promise
from collection.queries.facts import business_day
from disputes.models import Dispute

SCOPES = ("", "arrears", "special", "dispute", "settled")


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One household of the list."""

    account: Account
    position: Position
    has_dispute: bool
    has_special: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A bill as of the day, with the names the page needs."""

    position: BillPosition
    fee_item: str
    row_no: int | None
    file_name: str
    limitation_until: date | None = None  # of a bill past due and still open: the safe date
    limitation_days: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the household's ageing bar; share in percent."""

    label: str
    amount: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Household:
    """Everything at the head of the page, as of a day."""

    account: Account
    on: date
    position: Position
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    owners: tuple[Any, ...]
    contact_points: tuple[ContactPoint, ...]
    case: Case | None
    stage: str
    specials: tuple[SpecialCase, ...]
    disputes: tuple[Dispute, ...]
    promise: Promise | None
    notices: tuple[Notice, ...]
    contacts: int
    profile: Profile
    tiers: tuple[TierChange, ...]
    others: tuple[Account, ...]
    late: AccountCharge
    pending: tuple[Adjustment, ...]
    contract: ContractLine | None


def household_page(
    on: date, *, q: str = "", building: str = "", scope: str = "", page: str | int | None = 1, size: int = 50
) -> tuple[Page[Account], list[HouseholdRow]]:
    """A page of accounts in the order of their rooms, with their positions. Few statements, whatever the size."""
    accounts = (find_accounts(q) if q else Account.objects.select_related("room__community", "owner")).order_by(
        F("closed_on").desc(nulls_first=True), "room__community__position", "room__sort_key", "pk"
    )
    if building:
        accounts = accounts.filter(room__building=building)
    accounts = _scoped(accounts, scope, on)
    shown = Paginator(accounts, size).get_page(page)
    here = list(shown.object_list)
    ids = [account.pk for account in here]
    found = {p.account_id: p for p in positions(on, ids)} if ids else {}
    return shown, [
        HouseholdRow(
            account=account,
            position=(p := found.get(account.pk) or Position(account_id=account.pk, on=on)),
            has_dispute=p.contested > 0 or "service_dispute" in p.blockers,
            has_special="special_case" in p.blockers,
        )
        for account in here
    ]


def _scoped(accounts: QuerySet[Account], scope: str, on: date) -> QuerySet[Account]:
    if scope in ("arrears", "settled"):
        late = [p.account_id for p in positions(on, in_arrears=True)]
        return accounts.filter(pk__in=late) if scope == "arrears" else accounts.exclude(pk__in=late)
    if scope == "special":
        running = Q(ends_before=None) | Q(ends_before__gt=on)
        return accounts.filter(pk__in=SpecialCase.objects.filter(running, starts_on__lte=on).values("account_id"))
    if scope == "dispute":
        return accounts.filter(pk__in=Dispute.objects.filter(raised_on__lte=on, resolved_on=None).values("account_id"))
    return accounts


def search(text: str, on: date, *, limit: int = 8) -> list[HouseholdRow]:
    """The best hits for the search box."""
    accounts = list(find_accounts(text)[:limit])
    found = {p.account_id: p for p in positions(on, [a.pk for a in accounts])} if accounts else {}
    return [
        HouseholdRow(account, found.get(account.pk) or Position(account_id=account.pk, on=on), False, False)
        for account in accounts
    ]


def search_notices(text: str, *, limit: int = 4) -> list[Notice]:
    """Letters whose number contains what was typed."""
    if len(text) < 2:
        return []
    return list(Notice.objects.filter(number__icontains=text).select_related("account__room", "account__owner")[:limit])


def household(account_id: int, on: date) -> Household:
    """One household as of `on`. Raises `Account.DoesNotExist`, also for another office's."""
    account = Account.objects.select_related("room__community", "owner").get(pk=account_id)
    found = position(account_id, on)
    lines = _lines(account_id, on)
    case = Case.objects.filter(account=account).select_related("assignee").order_by("-cycle").first()
    co_owners = [share.owner for share in CoOwner.objects.filter(account=account).select_related("owner")]
    running = Q(ends_before=None) | Q(ends_before__gt=on)
    return Household(
        account=account,
        on=on,
        position=found,
        lines=lines,
        bands=_bands(lines),
        owners=(account.owner, *co_owners),
        contact_points=tuple(
            ContactPoint.objects.filter(owner__in=[account.owner, *co_owners])
            .select_related("owner")
            .order_by("rank", "pk")
        ),
        case=case,
        stage=stage_of(case),
        specials=tuple(SpecialCase.objects.filter(running, account=account, starts_on__lte=on)),
        disputes=tuple(Dispute.objects.filter(account=account, resolved_on=None)),
        promise=Promise.objects.filter(account=account, state=Promise.State.OPEN).first(),
        notices=tuple(Notice.objects.filter(account=account).exclude(number="")),
        contacts=Contact.objects.filter(account=account, corrects=None).count(),
        profile=profile(account, found, on),
        tiers=tuple(change for change in tier_changes(case_history(account)) if business_day(change.at) <= on),
        others=tuple(
            Account.objects.filter(room=account.room)
            .exclude(pk=account.pk)
            .select_related("owner")
            .order_by("opened_on", "pk")
        ),
        late=account_late_charge(account, on),
        pending=tuple(
            Adjustment.objects.filter(bill__account=account, state=Adjustment.State.PROPOSED).select_related(
                "bill", "proposed_by"
            )
        ),
        contract=contract_in_force(account.room.community, on),
    )


def stage_of(case: Case | None) -> str:
    """The last step that took effect, in words: code of the stage."""
    if case is None:
        return "none"
    if case.state != Case.State.OPEN:
        return case.state
    reached = (
        case.strategy.steps.filter(position=case.reached).values_list("kind", flat=True).first()
        if case.reached
        else None
    )
    return reached or "waiting"


def _lines(account_id: int, on: date) -> tuple[Line, ...]:
    names = {bill.pk: bill for bill in Bill.objects.filter(account_id=account_id).select_related("fee_item", "batch")}
    lines = bill_lines([account_id], on)
    ticking = clocks([line for line in lines if line.arrears], on)
    return tuple(
        Line(
            position=line,
            fee_item=names[line.bill_id].fee_item.name,
            row_no=names[line.bill_id].row_no,
            file_name=names[line.bill_id].batch.file_name if names[line.bill_id].batch_id else "",
            limitation_until=ticking[line.bill_id].safe_until if line.bill_id in ticking else None,
            limitation_days=ticking[line.bill_id].days_left(on) if line.bill_id in ticking else 0,
        )
        for line in lines
    )


def _bands(lines: tuple[Line, ...]) -> tuple[Band, ...]:
    total = sum((line.position.arrears for line in lines), ZERO)
    found = []
    for bucket in BUCKETS:
        amount = sum((line.position.arrears for line in lines if line.position.bucket == bucket.code), ZERO)
        if amount:
            found.append(Band(bucket.label, amount, amount * 100 / total))
    return tuple(found)
