"""到账核对 worked to the end by keyboard alone: claim, look for, split, together, aside, refund, take back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from billing.models import BankLine, Payment

HEADER = "交易日期,摘要,附言,收入金额,支出金额,余额,对方户名,对方账号\n"


@pytest.fixture
def board(lived: Any, browse: Any) -> Any:
    """The board of an office whose statement the rules could not settle by themselves."""
    on = (timezone.localdate() - timedelta(days=1)).isoformat()
    lines = [
        ("1-1-0101", "300.00", "陈梅轩"),
        ("1-1-0102 1-1-0103", "1000.00", "路人甲"),
        ("物业", "100.00", "周某"),
        ("物业", "150.00", "周某"),
        ("房租", "77.00", "租客"),
        ("转错", "66.00", "生人"),
        ("", "50.00", "无名"),
    ]
    body, balance = "", Decimal("1000.00")
    for memo, amount, payer in lines:
        balance += Decimal(amount)
        body += f"{on},转账,{memo},{amount},,{balance},{payer},6222\n"
    file = BytesIO((HEADER + body).encode())
    file.name = "流水.csv"
    lived.bring_in("bank", file)
    watch = browse()
    page = watch.sign_in(lived.who("finance"))
    watch.go("/billing/bank/")
    page.wait_for_selector(".work-row")
    return watch


def go_to(page: Any, words: str, tab: str) -> None:
    """Walk to a transfer with j, as hands on the keyboard do; the tab is in the address."""
    if f"state={tab}" not in page.url:
        page.goto(page.url.split("?")[0] + f"?state={tab}")
    for _step in range(10):
        page.wait_for_selector(".work-row.is-current")
        if words in page.locator(".work-row.is-current").inner_text():
            return
        shown = page.locator("#panel").get_attribute("data-panel-of")
        page.keyboard.press("j")
        page.wait_for_function("shown => document.querySelector('#panel').dataset.panelOf !== shown", arg=shown)
    raise AssertionError(f"{words} is not on the list")


def paid(world: Any, room: str) -> Decimal:
    with world.open():
        return sum((p.amount for p in Payment.objects.filter(account=world.account(room))), Decimal(0))


def state_of(world: Any, payer: str) -> set[str]:
    with world.open():
        return set(BankLine.objects.filter(payer=payer).values_list("state", flat=True))


def until(page: Any, holds: Any) -> None:
    """Wait until the books say so; the board has been drawn anew by then."""
    for _try in range(80):
        if holds():
            return page.wait_for_load_state("networkidle")
        page.wait_for_timeout(100)
    raise AssertionError(page.locator("#board").inner_text())


def test_the_board_is_worked_without_a_mouse(lived: Any, board: Any) -> None:
    page = board.page
    page.mouse.move(0, 0)

    # Enter claims for the first household that the rules name, u takes it back with a reason by itself.
    go_to(page, "陈梅轩", "suggested" if "suggested" in state_of(lived, "陈梅轩") else "unclaimed")
    page.keyboard.press("Enter")
    until(page, lambda: paid(lived, "0101") == Decimal("300.00"))
    page.keyboard.press("u")
    until(page, lambda: paid(lived, "0101") == Decimal(0))

    # s splits: both rooms of the memo stand there already; what each gets is typed, Ctrl+Enter claims.
    go_to(page, "路人甲", "suggested" if "suggested" in state_of(lived, "路人甲") else "unclaimed")
    page.keyboard.press("s")
    page.wait_for_selector(".split-row")
    assert page.locator("[data-rest]").inner_text() == "0.00"
    page.keyboard.press("s")
    page.wait_for_selector(".split-row", state="detached")
    page.keyboard.press("s")
    page.wait_for_selector(".split-row >> nth=1")
    page.keyboard.press("Control+Enter")
    until(page, lambda: paid(lived, "0102") + paid(lived, "0103") == Decimal("1000.00"))

    # x ticks two transfers of one payer, m asks for which household, f looks for it, its number claims both.
    go_to(page, "100.00", "unclaimed")
    page.keyboard.press("x")
    go_to(page, "150.00", "unclaimed")
    page.keyboard.press("x")
    page.keyboard.press("m")
    page.wait_for_selector("#panel >> text=2 笔到账，共 ¥250.00")
    page.keyboard.press("f")
    page.keyboard.type("0101")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel >> text=全部认领到这一户")
    page.keyboard.press(page.locator("#panel .candidate kbd").first.inner_text())
    until(page, lambda: paid(lived, "0101") == Decimal("250.00"))

    # n sets aside what is no property fee; r folds out the refund with the cursor in it.
    go_to(page, "租客", "unclaimed")
    page.keyboard.press("n")
    until(page, lambda: state_of(lived, "租客") == {"not_fees"})
    go_to(page, "生人", "unclaimed")
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    page.locator("#refund-note").focus()
    page.keyboard.type("原路退回")
    page.keyboard.press("Control+Enter")
    until(page, lambda: state_of(lived, "生人") == {"refunded"})

    # f looks for a household nobody guessed; its number claims the transfer.
    go_to(page, "无名", "unclaimed")
    page.keyboard.press("f")
    page.keyboard.type("0101")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .candidate >> text=1-1-0101")
    page.keyboard.press(page.locator("#panel .candidate kbd").first.inner_text())
    until(page, lambda: paid(lived, "0101") == Decimal("300.00"))


def test_a_question_is_answered_by_keyboard(lived: Any, board: Any) -> None:
    """b asks before it claims every certain suggestion: Escape leaves all as it is, Enter says yes."""
    page = board.page
    page.goto(page.url.split("?")[0] + "?state=suggested")
    before = state_of(lived, "路人甲") | state_of(lived, "陈梅轩")
    if not page.locator("[data-key=b]").count():
        go_to(page, "陈梅轩", "suggested")
        page.keyboard.press("x")
        page.keyboard.press("a")
    else:
        page.keyboard.press("b")
    page.wait_for_selector("dialog[open]")
    assert board.axe() == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert state_of(lived, "路人甲") | state_of(lived, "陈梅轩") == before
    page.keyboard.press("a" if not page.locator("[data-key=b]").count() else "b")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".strip-good")
