"""Amounts that are expected from an account: what bank matching compares with (decisions 17)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from billing.models import Account, ExpectedAmount
from offices.rules.money import yuan


@transaction.atomic
def expect_amount(*, account: Account, due_on: date, amount: Decimal, source: str) -> ExpectedAmount:
    """Somebody said that `amount` yuan comes in about `due_on`. `source`: instalment, claim …, with the id of its row."""
    return ExpectedAmount.objects.create(account=account, due_on=due_on, amount=yuan(amount), source=source[:30])


@transaction.atomic
def withdraw_expected(*, source: str, at: datetime) -> int:
    """The amounts of this source are not waited for any more; returns how many there were."""
    return ExpectedAmount.objects.filter(source=source[:30], withdrawn_at=None).update(withdrawn_at=at)
