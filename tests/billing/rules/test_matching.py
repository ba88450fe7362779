"""Whose transfer: points with reasons, and never a guess (domain 5.3)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.rules.matching import CERTAIN_FROM, Debtor, Line, OpenBill, candidates, ledger_of, suggestion
from billing.rules.rooms import RoomKey

D = Decimal

Q1, Q2 = OpenBill("2024年1月—3月", D("600")), OpenBill("2024年4月—6月", D("620"))
ZHANG = Debtor(1, RoomKey("1", "1", "0101"), ("张三", "李四"), (Q1, Q2))
WANG = Debtor(2, RoomKey("1", "2", "0101"), ("王五",), (Q1,))
ZHAO_A = Debtor(3, RoomKey("2", "1", "0101"), ("赵六",), (Q1,))
ZHAO_B = Debtor(4, RoomKey("2", "1", "0102"), ("赵六",), (Q2,))
LEDGER = ledger_of([ZHANG, WANG, ZHAO_A, ZHAO_B])


@pytest.mark.parametrize(
    ("line", "account"),
    [
        pytest.param(Line(D(5), "路人", "1-1-101物业费"), 1, id="the-room-in-the-memo"),
        pytest.param(Line(D(600), "李四", ""), 1, id="co-owner-and-one-bill"),
        pytest.param(Line(D(1220), "张三", "物业"), 1, id="payer-and-all-bills"),
        pytest.param(Line(D(620), "赵六", ""), 4, id="the-amount-tells-two-of-one-name-apart"),
        pytest.param(Line(D(600), "王五", "1-1-0101"), 1, id="the-memo-outweighs-a-name-that-is-somebody-else's"),
        pytest.param(Line(D(600), "张三某", ""), None, id="no-owner-of-that-name"),
        pytest.param(Line(D(7), "张三", ""), None, id="the-name-alone-is-not-enough"),
        pytest.param(Line(D(7), "赵六", ""), None, id="two-of-one-name"),
        pytest.param(Line(D(600), "路人", "1-0101"), None, id="a-short-room-that-two-have"),
        pytest.param(Line(D(600), "路人", "1-1-0101和1-2-0101"), None, id="two-rooms-in-one-memo"),
        pytest.param(Line(D(600), "路人", "9-9-0999"), None, id="no-such-room"),
    ],
)
def test_a_suggestion_is_made_only_where_one_account_can_be_meant(line: Line, account: int | None) -> None:
    found = suggestion(line, LEDGER)
    assert (found.account_id if found else None) == account


def test_room_payer_and_amount_together_are_certain() -> None:
    found = suggestion(Line(D(600), "张三", "1栋1单元101"), LEDGER)
    assert found is not None
    assert found.score >= CERTAIN_FROM
    assert found.reasons == ("附言写明 1栋1单元0101室", "付款人 张三 是业主", "金额等于 2024年1月—3月 账单")


def test_a_contradiction_is_said_and_never_certain() -> None:
    found = suggestion(Line(D(600), "王五", "1-1-0101"), LEDGER)
    assert found is not None
    assert found.score < CERTAIN_FROM
    assert any("同名" in reason for reason in found.reasons)


def test_without_a_suggestion_candidates_are_still_shown() -> None:
    assert {match.account_id for match in candidates(Line(D(7), "赵六", ""), LEDGER)} == {3, 4}


def test_a_payer_confirmed_before_is_remembered() -> None:
    ledger = ledger_of([ZHANG, WANG], known={("张三", "6222"): frozenset({1})})
    found = suggestion(Line(D(600), "张三", "", "6222"), ledger)
    assert found is not None
    assert any("以前确认" in reason for reason in found.reasons)
