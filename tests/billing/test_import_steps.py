"""The five steps as pages and by API: each has its address, one may leave, come back, click twice."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.documents import refused_workbook
from billing.models import Bill, ImportBatch
from billing.operations import background, commit_import, upload_file
from tests.billing.conftest import REGISTER, SAMPLES, UPLOADED
from tests.billing.test_bad_input import workbook

pytestmark = pytest.mark.django_db

GOOD = ["房号", "账期", "应收金额"]
ODD = ["房号", "账期", "本次结算"]


@pytest.fixture
def registered(office: SimpleNamespace) -> SimpleNamespace:
    """华庭物业 with its register in the books."""
    with office.open(by=office.people["finance"]), (SAMPLES / REGISTER).open("rb") as file:
        batch = upload_file(kind="register", file=file, name=REGISTER, community=None, by=None, at=UPLOADED)
        commit_import(batch=batch, accept_good=True, by=office.people["finance"], at=UPLOADED)
    return office


def _file(*rows: list[Any], name: str = "账单.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, workbook(*rows))


def _send(client: Any, *rows: list[Any], **more: Any) -> tuple[int, str]:
    """Upload; returns the batch and the address where one is led."""
    answer = client.post(reverse("billing:import-upload"), {"kind": "bills", "file": _file(*rows)} | more)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return int(answer["Location"].split("/")[3]), answer["Location"]


def _at(name: str, batch: int) -> str:
    return reverse(f"billing:import-{name}", args=[batch])


def test_a_missing_column_leads_to_the_columns_and_then_to_the_check(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch, there = _send(client, ODD, ["1-1-0101", "2024年1月", 500])
    assert there == _at("columns", batch)
    page = client.get(there).content.decode()
    assert "没有找到金额列" in page
    assert "C列「本次结算」" in page
    assert "500" in page
    assert client.get(reverse("billing:import", args=[batch]))["Location"] == there, "one may leave and come back"
    twice = client.post(there, {"c0-0": "room", "c0-1": "period", "c0-2": "period"})
    assert twice.status_code == 422
    assert "都选了“账期”" in twice.content.decode()
    done = client.post(there, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert done["Location"] == _at("check", batch)
    _, again = _send(client, ODD, ["1-1-0102", "2024年1月", 300])
    assert again.endswith("/check/"), "the office's word is remembered"


def test_refused_cells_are_mended_on_the_page(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch, there = _send(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    page = client.get(there).content.decode()
    assert re.search(r'name="cell:0:2:2" value="待核"', page)
    assert 'name="cell:0:3' not in page
    row = client.get(_at("row", batch), {"sheet": 0, "row": 2}).content.decode()
    assert all(f'name="cell:0:2:{column}"' in row for column in range(3))
    answer = client.post(_at("fix", batch), {"cell:0:2:2": "500", "cell:9:2:2": "x", "cell:0:x:2": "x"})
    assert answer["Location"].startswith(there)
    page = client.get(there + "?tab=new").content.decode()
    assert "<del" in page
    assert "待核" in page
    assert "已重新检查：错误 1 行，现在 0 行。" in page
    assert client.get(_at("row", batch), {"sheet": 0, "row": 99})["Location"] == there
    assert client.get(_at("row", batch), {"sheet": "x", "row": ""})["Location"] == there


def test_all_or_nothing_unless_chosen_and_a_second_click_changes_nothing(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch, _ = _send(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    no = client.post(_at("commit", batch))
    assert no.status_code == 422
    assert "1 行错误" in no.content.decode()
    for _click in range(2):
        assert client.post(_at("commit", batch), {"accept_good": "on"})["Location"] == _at("result", batch)
    with registered.open():
        assert Bill.objects.count() == 1
    result = client.get(_at("result", batch)).content.decode()
    assert "写入账单" in result
    assert f"?corrects={batch}" in result
    back = client.get(_at("check", batch)).content.decode()  # the browser's back button
    assert "这一批已经导入" in back
    assert "accept_good" not in back
    assert "cell:0:2" not in back
    assert client.get(_at("commit", batch))["Location"] == reverse("billing:import", args=[batch])


def test_the_mended_rows_of_a_batch_come_back(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch, _ = _send(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    client.post(_at("commit", batch), {"accept_good": "on"})
    page = client.get(reverse("billing:import-upload") + f"?corrects={batch}").content.decode()
    assert f'name="corrects" value="{batch}"' in page
    with registered.open():
        book = openpyxl.load_workbook(io.BytesIO(refused_workbook(ImportBatch.objects.get(pk=batch))))
    book.active["C2"] = 500
    out = io.BytesIO()
    book.save(out)
    answer = client.post(
        reverse("billing:import-upload"), {"corrects": batch, "file": SimpleUploadedFile("错误行.xlsx", out.getvalue())}
    )
    mended = int(answer["Location"].split("/")[3])
    assert "的错误行，改正后重新上传" in client.get(answer["Location"]).content.decode()
    client.post(_at("commit", mended))
    assert "错误行.xlsx" in client.get(_at("result", batch)).content.decode()
    with registered.open():
        assert Bill.objects.count() == 2


def test_undo_then_the_reason_why_not_then_reversing_entries(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch, _ = _send(client, GOOD, ["1-1-0101", "2024年1月", 500])
    client.post(_at("commit", batch))
    with registered.open():
        account = Bill.objects.get().account_id
    body = {"amount": "100", "value_on": "2024-03-01", "kind": "counter", "payer": "", "idempotency_key": "k"}
    client.post(reverse("billing:payments", args=[account]), body)
    blocked = client.post(_at("undo", batch), {"reason": "导错了"})
    assert blocked.status_code == 422
    assert "已经被缴费核销记录使用" in blocked.content.decode()
    assert "可以由项目经理冲正" in blocked.content.decode()
    assert client.post(_at("reverse", batch), {"reason": "导错了"}).status_code == 403
    client = sign_in(registered.people["manager"])
    assert client.post(_at("reverse", batch), {"reason": ""}).status_code == 422
    client.post(_at("reverse", batch), {"reason": "导错了"})
    page = client.get(_at("result", batch)).content.decode()
    assert "冲正：导错了" in page
    assert "¥400.00" in page


# --- large files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def large(registered: Any, sign_in: Any, monkeypatch: Any) -> SimpleNamespace:
    """A checked batch that is large enough for the worker."""
    monkeypatch.setattr(background, "IN_THE_REQUEST", 1)
    client = sign_in(registered.people["finance"])
    batch, _ = _send(client, GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-0102", "2024年1月", 300])
    return SimpleNamespace(client=client, batch=batch, office=registered)


def test_a_large_import_is_done_by_the_worker_while_the_page_asks(
    large: SimpleNamespace, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("billing.tasks.ring_commit", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(2):
            assert large.client.post(_at("commit", large.batch))["Location"] == _at("commit", large.batch)
    assert set(rung) == {large.office.id}
    page = large.client.get(_at("commit", large.batch)).content.decode()
    assert "排队中" in page
    assert "hx-trigger" in page
    assert large.client.get(reverse("billing:import", args=[large.batch]))["Location"] == _at("commit", large.batch)
    part = large.client.get(_at("commit", large.batch), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 1
    done = large.client.get(_at("commit", large.batch), headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == reverse("billing:import", args=[large.batch])
    with large.office.open():
        batch = ImportBatch.objects.get(pk=large.batch)
        assert (batch.state, batch.committed_by, Bill.objects.count()) == (
            "committed",
            large.office.people["finance"],
            2,
        )
    assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 0, "a second ring finds nothing"


@pytest.fixture
def slow(registered: SimpleNamespace, sign_in: Any, monkeypatch: Any) -> SimpleNamespace:
    """A person whose every file is too large to be read while she waits."""
    monkeypatch.setattr(background, "READ_IN_THE_REQUEST", 10)
    return SimpleNamespace(client=sign_in(registered.people["finance"]), office=registered)


def test_a_large_file_is_read_by_the_worker_while_the_page_asks(
    slow: SimpleNamespace, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("billing.tasks.ring_commit", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        batch, there = _send(slow.client, GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-9999", "2024年1月", 500])
    assert (there, rung) == (_at("reading", batch), [slow.office.id])
    page = slow.client.get(there).content.decode()
    assert "排队中" in page
    assert "hx-trigger" in page
    assert slow.client.get(_at("check", batch))["Location"] == there, "there is nothing to check yet"
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == there, "one may leave and come back"
    assert "<html" not in slow.client.get(there, headers={"HX-Request": "true"}).content.decode()
    assert background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED) == 1
    read = slow.client.get(there, headers={"HX-Request": "true"})
    assert read["HX-Redirect"] == reverse("billing:import", args=[batch])
    assert slow.client.get(read["HX-Redirect"])["Location"] == _at("check", batch)
    with slow.office.open():
        kept = ImportBatch.objects.get(pk=batch)
        assert (kept.state, kept.totals["good"], kept.totals["refused"]) == ("previewed", 1, 1)
    assert background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED) == 0, "a second ring finds nothing"


def test_a_large_file_with_an_unknown_column_leads_to_the_columns(slow: SimpleNamespace) -> None:
    batch, there = _send(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED)
    assert slow.client.get(there)["Location"] == reverse("billing:import", args=[batch])
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == _at("columns", batch)


def test_a_large_file_that_cannot_be_read_is_put_aside_with_words(slow: SimpleNamespace) -> None:
    batch, there = _send(slow.client, ["甲", "乙"], ["没有表头", "也没有账单"])
    assert background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED) == 0
    back = slow.client.get(there)
    assert back["Location"] == reverse("billing:import-upload") + "?kind=bills"
    assert "账单.xlsx：前 15 行里没有找到表头" in slow.client.get(back["Location"]).content.decode()
    with slow.office.open():
        assert ImportBatch.objects.get(pk=batch).state == "discarded"


def _worked_off(slow: SimpleNamespace) -> int:
    return background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED)


def _state(slow: SimpleNamespace, batch: int) -> tuple[str, int]:
    with slow.office.open():
        kept = ImportBatch.objects.get(pk=batch)
        return kept.state, kept.totals.get("refused", 0)


def test_a_large_file_is_read_again_by_the_worker_when_a_person_points_out_columns(
    slow: SimpleNamespace, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("billing.tasks.ring_commit", rung.append)
    batch, _there = _send(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    _worked_off(slow)
    columns = _at("columns", batch)
    twice = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "period"})
    assert twice.status_code == 422, "what is wrong with the choices is said at once"
    with django_capture_on_commit_callbacks(execute=True):
        asked = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert slow.client.get(asked["Location"])["Location"] == _at("reading", batch)
    assert rung == [slow.office.id]
    again = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert (again.status_code, "文件还在读取" in again.content.decode()) == (422, True), "a double click is one reading"
    assert _worked_off(slow) == 1
    assert slow.client.get(_at("reading", batch))["Location"] == reverse("billing:import", args=[batch])
    assert _state(slow, batch) == ("previewed", 0)
    _send(slow.client, ODD, ["1-1-0102", "2024年1月", 300])
    _worked_off(slow)
    with slow.office.open():
        assert ImportBatch.objects.latest("pk").state == "previewed", "the office's word is remembered"


def test_a_large_file_whose_needed_column_was_not_pointed_out_is_as_before_and_says_so(slow: SimpleNamespace) -> None:
    batch, _there = _send(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    _worked_off(slow)
    slow.client.post(_at("columns", batch), {"c0-0": "room", "c0-1": "period", "c0-2": ""})
    assert _worked_off(slow) == 0
    back = slow.client.get(_at("reading", batch))
    assert slow.client.get(back["Location"])["Location"] == _at("columns", batch)
    assert "没有找到金额列" in slow.client.get(_at("columns", batch)).content.decode()
    assert _state(slow, batch) == ("mapping", 0)


def test_cells_of_a_large_file_are_mended_by_the_worker(slow: SimpleNamespace) -> None:
    batch, _there = _send(slow.client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    _worked_off(slow)
    assert _state(slow, batch) == ("previewed", 1)
    same = slow.client.post(_at("fix", batch), {"cell:0:2:2": "待核"})
    assert same["Location"].startswith(_at("check", batch)), "nothing was changed, so nothing is read"
    asked = slow.client.post(_at("fix", batch), {"cell:0:2:2": "500"})
    assert asked["Location"] == _at("reading", batch)
    assert _worked_off(slow) == 1
    assert _state(slow, batch) == ("previewed", 0)
    row = slow.client.get(_at("row", batch), {"sheet": 0, "row": 2}).content.decode()
    assert "待核" in row, "what stood in the file is kept"


def test_the_api_reads_a_large_file_again_with_202(slow: SimpleNamespace) -> None:
    batch, _there = _send(slow.client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    _worked_off(slow)
    detail = reverse("api:import-detail", args=[batch])
    fixes = {"fixes": [{"sheet": "Sheet", "row_no": 2, "column": 2, "text": "500"}]}
    answer = slow.client.post(detail + "fix/", fixes, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    assert _worked_off(slow) == 1
    answer = slow.client.post(detail + "columns/", {"choices": {}}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    assert _worked_off(slow) == 1
    assert _state(slow, batch) == ("previewed", 0), "the mended cell stays mended"


def test_while_a_large_file_is_read_nothing_can_be_done_with_it(slow: SimpleNamespace) -> None:
    batch, there = _send(slow.client, GOOD, ["1-1-0101", "2024年1月", 500])
    answer = slow.client.post(_at("commit", batch))
    assert answer.status_code == 422
    assert "文件还在读取" in answer.content.decode()
    slow.client.post(reverse("billing:import-discard", args=[batch]))
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == there


def test_the_api_answers_202_for_a_large_file_and_says_why_it_was_put_aside(slow: SimpleNamespace) -> None:
    upload = reverse("api:import-list")
    answer = slow.client.post(upload, {"kind": "bills", "file": _file(GOOD, ["1-1-0101", "2024年1月", 500])})
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    good = answer.json()["id"]
    bad = slow.client.post(upload, {"kind": "bills", "file": _file(["甲"], ["乙"])}).json()["id"]
    how_far = slow.client.get(reverse("api:import-progress", args=[good])).json()
    assert (how_far["state"], how_far["done"], how_far["total"]) == ("waiting", 0, 100)
    background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED)
    assert slow.client.get(reverse("api:import-detail", args=[good])).json()["state"] == "previewed"
    assert slow.client.get(reverse("api:import-detail", args=[bad])).json()["state"] == "discarded"
    failed = slow.client.get(reverse("api:import-progress", args=[bad])).json()
    assert (failed["state"], "没有找到表头" in failed["message"]) == ("failed", True)


def test_the_api_answers_202_and_the_same_state(large: SimpleNamespace) -> None:
    answer = large.client.post(reverse("api:import-commit", args=[large.batch]), {}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "committing")
    how_far = reverse("api:import-progress", args=[large.batch])
    waiting = large.client.get(how_far).json()
    assert waiting == {
        "state": "waiting", "message": "排队中，马上开始", "done": 0, "total": 2, "rows_per_second": None,
        "seconds_left": None,
    }  # fmt: skip
    background.run_waiting_imports(office_id=large.office.id, at=UPLOADED)
    assert large.client.get(reverse("api:import-detail", args=[large.batch])).json()["state"] == "committed"
    assert large.client.get(how_far).json()["done"] == 2


def test_a_refusal_in_the_worker_brings_the_check_back_with_its_words(large: SimpleNamespace) -> None:
    other, _ = _send(large.client, [*GOOD, "备注"], ["1-1-0101", "2024年1月", 501, ""])
    large.client.post(_at("commit", large.batch))
    large.client.post(_at("commit", other))  # one row: in the request
    assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 0
    there = large.client.get(_at("commit", large.batch))
    assert there["Location"] == reverse("billing:import", args=[large.batch])
    assert "已有账单 ¥501.00" in large.client.get(_at("check", large.batch)).content.decode()
    with large.office.open():
        assert ImportBatch.objects.get(pk=large.batch).state == "previewed"
        assert Bill.objects.count() == 1


def test_a_fault_in_the_worker_is_tried_three_times_and_then_told(large: SimpleNamespace, monkeypatch: Any) -> None:
    large.client.post(_at("commit", large.batch))

    def broken(**_facts: Any) -> None:
        raise RuntimeError("out of disk")

    monkeypatch.setattr(background, "commit_import", broken)
    for _ring in range(4):
        assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 0
    with large.office.open():
        assert ImportBatch.objects.get(pk=large.batch).state == "previewed"
    large.client.get(_at("commit", large.batch))
    assert "系统出错，没有写入任何数据" in large.client.get(_at("check", large.batch)).content.decode()


# --- API and command -------------------------------------------------------------------------------------------------


def test_the_api_walks_columns_fixes_and_corrections(registered: Any, sign_in: Any) -> None:
    client = sign_in(registered.people["finance"])
    batch = client.post(
        reverse("api:import-list"), {"kind": "bills", "file": _file(ODD, ["1-1-0101", "2024年1月", "待核"])}
    ).json()
    assert batch["state"] == "mapping"
    (sheet,) = batch["layout"]["sheets"]

    def post(action: str, body: Any) -> Any:
        return client.post(reverse(f"api:import-{action}", args=[batch["id"]]), body, content_type="application/json")

    assert post("commit", {}).json()["code"] == "columns_unconfirmed"
    assert post("columns", {"choices": {sheet["fingerprint"]: {"C": "receivable"}}}).status_code == 400
    mapped = post("columns", {"choices": {sheet["fingerprint"]: {"2": "receivable"}}}).json()
    assert (mapped["state"], mapped["totals"]["refused"]) == ("previewed", 1)
    assert client.get(reverse("api:import-refused", args=[batch["id"]])).content[:2] == b"PK"
    fixed = post("fix", {"fixes": [{"sheet": "Sheet", "row_no": 2, "column": 2, "text": "500"}]}).json()
    assert (fixed["totals"]["refused"], fixed["totals"]["accepted"]["receivable"]) == (0, "500.00")
    (row,) = client.get(reverse("api:import-rows", args=[batch["id"]])).json()["results"]
    assert (row["cells"][2], row["fixes"]) == ("待核", {"2": "500"})
    assert post("commit", {}).json()["state"] == "committed"
    assert post("reverse", {"reason": "x"}).status_code == 403
    manager = sign_in(registered.people["manager"])
    no = manager.post(
        reverse("api:import-reverse", args=[batch["id"]]), {"reason": "x"}, content_type="application/json"
    )
    assert (no.status_code, no.json()["code"]) == (409, "undo_instead")
    corrects = client.post(
        reverse("api:import-list"),
        {"kind": "bills", "corrects": batch["id"], "file": _file(GOOD, ["1-1-0101", "2024年2月", 5])},
    )
    assert corrects.status_code in (403, 422), "the manager may not upload, and nothing is left to correct"


def test_the_command_does_not_book_by_a_guess(registered: Any, tmp_path: Any) -> None:
    file = tmp_path / "账单.xlsx"
    file.write_bytes(workbook(ODD, ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(CommandError, match=r"没有找到金额列.*确认列的对应"):
        call_command("import_bills", str(file), office="huating", stdout=io.StringIO())
    file.write_bytes(workbook(["房号", "账期", "一期应收金额表"], ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(CommandError, match="C列「一期应收金额表」 是推断的"):
        call_command("import_bills", str(file), office="huating", stdout=io.StringIO())
    with registered.open():
        assert ImportBatch.objects.filter(kind="bills").count() == 0
