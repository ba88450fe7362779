"""The work as people do it, with keyboard, mouse and a phone's camera."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Bill
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


def _upload(page: Any, file: Any) -> None:
    page.check("[name=kind][value=bills]", force=True)
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.locator("form[data-upload] button.btn-primary").click()


def test_upload_point_at_the_column_mend_commit_undo(lived: Any, browse: Any, tmp_path: Any) -> None:
    """财务: a file whose amount column nobody knows and with one bad row; the column is pointed out, the room is
    mended in place, the batch is committed and taken back."""
    file = tmp_path / "账单.xlsx"
    rows = [
        ("房号", "业主姓名", "账期", "本次结算"),
        ("1-1-0101", "陈梅轩", "2025年1月", 600),
        ("1-1-0999", "刘秀", "2025年1月", 600),
    ]
    file.write_bytes(workbooks.workbook(rows).read())
    watch = browse()
    page = watch.sign_in(lived.who("finance"))
    watch.go("/billing/imports/new/")
    _upload(page, file)
    page.wait_for_url(re.compile(r"/billing/imports/\d+/columns/$"))
    assert watch.axe() == []
    page.locator("tr", has_text="本次结算").locator("select").select_option("receivable")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/billing/imports/\d+/check/$"))
    assert "登记表里没有 1栋1单元0999室" in page.locator("main").inner_text()
    assert watch.axe() == []
    page.get_by_label("第 3 行 房号").or_(page.get_by_label("第 3 行 房屋")).fill("1-1-0102")
    page.locator("button[form=fixes]").click()
    page.wait_for_selector(".toast-note >> text=现在 0 行")
    page.locator("form[action$='/commit/'] button.btn-primary").dblclick()
    page.wait_for_url(re.compile(r"/billing/imports/\d+/result/$"))
    assert "2 笔" in page.locator("main").inner_text()
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("form[action$='/commit/']").count() == 0
    page.go_forward()
    page.locator("[data-dialog=undo]").click()
    page.fill("#undo-reason", "试一试")
    assert watch.axe() == []
    page.locator("#undo .btn-danger").click()
    page.wait_for_selector(".toast-note >> text=已撤销")
    with lived.open():
        assert not Bill.objects.filter(period_start="2025-01-01").exists()


def test_upload_with_bad_rows_accept_the_good_ones_on_the_phone(lived: Any, browse: Any, tmp_path: Any) -> None:
    """财务 on the move: one bad row is left out by choice."""
    file = tmp_path / "账单.xlsx"
    rows = [("0101", "陈梅轩", "2025-01-01", "2025-03-31", "2025-04-15", "600.00")]
    book = workbooks.bills([*rows, ("0999", "无此人", "2025-01-01", "2025-03-31", "2025-04-15", "600.00")])
    file.write_bytes(book.read())
    watch = browse("phone")
    page = watch.sign_in(lived.who("finance"))
    watch.go("/billing/imports/new/")
    _upload(page, file)
    page.wait_for_url(re.compile(r"/billing/imports/\d+/check/$"))
    assert "0999" in page.locator("main").inner_text()
    assert watch.axe() == []
    assert watch.overflow() <= 0
    page.check("[name=accept_good]")
    page.locator("form[action$='/commit/'] button.btn-primary").click()
    page.wait_for_url(re.compile(r"/billing/imports/\d+/result/$"))
    assert "已导入" in page.locator("body").inner_text()
    assert watch.overflow() <= 0


def test_a_broken_line_loses_nothing_of_an_upload(lived: Any, browse: Any, tmp_path: Any) -> None:
    """The connection breaks while a file is on its way: the form stays, and is sent again with one click."""
    file = tmp_path / "账单.xlsx"
    file.write_bytes(workbooks.bills([("0101", "陈梅轩", "2025-01-01", "2025-03-31", "2025-04-15", "600.00")]).read())
    watch = browse()
    page = watch.sign_in(lived.who("finance"))
    watch.go("/billing/imports/new/")
    page.route("**/imports/new/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    _upload(page, file)
    page.wait_for_selector(".upload-failed >> text=网络中断")
    assert page.locator(".dropzone .picked").inner_text().startswith("账单.xlsx")
    page.unroute("**/imports/new/")
    watch.troubles.clear()
    page.locator(".upload-failed button").click()
    page.wait_for_url(re.compile(r"/billing/imports/\d+/check/$"))


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
    small.fill("[name=served_time]", "10:00")
    small.fill("[name=note]", "敲门无人应答")
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
