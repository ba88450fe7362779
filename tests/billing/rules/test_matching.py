"""Whose transfer: points with reasons, and never a guess (domain 5.3)."""

from __future__ import annotations

from datetime import date

import pytest

from billing.rules.matching import CERTAIN_FROM, SUGGEST_FROM, Clues, Expected, Run, may_post, rank, suggestion

ONE_BILL = Run(date(2024, 1, 1), date(2024, 3, 31), 1, True, False)
ALL = Run(date(2024, 1, 1), date(2024, 6, 30), 2, True, True)
OLDEST = Run(date(2024, 1, 1), date(2024, 6, 30), 2, True, False)
LATER = Run(date(2025, 10, 1), date(2025, 12, 31), 3, False, False)
CLAIMED = Expected("claim:7", date(2026, 8, 30), 2)
ROOM = "1栋1单元0101室"


@pytest.mark.parametrize(
    ("clues", "account"),
    [
        pytest.param([Clues(1, room=ROOM)], 1, id="the-room-in-the-memo"),
        pytest.param([Clues(1, is_payer=True, run=ONE_BILL)], 1, id="payer-and-one-bill"),
        pytest.param([Clues(1, is_payer=True, run=ALL)], 1, id="payer-and-all-bills"),
        pytest.param([Clues(1, is_payer=True, run=OLDEST)], 1, id="payer-and-the-oldest-bills"),
        pytest.param([Clues(1, is_payer=True, run=LATER)], 1, id="payer-and-three-months-in-between"),
        pytest.param(
            [Clues(3, is_payer=True), Clues(4, is_payer=True, run=ONE_BILL)],
            4,
            id="the-amount-tells-two-of-one-name-apart",
        ),
        pytest.param(
            [Clues(1, room=ROOM), Clues(2, is_payer=True, run=ONE_BILL)],
            1,
            id="the-memo-outweighs-a-name-that-is-somebody-else's",
        ),
        pytest.param([Clues(1, is_known=True, run=ONE_BILL)], 1, id="a-payer-confirmed-before-and-a-bill"),
        pytest.param(
            [Clues(1, is_known=True), Clues(2, is_known=True, run=ONE_BILL)], 2, id="who-pays-for-two-flats-by-the-bill"
        ),
        pytest.param([Clues(1, is_payer=True, expected=CLAIMED)], 1, id="payer-and-the-amount-they-told-us"),
        pytest.param(
            [Clues(1, is_announced=True, expected=CLAIMED)], 1, id="the-owner-said-who-would-pay-and-how-much"
        ),
        pytest.param(
            [Clues(1, room=ROOM, in_community=True), Clues(2, room=ROOM)], 1, id="the-memo-names-the-community-too"
        ),
        pytest.param([], None, id="nobody"),
        pytest.param([Clues(1, is_payer=True)], None, id="the-name-alone-is-not-enough"),
        pytest.param([Clues(1, is_known=True)], None, id="a-known-payer-alone-is-not-enough"),
        pytest.param([Clues(1, expected=CLAIMED)], None, id="an-announced-amount-alone-is-a-hint"),
        pytest.param([Clues(3, is_payer=True), Clues(4, is_payer=True)], None, id="two-of-one-name"),
        pytest.param(
            [Clues(3, is_payer=True, run=ONE_BILL), Clues(4, is_payer=True, run=ONE_BILL)],
            None,
            id="two-of-one-name-who-owe-the-same",
        ),
        pytest.param([Clues(1, room=ROOM), Clues(2, room="1栋2单元0101室")], None, id="two-rooms-in-one-memo"),
        pytest.param(
            [Clues(1, is_known=True, run=ONE_BILL), Clues(2, is_known=True, run=ONE_BILL)],
            None,
            id="who-pays-for-two-flats-that-owe-the-same",
        ),
    ],
)
def test_a_suggestion_is_made_only_where_one_account_can_be_meant(clues: list[Clues], account: int | None) -> None:
    found = suggestion(rank("张三", clues))
    assert (found.account_id if found else None) == account


def test_room_payer_and_amount_together_are_certain() -> None:
    found = suggestion(rank("张三", [Clues(1, room=ROOM, is_payer=True, run=ONE_BILL)]))
    assert found is not None
    assert found.score >= CERTAIN_FROM
    assert found.reasons == ("附言写明 1栋1单元0101室", "付款人 张三 是业主", "金额等于 2024年1月—3月 账单")


def test_a_contradiction_is_said_and_never_certain() -> None:
    found = suggestion(rank("王五", [Clues(1, room=ROOM, run=ONE_BILL), Clues(2, is_payer=True)]))
    assert found is not None
    assert found.score < CERTAIN_FROM
    assert any("同名" in reason for reason in found.reasons)


def test_the_reason_says_which_months_the_amount_is_the_sum_of() -> None:
    [match] = rank("张三", [Clues(1, is_payer=True, run=LATER)])
    assert "金额等于 2025年10月—12月 3 笔账单之和" in match.reasons


@pytest.mark.parametrize(
    ("post_from", "posts"),
    [(None, False), (100, True), (101, False), (SUGGEST_FROM, True)],
    ids=["the-office-lets-people-decide", "at-the-threshold", "below-it", "low"],
)
def test_the_rule_books_only_what_is_unique_and_above_the_offices_threshold(post_from: int | None, posts: bool) -> None:
    sure = rank("张三", [Clues(1, room=ROOM, is_payer=True, run=ONE_BILL)])
    assert sure[0].score == 100
    assert may_post(suggestion(sure), post_from=post_from) is posts
    doubtful = rank("张三", [Clues(1, room=ROOM, is_payer=True, run=ONE_BILL), Clues(2, room="1栋2单元0101室")])
    assert may_post(suggestion(doubtful), post_from=SUGGEST_FROM) is False
