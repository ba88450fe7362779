"""The work as people do it, with keyboard, mouse and a phone's camera."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from collection.models import Contact, Notice, Promise
from disputes.models import Dispute
from tests.factories import workbooks
from tests.scenarios.world import photo


def test_call_promise_next(lived: Any, browse: Any) -> None:
    """收缴员: open today's list, choose 承诺缴费 by key, save by keyboard; the next household below is open."""
    watch = browse()
    page = watch.sign_in(lived.who("collector"))
    row = page.locator(".work-row", has_text="1-1-0101")
    row.locator("a[data-open]").click()
    page.wait_for_selector(".today-panel h2 >> text=陈梅轩")
    page.locator(".today-panel h2").focus()
    page.keyboard.press("1")
    assert page.locator(".outcome.is-chosen").inner_text().startswith("承诺缴费")
    page.click("[data-quick-day=tomorrow] >> nth=0")
    page.fill("#id_note", "本人接听，明天转账")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast-note >> text=已记录")
    assert page.locator("[data-row].is-done", has_text="1-1-0101").count() == 1
    assert "陈梅轩" not in page.locator(".today-panel").inner_text()
    with lived.open():
        made = Promise.objects.get(account=lived.account("0101"))
        assert made.promised_on == timezone.localdate() + timedelta(days=1)
        assert Contact.objects.filter(account=lived.account("0101"), outcome="promised").count() == 1


def test_a_record_with_a_gap_is_refused_at_its_field(lived: Any, browse: Any) -> None:
    watch = browse()
    page = watch.sign_in(lived.who("collector"))
    page.locator(".work-row", has_text="1-1-0101").locator("a[data-open]").click()
    page.wait_for_selector(".today-panel h2 >> text=陈梅轩")
    page.locator(".today-panel h2").focus()
    page.keyboard.press("1")
    page.fill("#id_note", "说过几天")
    page.click("[data-submit-main]")
    page.wait_for_selector(".error-summary")
    assert page.input_value("#id_note") == "说过几天"
    assert page.locator("#id_promised_on[aria-invalid=true]").count() == 1


def test_search_finds_by_room_name_and_pinyin(lived: Any, browse: Any) -> None:
    watch = browse()
    page = watch.sign_in(lived.who("collector"))
    for typed in ("1-1-102", "刘秀", "liux", "4330"):
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type(typed)
        page.wait_for_selector("a.hit >> text=刘秀")
        page.keyboard.press("Escape")
        assert page.locator(".hits").is_hidden()
    page.keyboard.press("/")
    page.keyboard.type("liux")
    page.wait_for_selector("a.hit >> text=刘秀")
    page.keyboard.press("Enter")
    page.wait_for_url("**/households/*/")
    assert "刘秀" in page.locator("h1").inner_text()


def test_upload_bills_look_commit(lived: Any, browse: Any, tmp_path: Any) -> None:
    """财务: upload with one bad row, see it with its reason, accept the good ones explicitly."""
    file = tmp_path / "账单.xlsx"
    rows = [("0101", "陈梅轩", "2026-01-01", "2026-03-31", "2026-04-15", "600.00")]
    book = workbooks.bills([*rows, ("0999", "无此人", "2026-01-01", "2026-03-31", "2026-04-15", "600.00")])
    file.write_bytes(book.read())
    watch = browse()
    page = watch.sign_in(lived.who("finance"))
    watch.go("/billing/imports/new/")
    kind = page.locator("[name=kind]")
    if kind.first.evaluate("e => e.tagName") == "SELECT":
        kind.select_option("bills")
    else:
        page.check("[name=kind][value=bills]", force=True)
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.locator("form[data-upload] button.btn-primary").click()
    page.wait_for_url(re.compile(r"/billing/imports/\d+/$"))
    assert "0999" in page.locator("main").inner_text()
    page.check("[name=accept_good]")
    page.locator("form[action$='/commit/'] button.btn-primary").click()
    if page.locator("dialog[open] .btn-primary").count():
        page.locator("dialog[open] .btn-primary").click()
    page.wait_for_load_state("networkidle")
    assert "已导入" in page.locator("body").inner_text()


def test_approve_a_letter_draw_it_and_serve_it_with_a_photo_on_the_phone(
    lived: Any, browse: Any, tmp_path: Any
) -> None:
    """客服主管 approves at the desk; the letter is drawn; 收缴员 posts it on the door and takes the picture."""
    with lived.open():
        notice = Notice.objects.get(account=lived.account("0102"), state="proposed")
    desk = browse()
    page = desk.sign_in(lived.who("supervisor"))
    desk.go(f"/notices/{notice.pk}/")
    page.locator("form[action*='approve'] button").first.click()
    if page.locator("dialog[open] .btn-primary").count():
        page.locator("dialog[open] .btn-primary").click()
    page.wait_for_load_state("networkidle")
    with lived.open():
        notice.refresh_from_db()
        assert notice.number
    from collection.operations.rendering import render_due_notices

    with lived.open():
        render_due_notices(at=timezone.now())
    desk.go(f"/notices/{notice.pk}/")
    picture = tmp_path / "door.jpg"
    picture.write_bytes(photo().read())
    phone = browse("phone")
    small = phone.sign_in(lived.who("collector"))
    phone.go(f"/serve/{notice.pk}/?way=door_posting-posted")
    small.locator("[data-photos] input[type=file]").first.set_input_files(str(picture))
    assert small.locator(".photo-grid figure").count() == 1
    small.locator("form[data-upload] button.btn-primary").last.click()
    small.wait_for_load_state("networkidle")
    with lived.open():
        notice.refresh_from_db()
        assert notice.state == "served"


def test_dispute_is_raised_and_resolved(lived: Any, browse: Any) -> None:
    """收缴员 writes down the owner's words; the amount is held; 客服主管 answers and it goes on."""
    with lived.open():
        account = lived.account("0101")
    watch = browse()
    page = watch.sign_in(lived.who("supervisor"))
    watch.go(f"/disputes/raise/{account.pk}/")
    page.fill("[name=owner_words]", "楼道灯坏了两个月没有修")
    page.select_option("[name=kind]", "service")
    page.locator("main input[type=checkbox]").first.check()
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/disputes/\d+/$"))
    with lived.open():
        assert Dispute.objects.filter(account=account).count() == 1
    assert "楼道灯坏了两个月没有修" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_what_axe_cannot_see_at_first(lived: Any, browse: Any, width: str) -> None:
    """States behind a click: an open household, an open menu, an open dialog, errors in a form."""
    watch = browse(width)
    page = watch.sign_in(lived.who("supervisor"))
    page.locator("a[data-open]").first.click()
    page.wait_for_selector(".today-panel h2")
    assert watch.axe() == []
    page.click(".person > button")
    assert watch.axe() == []
    page.click(".person [data-dialog=keys]")
    assert watch.axe() == []
    page.keyboard.press("Escape")
    if width == "phone":
        page.click(".menu-button")
        assert watch.axe() == []
