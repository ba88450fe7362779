"""The thin line's beginning: register, bills and statement of 华庭苑 go in through the operations (issue 2,
1 and 2).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from billing.models import (
    Account,
    Adjustment,
    Allocation,
    BankLine,
    Bill,
    ContactPoint,
    ImportBatch,
    ImportRow,
    Payment,
    Room,
    SpecialCase,
)
from billing.operations import ImportRefused
from billing.queries import open_bills
from tests.billing.conftest import BANK, BILLS, PLAIN_CSV, REGISTER, WIDE

pytestmark = pytest.mark.django_db


def test_the_register_brings_every_room_with_its_owners(registered: ImportBatch, expected: dict[str, Any]) -> None:
    facts = expected["register"]
    assert registered.totals["rooms"] == facts["rooms"]
    assert registered.totals["owners"] == facts["owners"]
    assert registered.totals["vacant"] == facts["vacant"]
    assert Room.objects.count() == Account.objects.count() == facts["rooms"]
    assert str(Account.objects.get(room__building="1", room__unit="1", room__number="0104").owner) == "朱轩华"
    assert ContactPoint.objects.filter(owner__accounts__room__number="0102", owner__name="刘秀").count() == 2


def test_rooms_not_handed_over_are_the_developers_and_stop_notices(
    registered: ImportBatch, expected: dict[str, Any]
) -> None:
    held = SpecialCase.objects.filter(kind=SpecialCase.Kind.NOT_HANDED_OVER)
    assert held.count() == expected["register"]["not_handed_over"]
    assert all(case.blocks_reminder and case.ends_before is None for case in held)
    assert {case.account.owner.name for case in held.select_related("account__owner")} == {"华庭苑建设单位"}
    assert not ContactPoint.objects.filter(owner__kind="developer").exists()


def test_exactly_the_bad_rows_are_refused_with_row_column_and_reason(
    registered: ImportBatch, upload: Any, expected: dict[str, Any]
) -> None:
    batch = upload("bills", BILLS)
    refused = ImportRow.objects.filter(batch=batch, verdict="refused")
    assert [row.row_no for row in refused] == [error["row"] for error in expected["bills"]["errors"]]
    for row in refused:
        (reason,) = row.reasons
        assert reason["column"] == "I列「应收金额」"
        assert reason["code"] == "amount_unreadable"
        assert "待核" in reason["message"]


def test_control_totals_agree_with_the_subtotals_of_the_file(registered: ImportBatch, upload: Any) -> None:
    totals = upload("bills", BILLS).totals
    controls = totals["controls"]
    assert totals["rooms"] == 480  # a lost zero makes no second room
    assert [(c["row"], c["label"]) for c in controls] == [
        (484, "1栋小计"),
        (965, "2栋小计"),
        (1446, "3栋小计"),
        (1927, "4栋小计"),
        (1928, "合计"),
    ]
    assert all(c["difference"] == "0.00" and c["agrees"] for c in controls)
    assert controls[-1]["ours"] == "371205.03"
    assert controls[-1]["refused"] == "1971.89"


def test_without_the_explicit_choice_nothing_is_written(registered: ImportBatch, upload: Any, commit: Any) -> None:
    with pytest.raises(ImportRefused, match="8 行错误") as refusal:
        commit(upload("bills", BILLS), accept_good=False)
    assert refusal.value.code == "rows_refused"
    assert not Bill.objects.exists()


def test_the_good_rows_equal_the_expected_totals_to_the_cent(billed: ImportBatch, expected: dict[str, Any]) -> None:
    facts = expected["bills"]
    assert Bill.objects.count() == facts["good"]
    assert Bill.objects.aggregate(x=Sum("amount"))["x"] == Decimal(facts["receivable"])
    assert Adjustment.objects.aggregate(x=Sum("amount"))["x"] == Decimal(facts["waived"])
    assert Payment.objects.aggregate(x=Sum("amount"))["x"] == Decimal(facts["received"])
    assert Allocation.objects.aggregate(x=Sum("amount"))["x"] == Decimal(facts["received"])
    lines = open_bills()
    assert sum(line.open for line in lines) == Decimal(facts["arrears"])
    assert len({line.account_id for line in lines}) == facts["rooms_in_arrears"]
    assert Bill.objects.values("account").distinct().count() == facts["rooms"]


def test_reductions_and_earlier_payments_are_rows_of_their_own(billed: ImportBatch) -> None:
    bill = Bill.objects.get(batch=billed, row_no=33)
    (reduction,) = bill.adjustments.all()
    (share,) = bill.allocations.all()
    assert (bill.amount, reduction.amount, share.amount) == (Decimal("552.16"), Decimal("165.65"), Decimal("193.26"))
    assert (reduction.kind, reduction.state, reduction.reason) == ("vacancy", "approved", "空置七折")
    assert share.payment.kind == Payment.Kind.OPENING
    assert str(share.payment.value_on) == "2024-12-28"  # 制表日期 of the file


def test_a_room_that_lost_its_zero_is_matched_and_marked(billed: ImportBatch) -> None:
    row = ImportRow.objects.get(batch=billed, row_no=14)
    assert row.account.room.number == "0103"
    assert [reason["code"] for reason in row.reasons] == ["room_zero_lost"]


def test_the_same_file_again_adds_nothing(billed: ImportBatch, upload: Any, commit: Any) -> None:
    again = upload("bills", BILLS)
    assert (again.totals["new"], again.totals["unchanged"], again.totals["refused"]) == (0, 1912, 8)
    assert again.totals["same_file"] == billed.pk
    with pytest.raises(ImportRefused, match="同一个文件"):
        commit(again)
    assert Bill.objects.count() == 1912


def test_the_register_again_changes_nothing(registered: ImportBatch, upload: Any) -> None:
    assert upload("register", REGISTER).totals["unchanged"] == 480


def test_bills_before_their_register_are_refused_with_a_hint(upload: Any) -> None:
    with pytest.raises(ImportRefused) as refusal:
        upload("bills", BILLS)
    assert refusal.value.code == "register_first"


def test_every_transfer_is_matched_to_its_room_and_none_falsely(
    billed: ImportBatch, upload: Any, commit: Any, expected: dict[str, Any]
) -> None:
    facts = expected["bank"]
    batch = commit(upload("bank", BANK))
    lines = list(BankLine.objects.filter(batch=batch).select_related("suggested__room").order_by("row_no"))
    assert len(lines) == len(facts["credit_lines"])
    assert sum(line.amount for line in lines) == Decimal(facts["credits"])
    for line, truth in zip(lines, facts["credit_lines"], strict=True):
        assert (str(line.on), str(line.amount)) == (truth["on"], truth["amount"])
        assert (str(line.suggested.room) if line.suggested else None) == truth["room"], truth
    suggested = [line for line in lines if line.suggested]
    assert len(suggested) == facts["by_memo"] + facts["by_payer_and_amount"]
    assert sum(line.amount for line in suggested) == Decimal(facts["matched_sum"])
    assert all(line.reasons and line.score >= 70 for line in suggested)
    assert not Payment.objects.filter(kind="bank").exists()  # a suggestion is not a booking


def test_a_longer_statement_adds_only_its_new_lines(registered: ImportBatch, upload: Any, commit: Any) -> None:
    commit(upload("bank", BANK))
    again = upload("bank", BANK)
    assert (again.totals["new"], again.totals["unchanged"]) == (0, 160)


def test_a_wide_yearly_ledger_serves_as_register_and_as_bills(
    upload: Any, commit: Any, expected: dict[str, Any], inside: Any
) -> None:
    from offices.models import Community

    community = Community.objects.create(name="翠湖雅苑")
    register = commit(upload("register", WIDE, community))
    assert register.totals["written"]["rooms"] == expected["wide"]["rooms"]
    bills = commit(upload("bills", WIDE))
    assert bills.community == community  # named by the title
    assert bills.totals["written"]["open"] == expected["wide"]["arrears"]
    assert bills.totals["written"]["received"] == expected["wide"]["received"]
    assert all(control["agrees"] for control in bills.totals["controls"])


def test_a_repeated_row_is_refused_once(upload: Any, commit: Any, expected: dict[str, Any]) -> None:
    from offices.models import Community

    community = Community.objects.create(name="翠湖雅苑")
    commit(upload("register", WIDE, community))
    batch = upload("bills", PLAIN_CSV, community)
    facts = expected["csv"]
    assert batch.totals["rows"] == facts["rows"]
    assert batch.totals["refused"] == facts["duplicates"]
    assert ImportRow.objects.get(batch=batch, verdict="refused").reasons[-1]["code"] == "row_repeated"
    assert batch.totals["accepted"]["arrears"] == facts["arrears"]
    assert batch.layout["encoding"] == facts["encoding"]
