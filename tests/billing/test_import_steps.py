"""The five steps as pages and by API: each has its address, one may leave, come back, click twice."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.documents import refused_workbook
from billing.models import Bill, ImportBatch
from tests.billing.import_pages import GOOD, ODD, file_of, send_file, step_of
from tests.billing.test_bad_input import workbook

pytestmark = pytest.mark.django_db


def test_a_missing_column_leads_to_the_columns_and_then_to_the_check(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch, there = send_file(client, ODD, ["1-1-0101", "2024年1月", 500])
    assert there == step_of("columns", batch)
    page = client.get(there).content.decode()
    assert "没有找到金额列" in page
    assert "C列「本次结算」" in page
    assert "500" in page
    assert client.get(reverse("billing:import", args=[batch]))["Location"] == there, "one may leave and come back"
    twice = client.post(there, {"c0-0": "room", "c0-1": "period", "c0-2": "period"})
    assert twice.status_code == 422
    assert "都选了“账期”" in twice.content.decode()
    done = client.post(there, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert done["Location"] == step_of("check", batch)
    _, again = send_file(client, ODD, ["1-1-0102", "2024年1月", 300])
    assert again.endswith("/check/"), "the office's word is remembered"


def test_refused_cells_are_mended_on_the_page(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch, there = send_file(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    page = client.get(there).content.decode()
    assert re.search(r'name="cell:0:2:2" value="待核"', page)
    assert 'name="cell:0:3' not in page
    row = client.get(step_of("row", batch), {"sheet": 0, "row": 2}).content.decode()
    assert all(f'name="cell:0:2:{column}"' in row for column in range(3))
    answer = client.post(step_of("fix", batch), {"cell:0:2:2": "500", "cell:9:2:2": "x", "cell:0:x:2": "x"})
    assert answer["Location"].startswith(there)
    page = client.get(there + "?tab=new").content.decode()
    assert "<del" in page
    assert "待核" in page
    assert "已重新检查：错误 1 行，现在 0 行。" in page
    assert client.get(step_of("row", batch), {"sheet": 0, "row": 99})["Location"] == there
    assert client.get(step_of("row", batch), {"sheet": "x", "row": ""})["Location"] == there


def test_all_or_nothing_unless_chosen_and_a_second_click_changes_nothing(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch, _ = send_file(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    no = client.post(step_of("commit", batch))
    assert no.status_code == 422
    assert "1 行错误" in no.content.decode()
    for _click in range(2):
        assert client.post(step_of("commit", batch), {"accept_good": "on"})["Location"] == step_of("result", batch)
    with registered_office.open():
        assert Bill.objects.count() == 1
    result = client.get(step_of("result", batch)).content.decode()
    assert "写入账单" in result
    assert f"?corrects={batch}" in result
    back = client.get(step_of("check", batch)).content.decode()  # the browser's back button
    assert "这一批已经导入" in back
    assert "accept_good" not in back
    assert "cell:0:2" not in back
    assert client.get(step_of("commit", batch))["Location"] == reverse("billing:import", args=[batch])


def test_the_mended_rows_of_a_batch_come_back(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch, _ = send_file(client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    client.post(step_of("commit", batch), {"accept_good": "on"})
    page = client.get(reverse("billing:import-upload") + f"?corrects={batch}").content.decode()
    assert f'name="corrects" value="{batch}"' in page
    with registered_office.open():
        book = openpyxl.load_workbook(io.BytesIO(refused_workbook(ImportBatch.objects.get(pk=batch))))
    book.active["C2"] = 500
    out = io.BytesIO()
    book.save(out)
    answer = client.post(
        reverse("billing:import-upload"), {"corrects": batch, "file": SimpleUploadedFile("错误行.xlsx", out.getvalue())}
    )
    mended = int(answer["Location"].split("/")[3])
    assert "的错误行，改正后重新上传" in client.get(answer["Location"]).content.decode()
    client.post(step_of("commit", mended))
    assert "错误行.xlsx" in client.get(step_of("result", batch)).content.decode()
    with registered_office.open():
        assert Bill.objects.count() == 2


def test_undo_then_the_reason_why_not_then_reversing_entries(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch, _ = send_file(client, GOOD, ["1-1-0101", "2024年1月", 500])
    client.post(step_of("commit", batch))
    with registered_office.open():
        account = Bill.objects.get().account_id
    body = {"amount": "100", "value_on": "2024-03-01", "kind": "counter", "payer": "", "idempotency_key": "k"}
    client.post(reverse("billing:payments", args=[account]), body)
    blocked = client.post(step_of("undo", batch), {"reason": "导错了"})
    assert blocked.status_code == 422
    assert "已经被缴费核销记录使用" in blocked.content.decode()
    assert "可以由项目经理冲正" in blocked.content.decode()
    assert client.post(step_of("reverse", batch), {"reason": "导错了"}).status_code == 403
    client = sign_in(registered_office.people["manager"])
    assert client.post(step_of("reverse", batch), {"reason": ""}).status_code == 422
    client.post(step_of("reverse", batch), {"reason": "导错了"})
    page = client.get(step_of("result", batch)).content.decode()
    assert "冲正：导错了" in page
    assert "¥400.00" in page


def test_the_api_walks_columns_fixes_and_corrections(registered_office: Any, sign_in: Any) -> None:
    client = sign_in(registered_office.people["finance"])
    batch = client.post(
        reverse("api:import-list"), {"kind": "bills", "file": file_of(ODD, ["1-1-0101", "2024年1月", "待核"])}
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
    manager = sign_in(registered_office.people["manager"])
    no = manager.post(
        reverse("api:import-reverse", args=[batch["id"]]), {"reason": "x"}, content_type="application/json"
    )
    assert (no.status_code, no.json()["code"]) == (409, "undo_instead")
    corrects = client.post(
        reverse("api:import-list"),
        {"kind": "bills", "corrects": batch["id"], "file": file_of(GOOD, ["1-1-0101", "2024年2月", 5])},
    )
    assert corrects.status_code in (403, 422), "the manager may not upload, and nothing is left to correct"


def test_the_command_does_not_book_by_a_guess(registered_office: Any, tmp_path: Any) -> None:
    file = tmp_path / "账单.xlsx"
    file.write_bytes(workbook(ODD, ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(CommandError, match=r"没有找到金额列.*确认列的对应"):
        call_command("import_bills", str(file), office="huating", stdout=io.StringIO())
    file.write_bytes(workbook(["房号", "账期", "一期应收金额表"], ["1-1-0101", "2024年1月", 500]))
    with pytest.raises(CommandError, match="C列「一期应收金额表」 是推断的"):
        call_command("import_bills", str(file), office="huating", stdout=io.StringIO())
    with registered_office.open():
        assert ImportBatch.objects.filter(kind="bills").count() == 0
