"""Special cases and the sign-off in a real browser, at a desk and on a phone (S3–S9, invariant 45)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from billing.models import SpecialCase
from billing.operations import open_special_case
from offices.models import OfficeSettings
from tests.factories import workbooks


def fits(watch: Any, name: str) -> list[str]:
    wrong = [f"{name}: {one}" for one in watch.axe()]
    return wrong if watch.overflow() <= 0 else [*wrong, f"{name}: {watch.overflow()} px wider than the screen"]


@pytest.fixture
def held(lived: Any) -> Any:
    """0101 has a legacy issue whose review is due, 0102 a prepayment nobody has agreed to, 0103 a transfer that never came.

    The office wants data of the last week; its last file is three weeks old. Of a new file one row is in doubt.
    """
    start = lived.now(10) - timedelta(days=9)
    facts: dict[str, dict[str, Any]] = {
        "0101": {"kind": "legacy_issue", "issue_owner": "工程部李工", "review_on": lived.day, "note": "外墙渗水，开发商保修期内未修"},
        "0102": {"kind": "prepaid", "claimed_amount": 1200, "note": "业主说去年已向前物业预缴一年"},
        "0103": {
            "kind": "pending_transfer", "claimed_amount": 600, "claimed_on": start.date(), "claimed_payer": "徐国强",
            "note": "业主出示手机银行截图",
        },
    }  # fmt: skip
    with lived.open("collector"):
        for number, given in facts.items():
            open_special_case(
                account=lived.account(number), starts_on=start.date(), blocks_reminder=True, by=lived.who("collector"),
                at=start, **given,
            )  # fmt: skip
        OfficeSettings.objects.update(fresh_days=7)
    day = lived.day.isoformat()
    lived.upload_new = lived.upload("bills", workbooks.bills([("101", "张伟", day, day, day, "600.00")]))
    return lived


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_pages_are_accessible_and_fit(held: Any, browse: Any, width: str) -> None:
    watch = browse(width)
    watch.sign_in(held.who("manager"))
    wrong = []
    with held.open():
        accounts = [held.account(number).pk for number in ("0101", "0102", "0103")]
    for name, address in {
        "list": "/billing/special-cases/",
        "legacy": f"/billing/accounts/{accounts[0]}/special-cases/",
        "prepaid": f"/billing/accounts/{accounts[1]}/special-cases/",
        "transfer": f"/billing/accounts/{accounts[2]}/special-cases/",
        "signoff": f"/billing/imports/{held.upload_new.pk}/sign-off/",
        "today": "/today/",
    }.items():
        watch.go(address)
        wrong += fits(watch, name)
    assert wrong == []


def test_the_work_list_says_what_is_old_and_what_waits(held: Any, browse: Any) -> None:
    watch = browse()
    page = watch.sign_in(held.who("supervisor"))
    strips = page.locator(".today-strips").inner_text()
    assert "华庭苑的账单或银行流水停在" in strips
    assert "特殊情况待批准 2 条" in strips
    assert "到期复核 2 条" in strips
    page.click("text=去处理")
    page.wait_for_url("**/special-cases/")
    assert page.locator("h1").inner_text() == "特殊情况"


def test_a_case_is_opened_on_the_households_page_and_approved_by_another(held: Any, browse: Any) -> None:
    watch = browse()
    page = watch.sign_in(held.who("collector"))
    with held.open():
        account = held.account("0101").pk
    watch.go(f"/households/{account}/")
    card = page.locator("#panel-special-cases")
    card.wait_for()
    card.locator("summary", has_text="登记特殊情况").click()
    card.locator("select[name=kind]").select_option("prepaid")
    card.locator("textarea[name=note]").first.fill("业主有收据")
    page.click("#panel-special-cases form:has(select[name=kind]) button.btn-primary")
    page.wait_for_selector("text=请填写业主所说的预缴金额")
    page.fill("#case_claimed_amount", "600")
    page.set_input_files(
        "#case_evidence", files=[{"name": "收据.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 receipt"}]
    )
    page.click("#panel-special-cases form:has(select[name=kind]) button.btn-primary")
    page.wait_for_selector("text=收据.pdf")
    with held.open():
        case = SpecialCase.objects.latest("pk")
    boss = browse()
    other = boss.sign_in(held.who("manager"))
    boss.go(f"/billing/accounts/{account}/special-cases/")
    other.click(f"#case-{case.pk} button:has-text('批准')")
    other.wait_for_selector("text=已批准")
    with held.open():
        case.refresh_from_db()
        assert (case.approved_by_id, case.evidence is not None) == (held.who("manager").pk, True)
