"""Files too large for a request: read, read again and booked by the worker, while the pages and the API say how far it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Bill, ImportBatch
from billing.operations import background
from tests.billing.conftest import UPLOADED
from tests.billing.import_pages import GOOD, ODD, file_of, send_file, step_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(registered_office: Any, sign_in: Any, monkeypatch: Any) -> SimpleNamespace:
    """A checked batch that is large enough for the worker."""
    monkeypatch.setattr(background, "IN_THE_REQUEST", 1)
    client = sign_in(registered_office.people["finance"])
    batch, _ = send_file(client, GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-0102", "2024年1月", 300])
    return SimpleNamespace(client=client, batch=batch, office=registered_office)


def test_a_large_import_is_done_by_the_worker_while_the_page_asks(
    large: SimpleNamespace, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("billing.tasks.ring_commit", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(2):
            assert large.client.post(step_of("commit", large.batch))["Location"] == step_of("commit", large.batch)
    assert set(rung) == {large.office.id}
    page = large.client.get(step_of("commit", large.batch)).content.decode()
    assert "排队中" in page
    assert "hx-trigger" in page
    assert large.client.get(reverse("billing:import", args=[large.batch]))["Location"] == step_of("commit", large.batch)
    part = large.client.get(step_of("commit", large.batch), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 1
    done = large.client.get(step_of("commit", large.batch), headers={"HX-Request": "true"})
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
def slow(registered_office: SimpleNamespace, sign_in: Any, monkeypatch: Any) -> SimpleNamespace:
    """A person whose every file is too large to be read while she waits."""
    monkeypatch.setattr(background, "READ_IN_THE_REQUEST", 10)
    return SimpleNamespace(client=sign_in(registered_office.people["finance"]), office=registered_office)


def test_a_large_file_is_read_by_the_worker_while_the_page_asks(
    slow: SimpleNamespace, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("billing.tasks.ring_commit", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        batch, there = send_file(slow.client, GOOD, ["1-1-0101", "2024年1月", 500], ["1-1-9999", "2024年1月", 500])
    assert (there, rung) == (step_of("reading", batch), [slow.office.id])
    page = slow.client.get(there).content.decode()
    assert "排队中" in page
    assert "hx-trigger" in page
    assert slow.client.get(step_of("check", batch))["Location"] == there, "there is nothing to check yet"
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == there, "one may leave and come back"
    assert "<html" not in slow.client.get(there, headers={"HX-Request": "true"}).content.decode()
    assert background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED) == 1
    read = slow.client.get(there, headers={"HX-Request": "true"})
    assert read["HX-Redirect"] == reverse("billing:import", args=[batch])
    assert slow.client.get(read["HX-Redirect"])["Location"] == step_of("check", batch)
    with slow.office.open():
        kept = ImportBatch.objects.get(pk=batch)
        assert (kept.state, kept.totals["good"], kept.totals["refused"]) == ("previewed", 1, 1)
    assert background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED) == 0, "a second ring finds nothing"


def test_a_large_file_with_an_unknown_column_leads_to_the_columns(slow: SimpleNamespace) -> None:
    batch, there = send_file(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    background.run_waiting_imports(office_id=slow.office.id, at=UPLOADED)
    assert slow.client.get(there)["Location"] == reverse("billing:import", args=[batch])
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == step_of("columns", batch)


def test_a_large_file_that_cannot_be_read_is_put_aside_with_words(slow: SimpleNamespace) -> None:
    batch, there = send_file(slow.client, ["甲", "乙"], ["没有表头", "也没有账单"])
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
    batch, _there = send_file(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    _worked_off(slow)
    columns = step_of("columns", batch)
    twice = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "period"})
    assert twice.status_code == 422, "what is wrong with the choices is said at once"
    with django_capture_on_commit_callbacks(execute=True):
        asked = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert slow.client.get(asked["Location"])["Location"] == step_of("reading", batch)
    assert rung == [slow.office.id]
    again = slow.client.post(columns, {"c0-0": "room", "c0-1": "period", "c0-2": "receivable"})
    assert (again.status_code, "文件还在读取" in again.content.decode()) == (422, True), "a double click is one reading"
    assert _worked_off(slow) == 1
    assert slow.client.get(step_of("reading", batch))["Location"] == reverse("billing:import", args=[batch])
    assert _state(slow, batch) == ("previewed", 0)
    send_file(slow.client, ODD, ["1-1-0102", "2024年1月", 300])
    _worked_off(slow)
    with slow.office.open():
        assert ImportBatch.objects.latest("pk").state == "previewed", "the office's word is remembered"


def test_a_large_file_whose_needed_column_was_not_pointed_out_is_as_before_and_says_so(slow: SimpleNamespace) -> None:
    batch, _there = send_file(slow.client, ODD, ["1-1-0101", "2024年1月", 500])
    _worked_off(slow)
    slow.client.post(step_of("columns", batch), {"c0-0": "room", "c0-1": "period", "c0-2": ""})
    assert _worked_off(slow) == 0
    back = slow.client.get(step_of("reading", batch))
    assert slow.client.get(back["Location"])["Location"] == step_of("columns", batch)
    assert "没有找到金额列" in slow.client.get(step_of("columns", batch)).content.decode()
    assert _state(slow, batch) == ("mapping", 0)


def test_cells_of_a_large_file_are_mended_by_the_worker(slow: SimpleNamespace) -> None:
    batch, _there = send_file(slow.client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
    _worked_off(slow)
    assert _state(slow, batch) == ("previewed", 1)
    same = slow.client.post(step_of("fix", batch), {"cell:0:2:2": "待核"})
    assert same["Location"].startswith(step_of("check", batch)), "nothing was changed, so nothing is read"
    asked = slow.client.post(step_of("fix", batch), {"cell:0:2:2": "500"})
    assert asked["Location"] == step_of("reading", batch)
    assert _worked_off(slow) == 1
    assert _state(slow, batch) == ("previewed", 0)
    row = slow.client.get(step_of("row", batch), {"sheet": 0, "row": 2}).content.decode()
    assert "待核" in row, "what stood in the file is kept"


def test_the_api_reads_a_large_file_again_with_202(slow: SimpleNamespace) -> None:
    batch, _there = send_file(slow.client, GOOD, ["1-1-0101", "2024年1月", "待核"], ["1-1-0102", "2024年1月", 300])
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
    batch, there = send_file(slow.client, GOOD, ["1-1-0101", "2024年1月", 500])
    answer = slow.client.post(step_of("commit", batch))
    assert answer.status_code == 422
    assert "文件还在读取" in answer.content.decode()
    slow.client.post(reverse("billing:import-discard", args=[batch]))
    assert slow.client.get(reverse("billing:import", args=[batch]))["Location"] == there


def test_the_api_answers_202_for_a_large_file_and_says_why_it_was_put_aside(slow: SimpleNamespace) -> None:
    upload = reverse("api:import-list")
    answer = slow.client.post(upload, {"kind": "bills", "file": file_of(GOOD, ["1-1-0101", "2024年1月", 500])})
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    good = answer.json()["id"]
    bad = slow.client.post(upload, {"kind": "bills", "file": file_of(["甲"], ["乙"])}).json()["id"]
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
    other, _ = send_file(large.client, [*GOOD, "备注"], ["1-1-0101", "2024年1月", 501, ""])
    large.client.post(step_of("commit", large.batch))
    large.client.post(step_of("commit", other))  # one row: in the request
    assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 0
    there = large.client.get(step_of("commit", large.batch))
    assert there["Location"] == reverse("billing:import", args=[large.batch])
    assert "已有账单 ¥501.00" in large.client.get(step_of("check", large.batch)).content.decode()
    with large.office.open():
        assert ImportBatch.objects.get(pk=large.batch).state == "previewed"
        assert Bill.objects.count() == 1


def test_a_fault_in_the_worker_is_tried_three_times_and_then_told(large: SimpleNamespace, monkeypatch: Any) -> None:
    large.client.post(step_of("commit", large.batch))

    def broken(**_facts: Any) -> None:
        raise RuntimeError("out of disk")

    monkeypatch.setattr(background, "commit_import", broken)
    for _ring in range(4):
        assert background.run_waiting_imports(office_id=large.office.id, at=UPLOADED) == 0
    with large.office.open():
        assert ImportBatch.objects.get(pk=large.batch).state == "previewed"
    large.client.get(step_of("commit", large.batch))
    assert "系统出错，没有写入任何数据" in large.client.get(step_of("check", large.batch)).content.decode()


# --- API and command -------------------------------------------------------------------------------------------------
