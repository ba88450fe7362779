"""A list too long to wait for: asked for, made by the worker, fetched by whoever asked, thrown away after a week."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from arrears import documents
from arrears.operations import exports
from arrears.operations.exports import ExportRefused, ask_export, run_waiting_exports, take_export
from arrears.queries import ArrearsFilters
from arrears.queries.exports import exports_of, file_of
from arrears.rules.position import AccountFacts
from offices.filing import drop_file, path_of, store_file
from offices.models import Job, SecurityEvent, StoredFile
from offices.operations.results import forget_results
from tests.conftest import at
from tests.factories.books import Books, quarter

ON = date(2024, 12, 1)
NOW = at("2024-12-01")
EXPORTERS = {"supervisor", "finance", "manager", "legal"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(office: Any) -> Any:
    """Three households in arrears."""
    with office.open():
        books = Books()
        for _ in range(3):
            books.enter(AccountFacts(0, (quarter(1), quarter(2))))
    return office


def ask(office: Any, form: str = "xlsx", *, role: str = "finance", **filters: Any) -> Job:
    asked = ArrearsFilters(**filters)
    with office.open():
        return ask_export(
            form=form, on=ON, filters=asked, query="q=1", result="/arrears/exports/", by=office.people[role], at=NOW
        )


def finished(office: Any, job: Job, *, role: str = "finance") -> tuple[Job, bytes]:
    assert run_waiting_exports(office_id=office.id, at=NOW) == 1
    with office.open():
        job = Job.objects.get(pk=job.pk)
        stored = take_export(job=job, by=office.people[role], at=NOW)
        return job, path_of(stored).read_bytes()


def test_the_workbook_of_the_worker_is_the_one_made_at_once(late: Any, sign_in: Any) -> None:
    job, data = finished(late, ask(late, minimum=D("100.00")))
    assert (job.state, job.done, job.total, job.parameters["rows"]) == ("done", 3, 3, 3)
    at_once = sign_in(late.people["finance"]).get(reverse("arrears:export"), {"on": f"{ON}", "minimum": "100"})
    books = [openpyxl.load_workbook(BytesIO(each)) for each in (data, b"".join(at_once.streaming_content))]
    sheets = [{sheet.title: list(sheet.values) for sheet in book} for book in books]
    assert sheets[0] == sheets[1]
    assert len(sheets[0]["欠费清单"]) == 2 + 3 + 1


def test_a_long_list_on_paper_comes_in_volumes_with_the_totals_in_the_last(late: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(documents, "VOLUME", 2)
    _job, data = finished(late, ask(late, "pdf"))
    text = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    assert "第 1 册，共 2 册" in text[0]
    assert "第 2 册，共 2 册" in text[-1]
    assert ["合计 3 户" in page for page in text] == [False, True]
    assert all("内部资料" in page and str(late.people["finance"]) in page for page in text)


def test_bills_beyond_the_end_of_a_sheet_stand_on_the_next(late: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(documents, "SHEET_ROWS", 4)
    _job, data = finished(late, ask(late))
    book = openpyxl.load_workbook(BytesIO(data))
    assert [(sheet.title, sheet.max_row) for sheet in book][1:] == [("账单明细", 6), ("账单明细 2", 4)]


def test_asked_twice_while_it_is_under_way_it_is_made_once(late: Any) -> None:
    first = ask(late)
    assert ask(late).pk == first.pk
    assert ask(late, role="manager").pk != first.pk, "another person's is another file"
    assert ask(late, building="1").pk != first.pk, "other filters are another list"
    assert run_waiting_exports(office_id=late.id, at=NOW) == 3
    assert ask(late).pk != first.pk, "once it is done, a new one says what is true now"


def test_an_empty_list_and_an_unknown_format_are_refused(late: Any) -> None:
    with pytest.raises(ExportRefused, match="没有可导出的内容"):
        ask(late, building="99")
    with pytest.raises(ExportRefused, match="Excel"):
        ask(late, "docx")


def test_each_taking_is_on_record_and_nothing_is_taken_before_it_is_made(late: Any) -> None:
    job = ask(late)
    with late.open(), pytest.raises(ExportRefused, match="还没有生成好"):
        take_export(job=job, by=late.people["finance"], at=NOW)
    finished(late, job)
    with late.open():
        event = SecurityEvent.objects.get(kind="arrears_exported")
    assert (event.by, event.subject) == (late.people["finance"], "2024-12-01")
    assert event.details == {"rows": 3, "query": "q=1", "form": "xlsx", "job": job.pk}


def test_after_a_week_the_file_and_its_bytes_are_gone_and_the_page_says_so(late: Any, sign_in: Any) -> None:
    job, _data = finished(late, ask(late))
    with late.open():
        stored = file_of(job)
        assert stored is not None
        path = path_of(stored)
        assert forget_results(at=NOW + timedelta(days=7)) == 0
        assert path.exists()
    with late.open():
        assert [forget_results(at=NOW + timedelta(days=7, minutes=1)) for _ in range(2)] == [1, 0]
    assert not path.exists()
    client = sign_in(late.people["finance"])
    assert "已过保存期" in client.get(reverse("arrears:exports")).content.decode()
    answer = client.get(reverse("arrears:export-file", args=[job.pk]), follow=True)
    assert "已过保存期" in answer.content.decode()


def test_only_files_made_to_be_taken_along_are_ever_thrown_away(late: Any) -> None:
    with late.open():
        proof = store_file(b"proof", name="x", kind=StoredFile.Kind.EVIDENCE, by=None, at=NOW)
        with pytest.raises(ValueError, match="is kept"):
            drop_file(proof)
        export = store_file(b"proof", name="y", kind=StoredFile.Kind.EXPORT, by=None, at=NOW)
        drop_file(export)
    assert path_of(proof).exists(), "the same bytes are evidence"


def test_a_worker_that_fails_leaves_the_list_to_the_next_three_times_at_most(late: Any, monkeypatch: Any) -> None:
    job = ask(late)
    with monkeypatch.context() as broken:
        broken.setattr(exports, "arrears_workbook", lambda *_a, **_k: 1 / 0)
        assert [run_waiting_exports(office_id=late.id, at=NOW) for _ in range(4)] == [0, 0, 0, 0]
    with late.open():
        assert Job.objects.get(pk=job.pk).state == Job.State.FAILED
        assert StoredFile.objects.count() == 0


class TestPages:
    """The page and the API, by a cast of the six roles and an outsider."""

    def test_a_long_list_is_asked_for_on_its_page_and_fetched_by_its_asker(
        self, late: Any, sign_in: Any, monkeypatch: Any
    ) -> None:
        monkeypatch.setitem(exports.AT_ONCE, "xlsx", 2)
        client = sign_in(late.people["finance"])
        page = client.get(reverse("arrears:list"), {"on": f"{ON}"}).content.decode()
        assert "后台生成 Excel" in page
        assert "后台生成 PDF" not in page
        refused = client.get(reverse("arrears:export"), {"on": f"{ON}"}, follow=True)
        assert "太长" in refused.content.decode()
        asked = client.post(reverse("arrears:exports") + f"?on={ON}&page=2", {"form": "xlsx"}, follow=True)
        assert "2024-12-01" in asked.content.decode()
        assert run_waiting_exports(office_id=late.id, at=NOW) == 1
        with late.open():
            job = exports_of(late.people["finance"]).get()
        assert job.parameters["query"] == f"on={ON}"
        answer = client.get(reverse("arrears:export-file", args=[job.pk]))
        assert answer.content.startswith(b"PK")
        assert "%E6%AC%A0%E8%B4%B9" in answer["Content-Disposition"]
        assert sign_in(late.people["manager"]).get(reverse("arrears:export-file", args=[job.pk])).status_code == 404

    def test_who_may_take_the_list_away(self, late: Any, other_office: Any, sign_in: Any) -> None:
        for role, person in late.people.items():
            client = sign_in(person)
            expected = 202 if role in EXPORTERS else 403
            answer = client.post(f"/api/v1/exports/?on={ON}", {"form": "xlsx"}, content_type="application/json")
            assert answer.status_code == expected, role
        outsider = sign_in(other_office.people["finance"])
        with late.open():
            theirs = Job.objects.values_list("pk", flat=True).first()
        assert outsider.get(f"/api/v1/exports/{theirs}/").status_code == 404

    def test_a_program_asks_waits_and_fetches(self, late: Any, sign_in: Any) -> None:
        client = sign_in(late.people["legal"])
        asked = client.post(f"/api/v1/exports/?on={ON}&building=1", {"form": "xlsx"}, content_type="application/json")
        job = asked.json()
        assert (job["state"], job["households"], job["has_file"], job["query"]) == (
            "waiting",
            3,
            False,
            f"on={ON}&building=1",
        )
        assert client.get(f"/api/v1/exports/{job['id']}/file/").status_code == 422
        run_waiting_exports(office_id=late.id, at=NOW)
        told = client.get(f"/api/v1/exports/{job['id']}/").json()
        assert (told["state"], told["done"], told["has_file"]) == ("done", 3, True)
        assert client.get(f"/api/v1/exports/{job['id']}/file/").content.startswith(b"PK")
        assert [each["id"] for each in client.get("/api/v1/exports/").json()] == [job["id"]]
