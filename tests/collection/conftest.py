"""A small estate to collect from: rooms, owners with phones, signed-off bills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Account, Bill, ContactPoint, FeeItem, Owner, Room
from billing.operations.accounts import stamp_account
from collection.channels import Outcome, Receipt
from collection.models import Message
from collection.operations.outbox import apply_receipt
from collection.operations.strategies import ensure_default_strategy
from offices.models import Community
from offices.operations.offices import save_settings
from tests.conftest import at

DUE = date(2026, 3, 31)


def estate(name: str = "华庭苑") -> SimpleNamespace:
    """A community with the default strategy in force; call inside an office."""
    community, _ = Community.objects.get_or_create(name=name)
    item, _ = FeeItem.objects.get_or_create(name="物业费")
    save_settings(
        values={"contact_person": "周敏", "contact_phone": "028-86001234", "payee_account": "5100 1234"},
        by=None,
        at=at("2026-01-01"),
    )
    ensure_default_strategy(by=None, at=at("2026-01-01"))
    return SimpleNamespace(community=community, item=item, count=0)


def move_in(place: SimpleNamespace, *, phone: str | None = "", email: str = "", name: str = "") -> Account:
    """One more household. `phone` None: no phone at all."""
    place.count += 1
    number = f"{place.count:04d}"
    room = Room.objects.create(
        community=place.community, building="3", unit="1", number=number, sort_key=f"0003-0001-{number}"
    )
    owner = Owner.objects.create(name=name or f"业主{number}")
    if phone is not None:
        phone = phone or f"1380000{number}"
        ContactPoint.objects.create(owner=owner, kind="phone", value=phone, tail=phone[-4:])
    if email:
        ContactPoint.objects.create(owner=owner, kind="email", value=email)
    return Account.objects.create(room=room, owner=owner, opened_on=date(2020, 1, 1))


def bill(
    place: SimpleNamespace, account: Account, amount: str = "666.66", due_on: date = DUE, *, is_reconciled: bool = True
) -> Bill:
    """A signed-off bill for the month in which it falls due."""
    start = due_on.replace(day=1)
    made = Bill.objects.create(
        account=account,
        fee_item=place.item,
        period_start=start,
        period_end=due_on,
        due_on=due_on,
        amount=Decimal(amount),
        is_reconciled=is_reconciled,
        billed_on=start,
    )
    stamp_account(account_id=account.pk)
    return made


@pytest.fixture
def place(inside: Any) -> SimpleNamespace:
    """华庭苑, inside the first office."""
    return estate()


@pytest.fixture
def household(place: SimpleNamespace) -> Callable[..., Account]:
    """A household that owes one bill, due 2026-03-31."""

    def make(amount: str = "666.66", **who: Any) -> Account:
        account = move_in(place, **who)
        bill(place, account, amount)
        return account

    return make


def accepted(message: Message, when: datetime) -> None:
    """The provider has taken the message."""
    message.first_call_at = timezone.now()
    message.save()
    apply_receipt(message, Receipt(Outcome.ACCEPTED, ref=f"p-{message.pk}"), when)
