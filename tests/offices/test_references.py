"""References checked once per statement hold at both ends like a foreign key (docs/decisions/0018)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from billing.models import Account, Allocation, Bill, Payment
from offices.scoping.managers import OfficeForeignKey
from tests.conftest import at, make_office
from tests.factories.books import Books

DAY = date(2024, 3, 31)
NOBODY = 10**12
REFERENCES = [
    field
    for model in apps.get_models()
    if not model._meta.model_name.startswith("historical")
    for field in model._meta.local_fields
    if isinstance(field, OfficeForeignKey)
]
BY_STATEMENT = {f"{field.model.__name__}.{field.name}": field for field in REFERENCES if field.by_statement}
each = pytest.mark.parametrize("field", BY_STATEMENT.values(), ids=BY_STATEMENT)


def enter(community: str = "华庭一期") -> dict[type[models.Model], Any]:
    """One bill, paid: a row of each table that refers by statement."""
    books = Books(community)
    account = books.account()
    bill = Bill.objects.create(
        account=account, fee_item=books.item, period_start=DAY, period_end=DAY, due_on=DAY, amount=D(5), billed_on=DAY
    )
    payment = Payment.objects.create(
        account=account, kind="bank", amount=D(5), value_on=DAY, recorded_at=at("2024-04-01")
    )
    allocation = Allocation.objects.create(payment=payment, bill=bill, amount=D(5), value_on=DAY)
    return {Account: account, Bill: bill, Payment: payment, Allocation: allocation}


def constraint_of(clash: Any) -> str:
    return clash.value.__cause__.diag.constraint_name  # type: ignore[no-any-return]


def name_of(field: Any) -> str:
    return f"wall_{field.model._meta.db_table}_{field.column}"


def refer_to(field: Any, row: Any, target_id: int) -> None:
    """Store the row a second time, with another reference."""
    row.pk = None
    row._state.adding = True
    setattr(row, field.attname, target_id)
    row.save(force_insert=True)


def test_every_reference_inside_an_office_is_held_by_the_database(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'")
        held = {name for (name,) in cursor.fetchall()}
    for field in REFERENCES:
        if field.by_statement:
            assert {f"{name_of(field)}_{end}" for end in ("stands", "kept", "fixed")} <= held, field
        else:
            assert any(name.startswith(name_of(field)[:54]) for name in held), field


def test_the_rows_of_an_import_are_the_ones_checked_by_statement() -> None:
    assert sorted(BY_STATEMENT) == [
        "Allocation.bill", "Allocation.payment", "Bill.account", "Bill.fee_item", "Payment.account",
    ]  # fmt: skip


@each
def test_no_row_refers_to_nothing(inside: Any, field: Any) -> None:
    row = enter()[field.model]
    with pytest.raises(IntegrityError) as clash, transaction.atomic():
        refer_to(field, row, NOBODY)
    assert constraint_of(clash) == name_of(field)


@each
def test_no_row_refers_into_another_office(office: Any, other_office: Any, field: Any) -> None:
    with other_office.open():
        foreign = getattr(enter("翠湖雅苑")[field.model], field.attname)
    with office.open():
        row = enter()[field.model]
        with pytest.raises(IntegrityError) as clash, transaction.atomic():
            refer_to(field, row, foreign)
    assert constraint_of(clash) == name_of(field)


def test_one_stray_among_many_refuses_them_all(inside: Any) -> None:
    payment = enter()[Payment]
    several = [
        Payment(account_id=account, kind="bank", amount=D(1), value_on=DAY, recorded_at=at("2024-04-01"))
        for account in (*[payment.account_id] * 50, NOBODY)
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.bulk_create(several)
    assert Payment.objects.count() == 1
    Payment.objects.bulk_create(several[:-1])
    assert Payment.objects.count() == 51


@each
def test_what_is_referred_to_is_not_deleted(inside: Any, field: Any) -> None:
    row = enter()[field.model]
    target = field.remote_field.model._meta
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {target.db_table} WHERE id = %s", [getattr(row, field.attname)])
    type(row).objects.get(pk=row.pk)


@each
def test_neither_end_changes(inside: Any, field: Any) -> None:
    row = enter()[field.model]
    target = field.remote_field.model._meta
    for sql in (
        f"UPDATE {field.model._meta.db_table} SET {field.column} = %s",
        f"UPDATE {target.db_table} SET id = id + 1 WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [getattr(row, field.attname) + ("SET id" not in sql)])


def test_what_nothing_refers_to_any_more_is_deleted(inside: Any) -> None:
    rows = enter()
    for model in (Allocation, Payment, Bill, Account):
        assert rows[model].delete()[0] == 1


def _bill_of(account_id: int) -> Callable[[], Any]:
    item = Bill.objects.values_list("fee_item_id", flat=True).first()
    return lambda: Bill.objects.create(
        account_id=account_id,
        fee_item_id=item,
        period_start=DAY,
        period_end=DAY,
        due_on=DAY,
        amount=D(1),
        billed_on=DAY,
    )


@pytest.mark.parametrize("first", ["bill", "deletion"])
@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_leave_a_bill_without_its_account(first: str) -> None:
    """Whoever comes second waits for the first one's commit, and is refused."""
    office = make_office("solo", "独立物业")
    with office.open():
        enter()
        account = Books("华庭二期").account()
        acts = {"bill": _bill_of(account.pk), "deletion": lambda: Account.objects.filter(pk=account.pk).delete()}

    def second() -> Any:
        try:
            with office.open(), transaction.atomic():
                acts["deletion" if first == "bill" else "bill"]()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with office.open(), transaction.atomic():
            acts[first]()
            late = pool.submit(second)
            _until_somebody_waits(late)
        with pytest.raises(IntegrityError) as clash:
            late.result()
    assert constraint_of(clash) == "wall_billing_bill_account_id"


def _until_somebody_waits(late: Any) -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody waits: {late}")
