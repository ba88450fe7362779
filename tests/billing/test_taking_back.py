"""An import twice, a period billed again, and a batch taken back: undo, then reversing entries."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from billing.models import Account, Adjustment, Bill, Payment
from billing.operations import (
    ImportRefused,
    Receipt,
    UndoRefused,
    approve_reduction,
    propose_reduction,
    record_payment,
    reverse_import,
    undo_import,
)
from billing.queries import open_bills
from tests.billing.conftest import UPLOADED, told

pytestmark = pytest.mark.django_db

GOOD = ["房号", "账期", "应收金额"]


# --- idempotence, and billing again ----------------------------------------------------------------------------------


def test_the_same_rows_in_another_file_are_explained_and_not_doubled(send: Any, book: Any) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    again = send([*GOOD, "备注"], ["1栋1单元101室", "2024.1", "500.00", "再导出"])
    assert (again.totals["new"], again.totals["unchanged"]) == (0, 1)
    assert book(again).totals["written"]["bills"] == 0
    assert Bill.objects.count() == 1


def test_a_conflict_that_arises_between_check_and_commit_refuses_the_whole_import(send: Any, book: Any) -> None:
    first = send(GOOD, ["1-1-0101", "2024年1月", 500])
    second = send(GOOD, ["1-1-0101", "2024年1月", 501], ["1-1-0102", "2024年1月", 300])
    book(first)
    with pytest.raises(ImportRefused, match=r"第 2 行的账期已有账单 ¥500\.00，而文件为 ¥501\.00") as no:
        book(second)
    assert no.value.code == "changed_since_preview"
    assert Bill.objects.count() == 1


def test_the_same_bill_from_two_checked_files_is_booked_once(send: Any, book: Any) -> None:
    first = send(GOOD, ["1-1-0101", "2024年1月", 500])
    second = send([*GOOD, "备注"], ["1-1-0101", "2024年1月", 500, ""], ["1-1-0102", "2024年1月", 300, ""])
    book(first)
    assert book(second).totals["written"]["bills"] == 1
    assert Bill.objects.count() == 2


def _cancel(bill: Bill, inside: SimpleNamespace) -> None:
    asked = propose_reduction(
        bill=bill, amount=bill.amount, kind="reversal", reason="账单开错", by=inside.people["finance"], at=UPLOADED
    )
    approve_reduction(adjustment=asked, by=inside.people["manager"], at=UPLOADED)


@pytest.mark.parametrize("amount", [450, 500])
def test_a_cancelled_bill_may_be_billed_again_with_a_warning(
    send: Any, book: Any, inside: SimpleNamespace, amount: int
) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    old = Bill.objects.get()
    _cancel(old, inside)
    again = send([*GOOD, "备注"], ["1-1-0101", "2024年1月", amount, "重开"])
    assert "bill_rebilled" in told(again, 2)
    assert (again.totals["new"], again.totals["warned"]) == (1, 1)
    again = book(again)
    old.refresh_from_db()
    new = Bill.objects.get(voided_at=None)
    assert (old.voided_at, new.amount) == (again.committed_at, Decimal(amount))
    assert [line.open for line in open_bills(account_id=new.account_id)] == [Decimal(amount)]
    undo_import(batch=again, by=None, at=UPLOADED, reason="又错了")
    old.refresh_from_db()
    assert old.voided_at is None, "the old bill stands again"


def test_a_bill_waived_in_full_is_not_a_cancelled_one(send: Any, book: Any, inside: SimpleNamespace) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    bill = Bill.objects.get()
    asked = propose_reduction(
        bill=bill, amount=bill.amount, kind="waiver", reason="困难户", by=inside.people["finance"], at=UPLOADED
    )
    approve_reduction(adjustment=asked, by=inside.people["manager"], at=UPLOADED)
    assert send([*GOOD, "备注"], ["1-1-0101", "2024年1月", 500, ""]).totals["unchanged"] == 1


# --- 5 undo and reversing entries ------------------------------------------------------------------------------------


def _pay(account: Account, amount: str) -> Payment:
    return record_payment(
        account=account,
        amount=Decimal(amount),
        value_on=UPLOADED.date(),
        kind="counter",
        receipt=Receipt(),
        by=None,
        at=UPLOADED,
    )


def _balances() -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for line in open_bills():
        found[line.account_id] = found.get(line.account_id, Decimal(0)) + line.open
    return found


PAID = ["房号", "账期", "应收金额", "已收金额"]


def test_reversing_entries_restore_the_balances_and_lose_no_row(send: Any, book: Any, inside: SimpleNamespace) -> None:
    book(send(PAID, ["1-1-0101", "2023年12月", 200, 0], ["1-1-0102", "2023年12月", 210, 0]))
    before = _balances()
    batch = book(
        send(
            PAID,
            ["1-1-0101", "2024年1月", 500, 100],
            ["1-1-0102", "2024年1月", 300, 0],
            ["1-1-0103", "2024年1月", 90, 0],
        )
    )
    someone = Account.objects.get(room__building="1", room__unit="1", room__number="0103")
    _pay(someone, "40")
    counts = (Bill.objects.count(), Payment.objects.count())
    with pytest.raises(UndoRefused, match="缴费"):
        undo_import(batch=batch, by=None, at=UPLOADED, reason="导错了")
    batch = reverse_import(batch=batch, by=inside.people["manager"], at=UPLOADED, reason="导错了小区")
    assert batch.state == "reversed"
    assert _balances() == before
    assert batch.totals["reversed"] == {"bills": 3, "amount": "850.00", "payments": 1}
    assert (Bill.objects.count(), Payment.objects.count()) == (counts[0], counts[1] + 1)
    assert Payment.objects.aggregate(all=Sum("amount"))["all"] == Decimal("40.00"), "what came in is still here"
    assert set(Adjustment.objects.values_list("kind", "reason", "state")) == {("reversal", "导错了小区", "approved")}
    with pytest.raises(UndoRefused, match="只能冲正已导入"):
        reverse_import(batch=batch, by=None, at=UPLOADED, reason="再来")
    again = send([*PAID, "备注"], ["1-1-0101", "2024年1月", 480, 0, "重开"], ["1-1-0103", "2024年1月", 90, 0, "重开"])
    assert told(again, 2) == ["due_assumed", "bill_rebilled"]
    assert "bill_rebilled" not in told(again, 3), "money lies on this one: it stays the bill of its period"


def test_what_can_still_be_undone_is_not_reversed(send: Any, book: Any) -> None:
    batch = book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(UndoRefused, match="请直接撤销") as no:
        reverse_import(batch=batch, by=None, at=UPLOADED, reason="导错了")
    assert no.value.code == "undo_instead"
    assert Bill.objects.count() == 1


def test_a_register_in_use_has_no_reversing_entries(registered: Any, send: Any, book: Any) -> None:
    book(send(GOOD, ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(UndoRefused, match="逐户更正"):
        reverse_import(batch=registered, by=None, at=UPLOADED, reason="导错了")


def test_a_batch_is_never_deleted_since_its_rows_and_bills_are_not_checked_one_by_one(send: Any) -> None:
    batch = send(GOOD, ["1-1-0101", "2024年1月", 500])
    with pytest.raises(IntegrityError, match="import batches are kept"), transaction.atomic():
        batch.delete()
